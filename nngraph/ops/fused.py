"""Elementwise ops in one: each number passes through the processor once, not once an op."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Op, ShapeError, TensorType, Types, Value
from nngraph.ops import arithmetic, compare, elementwise
from nngraph.ops.rearrange import Cast
from nngraph.ops.shared import listed_types
from nngraph.records import dataclass

STEPS: Mapping[str, type[Op]] = {
    op.name: op
    for op in (
        arithmetic.Negative,
        arithmetic.ScaleBy,
        arithmetic.ShiftBy,
        arithmetic.SubtractFrom,
        arithmetic.Add,
        arithmetic.Subtract,
        arithmetic.Multiply,
        arithmetic.Divide,
        arithmetic.Maximum,
        compare.Greater,
        compare.Less,
        elementwise.Square,
        elementwise.Sqrt,
        elementwise.Abs,
        elementwise.Sign,
        elementwise.Reciprocal,
        elementwise.ClampBelow,
        elementwise.ClampAbove,
        Cast,
    )
}
"""Ops on vectors of which a processor does many at once, and rounds as NumPy does."""

SCALAR_STEPS: Mapping[str, type[Op]] = {elementwise.Exp.name: elementwise.Exp}
"""Ops on scalars only: done once."""

FusedStep = tuple[str, tuple[Any, ...], tuple[int, ...]]
"""The name of an op, its attributes, and the places of its operands."""


@dataclass(frozen=True)
class Fused(Op):
    """`steps` one after the other on vectors of one shape, and on scalars beside them.

    Places count the operands first, then the results of the steps. `results` are the places of
    what comes out; each may lie where the operand does that `replaces` names for it, -1 for none.

    Types   vectors [*d], scalars [] -> vectors [*d], by the rules of the steps.
    Errors  ShapeError where a step's own rule is broken, or shapes differ.
    """

    steps: tuple[FusedStep, ...] = ()
    results: tuple[int, ...] = ()
    replaces: tuple[int, ...] = ()
    name: ClassVar[str] = "fused"
    operands: ClassVar[tuple[str, ...]] = ("*x",)
    elementwise: ClassVar[bool] = True

    def ops(self) -> tuple[tuple[Op, tuple[int, ...]], ...]:
        """The op of each step and the places of its operands."""
        return tuple(
            ((STEPS.get(name) or SCALAR_STEPS[name])(*values), places)
            for name, values, places in self.steps
        )

    def types(self, *types: TensorType) -> tuple[TensorType, ...]:
        """The types of all places. Errors: ShapeError."""
        shapes = {t.shape for t in types} - {()}
        if len(shapes) != 1:
            told = "expected vectors of one shape, and scalars"
            raise ShapeError(f"fused: {told}, got {listed_types(types)}")
        known = list(types)
        for op, places in self.ops():
            inferred = op.infer(*(known[k] for k in places))
            assert isinstance(inferred, TensorType)
            known.append(inferred)
        return tuple(known)

    def infer(self, *types: TensorType) -> Types:
        known = self.types(*types)
        return tuple(known[k] for k in self.results)

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        known: list[Any] = list(arrays)
        for op, places in self.ops():
            known.append(op.evaluate(*(known[k] for k in places)))
        return tuple(np.asarray(known[k]) for k in self.results)

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        known = list(operands)
        for op, places in self.ops():
            known.append(builder(op, *(known[k] for k in places)))
        return tuple(known[k] for k in self.results)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Those of the steps."""
        known = self.types(*types)
        total = [0, 0]
        for op, places in self.ops():
            for k, flops in enumerate(op.flops(*(known[place] for place in places))):
                total[k] += flops
        return total[0], total[1]
