"""Elements in order along one axis, and what is given back to where they stood."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.kernels.sorting import sort_along, unsort_along
from nngraph.ops.shared import count_per, floating, listed_types, only, sized_axis
from nngraph.records import dataclass


@dataclass(frozen=True)
class SortAxis(Op):
    """The elements along one axis of fixed size from the smallest to the greatest.

    Types   T[*c, D, *d] -> the same.
    VJP     each cotangent to the element that came to its place; equal ones keep their order.
    Errors  ShapeError where the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "sort_axis"
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        sized_axis(self, x, self.axis)
        return x

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.sort(x, axis=self.axis, kind="stable")

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(UnsortAxis(self.axis), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call:
        return Call(sort_along, "sort_along", keywords=(("axis", self.axis),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


@dataclass(frozen=True)
class UnsortAxis(Op):
    """g, which lies as x would in order, back where the elements of x stand.

    Types   g: T[*c, D, *d], x: the same -> the same. No VJP: it serves that of `sort_axis`.
    Errors  ShapeError where the types differ, the axis does not exist or has no fixed size.
    """

    axis: int = -1
    name: ClassVar[str] = "unsort_axis"
    operands: ClassVar[tuple[str, ...]] = ("g", "x")

    def infer(self, *types: TensorType) -> TensorType:
        g, x = types
        floating(self, *types)
        sized_axis(self, x, self.axis)
        if g != x:
            raise ShapeError(f"unsort_axis: operands do not fit: {listed_types(types)}")
        return x

    def evaluate(self, *arrays: Array) -> Array:
        g, x = arrays
        out = np.empty_like(x)
        order = np.argsort(x, axis=self.axis, kind="stable")
        np.put_along_axis(out, order, g, self.axis)
        return out

    def call(self, *types: TensorType) -> Call:
        return Call(unsort_along, "unsort_along", keywords=(("axis", self.axis),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1])
