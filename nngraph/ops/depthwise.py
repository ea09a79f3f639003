"""Depthwise convolution: every channel has kernels of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Cotangents,
    Dim,
    Op,
    ShapeError,
    TensorType,
    Value,
    geometry,
)
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.axes import Border, crop, padded
from nngraph.ops.pooling import SumFirst
from nngraph.ops.rearrange import Reshape
from nngraph.ops.shared import floating, listed, only, sized_axis
from nngraph.ops.spread import SumTo
from nngraph.ops.windows import Extents, Fold, Windows, extents_of, ones


@dataclass(frozen=True, slots=True)
class Depthwise(Op):
    """a[o, c * m + j] = sum over k of x[o * stride + k * dilation, c] W[k, c, j], j below m.

    Types   x: T[N, *extents, C], W: T[*size, C, m] -> T[N, *places, C * m].
    VJP     each window spreads its cotangents, times W, back over its pixels; W takes the
            cotangents times what its pixels saw.
    Errors  ShapeError where the kernel does not fit the padded image or channels differ.
    Source  Chollet, Xception, CVPR 2017.
    """

    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    name: ClassVar[str] = "depthwise"
    operands: ClassVar[tuple[str, ...]] = ("x", "W")
    multilinear: ClassVar[bool] = True

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.stride)

    def infer(self, *types: TensorType) -> TensorType:
        x, W = types
        floating(self, x, W)
        extents = extents_of(self, x, self.rank)
        if len(W.shape) != self.rank + 2 or W.shape[-2] != x.shape[-1]:
            raise ShapeError(f"depthwise: channels do not agree: {listed(types)}")
        size, units = self._size(W), sized_axis(self, W, -2) * sized_axis(self, W, -1)
        total = tuple(b + n + a for n, (b, a) in zip(extents, self.padding, strict=True))
        counts = self._windows(size).geometry.counts(total)
        if 0 in counts:
            raise ShapeError(f"depthwise: a kernel {list(size)} does not fit {list(total)}")
        return x.with_shape((x.shape[0], *counts, units))

    def _size(self, W: TensorType) -> Extents:
        return tuple(sized_axis(self, W, axis) for axis in range(self.rank))

    def _windows(self, size: Extents) -> Windows:
        return Windows(size, self.stride, self.dilation, ones(self.rank))

    def evaluate(self, *arrays: Array) -> Array:
        x, W = arrays
        x = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        size, dtype = W.shape[: self.rank], np.result_type(x, W)
        form = geometry.Windows(size, self.stride, self.dilation, ones(self.rank))
        counts = form.counts(x.shape[1:-1])
        out = np.zeros((len(x), *counts, *W.shape[-2:]), dtype)
        for k in np.ndindex(*size):
            where = (
                slice(at * d, at * d + s * n, s)
                for at, s, d, n in zip(k, self.stride, self.dilation, counts, strict=True)
            )
            out += x[:, *where][..., None] * W[k]
        return out.reshape(*out.shape[:-2], W.shape[-2] * W.shape[-1])

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, W) = only(cotangents), operands
        g = builder(Reshape((*g.type.shape[:-1], *W.type.shape[-2:])), g)
        seen, kernels = self._seen(builder, x, W), self._kernels(builder, W)
        given = builder(Multiply(), g, kernels)
        single: tuple[Dim, ...] = (*given.type.shape[:-1], 1)
        given = given if given.type.shape == single else builder(SumTo(single), given)
        given = builder(Reshape(given.type.shape[:-1]), given)
        extents = extents_of(self, x.type, self.rank)
        total = tuple(b + n + a for n, (b, a) in zip(extents, self.padding, strict=True))
        into_x = builder(Fold(total, self.stride, self.dilation), given)
        summed = builder(SumTo(kernels.type.shape), builder(Multiply(), seen, g))
        into_W = builder(Reshape(W.type.shape), summed)
        return crop(builder, into_x, self.padding), into_W

    def _seen(self, builder: Builder, x: Value, W: Value) -> Value:
        """The windows of x as [*size, N, *places, C, 1]."""
        view = builder(self._windows(self._size(W.type)), padded(builder, x, self.padding))
        return builder(Reshape((*view.type.shape, 1)), view)

    def _kernels(self, builder: Builder, W: Value) -> Value:
        """W as [*size, 1, ..., 1, C, m]."""
        *size, channels, m = W.type.shape
        return builder(Reshape((*size, *ones(1 + self.rank), channels, m)), W)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """All windows times their kernels, summed over the offsets."""
        x, W = operands
        products = builder(Multiply(), self._seen(builder, x, W), self._kernels(builder, W))
        total = builder(SumFirst(self.rank), products)
        return builder(Reshape(self.infer(x.type, W.type).shape), total)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        _, W = types
        out = self.infer(*types)
        units = sized_axis(self, out, -1)
        return 2 * out.count({"N": 1}) // units * W.count({}), 0
