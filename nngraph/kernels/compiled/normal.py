"""Normalising row by row: a row is read from memory once, and from cache after that."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel_summing_in_any_order
from nngraph.kernels.compiled.memory import put_back, rows_of

Array = NDArray[Any]

PIECE = 64
"""Rows whose sums are added up by themselves first: thousands of numbers in single precision."""


def layer_norm(x: Array, scale: Array, shift: Array, *, epsilon: float, out: Array) -> Array:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, moments over the last axis."""
    if not x.size:
        return out
    (a, step), (c, own) = rows_of(x), rows_of(out)
    _forward(a, step, x.size // scale.size, scale, shift, epsilon, c, own)
    put_back(c, out)
    return out


def layer_norm_back(
    g: Array, x: Array, scale: Array, *, epsilon: float, out: tuple[Array, Array, Array]
) -> None:
    """dx = r (h - mean(h) - n mean(h n)) with h = g scale; sums of g n and of g over all rows."""
    dx, dscale, dshift = out
    dscale[...] = 0
    dshift[...] = 0
    if not x.size:
        return
    (b, back), (a, step), (c, own) = rows_of(g), rows_of(x), rows_of(dx)
    _backward(b, back, a, step, x.size // scale.size, scale, epsilon, c, own, dscale, dshift)
    put_back(c, dx)


@kernel_summing_in_any_order
def _moments(row: Array, epsilon: float) -> tuple[float, float]:
    """The mean, and 1 / sqrt(variance + epsilon)."""
    T = row.dtype.type
    share, total, squares = T(1.0 / row.size), T(0), T(0)
    for j in range(row.size):
        total += row[j]
    mean = total * share
    for j in range(row.size):
        squares += (row[j] - mean) * (row[j] - mean)
    return mean, T(1) / np.sqrt(squares * share + T(epsilon))


@kernel_summing_in_any_order
def _forward(
    x: Array,
    step: int,
    count: int,
    scale: Array,
    shift: Array,
    epsilon: float,
    out: Array,
    own: int,
) -> None:
    width = scale.size
    for n in range(count):
        row, y = x[n * step : n * step + width], out[n * own : n * own + width]
        mean, r = _moments(row, epsilon)
        for j in range(width):
            y[j] = (row[j] - mean) * r * scale[j] + shift[j]


@kernel_summing_in_any_order
def _backward(
    g: Array,
    back: int,
    x: Array,
    step: int,
    count: int,
    scale: Array,
    epsilon: float,
    dx: Array,
    own: int,
    dscale: Array,
    dshift: Array,
) -> None:
    T = x.dtype.type
    width = scale.size
    share = T(1.0 / width)
    scales, shifts = np.zeros(width, x.dtype), np.zeros(width, x.dtype)
    for n in range(count):
        row, d = x[n * step : n * step + width], g[n * back : n * back + width]
        z = dx[n * own : n * own + width]
        mean, r = _moments(row, epsilon)
        level, tilt = T(0), T(0)
        for j in range(width):
            h = d[j] * scale[j]
            level += h
            tilt += h * (row[j] - mean)
        level *= share
        tilt *= share * r * r
        for j in range(width):  # before dx, which may lie where g does
            scales[j] += d[j] * ((row[j] - mean) * r)
            shifts[j] += d[j]
        for j in range(width):
            z[j] = r * (d[j] * scale[j] - level - (row[j] - mean) * tilt)
        if n % PIECE == PIECE - 1 or n == count - 1:
            for j in range(width):
                dscale[j] += scales[j]
                dshift[j] += shifts[j]
                scales[j] = shifts[j] = T(0)
