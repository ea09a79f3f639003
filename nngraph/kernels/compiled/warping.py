"""Moving the pixels of images: each new one is fetched and blended in one pass over memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel_rounding_each

Array = NDArray[Any]


@kernel_rounding_each
def warp_pixels(
    pixels: Array,
    wide: int,
    linear: Array,
    offset: Array,
    down: Array,
    right: Array,
    ends: Array,
    out: Array,
) -> None:
    """Images moved and blended bilinearly into `out` [n, h, w, c], with the bits of NumPy's way.

    `pixels` [n, (h + 3) wide, c] are the images within a ring, which is double below and right; new
    pixel (i, j) comes from the place linear[n] (down[i], right[j]) + offset[n] in it. What lies
    farther out is brought onto the ring, whose first and last row and column are `ends`.
    """
    samples, height, width, channels = out.shape
    zero, last_row, last_column = ends[0], ends[1], ends[2]
    # of a row of new pixels: where they lie, and how far the place is from there
    corner = np.empty(width, np.int64)
    below, beside = np.empty(width, out.dtype), np.empty(width, out.dtype)
    values, new = pixels.reshape(-1), out.reshape(-1)
    # no sign, so no index counts from the end
    one, row_on = np.uint64(channels), np.uint64(wide * channels)
    for n in range(samples):
        to_row, to_column = linear[n, 0, 1], linear[n, 1, 1]
        for i in range(height):
            first_row = linear[n, 0, 0] * down[i] + offset[n, 0]
            first_column = linear[n, 1, 0] * down[i] + offset[n, 1]
            for j in range(width):  # two loops, for each is then done for several pixels at once
                row = min(max(first_row + to_row * right[j], zero), last_row)
                column = min(max(first_column + to_column * right[j], zero), last_column)
                whole_row, whole_column = np.int32(row), np.int32(column)  # they are not negative
                corner[j] = (whole_row * np.int32(wide) + whole_column) * channels
                below[j], beside[j] = whole_row, whole_column
                below[j], beside[j] = row - below[j], column - beside[j]
            for c in range(channels):
                start = n * pixels.shape[1] * channels + c
                first = (n * height + i) * width * channels + c
                for j in range(width):
                    at = np.uint64(start + corner[j])
                    upper, lower = values[at], values[at + row_on]
                    upper += (values[at + one] - upper) * beside[j]
                    lower += (values[at + row_on + one] - lower) * beside[j]
                    new[np.uint64(first + j * channels)] = upper + (lower - upper) * below[j]
