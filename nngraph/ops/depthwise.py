"""Convolutions with one kernel for each channel, written out: numbers times windows, no products.

They are those whose groups are single channels with a single unit: the sum of
y[o, c] W[k, 0, c] x[o * stride + k * dilation, c] over all places o, offsets k and channels c. By
groups each channel would be a product with one column; with several units for each it pays.
"""

from __future__ import annotations

from nngraph.ir import Builder, Value
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.axes import padded
from nngraph.ops.convolution_form import ConvolutionForm
from nngraph.ops.pooling import SumFirst
from nngraph.ops.rearrange import Reshape
from nngraph.ops.spread import SumTo
from nngraph.ops.windows import Extents, Windows, ones


def convolved(builder: Builder, form: ConvolutionForm, x: Value, W: Value) -> Value:
    """All windows times their kernels, summed over the offsets."""
    size, _, _ = form.kernel(W.type)
    products = builder(Multiply(), _seen(builder, form, x, size), _kernels(builder, form, W))
    return builder(SumFirst(form.rank), products)


def kernel_gradient(
    builder: Builder, form: ConvolutionForm, x: Value, delta: Value, size: Extents
) -> Value:
    """All windows times what comes back to them, summed over the places."""
    products = builder(Multiply(), _seen(builder, form, x, size), delta)
    total = builder(SumTo((*size, *ones(1 + form.rank), form.groups)), products)
    return builder(Reshape((*size, 1, form.groups)), total)


def spread_channels(
    builder: Builder, form: ConvolutionForm, y: Value, W: Value, extents: Extents
) -> Value:
    """Each output times its kernels, folded into the image."""
    given = builder(Multiply(), y, _kernels(builder, form, W))
    return form.folded(builder, given, extents)


def _seen(builder: Builder, form: ConvolutionForm, x: Value, size: Extents) -> Value:
    """The windows of x as [*size, N, *places, C]."""
    windows = Windows(size, form.stride, form.dilation, ones(form.rank))
    return builder(windows, padded(builder, x, form.padding))


def _kernels(builder: Builder, form: ConvolutionForm, W: Value) -> Value:
    """W as [*size, 1, .., 1, C], the same for each image and place."""
    size, _, _ = form.kernel(W.type)
    return builder(Reshape((*size, *ones(1 + form.rank), form.groups)), W)
