"""Sums, products and extremes over an axis. Sums over the batch are in `spread`."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Dim, Op, TensorType, Value
from nngraph.kernels.products import cumulative_product_backward
from nngraph.kernels.sums import sum_last
from nngraph.ops.arithmetic import Divide, Multiply
from nngraph.ops.compare import Equal
from nngraph.ops.pieces import PlaceUnits, SliceAxis
from nngraph.ops.rearrange import Cast, Reshape
from nngraph.ops.shared import count_per, floating, only, sized_axis
from nngraph.ops.spread import BroadcastLike
from nngraph.records import dataclass


class _Last(Op):
    """A reduction over the last axis, which stays with size 1."""

    operands: ClassVar[tuple[str, ...]] = ("x",)
    reduces_last_axis: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        sized_axis(self, x, -1)
        return x.with_shape((*x.shape[:-1], 1))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.ufunc.reduce(x, axis=-1, keepdims=True))

    def call(self, *types: TensorType) -> Call:
        keywords = (("axis", -1), ("keepdims", True))
        return Call(self.ufunc.reduce, f"np.{self.ufunc.__name__}.reduce", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


@dataclass(frozen=True)
class SumLast(_Last):
    """The sum over the last axis, which stays with size 1.

    Types   T[*d, K] -> T[*d, 1].
    VJP     the cotangent repeated.
    Errors  ShapeError for a scalar or a last axis without a fixed size.
    """

    name: ClassVar[str] = "sum_last"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.add

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call:
        return Call(sum_last, "sum_last")


@dataclass(frozen=True)
class MaxLast(_Last):
    """The maximum over the last axis, which stays with size 1.

    Types   T[*d, K] -> T[*d, 1].
    VJP     g for the greatest element; equal ones share it.
    Errors  ShapeError for a scalar or a last axis without a fixed size.
    """

    name: ClassVar[str] = "max_last"
    ufunc: ClassVar[np.ufunc] = np.maximum

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (y,), (x,) = only(cotangents), outs, operands
        return (_shared_by_extremes(builder, g, y, x, -1),)


def _shared_by_extremes(builder: Builder, g: Value, y: Value, x: Value, axis: int) -> Value:
    """g, in equal parts, for the elements of x that are equal to y; g and y keep the axis."""
    chosen = builder(Equal(), x, y)
    count = builder(SumAxis(axis), builder(Cast(x.type.dtype), chosen))
    share = builder(Divide(), g, builder(Reshape(g.type.shape), count))
    return builder(Multiply(), builder(BroadcastLike(), share, x), chosen)


class _AlongAxis(Op):
    """A reduction over one axis, which vanishes."""

    axis: int
    operands: ClassVar[tuple[str, ...]] = ("x",)
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        sized_axis(self, x, self.axis)
        at = self.axis % len(x.shape)
        return x.with_shape(x.shape[:at] + x.shape[at + 1 :])

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.ufunc.reduce(x, axis=self.axis))

    def call(self, *types: TensorType) -> Call:
        keywords = (("axis", self.axis),)
        return Call(self.ufunc.reduce, f"np.{self.ufunc.__name__}.reduce", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)

    def kept(self, builder: Builder, value: Value, x: Value) -> Value:
        """A value of the result's type with the axis back, of size 1."""
        at = self.axis % len(x.type.shape)
        shape: tuple[Dim, ...] = (*x.type.shape[:at], 1, *x.type.shape[at + 1 :])
        return builder(Reshape(shape), value)


@dataclass(frozen=True)
class SumAxis(_AlongAxis):
    """The sum over one axis of fixed size.

    Types   T[*c, D, *d] -> T[*c, *d].
    VJP     the cotangent repeated.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "sum_axis"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.add

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x,) = only(cotangents), operands
        return (builder(BroadcastLike(), self.kept(builder, g, x), x),)


@dataclass(frozen=True)
class ProductAxis(_AlongAxis):
    """The product over one axis of fixed size.

    Types   T[*c, D, *d] -> T[*c, *d].
    VJP     g times the product of all others, right also where elements are 0.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "product_axis"
    ufunc: ClassVar[np.ufunc] = np.multiply

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x,) = only(cotangents), operands
        size = sized_axis(self, x.type, self.axis)
        if size == 1:
            return (self.kept(builder, g, x),)
        before = builder(SliceAxis(self.axis, 0, size - 1), x)
        after = builder(SliceAxis(self.axis, 1, size), x)
        shifted = builder(PlaceUnits(self.axis, 1, size, 1.0), before)
        others = builder(
            Multiply(),
            builder(CumulativeProduct(self.axis), shifted),
            builder(
                CumulativeProduct(self.axis, backward=True),
                builder(PlaceUnits(self.axis, 0, size, 1.0), after),
            ),
        )
        return (builder(Multiply(), others, self.kept(builder, g, x)),)


@dataclass(frozen=True)
class CumulativeProduct(Op):
    """y_i = product of x_k up to i along one axis, or from i on (`backward`).

    Types   T[*d] -> T[*d], the axis of fixed size. No VJP: it serves that of `product_axis`.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    backward: bool = False
    name: ClassVar[str] = "cumulative_product"
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        sized_axis(self, x, self.axis)
        return x

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        if self.backward:
            return np.flip(np.cumprod(np.flip(x, self.axis), axis=self.axis), self.axis)
        return np.cumprod(x, axis=self.axis)

    def call(self, *types: TensorType) -> Call:
        if not self.backward:
            keywords = (("axis", self.axis),)
            return Call(np.multiply.accumulate, "np.multiply.accumulate", keywords=keywords)
        return Call(
            cumulative_product_backward,
            "cumulative_product_backward",
            keywords=(("axis", self.axis),),
        )


class _ExtremeAxis(_AlongAxis):
    """Maximum or minimum over one axis; equal ones share the cotangent."""

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (y,), (x,) = outs, operands
        g = self.kept(builder, only(cotangents), x)
        return (_shared_by_extremes(builder, g, self.kept(builder, y, x), x, self.axis),)


@dataclass(frozen=True)
class MaximumAxis(_ExtremeAxis):
    """The maximum over one axis of fixed size.

    Types   T[*c, D, *d] -> T[*c, *d].
    VJP     g for the greatest element; equal ones share it.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "maximum_axis"
    ufunc: ClassVar[np.ufunc] = np.maximum


@dataclass(frozen=True)
class MinimumAxis(_ExtremeAxis):
    """The minimum over one axis of fixed size.

    Types   T[*c, D, *d] -> T[*c, *d].
    VJP     g for the smallest element; equal ones share it.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "minimum_axis"
    ufunc: ClassVar[np.ufunc] = np.minimum
