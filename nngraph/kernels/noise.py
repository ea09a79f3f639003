"""Normally distributed noise as a pure function of key, step and row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.streams import normal_quantile, raw

WORDS_PER_BLOCK = 4


def gaussian_noise(
    key: NDArray[np.uint64],
    x: NDArray[Any],
    step: NDArray[np.int64],
    first_row: NDArray[np.int64],
    *,
    stddev: float,
    out: NDArray[Any],
) -> NDArray[Any]:
    """Draws around 0 with the given spread, one for each element of x.

    Row r of the whole data pass, `first_row` being that of row 0 here, reads the blocks r b to
    (r + 1) b of the step's stream, b the blocks that one row needs, one word for each draw: no
    row's draws depend on how rows are put together. Of x nothing is read.
    """
    rows = len(out)
    size = out.size // rows if rows else 0
    if size == 0:
        return out
    blocks = -(-size // WORDS_PER_BLOCK)
    words = raw(key, rows * blocks * WORDS_PER_BLOCK, int(first_row) * blocks, int(step))
    wanted = words.reshape(rows, blocks * WORDS_PER_BLOCK)[:, :size] >> np.uint64(12)
    draws = normal_quantile((wanted.astype(np.float64) + 0.5) * 2.0**-52)
    np.multiply(draws.reshape(out.shape), stddev, out=out, casting="same_kind")
    return out
