"""A program: straight line, single assignment, no effects, no regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nngraph.errors import Span
from nngraph.ir.op import Call, Op
from nngraph.ir.roles import Role
from nngraph.ir.types import TensorType
from nngraph.ir.values import Leaf, Param, State, Value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an instruction comes from: a node or edge of the file, and what of it."""

    id: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a target calls in place of an op's own call."""

    target: str
    call: Call


@dataclass(frozen=True, slots=True)
class Instr:
    """outs = op(args). Several origins after a fusion.

    `kernel` is chosen once all derivatives are taken: same types, same meaning, another call.
    """

    op: Op
    args: tuple[Value, ...]
    outs: tuple[Value, ...]
    origins: tuple[Origin, ...] = ()
    kernel: Kernel | None = None

    @property
    def types(self) -> tuple[TensorType, ...]:
        """The types of the operands."""
        return tuple(arg.type for arg in self.args)

    def call(self) -> Call | None:
        """What is called for it, its kernel or else NumPy; None where it is no call."""
        return self.op.call(*self.types) if self.kernel is None else self.kernel.call

    def __str__(self) -> str:
        """The op, marked with the target whose kernel computes it."""
        return str(self.op) if self.kernel is None else f"{self.kernel.target} {self.op}"


@dataclass(frozen=True)
class Program:
    """Leaves, instructions in order, outputs by role, and the updates committed after the step."""

    leaves: tuple[Leaf, ...]
    body: tuple[Instr, ...]
    outputs: tuple[tuple[Role, Value], ...]
    updates: tuple[tuple[Param | State, Value], ...] = ()

    def output(self, role: Role | str) -> Value:
        """The output of this role, or of this text form of one. Errors: KeyError."""
        return self.named()[role] if isinstance(role, str) else dict(self.outputs)[role]

    def named(self) -> dict[str, Value]:
        """The outputs by the text form of their roles, for people and tests."""
        return {str(role): value for role, value in self.outputs}

    def results(self) -> Iterator[Value]:
        """Every value that must live to the end: outputs, then new contents of updated leaves."""
        yield from (value for _, value in self.outputs)
        yield from (value for _, value in self.updates)

    def leaf(self, id: str) -> Leaf:
        """The leaf of this id. Errors: KeyError."""
        for leaf in self.leaves:
            if leaf.id == id:
                return leaf
        raise KeyError(id)

    def __str__(self) -> str:
        from nngraph.ir.text import to_text

        return to_text(self)
