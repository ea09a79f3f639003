"""Convolution of each channel by one kernel of its own, and its two derivatives.

The windows are never in memory. The three kernels walk over the same places, offsets and channels;
each writes its loops out, for a call would cost as much as the channels of one pixel. Indices
without a sign are never taken from the end of an array, so that the loops over channels run in
whole registers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.memory import plane

Array = NDArray[Any]
Extents = tuple[int, ...]


def depthwise(
    x: Array, W: Array, *, stride: Extents, dilation: Extents, before: Extents, out: Array
) -> Array:
    """out[n, o, c] = sum over k of x[n, where k of o sees it, c] W[k, 0, c]."""
    into = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _forward(*_flat(x, W, into), *_sizes(x, out, W), *_windows(stride, dilation, before))
    return _written(into, out)


def depthwise_kernel(
    x: Array, delta: Array, *, stride: Extents, dilation: Extents, before: Extents, out: Array
) -> Array:
    """out[k, 0, c] = sum over n and o of delta[n, o, c] x[n, where k sees it, c]."""
    into = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _weights(*_flat(x, into, delta), *_sizes(x, delta, out), *_windows(stride, dilation, before))
    return _written(into, out)


def depthwise_transposed(
    y: Array, W: Array, *, stride: Extents, dilation: Extents, before: Extents, out: Array
) -> Array:
    """out[n, where k of o sees it, c] += y[n, o, c] W[k, 0, c], from zeros."""
    into = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _back(*_flat(into, W, y), *_sizes(out, y, W), *_windows(stride, dilation, before))
    return _written(into, out)


def _flat(x: Array, W: Array, y: Array) -> tuple[Array, Array, Array]:
    x, W, y = (np.ascontiguousarray(a).reshape(-1) for a in (x, W, y))
    return x, W, y


def _sizes(x: Array, y: Array, W: Array) -> tuple[Any, ...]:
    """Images and channels; extents, places and the size of windows."""
    *size, _, channels = W.shape
    extents, places = plane(x.shape[1:-1], 1), plane(y.shape[1:-1], 1)
    return len(x), channels, extents, places, plane(tuple(size), 1)


def _windows(stride: Extents, dilation: Extents, before: Extents) -> tuple[Any, ...]:
    return plane(stride, 1), plane(dilation, 1), plane(before, 0)


def _written(own: Array, out: Array) -> Array:
    """The result where it belongs."""
    if own is not out:
        np.copyto(out, own)
    return out


@kernel
def _forward(
    x: Array,
    W: Array,
    y: Array,
    batch: int,
    channels: int,
    extents: tuple[int, int],
    places: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    before: tuple[int, int],
) -> None:
    y[:] = y.dtype.type(0)
    for place in range(batch * places[0] * places[1]):
        n, i, j = (
            place // (places[0] * places[1]),
            place // places[1] % places[0],
            place % places[1],
        )
        to = np.uint64(place * channels)
        for k in range(size[0]):
            row = i * stride[0] + k * dilation[0] - before[0]
            if row < 0 or row >= extents[0]:
                continue
            for q in range(size[1]):
                column = j * stride[1] + q * dilation[1] - before[1]
                if column < 0 or column >= extents[1]:
                    continue
                seen = np.uint64(((n * extents[0] + row) * extents[1] + column) * channels)
                weight = np.uint64((k * size[1] + q) * channels)
                for channel in range(channels):
                    c = np.uint64(channel)
                    y[to + c] += x[seen + c] * W[weight + c]


@kernel
def _weights(
    x: Array,
    W: Array,
    y: Array,
    batch: int,
    channels: int,
    extents: tuple[int, int],
    places: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    before: tuple[int, int],
) -> None:
    W[:] = W.dtype.type(0)
    part = np.empty(W.size, W.dtype)  # of one image: sums of sums round less
    for n in range(batch):
        part[:] = W.dtype.type(0)
        for place in range(places[0] * places[1]):
            i, j = place // places[1], place % places[1]
            given = np.uint64((n * places[0] * places[1] + place) * channels)
            for k in range(size[0]):
                row = i * stride[0] + k * dilation[0] - before[0]
                if row < 0 or row >= extents[0]:
                    continue
                for q in range(size[1]):
                    column = j * stride[1] + q * dilation[1] - before[1]
                    if column < 0 or column >= extents[1]:
                        continue
                    seen = np.uint64(((n * extents[0] + row) * extents[1] + column) * channels)
                    weight = np.uint64((k * size[1] + q) * channels)
                    for channel in range(channels):
                        c = np.uint64(channel)
                        part[weight + c] += x[seen + c] * y[given + c]
        for weight_number in range(W.size):
            W[weight_number] += part[weight_number]


@kernel
def _back(
    x: Array,
    W: Array,
    y: Array,
    batch: int,
    channels: int,
    extents: tuple[int, int],
    places: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    before: tuple[int, int],
) -> None:
    x[:] = x.dtype.type(0)
    for place in range(batch * places[0] * places[1]):
        n, i, j = (
            place // (places[0] * places[1]),
            place // places[1] % places[0],
            place % places[1],
        )
        given = np.uint64(place * channels)
        for k in range(size[0]):
            row = i * stride[0] + k * dilation[0] - before[0]
            if row < 0 or row >= extents[0]:
                continue
            for q in range(size[1]):
                column = j * stride[1] + q * dilation[1] - before[1]
                if column < 0 or column >= extents[1]:
                    continue
                to = np.uint64(((n * extents[0] + row) * extents[1] + column) * channels)
                weight = np.uint64((k * size[1] + q) * channels)
                for channel in range(channels):
                    c = np.uint64(channel)
                    x[to + c] += y[given + c] * W[weight + c]
