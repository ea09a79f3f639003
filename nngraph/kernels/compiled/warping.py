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
    one, row_on = np.uint32(1), np.uint32(wide)  # no sign, so no index counts from the end
    for n in range(samples):
        image, to_row, to_column = pixels[n], linear[n, 0, 1], linear[n, 1, 1]
        for i in range(height):
            first_row = linear[n, 0, 0] * down[i] + offset[n, 0]
            first_column = linear[n, 1, 0] * down[i] + offset[n, 1]
            new = out[n, i]
            for j in range(width):
                row = min(max(first_row + to_row * right[j], zero), last_row)
                column = min(max(first_column + to_column * right[j], zero), last_column)
                corner = np.uint32(np.int32(row) * np.int32(wide) + np.int32(column))
                below, beside = row - np.floor(row), column - np.floor(column)
                for c in range(channels):
                    upper, lower = image[corner, c], image[corner + row_on, c]
                    upper += (image[corner + one, c] - upper) * beside
                    lower += (image[corner + row_on + one, c] - lower) * beside
                    new[j, c] = upper + (lower - upper) * below
