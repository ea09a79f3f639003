"""Pools that remember where their maxima lay, in one pass over what they choose from.

All loops run over pieces of some hundred elements that lie in a row: a whole number of pixels,
with the bias repeated beside them, for short rows of channels alone would not fill the registers.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels import choosing as plain
from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.memory import in_a_row, plane

Array = NDArray[Any]

PIECE = 512
"""Elements of a piece, about: what is read, chosen and written of it stays in the first cache."""


def pool_first(
    x: Array, *bias: Array, axes: int, relu: bool, out: tuple[Array, Array]
) -> tuple[Array, Array]:
    """As `plain.pool_first`, to the bit."""
    y, chosen = out
    if not (y.flags.c_contiguous and chosen.flags.c_contiguous):  # a piece of something larger
        own = np.empty(y.shape, y.dtype), np.empty(y.shape, chosen.dtype)
        pool_first(x, *bias, axes=axes, relu=relu, out=own)
        np.copyto(y, own[0])
        np.copyto(chosen, own[1])
        return out
    # -0 changes no number that it is added to
    added = bias[0] if bias else np.full(x.shape[-1], -0.0, x.dtype)
    if (rows := in_a_row(x, axes)) is not None:
        flat, step = rows
        positions = prod(x.shape[:axes])
        _choose_in_rows(flat, step, positions, added, relu, y.reshape(-1), chosen.reshape(-1))
    elif (image := _windows(x, axes)) is not None:
        flat, size, steps = image
        places = y.shape if axes == 2 else (len(y), 1, *y.shape[1:])
        _choose_in_windows(
            flat, size, steps, added, relu, y.reshape(places), chosen.reshape(places)
        )
    else:
        return plain.pool_first(x, *bias, axes=axes, relu=relu, out=out)
    return out


def unpool_first(g: Array, chosen: Array, *, out: Array) -> Array:
    """As `plain.unpool_first`, to the bit."""
    axes = out.ndim - g.ndim
    rows = in_a_row(out, axes)
    if rows is None:
        return plain.unpool_first(g, chosen, out=out)
    flat, step = rows
    _unpool(_flat(g), _flat(chosen), prod(out.shape[:axes]), step, flat)
    return out


def fold_chosen(
    g: Array, chosen: Array, *, size: tuple[int, ...], stride: tuple[int, ...], out: Array
) -> Array:
    """g added to the chosen pixel of each window, and 0 g to the others."""
    into = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _fold_chosen(
        _flat(g),
        _flat(chosen),
        (len(g), *plane(g.shape[1:-1], 1), g.shape[-1]),
        plane(size, 1),
        plane(stride, 1),
        plane(out.shape[1:-1], 1),
        into.reshape(-1),
    )
    if into is not out:
        np.copyto(out, into)
    return out


def sum_chosen(g: Array, chosen: Array, *, count: int, out: Array) -> Array:
    """As `plain.sum_chosen`, in another order."""
    if not out.flags.c_contiguous:
        return plain.sum_chosen(g, chosen, count=count, out=out)
    _sum(_flat(g), _flat(chosen), count, out)
    return out


def _flat(x: Array) -> Array:
    """All elements in a row, copied where they do not lie so."""
    return np.ascontiguousarray(x).reshape(-1)


def _windows(
    x: Array, axes: int
) -> tuple[Array, tuple[int, int], tuple[int, int, int, int, int]] | None:
    """The memory under the windows [*size, N, *places, C] of images as one row.

    Beside it their size, and the steps along two axes of windows, the images, and two axes of
    places. None where x is something else.
    """
    item = x.itemsize
    known = axes in (1, 2) and x.ndim == 2 * axes + 2 and 0 not in x.shape
    if not known or x.strides[-1] != item or any(s < 0 or s % item for s in x.strides):
        return None
    steps = [s // item for s in x.strides[:-1]]
    last = sum((n - 1) * s for n, s in zip(x.shape, (*steps, 1), strict=True))
    flat = np.lib.stride_tricks.as_strided(x, (last + 1,), (item,), writeable=False)
    if axes == 1:
        right, image, beside = steps
        return flat, (1, x.shape[0]), (0, right, image, 0, beside)
    down, right, image, below, beside = steps
    return flat, (x.shape[0], x.shape[1]), (down, right, image, below, beside)


@kernel
def _choose_in_windows(
    x: Array,
    size: tuple[int, int],
    steps: tuple[int, int, int, int, int],
    bias: Array,
    relu: bool,
    y: Array,
    chosen: Array,
) -> None:
    down, right, image, below, beside = steps
    batch, height, width, channels = y.shape
    positions, count = size[0] * size[1], height * width * channels
    added = _repeated(bias)
    seen = np.empty(positions * count, x.dtype)  # position by position, which suits the registers
    for n in range(batch):
        for position in range(positions):
            at = n * image + position // size[1] * down + position % size[1] * right
            for i in range(height):
                to = (position * height + i) * width * channels
                _gather(x, at + i * below, beside, seen[to : to + width * channels], channels)
        into = y[n].reshape(count)
        which = chosen[n].reshape(count)
        if positions == 4:
            _choose_of_four(seen, count, positions, added, relu, into, which)
        else:
            _choose(seen, count, positions, added, relu, into, which)


@kernel
def _gather(x: Array, start: int, beside: int, out: Array, channels: int) -> None:
    """Pixels that lie apart, side by side. Indices without a sign are never taken from the end."""
    if beside == channels:
        for e in range(out.size):
            out[e] = x[np.uint64(start) + np.uint64(e)]
        return
    if channels == 1:
        for j in range(out.size):
            out[j] = x[np.uint64(start) + np.uint64(j) * np.uint64(beside)]
        return
    for j in range(out.size // channels):
        source, to = np.uint64(start + j * beside), np.uint64(j * channels)
        for c in range(channels):
            out[to + np.uint64(c)] = x[source + np.uint64(c)]


@kernel
def _choose_in_rows(
    x: Array, step: int, positions: int, bias: Array, relu: bool, y: Array, chosen: Array
) -> None:
    added = _repeated(bias)
    if positions == 4:
        _choose_of_four(x, step, positions, added, relu, y, chosen)
    else:
        _choose(x, step, positions, added, relu, y, chosen)


@kernel
def _choose(
    x: Array, step: int, positions: int, added: Array, relu: bool, y: Array, chosen: Array
) -> None:
    for start in range(0, y.size, added.size):
        into = y[start : start + added.size]
        which = chosen[start : start + added.size]
        into[:] = x[start : start + into.size]
        which[:] = np.uint8(0)
        for position in range(1, positions):
            at = position * step + start
            _take_greater(x[at : at + into.size], np.uint8(position), into, which)
        _close(into, which, added, relu, np.uint8(positions))


@kernel
def _take_greater(x: Array, position: np.uint8, y: Array, chosen: Array) -> None:
    for i in range(y.size):
        greater = (x[i] > y[i]) | (x[i] != x[i])  # NaN wins, as for np.maximum
        y[i] = x[i] if greater else y[i]
        chosen[i] = position if greater else chosen[i]


@kernel
def _close(y: Array, chosen: Array, bias: Array, relu: bool, none: np.uint8) -> None:
    zero = bias.dtype.type(0)
    if relu:
        for i in range(y.size):
            a = y[i] + bias[i]
            y[i] = zero if a <= zero else a
            chosen[i] = chosen[i] if a > zero else none
    else:
        for i in range(y.size):
            chosen[i] = chosen[i] if y[i] == y[i] else none
            y[i] = y[i] + bias[i]


@kernel
def _choose_of_four(
    x: Array, step: int, positions: int, added: Array, relu: bool, y: Array, chosen: Array
) -> None:
    """As `_choose`, with all in registers: the windows of most networks are 2 by 2."""
    zero = added.dtype.type(0)
    none = np.int32(4)
    for start in range(0, y.size, added.size):
        into = y[start : start + added.size]
        which = chosen[start : start + added.size]
        first = x[start : start + into.size]
        second = x[step + start : step + start + into.size]
        third = x[2 * step + start : 2 * step + start + into.size]
        fourth = x[3 * step + start : 3 * step + start + into.size]
        for i in range(into.size):
            top, at = first[i], np.int32(0)
            greater = (second[i] > top) | (second[i] != second[i])
            top, at = (second[i] if greater else top), (np.int32(1) if greater else at)
            greater = (third[i] > top) | (third[i] != third[i])
            top, at = (third[i] if greater else top), (np.int32(2) if greater else at)
            greater = (fourth[i] > top) | (fourth[i] != fourth[i])
            top, at = (fourth[i] if greater else top), (np.int32(3) if greater else at)
            a = top + added[i]
            alive = a > zero if relu else top == top
            into[i] = zero if relu and a <= zero else a
            which[i] = at if alive else none


@kernel
def _repeated(bias: Array) -> Array:
    """The bias beside as many pixels as make a piece."""
    out = np.empty(max(1, PIECE // bias.size) * bias.size, bias.dtype)
    channel = 0
    for i in range(out.size):
        out[i] = bias[channel]
        channel = channel + 1 if channel + 1 < bias.size else 0
    return out


@kernel
def _unpool(g: Array, chosen: Array, positions: int, step: int, out: Array) -> None:
    one, zero = g.dtype.type(1), g.dtype.type(0)
    for start in range(0, g.size, PIECE):
        given = g[start : start + PIECE]
        which = chosen[start : start + PIECE]
        for position in range(positions):
            here = np.uint8(position)
            at = position * step + start
            into = out[at : at + given.size]
            for i in range(given.size):
                into[i] = given[i] * (one if which[i] == here else zero)


@kernel
def _fold_chosen(
    g: Array,
    chosen: Array,
    shape: tuple[int, int, int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    extents: tuple[int, int],
    out: Array,
) -> None:
    batch, height, width, channels = shape
    one, zero = g.dtype.type(1), g.dtype.type(0)
    out[:] = zero
    for place in range(batch * height * width):
        n, i, j = place // (height * width), place // width % height, place % width
        given = np.uint64(place * channels)
        for position in range(size[0] * size[1]):
            row = i * stride[0] + position // size[1]
            column = j * stride[1] + position % size[1]
            to = np.uint64(((n * extents[0] + row) * extents[1] + column) * channels)
            here = np.uint8(position)
            for channel in range(channels):
                c = np.uint64(channel)
                out[to + c] += g[given + c] * (one if chosen[given + c] == here else zero)


@kernel
def _sum(g: Array, chosen: Array, count: int, out: Array) -> None:
    one, zero = g.dtype.type(1), g.dtype.type(0)
    alive = np.uint8(count)
    width = max(1, PIECE // out.size) * out.size
    out[:] = zero
    part = np.zeros(width, g.dtype)
    for start in range(0, g.size, width):
        given = g[start : start + width]
        which = chosen[start : start + width]
        for i in range(given.size):
            part[i] += given[i] * (one if which[i] < alive else zero)
    for start in range(0, width, out.size):
        for channel in range(out.size):
            out[channel] += part[start + channel]
