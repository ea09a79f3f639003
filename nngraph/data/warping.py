"""Moving pixels: where each pixel of a varied image comes from, and fetching it there.

A motion is an affine map from a pixel of the new image to a place in the old one, both as (row,
column) from the centre: place = A pixel + b. Motions of one sample compose, so that an image is
resampled once, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AnyArray = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Motion:
    """One motion for each sample: linear [n, 2, 2] and offset [n, 2], in pixels.

    `is_exact` where every pixel comes from the middle of another (shift, flip).
    """

    linear: Floats
    offset: Floats
    is_exact: bool = False

    def after(self, first: Motion) -> Motion:
        """The motion that does `first` and then this one.

        place_first(place_self(pixel)): the new pixel is looked up in the result of `first`.
        """
        linear = np.einsum("nij,njk->nik", first.linear, self.linear)
        offset = np.einsum("nij,nj->ni", first.linear, self.offset) + first.offset
        return Motion(linear, offset, self.is_exact and first.is_exact)


def standing(samples: int) -> Floats:
    """The linear part that moves nothing, float64[samples, 2, 2]."""
    return np.broadcast_to(np.eye(2), (samples, 2, 2)).copy()


def move(images: AnyArray, motion: Motion, fill: AnyArray, *, blend: bool) -> AnyArray:
    """Images [n, h, w, c] moved; what comes from outside is `fill` [c].

    Places between pixels are blended bilinearly, or with `blend` false (masks, whose classes must
    stay whole) taken from the nearest pixel. An exact motion only copies.
    """
    samples, height, width, channels = images.shape
    rows, columns = _places(motion, height, width)
    # one ring of fill around each image: whatever lies farther out is brought onto it
    ringed = np.empty((samples, height + 2, width + 2, channels), images.dtype)
    ringed[:] = fill
    ringed[:, 1:-1, 1:-1] = images
    flat = ringed.reshape(-1, channels)
    rows, columns = np.clip(rows, -1.0, height), np.clip(columns, -1.0, width)
    first = np.arange(samples)[:, None, None] * ((height + 2) * (width + 2))
    if motion.is_exact or not blend:
        row, column = _whole(rows + 0.5), _whole(columns + 0.5)
        copied: AnyArray = flat.take(first + (row + 1) * (width + 2) + column + 1, axis=0)
        return copied
    row, column = _whole(rows), _whole(columns)
    below, right = (rows - row)[..., None], (columns - column)[..., None]
    below, right = below.astype(images.dtype), right.astype(images.dtype)
    corner = first + (row + 1) * (width + 2) + column + 1
    down = np.where(row < height, width + 2, 0)  # at the last row of the ring nothing lies below
    over = np.where(column < width, 1, 0)
    upper = flat.take(corner, axis=0) * (1 - right) + flat.take(corner + over, axis=0) * right
    corner += down
    lower = flat.take(corner, axis=0) * (1 - right) + flat.take(corner + over, axis=0) * right
    moved: AnyArray = upper * (1 - below) + lower * below
    return moved


def _places(motion: Motion, height: int, width: int) -> tuple[Floats, Floats]:
    """Row and column in the old image, each float64[n, h, w], of every pixel of the new one."""
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    row = (np.arange(height) - middle_row)[None, :, None]
    column = (np.arange(width) - middle_column)[None, None, :]
    linear, offset = motion.linear[:, :, :, None, None], motion.offset[:, :, None, None]
    return (
        linear[:, 0, 0] * row + linear[:, 0, 1] * column + offset[:, 0] + middle_row,
        linear[:, 1, 0] * row + linear[:, 1, 1] * column + offset[:, 1] + middle_column,
    )


def _whole(values: Floats) -> NDArray[np.int64]:
    return np.floor(values).astype(np.int64)
