"""Rows around a middle, one number for each column: each number is read from memory once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.memory import put_back, rows_of

Array = NDArray[Any]
Rows = tuple[Array, int]
"""A run of memory, and the step from row to row."""


def squares_around(x: Array, m: Array, *, out: Array) -> Array:
    """The sum over the rows of (x - m)^2."""
    _squares(rows_of(x), len(x), np.ascontiguousarray(m), out)
    return out


def sums_around(g: Array, x: Array, m: Array, *, out: tuple[Array, Array]) -> None:
    """The sums over the rows of g, and of g (x - m)."""
    _sums(rows_of(g), rows_of(x), len(x), np.ascontiguousarray(m), out)


def scaled_around(x: Array, m: Array, factor: Array, term: Array, *, out: Array) -> Array:
    """(x - m) factor + term."""
    rows = rows_of(out)
    _scaled(rows_of(x), len(x), _dense(m, factor, term), rows)
    put_back(rows[0], out)
    return out


def scaled_around_back(
    g: Array, x: Array, m: Array, level: Array, factor: Array, tilt: Array, *, out: Array
) -> Array:
    """(g - level) factor - (x - m) tilt."""
    rows = rows_of(out)
    _scaled_back(rows_of(g), rows_of(x), len(x), _dense(m, level, factor, tilt), rows)
    put_back(rows[0], out)
    return out


def _dense(*vectors: Array) -> tuple[Array, ...]:
    return tuple(map(np.ascontiguousarray, vectors))


@kernel
def _squares(x: Rows, count: int, m: Array, out: Array) -> None:
    a, step = x
    out[:] = m.dtype.type(0)
    for n in range(count):
        row = a[n * step : n * step + m.size]
        for j in range(m.size):
            out[j] += (row[j] - m[j]) * (row[j] - m[j])


@kernel
def _sums(g: Rows, x: Rows, count: int, m: Array, out: tuple[Array, Array]) -> None:
    (b, back), (a, step), (total, along) = g, x, out
    total[:] = m.dtype.type(0)
    along[:] = m.dtype.type(0)
    for n in range(count):
        d, row = b[n * back : n * back + m.size], a[n * step : n * step + m.size]
        for j in range(m.size):
            total[j] += d[j]
            along[j] += d[j] * (row[j] - m[j])


@kernel
def _scaled(x: Rows, count: int, vectors: tuple[Array, ...], out: Rows) -> None:
    (a, step), (c, own) = x, out
    m, factor, term = vectors
    for n in range(count):
        row, y = a[n * step : n * step + m.size], c[n * own : n * own + m.size]
        for j in range(m.size):
            y[j] = (row[j] - m[j]) * factor[j] + term[j]


@kernel
def _scaled_back(g: Rows, x: Rows, count: int, vectors: tuple[Array, ...], out: Rows) -> None:
    (b, back), (a, step), (c, own) = g, x, out
    m, level, factor, tilt = vectors
    for n in range(count):
        d, row = b[n * back : n * back + m.size], a[n * step : n * step + m.size]
        z = c[n * own : n * own + m.size]
        for j in range(m.size):
            z[j] = (d[j] - level[j]) * factor[j] - (row[j] - m[j]) * tilt[j]
