"""Depthwise convolution: every channel has kernels of its own.

As in `convolution`, three ops are one trilinear form, the sum of y[o, c * m + j] W[k, c, j]
x[o * stride + k * dilation, c] over all places o, offsets k, channels c and j below m; each is its
derivative by one of the three.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Cotangents,
    Dim,
    ShapeError,
    TensorType,
    Value,
    geometry,
)
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.axes import Border, Bordered, crop, padded
from nngraph.ops.pooling import SumFirst
from nngraph.ops.rearrange import Reshape
from nngraph.ops.shared import floating, listed, only, sized_axis
from nngraph.ops.spread import SumTo
from nngraph.ops.windows import Extents, Fold, Windows, extents_of, ones


class _Form(Bordered):
    """What the three ops share: how windows lie."""

    stride: Extents
    dilation: Extents
    multilinear: ClassVar[bool] = True

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.stride)

    def total(self, extents: Extents) -> Extents:
        """The extents with their border."""
        return tuple(b + n + a for n, (b, a) in zip(extents, self.padding, strict=True))

    def windows(self, size: Extents) -> Windows:
        """All windows of a padded image as [*size, N, *places, C]."""
        return Windows(size, self.stride, self.dilation, ones(self.rank))

    def places(self, extents: Extents, size: Extents) -> Extents:
        """How many windows lie along each axis. Errors: ShapeError where none fits."""
        total = self.total(extents)
        counts = self.windows(size).geometry.counts(total)
        if 0 in counts:
            raise ShapeError(f"{self.name}: a kernel {list(size)} does not fit {list(total)}")
        return counts

    def kernel(self, W: TensorType) -> tuple[Extents, int, int]:
        """Size, channels and units for each channel. Errors: ShapeError."""
        if len(W.shape) != self.rank + 2:
            raise ShapeError(f"{self.name}: expected a kernel of {self.rank} axes, got {W}")
        *size, channels, m = (sized_axis(self, W, axis) for axis in range(len(W.shape)))
        return tuple(size), channels, m

    def seen(self, builder: Builder, x: Value, size: Extents) -> Value:
        """The windows of x as [*size, N, *places, C, 1]."""
        view = builder(self.windows(size), padded(builder, x, self.padding))
        return builder(Reshape((*view.type.shape, 1)), view)

    def pixels(self, offset: Extents, counts: Extents) -> tuple[slice, ...]:
        """The pixels of the padded image that windows see at one offset."""
        return tuple(
            slice(k * d, k * d + s * n, s)
            for k, s, d, n in zip(offset, self.stride, self.dilation, counts, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Depthwise(_Form):
    """a[o, c * m + j] = sum over k of x[o * stride + k * dilation, c] W[k, c, j], j below m.

    Types   x: T[N, *extents, C], W: T[*size, C, m] -> T[N, *places, C * m].
    VJP     cotangent of x: `depthwise_transposed` of the delta; of W: `depthwise_kernel`.
    Errors  ShapeError where the kernel does not fit the padded image or channels differ.
    Source  Chollet, Xception, CVPR 2017.
    """

    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    name: ClassVar[str] = "depthwise"
    operands: ClassVar[tuple[str, ...]] = ("x", "W")

    def infer(self, *types: TensorType) -> TensorType:
        x, W = types
        floating(self, x, W)
        extents = extents_of(self, x, self.rank)
        if len(W.shape) != self.rank + 2 or W.shape[-2] != x.shape[-1]:
            raise ShapeError(f"depthwise: channels do not agree: {listed(types)}")
        size, channels, m = self.kernel(W)
        return x.with_shape((x.shape[0], *self.places(extents, size), channels * m))

    def evaluate(self, *arrays: Array) -> Array:
        x, W = arrays
        x = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        size, dtype = W.shape[: self.rank], np.result_type(x, W)
        form = geometry.Windows(size, self.stride, self.dilation, ones(self.rank))
        counts = form.counts(x.shape[1:-1])
        out = np.zeros((len(x), *counts, *W.shape[-2:]), dtype)
        for k in np.ndindex(*size):
            out += x[:, *self.pixels(k, counts)][..., None] * W[k]
        return out.reshape(*out.shape[:-2], W.shape[-2] * W.shape[-1])

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, W) = only(cotangents), operands
        form = (self.stride, self.padding, self.dilation)
        size, _, _ = self.kernel(W.type)
        into_x = builder(DepthwiseTransposed(extents_of(self, x.type, self.rank), *form), g, W)
        return into_x, builder(DepthwiseKernel(size, *form), x, g)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """All windows times their kernels, summed over the offsets."""
        x, W = operands
        size, channels, m = self.kernel(W.type)
        kernels = builder(Reshape((*size, *ones(1 + self.rank), channels, m)), W)
        products = builder(Multiply(), self.seen(builder, x, size), kernels)
        total = builder(SumFirst(self.rank), products)
        return builder(Reshape(self.infer(x.type, W.type).shape), total)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        _, W = types
        size, _, _ = self.kernel(W)
        return 2 * self.infer(*types).count({"N": 1}) * prod(size), 0


@dataclass(frozen=True, slots=True)
class DepthwiseKernel(_Form):
    """dW[k, c, j] = sum over o of delta[o, c * m + j] x[o * stride + k * dilation, c].

    The edge rule dL/dW_ij = delta_j z_i, summed over all places and the batch.

    Types   x: T[N, *extents, C], delta: T[N, *places, C * m] -> T[*size, C, m].
    VJP     none of its own: it serves `depthwise`.
    Errors  ShapeError where the delta is not what a depthwise convolution of x gives.
    """

    size: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    name: ClassVar[str] = "depthwise_kernel"
    operands: ClassVar[tuple[str, ...]] = ("x", "delta")

    def infer(self, *types: TensorType) -> TensorType:
        x, delta = types
        floating(self, x, delta)
        channels, units = sized_axis(self, x, -1), sized_axis(self, delta, -1)
        places = self.places(extents_of(self, x, self.rank), self.size)
        if delta.shape[:-1] != (x.shape[0], *places) or units % channels:
            raise ShapeError(f"depthwise_kernel: operands do not fit: {listed(types)}")
        return x.with_shape((*self.size, channels, units // channels))

    def evaluate(self, *arrays: Array) -> Array:
        x, delta = arrays
        x, channels = np.pad(x, ((0, 0), *self.padding, (0, 0))), x.shape[-1]
        counts = delta.shape[1:-1]
        delta = delta.reshape(len(x), *counts, channels, delta.shape[-1] // channels)
        out = np.zeros((*self.size, *delta.shape[-2:]), np.result_type(x, delta))
        for k in np.ndindex(*self.size):
            products = x[:, *self.pixels(k, counts)][..., None] * delta
            out[k] = products.sum(axis=tuple(range(1 + self.rank)))
        return out

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """All windows times what comes back to them, summed over the places."""
        x, delta = operands
        *size, channels, m = self.infer(x.type, delta.type).shape
        apart = builder(Reshape((*delta.type.shape[:-1], channels, m)), delta)
        products = builder(Multiply(), self.seen(builder, x, self.size), apart)
        total = builder(SumTo((*size, *ones(1 + self.rank), channels, m)), products)
        return builder(Reshape((*size, channels, m)), total)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        return 2 * types[1].count({"N": 1}) * prod(self.size), 0


@dataclass(frozen=True, slots=True)
class DepthwiseTransposed(_Form):
    """x[o * stride + k * dilation, c] += y[o, c * m + j] W[k, c, j]: y spread over its window.

    Types   y: T[N, *places, C * m], W: T[*size, C, m] -> T[N, *extents, C].
    VJP     none of its own: it serves `depthwise`.
    Errors  ShapeError where y is not what a depthwise convolution of such an image gives.
    """

    extents: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    name: ClassVar[str] = "depthwise_transposed"
    operands: ClassVar[tuple[str, ...]] = ("y", "W")

    def infer(self, *types: TensorType) -> TensorType:
        y, W = types
        floating(self, y, W)
        size, channels, m = self.kernel(W)
        shape: tuple[Dim, ...] = (*y.shape[:1], *self.places(self.extents, size), channels * m)
        if y.shape != shape:
            raise ShapeError(f"depthwise_transposed: operands do not fit: {listed(types)}")
        return y.with_shape((y.shape[0], *self.extents, channels))

    def evaluate(self, *arrays: Array) -> Array:
        y, W = arrays
        *size, channels, m = W.shape
        counts = y.shape[1:-1]
        y = y.reshape(*y.shape[:-1], channels, m)
        out = np.zeros((len(y), *self.total(self.extents), channels), np.result_type(y, W))
        for k in np.ndindex(*size):
            out[:, *self.pixels(k, counts)] += (y * W[k]).sum(-1)
        inside = (slice(b, b + e) for e, (b, _) in zip(self.extents, self.padding, strict=True))
        return out[:, *inside]

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """Each output times its kernels, folded into the image."""
        y, W = operands
        size, channels, m = self.kernel(W.type)
        apart = builder(Reshape((*y.type.shape[:-1], channels, m)), y)
        kernels = builder(Reshape((*size, *ones(1 + self.rank), channels, m)), W)
        given = builder(Multiply(), apart, kernels)
        if m > 1:
            given = builder(SumTo((*given.type.shape[:-1], 1)), given)
        given = builder(Reshape(given.type.shape[:-1]), given)
        folded = builder(Fold(self.total(self.extents), self.stride, self.dilation), given)
        return crop(builder, folded, self.padding)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        y, W = types
        size, _, _ = self.kernel(W)
        return 2 * y.count({"N": 1}) * prod(size), 0
