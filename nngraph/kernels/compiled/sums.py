"""Sums over images, channel by channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel

Array = NDArray[Any]

PIECE = 512
"""Elements that are summed side by side, about: their sums stay in the first cache."""


def sum_leading(x: Array, *, out: Array) -> Array:
    """The sum over all axes but the last."""
    if not (x.flags.c_contiguous and out.flags.c_contiguous):
        np.add.reduce(x, axis=tuple(range(x.ndim - 1)), out=out)
        return out
    _sum(x.reshape(-1), out)
    return out


@kernel
def _sum(x: Array, out: Array) -> None:
    width = max(1, PIECE // out.size) * out.size
    part = np.zeros(width, x.dtype)
    for start in range(0, x.size, width):
        piece = x[start : start + width]
        for i in range(piece.size):
            part[i] += piece[i]
    out[:] = x.dtype.type(0)
    for start in range(0, width, out.size):
        for channel in range(out.size):
            out[channel] += part[start + channel]
