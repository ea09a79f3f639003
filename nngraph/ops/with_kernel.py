"""An op that a compiled kernel computes instead of its NumPy call."""

from __future__ import annotations

from dataclasses import dataclass

from nngraph.ir import Array, Call, Op, TensorType, Types


@dataclass(frozen=True, slots=True)
class WithKernel(Op):
    """`op`, computed by its kernel: same types, same meaning, same facts.

    Chosen by a pass once all derivatives are taken. It knows no more than its op does.
    """

    op: Op

    @property
    def name(self) -> str:  # type: ignore[override]
        """The op's own, marked."""
        return f"compiled {self.op.name}"

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """The op's own."""
        return self.op.operands

    @property
    def elementwise(self) -> bool:  # type: ignore[override]
        """As of the op."""
        return self.op.elementwise

    @property
    def reduces_last_axis(self) -> bool:  # type: ignore[override]
        """As of the op."""
        return self.op.reduces_last_axis

    @property
    def additive(self) -> bool:  # type: ignore[override]
        """As of the op."""
        return self.op.additive

    @property
    def multilinear(self) -> bool:  # type: ignore[override]
        """As of the op."""
        return self.op.multilinear

    def infer(self, *types: TensorType) -> Types:
        return self.op.infer(*types)

    def evaluate(self, *arrays: Array) -> Array | tuple[Array, ...]:
        return self.op.evaluate(*arrays)

    def call(self, *types: TensorType) -> Call | None:
        return self.op.compiled_call(*types)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return self.op.flops(*types)

    def __str__(self) -> str:
        return f"compiled {self.op}"
