"""Rows taken around a middle, one number for each column: what normalising a batch consists of.

Each is one pass over the rows with a kernel, and spelled out in several without.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Add, Multiply, Subtract
from nngraph.ops.elementwise import Square
from nngraph.ops.shared import count_per, floating, listed_types
from nngraph.ops.spread import SumRows
from nngraph.records import dataclass


class _Around(Op):
    """`rows` operands T[N, W], all others T[W]."""

    rows: ClassVar[int] = 1
    cost: ClassVar[int]

    def row_type(self, *types: TensorType) -> tuple[TensorType, TensorType]:
        """The types of a matrix and a vector. Errors: ShapeError."""
        floating(self, *types)
        x, v = types[0], types[-1]
        alike = len({*types[: self.rows]}) == len({*types[self.rows :]}) == 1
        if not alike or len(x.shape) != 2 or v.shape != x.shape[1:]:
            told = "expected rows and a number for each column"
            raise ShapeError(f"{self.name}: {told}, got {listed_types(types)}")
        return x, v

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """By element."""
        return count_per(types[:1], self.cost)


@dataclass(frozen=True)
class SquaresAround(_Around):
    """The sum over the rows of (x - m)^2.

    Types   x: T[N, W], m: T[W] -> T[W].
    Errors  ShapeError where the operands do not fit.
    """

    name: ClassVar[str] = "squares_around"
    operands: ClassVar[tuple[str, ...]] = ("x", "m")
    cost: ClassVar[int] = 3

    def infer(self, *types: TensorType) -> TensorType:
        return self.row_type(*types)[1]

    def evaluate(self, *arrays: Array) -> Array:
        x, m = arrays
        return np.asarray(np.square(x - m).sum(axis=0))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        return builder(SumRows(), builder(Square(), builder(Subtract(), *operands)))


@dataclass(frozen=True)
class SumsAround(_Around):
    """The sums over the rows of g, and of g (x - m).

    Types   g: T[N, W], x: T[N, W], m: T[W] -> T[W], T[W].
    Errors  ShapeError where the operands do not fit.
    """

    name: ClassVar[str] = "sums_around"
    operands: ClassVar[tuple[str, ...]] = ("g", "x", "m")
    rows: ClassVar[int] = 2
    cost: ClassVar[int] = 4

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        v = self.row_type(*types)[1]
        return v, v

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        g, x, m = arrays
        return g.sum(axis=0), (g * (x - m)).sum(axis=0)

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        g, x, m = operands
        along = builder(Multiply(), g, builder(Subtract(), x, m))
        return builder(SumRows(), g), builder(SumRows(), along)


@dataclass(frozen=True)
class ScaledAround(_Around):
    """(x - m) factor + term.

    Types   x: T[N, W], m: T[W], factor: T[W], term: T[W] -> T[N, W].
    Errors  ShapeError where the operands do not fit.
    """

    name: ClassVar[str] = "scaled_around"
    operands: ClassVar[tuple[str, ...]] = ("x", "m", "factor", "term")
    cost: ClassVar[int] = 3

    def infer(self, *types: TensorType) -> TensorType:
        return self.row_type(*types)[0]

    def evaluate(self, *arrays: Array) -> Array:
        x, m, factor, term = arrays
        return np.asarray((x - m) * factor + term)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        x, m, factor, term = operands
        scaled = builder(Multiply(), builder(Subtract(), x, m), factor)
        return builder(Add(), scaled, term)


@dataclass(frozen=True)
class ScaledAroundBack(_Around):
    """(g - level) factor - (x - m) tilt.

    Types   g: T[N, W], x: T[N, W], m, level, factor, tilt: T[W] -> T[N, W].
    Errors  ShapeError where the operands do not fit.
    """

    name: ClassVar[str] = "scaled_around_back"
    operands: ClassVar[tuple[str, ...]] = ("g", "x", "m", "level", "factor", "tilt")
    rows: ClassVar[int] = 2
    cost: ClassVar[int] = 5

    def infer(self, *types: TensorType) -> TensorType:
        return self.row_type(*types)[0]

    def evaluate(self, *arrays: Array) -> Array:
        g, x, m, level, factor, tilt = arrays
        return np.asarray((g - level) * factor - (x - m) * tilt)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        g, x, m, level, factor, tilt = operands
        straight = builder(Multiply(), builder(Subtract(), g, level), factor)
        return builder(Subtract(), straight, builder(Multiply(), builder(Subtract(), x, m), tilt))
