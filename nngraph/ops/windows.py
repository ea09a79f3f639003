"""Windows of images and their adjoint: every pixel of every window, without memory."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Op,
    ShapeError,
    TensorType,
    Value,
    View,
    WindowsView,
    geometry,
)
from nngraph.kernels.images import fold
from nngraph.ops.axes import PermuteAxes
from nngraph.ops.pieces import SliceAxis
from nngraph.ops.shared import floating, only, sized_axis
from nngraph.records import dataclass

Extents = tuple[int, ...]


def extents_of(op: Op, x: TensorType, rank: int) -> Extents:
    """The spatial extents of images [N, *extents, C]. Errors: ShapeError."""
    if len(x.shape) != rank + 2:
        raise ShapeError(f"{op.name}: expected images with {rank} spatial axes, got {x}")
    return tuple(sized_axis(op, x, axis) for axis in range(1, rank + 1))


def ones(rank: int) -> Extents:
    """1 for each axis."""
    return (1,) * rank


@dataclass(frozen=True)
class Windows(Op):
    """All windows of an image, as a view; pixels beyond the last whole window are not seen.

    `order` names the axes of the result: N the batch, p the position of a window in its block of
    `block` windows side by side, o the block, k the offset in the window, g the group of channels,
    c the channel. p, o and k stand for one axis each for every spatial axis of the image.

    Types   T[N, *extents, C] -> T[axes of `order`].
    VJP     each pixel takes the cotangents of all windows that see it.
    Errors  ShapeError where no window fits or the groups do not divide the channels.
    """

    size: Extents = ()
    stride: Extents = ()
    dilation: Extents = ()
    block: Extents = ()
    groups: int = 1
    order: str = "kNoc"
    name: ClassVar[str] = "windows"
    operands: ClassVar[tuple[str, ...]] = ("x",)
    additive: ClassVar[bool] = True

    @property
    def geometry(self) -> geometry.WindowGeometry:
        """How the windows lie."""
        return geometry.WindowGeometry(
            self.size, self.stride, self.dilation, self.block, self.groups, self.order
        )

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        extents = extents_of(self, x, len(self.size))
        channels = sized_axis(self, x, -1)
        if channels % self.groups:
            raise ShapeError(f"windows: {self.groups} groups do not divide the channels of {x}")
        if 0 in self.geometry.counts(extents):
            raise ShapeError(f"windows: a window of {list(self.size)} does not fit {x}")
        return x.with_shape(self.geometry.shape(x.shape[0], extents, channels))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return WindowsView(self.geometry).apply(x, {})

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        if set(self.order) != set("Nokc"):
            raise NotImplementedError("windows in blocks or groups have no derivative of their own")
        (x,) = operands
        return (self.pulled(builder, only(cotangents), x.type),)

    def pulled(self, builder: Builder, g: Value, x: TensorType) -> Value:
        """The cotangent of x."""
        axes, at = {}, 0
        for letter in self.order:
            width = len(self.size) if letter in "ok" else 1
            axes[letter] = range(at, at + width)
            at += width
        order = tuple(axis for letter in "kNoc" for axis in axes[letter])
        if order != tuple(range(at)):
            g = builder(PermuteAxes(order), g)
        extents = extents_of(self, x, len(self.size))
        return builder(Fold(extents, self.stride, self.dilation), g)

    def view(self, *types: TensorType) -> View:
        return WindowsView(self.geometry)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Fold(Op):
    """The sum over all windows that see a pixel: the adjoint of `windows`.

    Types   T[*size, N, *windows, C] -> T[N, *extents, C].
    VJP     the windows of the cotangent.
    Errors  ShapeError where the windows reach beyond the image.
    """

    extents: Extents = ()
    stride: Extents = ()
    dilation: Extents = ()
    name: ClassVar[str] = "fold"
    operands: ClassVar[tuple[str, ...]] = ("patches",)
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        patches = floating(self, *types)
        rank = len(self.extents)
        if len(patches.shape) != 2 * rank + 2:
            raise ShapeError(f"fold: expected windows with {rank} spatial axes, got {patches}")
        size, counts = self._sizes(patches)
        for n, k, s, d, count in zip(
            self.extents, size, self.stride, self.dilation, counts, strict=True
        ):
            if count < 1 or s * (count - 1) + d * (k - 1) >= n:
                raise ShapeError(f"fold: {patches} reaches beyond {list(self.extents)}")
        return patches.with_shape((patches.shape[rank], *self.extents, patches.shape[-1]))

    def _sizes(self, patches: TensorType) -> tuple[Extents, Extents]:
        rank = len(self.extents)
        size = tuple(sized_axis(self, patches, axis) for axis in range(rank))
        counts = tuple(sized_axis(self, patches, axis) for axis in range(rank + 1, 2 * rank + 1))
        return size, counts

    def evaluate(self, *arrays: Array) -> Array:
        (patches,) = arrays
        rank = len(self.extents)
        n, channels = patches.shape[rank], patches.shape[-1]
        out = np.zeros((n, *self.extents, channels), patches.dtype)
        for offset in np.ndindex(patches.shape[:rank]):
            for place in np.ndindex(patches.shape[rank + 1 : -1]):
                pixel = tuple(
                    p * s + k * d
                    for p, k, s, d in zip(place, offset, self.stride, self.dilation, strict=True)
                )
                out[:, *pixel] += patches[offset][:, *place]
        return out

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (patches,) = operands
        size, counts = self._sizes(patches.type)
        g = only(cotangents)
        for axis, (k, s, d, count) in enumerate(
            zip(size, self.stride, self.dilation, counts, strict=True), 1
        ):
            seen = s * (count - 1) + d * (k - 1) + 1
            if seen < self.extents[axis - 1]:
                g = builder(SliceAxis(axis, 0, seen), g)
        return (builder(Windows(size, self.stride, self.dilation, ones(len(size))), g),)

    def call(self, *types: TensorType) -> Call:
        (patches,) = types
        size, _ = self._sizes(patches)
        keywords = (("size", size), ("stride", self.stride), ("dilation", self.dilation))
        return Call(fold, "fold", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        (patches,) = types
        return patches.count({"N": 1}), 0
