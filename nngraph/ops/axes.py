"""Axes in another order, and images with a border."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Container,
    Cotangents,
    Op,
    Permute,
    ShapeError,
    Slice,
    TensorType,
    Value,
    View,
)
from nngraph.ops.pieces import SliceAxis
from nngraph.ops.shared import floating, only, sized_axis
from nngraph.records import dataclass

Border = tuple[tuple[int, int], ...]
"""How many pixels before and after, for each spatial axis."""


class Bordered(Op):
    """An op on images with zeros around them."""

    padding: Border

    @property
    def before(self) -> tuple[int, ...]:
        """The width of the border before the image, along each axis."""
        return tuple(b for b, _ in self.padding)

    def total(self, extents: Iterable[int]) -> tuple[int, ...]:
        """The extents of an image with its border."""
        return tuple(b + n + a for n, (b, a) in zip(extents, self.padding, strict=True))

    def inside(self, extents: Iterable[int]) -> tuple[slice, ...]:
        """Where an image lies within its border."""
        return tuple(slice(b, b + n) for n, b in zip(extents, self.before, strict=True))


@dataclass(frozen=True)
class PermuteAxes(Op):
    """The axes in another order; `axes` counts all of them, the batch included.

    Types   T[d0, d1, ...] -> T[d_axes[0], d_axes[1], ...].
    VJP     the cotangent with its axes put back.
    Errors  ShapeError unless each axis occurs once.
    """

    axes: tuple[int, ...] = ()
    name: ClassVar[str] = "permute"
    operands: ClassVar[tuple[str, ...]] = ("x",)
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        if sorted(self.axes) != list(range(len(x.shape))):
            raise ShapeError(f"permute: {self.axes} are not the axes of {x}")
        return x.with_shape(tuple(x.shape[axis] for axis in self.axes))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return x.transpose(self.axes)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        back = tuple(self.axes.index(axis) for axis in range(len(self.axes)))
        return (builder(PermuteAxes(back), only(cotangents)),)

    def view(self, *types: TensorType) -> View:
        return Permute(self.axes)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Pad(Op):
    """An image within a border of one number.

    Types   T[N, *extents, C] -> T[N, *(before + extent + after), C]; `border` has one pair for
            each spatial axis.
    VJP     the cotangent without its border.
    Errors  ShapeError where the numbers of axes differ or a border is negative.
    """

    border: Border = ()
    fill: float = 0.0
    name: ClassVar[str] = "pad"
    operands: ClassVar[tuple[str, ...]] = ("x",)

    @property
    def additive(self) -> bool:  # type: ignore[override]
        """Only a border of zeros adds up to the border of the sum."""
        return self.fill == 0.0

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if len(x.shape) != len(self.border) + 2 or any(n < 0 for pair in self.border for n in pair):
            raise ShapeError(f"pad: a border {self.border} does not go around {x}")
        sizes = (
            before + sized_axis(self, x, axis) + after
            for axis, (before, after) in enumerate(self.border, 1)
        )
        return x.with_shape((x.shape[0], *sizes, x.shape[-1]))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.pad(x, ((0, 0), *self.border, (0, 0)), constant_values=self.fill)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        return (crop(builder, only(cotangents), self.border),)

    def container(self, *types: TensorType) -> Container:
        (x,) = types
        path = tuple(
            Slice(axis, before, before + sized_axis(self, x, axis))
            for axis, (before, _) in enumerate(self.border, 1)
        )
        return Container((path,), fill=self.fill)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


def padded(builder: Builder, x: Value, border: Border, fill: float = 0.0) -> Value:
    """x within a border; x itself where there is none."""
    return builder(Pad(border, fill), x) if any(n for pair in border for n in pair) else x


def crop(builder: Builder, x: Value, border: Border) -> Value:
    """x without a border."""
    for axis, (before, after) in enumerate(border, 1):
        size = x.type.shape[axis]
        assert isinstance(size, int)
        if before or after:
            x = builder(SliceAxis(axis, before, size - after), x)
    return x
