"""Elementwise functions k x + c with fixed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Operand, ScalarArgument, TensorType, Value
from nngraph.ops.shared import Unary, UnaryUfunc


@dataclass(frozen=True, slots=True)
class Negative(UnaryUfunc):
    """-x.   Types T[*d] -> T[*d].   VJP -g.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "negative"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.negative

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(self, g)


@dataclass(frozen=True, slots=True)
class ScaleBy(Unary):
    """factor * x.   Types T[*d] -> T[*d].   VJP factor * g.   Errors ShapeError unless float."""

    factor: float = 1.0
    name: ClassVar[str] = "scale_by"
    additive: ClassVar[bool] = True

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x * self.factor)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(self, g)

    def call(self, *types: TensorType) -> Call:
        return Call(
            np.multiply, "np.multiply", (Operand(0), ScalarArgument(self.factor)), overwrites=(0,)
        )


@dataclass(frozen=True, slots=True)
class ShiftBy(Unary):
    """x + term.   Types T[*d] -> T[*d].   VJP g.   Errors ShapeError unless x is float."""

    term: float = 0.0
    name: ClassVar[str] = "shift_by"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x + self.term)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return g

    def call(self, *types: TensorType) -> Call:
        return Call(np.add, "np.add", (Operand(0), ScalarArgument(self.term)), overwrites=(0,))


@dataclass(frozen=True, slots=True)
class SubtractFrom(Unary):
    """term - x.   Types T[*d] -> T[*d].   VJP -g.   Errors ShapeError unless x is float."""

    term: float = 1.0
    name: ClassVar[str] = "subtract_from"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.term - x)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Negative(), g)

    def call(self, *types: TensorType) -> Call:
        return Call(
            np.subtract, "np.subtract", (ScalarArgument(self.term), Operand(0)), overwrites=(0,)
        )
