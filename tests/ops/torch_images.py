"""PyTorch's functions on images, channels first, written in our ops, channels last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from torch_samples import Array, Bench, Unsupported

from nngraph import ops
from nngraph.ir import Value

Write = Callable[[Bench], Value]


def channels_last(bench: Bench, index: int, rank: int) -> Value:
    """A tensor of images with its channels moved to the end, one image as a batch of one."""
    single = bench.floats()[index].ndim == rank + 1

    def to(a: Array) -> Array:
        return np.moveaxis(a[None] if single else a, 1, -1)

    def back(g: Array) -> Array:
        moved = np.moveaxis(g, -1, 1)
        return moved[0] if single else moved

    if index == 0:
        bench.result_back, bench.result_to = back, to
    return bench.tensor(index, to, back)


def per_axis(value: Any, rank: int, default: int) -> tuple[int, ...]:
    if value is None or value == []:
        return (default,) * rank
    if isinstance(value, int):
        return (value,) * rank
    return tuple(value) * (rank if len(value) == 1 else 1)


def with_bias(bench: Bench, a: Value) -> Value:
    return bench(ops.Add(), a, bench.tensor(2)) if len(bench.floats()) > 2 else a


def conv(rank: int) -> Write:
    def write(bench: Bench) -> Value:
        options = bench.sample.kwargs
        x = channels_last(bench, 0, rank)
        W = bench.tensor(
            1,
            lambda a: np.moveaxis(a, (0, 1), (-1, -2)),
            lambda g: np.moveaxis(g, (-1, -2), (0, 1)),
        )
        size = W.type.sample_shape[:rank]
        stride = per_axis(options.get("stride"), rank, 1)
        dilation = per_axis(options.get("dilation"), rank, 1)
        padding = options.get("padding", 0)
        if padding == "same":
            odd = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
            border = tuple((n // 2, n - n // 2) for n in odd)
        else:
            sides = per_axis(0 if padding == "valid" else padding, rank, 0)
            border = tuple((n, n) for n in sides)
        op = ops.Convolution(stride, border, dilation, options.get("groups", 1))
        return with_bias(bench, bench(op, x, W))

    return write


def conv_transpose(bench: Bench) -> Value:
    options, rank = bench.sample.kwargs, 2
    x = channels_last(bench, 0, rank)
    order, back = (2, 3, 1, 0), (3, 2, 0, 1)
    W = bench.tensor(1, lambda a: a.transpose(order), lambda g: g.transpose(back))
    size, extents = W.type.sample_shape[:rank], x.type.sample_shape[1:-1]
    words = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
    stride, padding, more, dilation = (
        per_axis(options.get(word), rank, default) for word, default in words.items()
    )
    full = tuple(
        (n - 1) * s + d * (k - 1) + 1
        for n, s, d, k in zip(extents, stride, dilation, size, strict=True)
    )
    op = ops.ConvolutionTransposed(
        full, stride, ((0, 0),) * rank, dilation, options.get("groups", 1)
    )
    spread = bench(op, x, W)
    for axis, (f, p, m) in enumerate(zip(full, padding, more, strict=True), 1):
        end = f - p + m  # beyond the full result there are zeros
        spread = bench(ops.PlaceUnits(axis, 0, max(f, end)), spread)
        spread = bench(ops.SliceAxis(axis, p, end), spread)
    return with_bias(bench, spread)


def windows(bench: Bench, rank: int, words: Mapping[str, Any], ceil: bool) -> tuple[Any, ...]:
    """Size, stride and border; windows that hang over the end see a wider border."""
    extents = bench.floats()[0].shape[-rank:]
    size = per_axis(words["kernel_size"], rank, 1)
    stride = per_axis(words.get("stride") or list(size), rank, 1)
    if set(per_axis(words.get("dilation"), rank, 1)) != {1}:
        raise Unsupported("pools with gaps")
    border = []
    for n, k, s, p, out in zip(
        extents, size, stride, per_axis(words.get("padding"), rank, 0),
        bench.sample.outputs[0].shape[-rank:], strict=True,
    ):  # fmt: skip
        hangs = max(0, (out - 1) * s + k - (n + 2 * p))
        if hangs and not ceil:
            raise Unsupported("means of windows that hang over the end")
        border.append((p, p + hangs))
    return size, stride, tuple(border)


def max_pool(rank: int) -> Write:
    def write(bench: Bench) -> Value:
        x = channels_last(bench, 0, rank)
        return bench(ops.MaxPool(*windows(bench, rank, bench.sample.kwargs, True)), x)

    return write


ARGUMENTS = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor")


def avg_pool(rank: int) -> Write:
    def write(bench: Bench) -> Value:
        given = dict(zip(ARGUMENTS, bench.sample.args, strict=False)) | bench.sample.kwargs
        x = channels_last(bench, 0, rank)
        size, stride, border = windows(bench, rank, given, False)
        mean = bench(ops.AveragePool(size, stride, border), x)
        if given.get("divisor") is not None:
            return bench(ops.ScaleBy(prod(size) / given["divisor"]), mean)
        return mean

    return write


def adaptive(bench: Bench) -> Value:
    x = channels_last(bench, 0, 2)
    extents, wanted = x.type.sample_shape[1:-1], bench.sample.outputs[0].shape[-2:]
    if any(n % w for n, w in zip(extents, wanted, strict=True)):
        raise Unsupported("windows of unequal sizes")
    size = tuple(n // w for n, w in zip(extents, wanted, strict=True))
    return bench(ops.AveragePool(size, size, ((0, 0), (0, 0))), x)


IMAGE_FUNCTIONS: Mapping[str, Write] = {
    "nn.functional.conv1d": conv(1),
    "nn.functional.conv2d": conv(2),
    "nn.functional.conv_transpose2d": conv_transpose,
    "nn.functional.max_pool1d": max_pool(1),
    "nn.functional.max_pool2d": max_pool(2),
    "nn.functional.avg_pool1d": avg_pool(1),
    "nn.functional.avg_pool2d": avg_pool(2),
    "nn.functional.adaptive_avg_pool2d": adaptive,
}
