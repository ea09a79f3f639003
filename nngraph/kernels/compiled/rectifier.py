"""The rectifier on matrices of any layout, and what passes back through it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.rows import has_dense_rows, row

Matrix = NDArray[Any]
Array = NDArray[Any]


@kernel
def relu_rows(x: Matrix, out: Matrix) -> None:
    """max(x, 0), and x where it is no number; out may be x."""
    zero = x.dtype.type(0)
    if not (has_dense_rows(x) and has_dense_rows(out)):
        for n in range(x.shape[0]):
            for j in range(x.shape[1]):
                out[n, j] = zero if x[n, j] <= zero else x[n, j]
    elif x.ctypes.data == out.ctypes.data:  # two loops: each vectorises
        for n in range(x.shape[0]):
            c = row(out, n)
            for j in range(x.shape[1]):
                c[j] = zero if c[j] <= zero else c[j]
    else:
        for n in range(x.shape[0]):
            a, c = row(x, n), row(out, n)
            for j in range(x.shape[1]):
                c[j] = zero if a[j] <= zero else a[j]


def relu(x: Array, *, out: Array) -> Array:
    """The same for arrays with more axes than two."""
    try:
        rows = [a.reshape(len(a), -1, copy=False) for a in (x, out)]
    except ValueError:  # samples with gaps inside
        return np.maximum(x, 0.0, out=out)
    relu_rows(*rows)
    return out


@kernel
def gate_rows(g: Matrix, x: Matrix, threshold: float, out: Matrix) -> None:
    """g where x > threshold, 0 g elsewhere; out may be g."""
    T = x.dtype.type
    bound, one, zero = T(threshold), T(1), T(0)
    if not (has_dense_rows(g) and has_dense_rows(x) and has_dense_rows(out)):
        for n in range(g.shape[0]):
            for j in range(g.shape[1]):
                out[n, j] = g[n, j] * (one if x[n, j] > bound else zero)
    elif g.ctypes.data == out.ctypes.data:  # two loops: each vectorises
        for n in range(g.shape[0]):
            a, c = row(x, n), row(out, n)
            for j in range(g.shape[1]):
                c[j] *= one if a[j] > bound else zero
    else:
        for n in range(g.shape[0]):
            d, a, c = row(g, n), row(x, n), row(out, n)
            for j in range(g.shape[1]):
                c[j] = d[j] * (one if a[j] > bound else zero)


def gate(g: Array, x: Array, *, threshold: float, out: Array) -> Array:
    """The same for arrays with more axes than two."""
    try:
        rows = [a.reshape(len(a), -1, copy=False) for a in (g, x, out)]
    except ValueError:  # samples with gaps inside
        return np.multiply(g, np.greater(x, threshold), out=out)
    gate_rows(rows[0], rows[1], threshold, rows[2])
    return out
