"""Pools that remember where their maxima lay, and what goes back to those places.

They stand for several ops at once where one compiled kernel is faster than their NumPy calls; a
pass puts them in once all derivatives are taken, so they have none of their own.
"""

from __future__ import annotations

from math import prod
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Op, ShapeError, TensorType, Value
from nngraph.kernels.choosing import pool_first, sum_chosen, unpool_first
from nngraph.ops.shared import count_per, floating, listed_types, sized_axis
from nngraph.ops.windows import Extents, Fold, ones
from nngraph.records import dataclass

MOST_POSITIONS = 254
"""A uint8 numbers the positions, and says by one number more that none was chosen."""


@dataclass(frozen=True)
class PoolFirst(Op):
    """y = f(max over the first axes of x + bias), and which position along them was chosen.

    f is relu or nothing. `chosen` counts the first axes in C order and names the first position
    of several equal ones; where the relu is closed, or y is NaN, it is the number of positions.

    Types   x: T[*first, *d], at most one bias: T[C] -> y: T[*d], chosen: uint8[*d].
    VJP     none of its own: it serves `max_pool`.
    Errors  ShapeError where a first axis has no fixed size, there are more than 254 positions, or
            the bias is not one number for each channel.
    """

    axes: int = 1
    relu: bool = False
    name: ClassVar[str] = "pool_first"
    operands: ClassVar[tuple[str, ...]] = ("x", "*bias")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        x, *biases = types
        floating(self, *types)
        if len(x.shape) <= self.axes or any(isinstance(d, str) for d in x.shape[: self.axes]):
            raise ShapeError(f"pool_first: {x} has no {self.axes} first axes of fixed size")
        if positions_of(x, self.axes) > MOST_POSITIONS:
            raise ShapeError(f"pool_first: more than {MOST_POSITIONS} positions in {x}")
        sized_axis(self, x, -1)
        if len(biases) > 1 or any(b.shape != x.shape[-1:] for b in biases):
            raise ShapeError(f"pool_first: x and bias do not fit: {listed_types(types)}")
        y = x.with_shape(x.shape[self.axes :])
        return y, y.with_dtype("uint8")

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        x, *biases = arrays
        rows = x.reshape(prod(x.shape[: self.axes]), *x.shape[self.axes :])
        greatest = np.asarray(rows.max(axis=0))
        y = greatest + biases[0] if biases else greatest
        if self.relu:
            y = np.maximum(y, 0.0)
        found = rows == greatest
        alive = found.any(axis=0) & ((y > 0) if self.relu else True)
        chosen = np.where(alive, found.argmax(axis=0), len(rows))
        return y, chosen.astype(np.uint8)

    def call(self, *types: TensorType) -> Call:
        keywords = (("axes", self.axes), ("relu", self.relu))
        return Call(pool_first, "pool_first", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A comparison for each element, and what f and the bias cost."""
        return count_per((types[0], *(self.infer(*types)[:1] * (len(types) - 1 + self.relu))))


@dataclass(frozen=True)
class UnpoolFirst(Op):
    """g at the positions that a pool has chosen, 0 at all others.

    Types   g: T[*d], chosen: uint8[*d] -> T[*first, *d].
    VJP     none of its own: it serves `max_pool`.
    Errors  ShapeError where g and chosen differ in shape.
    """

    first: tuple[int, ...] = ()
    name: ClassVar[str] = "unpool_first"
    operands: ClassVar[tuple[str, ...]] = ("g", "chosen")

    def infer(self, *types: TensorType) -> TensorType:
        g = _with_choice(self, *types)
        return g.with_shape((*self.first, *g.shape))

    def evaluate(self, *arrays: Array) -> Array:
        g, chosen = arrays
        positions = np.arange(prod(self.first)).reshape(*self.first, *(1,) * g.ndim)
        return np.asarray(g * (chosen == positions))

    def call(self, *types: TensorType) -> Call:
        return Call(unpool_first, "unpool_first")


@dataclass(frozen=True)
class FoldChosen(Op):
    """g added to the pixel that was chosen in each window of an image, 0 to all others.

    Types   g: T[N, *places, C], chosen: uint8[N, *places, C] -> T[N, *extents, C].
    VJP     none of its own: it serves `max_pool`.
    Errors  ShapeError where the windows reach beyond the image, or g and chosen differ in shape.
    """

    extents: Extents = ()
    size: Extents = ()
    stride: Extents = ()
    name: ClassVar[str] = "fold_chosen"
    operands: ClassVar[tuple[str, ...]] = ("g", "chosen")

    def infer(self, *types: TensorType) -> TensorType:
        g = _with_choice(self, *types)
        try:
            return self._fold().infer(g.with_shape((*self.size, *g.shape)))
        except ShapeError as error:
            raise ShapeError(f"fold_chosen: {error}") from error

    def _fold(self) -> Fold:
        return Fold(self.extents, self.stride, ones(len(self.size)))

    def evaluate(self, *arrays: Array) -> Array:
        return self._fold().evaluate(UnpoolFirst(self.size).evaluate(*arrays))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """All windows in memory, folded into the image."""
        return builder(self._fold(), builder(UnpoolFirst(self.size), *operands))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1], prod(self.size))


@dataclass(frozen=True)
class SumChosen(Op):
    """The sum over all axes but the last of g, where one of `count` positions was chosen.

    The gradient of the bias between a pool and its relu.

    Types   g: T[*d, C], chosen: uint8[*d, C] -> T[C].
    VJP     none of its own: it serves `max_pool`.
    Errors  ShapeError where g and chosen differ in shape.
    """

    count: int = 1
    name: ClassVar[str] = "sum_chosen"
    operands: ClassVar[tuple[str, ...]] = ("g", "chosen")

    def infer(self, *types: TensorType) -> TensorType:
        g = _with_choice(self, *types)
        return g.with_shape((sized_axis(self, g, -1),))

    def evaluate(self, *arrays: Array) -> Array:
        g, chosen = arrays
        return np.asarray(np.sum(g * (chosen < self.count), axis=tuple(range(g.ndim - 1))))

    def call(self, *types: TensorType) -> Call:
        return Call(sum_chosen, "sum_chosen", keywords=(("count", self.count),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1])


def positions_of(x: TensorType, axes: int) -> int:
    """How many positions the first axes have."""
    return prod(d for d in x.shape[:axes] if isinstance(d, int))


def _with_choice(op: Op, g: TensorType, chosen: TensorType) -> TensorType:
    floating(op, g)
    if chosen != g.with_dtype("uint8"):
        raise ShapeError(f"{op.name}: g and the choice do not fit: {listed_types((g, chosen))}")
    return g
