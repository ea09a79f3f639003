"""Random masks as a pure function of key, step and row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.streams import raw

WORDS_PER_BLOCK = 4
DRAWS_PER_BLOCK = 16  # each 64-bit word gives four draws of 16 bits, the lowest first


def dropout_mask(
    key: NDArray[np.uint64],
    x: NDArray[Any],
    step: NDArray[np.int64],
    first_row: NDArray[np.int64],
    *,
    rate: float,
    out: NDArray[Any],
) -> NDArray[Any]:
    """0 with probability `rate`, rounded to 1 / 65536, else 1 / (1 - rate), for each element.

    Row r of the whole data pass, `first_row` being that of row 0 here, reads the blocks r b to
    (r + 1) b of the step's stream, b the blocks that one row needs: no row's bits depend on how
    rows are put together. Of x nothing is read.
    """
    rows = len(out)
    size = out.size // rows if rows else 0
    if size == 0:
        return out
    blocks = -(-size // DRAWS_PER_BLOCK)
    words = raw(key, rows * blocks * WORDS_PER_BLOCK, int(first_row) * blocks, int(step))
    draws = words.astype("<u8", copy=False).view("<u2").reshape(rows, blocks * DRAWS_PER_BLOCK)
    threshold = np.uint16(min(round(rate * 2**16), 2**16 - 1))
    np.greater_equal(draws[:, :size].reshape(out.shape), threshold, out=out)
    np.multiply(out, out.dtype.type(1.0 / (1.0 - rate)), out=out)
    return out
