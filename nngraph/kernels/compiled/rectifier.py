"""The rectifier on matrices of any layout, and what passes back through it.

A matrix whose rows are parts of wider ones has no type that says that each row is dense, so its
loops would not vectorise; `_row` gives rows that are known to be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel

Matrix = NDArray[Any]
Array = NDArray[Any]


def _typed(context: Any, address: Any) -> Any:
    """An address as a pointer: its type, and the instruction for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


_pointer: Any = intrinsic(_typed)


@kernel
def _row(x: Matrix, n: int) -> Array:
    """x[n], of which the caller knows that it is dense."""
    return carray(_pointer(x.ctypes.data + n * x.strides[0]), x.shape[1], x.dtype)


@kernel
def _has_dense_rows(x: Matrix) -> bool:
    """Whether the elements of each row lie side by side."""
    return x.strides[1] == x.itemsize


@kernel
def relu_rows(x: Matrix, out: Matrix) -> None:
    """max(x, 0), and x where it is no number; out may be x."""
    zero = x.dtype.type(0)
    if not (_has_dense_rows(x) and _has_dense_rows(out)):
        for n in range(x.shape[0]):
            for j in range(x.shape[1]):
                out[n, j] = zero if x[n, j] <= zero else x[n, j]
    elif x.ctypes.data == out.ctypes.data:  # two loops: each vectorises
        for n in range(x.shape[0]):
            c = _row(out, n)
            for j in range(x.shape[1]):
                c[j] = zero if c[j] <= zero else c[j]
    else:
        for n in range(x.shape[0]):
            a, c = _row(x, n), _row(out, n)
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
    if not (_has_dense_rows(g) and _has_dense_rows(x) and _has_dense_rows(out)):
        for n in range(g.shape[0]):
            for j in range(g.shape[1]):
                out[n, j] = g[n, j] * (one if x[n, j] > bound else zero)
    elif g.ctypes.data == out.ctypes.data:  # two loops: each vectorises
        for n in range(g.shape[0]):
            a, c = _row(x, n), _row(out, n)
            for j in range(g.shape[1]):
                c[j] *= one if a[j] > bound else zero
    else:
        for n in range(g.shape[0]):
            d, a, c = _row(g, n), _row(x, n), _row(out, n)
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
