"""Keeps the optimiser's state out of denormal numbers, with which processors compute slowly.

A moment m <- 0.9 m of a weight without gradient never reaches 0: rounding holds it at the smallest
denormal numbers for ever, and each step of the optimiser then pays for them, on some processors
with a hundred times the time of a normal number.

When they are flushed is a function of the step's number alone, so that bits do not depend on where
a run was stopped and resumed.
"""

from __future__ import annotations

import numpy as np

from nngraph.ir import Array

FLUSH_EVERY = 128
"""Steps between two flushes: three passes over a state are nothing beside 128 steps."""

USUAL_DECAY = 0.9  # of velocities and first moments, which shrink fastest


BLOCK = 1 << 16  # elements; what is compared lies in cache, and large states need no second array


def flush_denormals(array: Array) -> None:
    """Set to 0, in a flat array, what would become denormal by decay alone before the next flush.

    The bound is tiny / 0.9^128, 8.4e-33 in float32 and 1.6e-302 in float64. The root of it is 9e-17
    in float32, below any epsilon that is added to the root of a second moment with effect.
    """
    bound = np.finfo(array.dtype).tiny / USUAL_DECAY**FLUSH_EVERY
    for start in range(0, array.size, BLOCK):
        block = array[start : start + BLOCK]
        np.multiply(block, np.abs(block) >= bound, out=block)
