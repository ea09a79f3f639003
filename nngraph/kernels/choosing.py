"""Kernels of pools that remember where their maxima lay, for the way back."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def pool_first(
    x: Array, *bias: Array, axes: int, relu: bool, out: tuple[Array, Array]
) -> tuple[Array, Array]:
    """The maximum over the first axes, plus a bias, above 0; and the position that it came from.

    A position counts the first axes in C order; it is their number where the relu is closed or
    no element equals the maximum (NaN).
    """
    y, chosen = out
    pieces = [x[place] for place in product(*map(range, x.shape[:axes]))]
    none = np.uint8(len(pieces))
    np.copyto(y, pieces[0])
    chosen.fill(0)
    for position, piece in enumerate(pieces[1:], 1):
        # positions rise, so the last one that was greater than all before it is the greatest
        np.maximum(chosen, np.greater(piece, y) * np.uint8(position), out=chosen)
        np.maximum(y, piece, out=y)
    np.copyto(chosen, none, where=np.not_equal(y, y))
    for b in bias:
        np.add(y, b, out=y)
    if relu:
        np.maximum(y, 0, out=y)
        np.copyto(chosen, none, where=~(y > 0))
    return out


def unpool_first(g: Array, chosen: Array, *, out: Array) -> Array:
    """g at the positions along the first axes that were chosen, 0 g elsewhere."""
    first = out.shape[: out.ndim - g.ndim]
    for position, place in enumerate(product(*map(range, first))):
        np.multiply(g, chosen == position, out=out[place])
    return out


def sum_chosen(g: Array, chosen: Array, *, count: int, out: Array) -> Array:
    """The sum over all axes but the last of g where one of `count` positions was chosen."""
    gated = np.multiply(g, chosen < count)
    np.add.reduce(gated, axis=tuple(range(g.ndim - 1)), out=out)
    return out
