"""Convolution, and what belongs to it: its transpose, the gradient of its kernel.

The three are one trilinear form, sum of y[o, j] W[k, i, j] x[o * stride + k * dilation, i] over
all places o, offsets k, channels i and units j. Each op is its derivative by one of the three, so
the cotangents of each one are the other two.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, ShapeError, TensorType, Value
from nngraph.ops import depthwise
from nngraph.ops.axes import Border, PermuteAxes, crop
from nngraph.ops.convolution_form import ConvolutionForm
from nngraph.ops.patches import OffsetProduct, PatchGradient, PatchProduct
from nngraph.ops.rearrange import Copy, Reshape, Transpose
from nngraph.ops.shared import floating, listed_types, only, sized_axis
from nngraph.ops.windows import Extents, extents_of
from nngraph.records import dataclass


class _Form(ConvolutionForm):
    """Each of the three knows the other two."""

    def convolved(self) -> Convolution:
        """The convolution of this form."""
        return Convolution(self.stride, self.padding, self.dilation, self.groups, self.block)

    def of_kernel(self, size: Extents) -> ConvolutionKernel:
        """The derivative of this form by a kernel of some size."""
        return ConvolutionKernel(
            size, self.stride, self.padding, self.dilation, self.groups, self.block
        )

    def spread(self, extents: Extents) -> ConvolutionTransposed:
        """The derivative of this form by an image of some extents."""
        return ConvolutionTransposed(
            extents, self.stride, self.padding, self.dilation, self.groups, self.block
        )


@dataclass(frozen=True)
class Convolution(_Form):
    """a[o, j] = sum over k, i of x[o * stride + k * dilation, i] W[k, i, j], channels last.

    As everywhere in networks the kernel is not flipped (a correlation). With `block`, the windows
    that lie in one block (those that one pooling window covers) come as leading axes, and windows
    that fill no whole block are never computed.

    Types   x: T[N, *extents, groups * c], W: T[*size, c, U] -> T[N, *places, U], or
            T[*block, N, *blocks, U]. `padding` has a pair of zeros' widths for each spatial axis.
    VJP     cotangent of x: `convolution_transposed` of the delta; of W: `convolution_kernel`, the
            delta of the output correlated with z of the input.
    Errors  ShapeError where the kernel does not fit the padded image, or channels, groups and
            units do not agree.
    Source  LeCun, Boser, Denker et al., Neural Computation 1 (1989) 541-551.
    """

    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    groups: int = 1
    block: Extents = ()
    name: ClassVar[str] = "convolution"
    operands: ClassVar[tuple[str, ...]] = ("x", "W")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, W = types
        floating(self, x, W)
        size, channels, units = self.kernel(W)
        extents = extents_of(self, x, self.rank)
        if x.shape[-1] != channels * self.groups:
            raise ShapeError(f"convolution: channels do not agree: {listed_types(types)}")
        return x.with_shape(self.result(x, self.places(extents, size), units))

    def evaluate(self, *arrays: Array) -> Array:
        x, W = arrays
        size = W.shape[: self.rank]
        x = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        counts = self.windows(size).counts(x.shape[1:-1])
        out = np.zeros((*self.blocks(), len(x), *counts, W.shape[-1]), np.result_type(x, W))
        for position in np.ndindex(*self.blocks()):
            for k in np.ndindex(*size):
                seen = x[:, *self.pixels(position, k, counts)]
                out[position] += _by_group(seen, W[k], self.groups)
        return out if self.block else out[(0,) * self.rank]

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, W) = only(cotangents), operands
        size, _, _ = self.kernel(W.type)
        extents = extents_of(self, x.type, self.rank)
        into_x = builder(self.spread(extents), g, W)
        into_W = builder(self.of_kernel(size), x, g)  # delta_j z_i, for all places
        return into_x, into_W

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """Patches times the kernel as a matrix."""
        x, W = operands
        size, channels, units = self.kernel(W.type)
        if self.depthwise(x.type.shape[-1], units):
            return depthwise.convolved(builder, self, x, W)
        patches, outer = self.patches(builder, x, size)
        matrix = builder(Reshape((int(np.prod(size)) * channels, units)), W)
        return builder(PatchProduct(self.lead(), self.groups, outer), patches, matrix)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        _, W = types
        places = self.infer(*types).count({"N": 1}) // self.kernel(W)[2]
        return 2 * places * W.count({}), 0


@dataclass(frozen=True)
class ConvolutionKernel(_Form):
    """dW[k, i, j] = sum over o of delta[o, j] x[o * stride + k * dilation, i], over the batch too.

    The edge rule dL/dW_ij = delta_j z_i for an edge whose weights all places share.

    Types   x: T[N, *extents, groups * c], delta as `convolution` gives it -> T[*size, c, U].
    VJP     cotangent of x: `convolution_transposed`; of delta: `convolution`.
    Errors  ShapeError where the delta is not what a convolution of x gives.
    """

    size: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    groups: int = 1
    block: Extents = ()
    name: ClassVar[str] = "convolution_kernel"
    operands: ClassVar[tuple[str, ...]] = ("x", "delta")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, delta = types
        floating(self, x, delta)
        extents = extents_of(self, x, self.rank)
        units, channels = delta.shape[-1], sized_axis(self, x, -1)
        places = self.places(extents, self.size)
        if delta.shape != self.result(x, places, units) or channels % self.groups:
            raise ShapeError(f"convolution_kernel: operands do not fit: {listed_types(types)}")
        return x.with_shape((*self.size, channels // self.groups, units))

    def evaluate(self, *arrays: Array) -> Array:
        x, delta = arrays
        x = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        counts = self.windows(self.size).counts(x.shape[1:-1])
        channels, units = x.shape[-1] // self.groups, delta.shape[-1]
        out = np.zeros((*self.size, channels, units), np.result_type(x, delta))
        for position in np.ndindex(*self.blocks()):
            d = (delta[position] if self.block else delta).reshape(-1, units)
            for k in np.ndindex(*self.size):
                seen = x[:, *self.pixels(position, k, counts)].reshape(-1, x.shape[-1])
                for g in range(self.groups):
                    own = seen[:, g * channels : (g + 1) * channels]
                    into = slice(g * units // self.groups, (g + 1) * units // self.groups)
                    out[k][:, into] += own.T @ d[:, into]
        return out

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, delta) = only(cotangents), operands
        extents = extents_of(self, x.type, self.rank)
        return builder(self.spread(extents), delta, g), builder(self.convolved(), x, g)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The patches of x times the delta, as matrices."""
        x, delta = operands
        if self.depthwise(x.type.shape[-1], delta.type.shape[-1]):
            return depthwise.kernel_gradient(builder, self, x, delta, self.size)
        patches, outer = self.patches(builder, x, self.size)
        shape = (*self.size, sized_axis(self, x.type, -1) // self.groups)
        return builder(PatchGradient(shape, self.lead(), self.groups, outer), patches, delta)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        _, delta = types
        places = delta.with_shape(delta.shape[:-1]).count({"N": 1})
        return 2 * places * self.infer(*types).count({}), 0


@dataclass(frozen=True)
class ConvolutionTransposed(_Form):
    """x[o * stride + k * dilation, i] += y[o, j] W[k, i, j]: each y spread over its window.

    Types   y as `convolution` gives it, W: T[*size, c, U] -> T[N, *extents, groups * c].
    VJP     cotangent of y: `convolution`; of W: `convolution_kernel`.
    Errors  ShapeError where y is not what a convolution of such an image gives.
    Source  Zeiler, Krishnan, Taylor & Fergus, Deconvolutional Networks, CVPR 2010.
    """

    extents: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    groups: int = 1
    block: Extents = ()
    name: ClassVar[str] = "convolution_transposed"
    operands: ClassVar[tuple[str, ...]] = ("y", "W")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        y, W = types
        floating(self, y, W)
        size, channels, units = self.kernel(W)
        places = self.places(self.extents, size)
        at = len(self.block)
        image = y.with_shape((y.shape[at], *self.extents, channels * self.groups))
        if len(y.shape) != self.lead() + 1 or y.shape != self.result(image, places, units):
            raise ShapeError(f"convolution_transposed: operands do not fit: {listed_types(types)}")
        return image

    def evaluate(self, *arrays: Array) -> Array:
        y, W = arrays
        if not self.block:
            y = y[(None,) * self.rank]
        counts, n = y.shape[self.rank + 1 : -1], y.shape[self.rank]
        channels = W.shape[-2] * self.groups
        out = np.zeros((n, *self.total(self.extents), channels), np.result_type(y, W))
        turned = self._turned(W)
        for position in np.ndindex(*self.blocks()):
            for k in np.ndindex(W.shape[: self.rank]):
                where = self.pixels(position, k, counts)
                out[:, *where] += _by_group(y[position], turned[k], self.groups)
        return out[:, *self.inside(self.extents)]

    def _turned(self, W: Array) -> Array:
        """Kernels [*size, c, U] as [*size, U / groups, groups * c]."""
        *size, channels, units = W.shape
        apart = W.reshape(*size, channels, self.groups, units // self.groups)
        at = len(size)
        moved = apart.transpose(*range(at), at + 2, at + 1, at)
        return moved.reshape(*size, units // self.groups, self.groups * channels)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (y, W) = only(cotangents), operands
        size, _, _ = self.kernel(W.type)
        return builder(self.convolved(), g, W), builder(self.of_kernel(size), g, y)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """One product for each offset of the window, folded into the image."""
        y, W = operands
        size, channels, units = self.kernel(W.type)
        if self.pointwise(size):
            matrix = builder(Reshape((channels, units)), W)
            spread = builder(PatchProduct(self.lead()), y, builder(Transpose(), matrix))
            return crop(builder, spread, self.padding)
        if self.depthwise(channels * self.groups, units):
            return depthwise.spread_channels(builder, self, y, W, self.extents)
        y = self._side_by_side(builder, y)
        return self.folded(builder, builder(OffsetProduct(self.groups), y, W), self.extents)

    def _side_by_side(self, builder: Builder, y: Value) -> Value:
        """Blocks of windows put back where their windows lie."""
        if not self.block:
            return y
        rank, shape = self.rank, y.type.shape
        order = [rank]
        for axis in range(rank):
            order += [rank + 1 + axis, axis]
        apart = builder(PermuteAxes((*order, len(shape) - 1)), y)
        merged = tuple(
            sized_axis(self, y.type, rank + 1 + axis) * self.block[axis] for axis in range(rank)
        )
        return builder(Reshape((shape[rank], *merged, shape[-1])), builder(Copy(), apart))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        y, W = types
        places = y.with_shape(y.shape[:-1]).count({"N": 1})
        return 2 * places * W.count({}), 0


def _by_group(x: Array, W: Array, groups: int) -> Array:
    """x[..., i] W[i, j] with channels and units in groups that do not see each other."""
    channels, units = x.shape[-1] // groups, W.shape[-1] // groups
    parts = [
        x[..., g * channels : (g + 1) * channels] @ W[:, g * units : (g + 1) * units]
        for g in range(groups)
    ]
    return np.concatenate(parts, axis=-1)
