"""Pooling: the greatest or the mean of each window, channel by channel."""

from __future__ import annotations

from math import prod
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.kernels.images import first_maximum, maximum_first, sum_first
from nngraph.ops.arithmetic import Multiply, ScaleBy
from nngraph.ops.axes import Border, Bordered, crop, padded
from nngraph.ops.shared import count_per, floating, listed_types, only
from nngraph.ops.spread import BroadcastLike, BroadcastTo
from nngraph.ops.windows import Extents, Fold, Windows, extents_of, ones
from nngraph.records import dataclass


class _Pool(Bordered):
    """What the pools share: how windows lie, and what stands in the border."""

    size: Extents
    stride: Extents
    operands: ClassVar[tuple[str, ...]] = ("x",)
    border: ClassVar[float]

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        total = self._total(x)
        counts = self._windows().geometry.counts(total)
        if 0 in counts:
            raise ShapeError(f"{self.name}: a window {list(self.size)} does not fit {list(total)}")
        if any(n >= k for k, pair in zip(self.size, self.padding, strict=True) for n in pair):
            raise ShapeError(f"{self.name}: a window would lie in the border alone")
        return x.with_shape((x.shape[0], *counts, x.shape[-1]))

    def _total(self, x: TensorType) -> Extents:
        return self.total(extents_of(self, x, len(self.size)))

    def _windows(self) -> Windows:
        return Windows(self.size, self.stride, ones(len(self.size)), ones(len(self.size)))

    def seen(self, builder: Builder, x: Value) -> Value:
        """All windows as [*size, N, *places, C]."""
        return builder(self._windows(), padded(builder, x, self.padding, self.border))

    def returned(self, builder: Builder, given: Value, x: Value) -> Value:
        """What the windows give back to the image x."""
        back = builder(Fold(self._total(x.type), self.stride, ones(len(self.size))), given)
        return crop(builder, back, self.padding)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        total = np.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=self.border)
        counts = self._windows().geometry.counts(total.shape[1:-1])
        out = np.empty((len(x), *counts, x.shape[-1]), x.dtype)
        for place in np.ndindex(*counts):
            where = (
                slice(p * s, p * s + k)
                for p, s, k in zip(place, self.stride, self.size, strict=True)
            )
            window = total[:, *where].reshape(len(x), prod(self.size), x.shape[-1])
            out[:, *place] = self.of_window(window)
        return out

    def of_window(self, window: Array) -> Array:
        """[N, pixels, C] -> [N, C]."""
        raise NotImplementedError

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per((self.infer(*types),), prod(self.size))


@dataclass(frozen=True)
class MaxPool(_Pool):
    """The greatest element of each window, channel by channel; a border never wins.

    Types   T[N, *extents, C] -> T[N, *places, C].
    VJP     g for the greatest element of each window, the first one where several are equal.
    Errors  ShapeError where no window fits, or one would see the border alone.
    """

    size: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    name: ClassVar[str] = "max_pool"
    border: ClassVar[float] = -np.inf

    def of_window(self, window: Array) -> Array:
        """The maximum."""
        return np.asarray(window.max(axis=1))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (y,), (x,) = only(cotangents), outs, operands
        first = builder(FirstMaximum(len(self.size)), self.seen(builder, x), y)
        return (self.returned(builder, builder(Multiply(), g, first), x),)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The maximum over the first axes of the windows."""
        (x,) = operands
        return builder(MaximumFirst(len(self.size)), self.seen(builder, x))


@dataclass(frozen=True)
class AveragePool(_Pool):
    """The mean of each window, channel by channel; a border counts as zeros.

    Types   T[N, *extents, C] -> T[N, *places, C].
    VJP     each pixel takes its share of the cotangents of all windows that see it.
    Errors  ShapeError where no window fits, or one would see the border alone.
    """

    size: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    name: ClassVar[str] = "average_pool"
    additive: ClassVar[bool] = True
    border: ClassVar[float] = 0.0

    def of_window(self, window: Array) -> Array:
        """The mean."""
        return np.asarray(window.mean(axis=1))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        share = builder(ScaleBy(1.0 / prod(self.size)), only(cotangents))
        every = builder(BroadcastTo((*self.size, *share.type.shape)), share)
        return (self.returned(builder, every, x),)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The sum over the first axes of the windows, divided."""
        (x,) = operands
        total = builder(SumFirst(len(self.size)), self.seen(builder, x))
        return builder(ScaleBy(1.0 / prod(self.size)), total)


class _First(Op):
    """A reduction over the first axes, which vanish."""

    axes: int
    operands: ClassVar[tuple[str, ...]] = ("x",)
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if len(x.shape) < self.axes or any(isinstance(d, str) for d in x.shape[: self.axes]):
            raise ShapeError(f"{self.name}: {x} has no {self.axes} first axes of fixed size")
        return x.with_shape(x.shape[self.axes :])

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.ufunc.reduce(x, axis=tuple(range(self.axes))))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


@dataclass(frozen=True)
class SumFirst(_First):
    """The sum over the first axes, `axes` of them.

    Types   T[*first, *d] -> T[*d].
    VJP     the cotangent repeated.
    Errors  ShapeError where one of the first axes has no fixed size.
    """

    axes: int = 1
    name: ClassVar[str] = "sum_first"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.add

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call:
        return Call(sum_first, "sum_first", keywords=(("axes", self.axes),))


@dataclass(frozen=True)
class MaximumFirst(_First):
    """The maximum over the first axes, `axes` of them.

    Types   T[*first, *d] -> T[*d].
    VJP     g for the greatest element, the first one where several are equal.
    Errors  ShapeError where one of the first axes has no fixed size.
    """

    axes: int = 1
    name: ClassVar[str] = "maximum_first"
    ufunc: ClassVar[np.ufunc] = np.maximum

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (y,), (x,) = only(cotangents), outs, operands
        return (builder(Multiply(), g, builder(FirstMaximum(self.axes), x, y)),)

    def call(self, *types: TensorType) -> Call:
        return Call(maximum_first, "maximum_first", keywords=(("axes", self.axes),))


@dataclass(frozen=True)
class FirstMaximum(Op):
    """Where, along the first axes of x, the first element lies that equals the maximum y.

    Types   x: T[*first, *d], y: T[*d] -> bool[*first, *d]; no derivative.
    Errors  ShapeError where y is not a maximum of x over its first axes.
    """

    axes: int = 1
    name: ClassVar[str] = "first_maximum"
    operands: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if MaximumFirst(self.axes).infer(x) != y:
            raise ShapeError(f"first_maximum: operands do not fit: {listed_types(types)}")
        return x.with_dtype("bool")

    def evaluate(self, *arrays: Array) -> Array:
        x, y = arrays
        out, found = np.zeros(x.shape, bool), np.zeros(y.shape, bool)
        for place in np.ndindex(x.shape[: self.axes]):
            out[place] = (x[place] == y) & ~found
            found |= out[place]
        return out

    def call(self, *types: TensorType) -> Call:
        return Call(first_maximum, "first_maximum", keywords=(("axes", self.axes),))
