"""Sums along the axes of arrays as products with ones: several times as fast as a reduction.

A reduction handles short axes one element at a time; the matrix product does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sum_leading(x: Array, *, out: Array) -> Array:
    """The sum over all axes but the last: [*d, C] -> [C]."""
    if not x.flags.c_contiguous:
        np.add.reduce(x, axis=tuple(range(x.ndim - 1)), out=out)
        return out
    rows = x.reshape(-1, x.shape[-1])
    np.matmul(np.ones(len(rows), x.dtype), rows, out=out)
    return out


def sum_last(x: Array, *, out: Array) -> Array:
    """The sum over the last axis, which stays: [*d, K] -> [*d, 1]."""
    if not (x.flags.c_contiguous and out.flags.c_contiguous):
        np.add.reduce(x, axis=-1, keepdims=True, out=out)
        return out
    ones = _column_of_ones(x.shape[-1], x.dtype)
    if x.ndim == 2:
        np.matmul(x, ones, out=out)
    else:
        np.matmul(x.reshape(-1, len(ones)), ones, out=out.reshape(-1, 1))
    return out


@lru_cache(maxsize=8)
def _column_of_ones(count: int, dtype: np.dtype[Any]) -> Array:
    """1 in each of `count` rows, to be read only; to make it takes as long as a small sum."""
    ones = np.ones((count, 1), dtype)
    ones.setflags(write=False)
    return ones
