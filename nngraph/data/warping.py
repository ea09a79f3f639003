"""Moving pixels: where each pixel of a varied image comes from, and fetching it there.

A motion is an affine map from a pixel of the new image to a place in the old one, both as (row,
column) from the centre: place = A pixel + b. Motions of one sample compose, so that an image is
resampled once, however many there are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass

Floats = NDArray[np.float64]
AnyArray = NDArray[Any]

PIXELS_AT_ONCE = 16384  # so many stay in the cache, and their arrays below what malloc maps anew


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
    moved = np.empty_like(images)
    # one ring of fill around each image: whatever lies farther out is brought onto it
    at_once = max(1, PIXELS_AT_ONCE // (height * width))
    ringed = np.empty((at_once, height + 2, width + 2, channels), images.dtype)
    ringed[:] = fill
    for start in range(0, samples, at_once):
        some = slice(start, min(start + at_once, samples))
        count = some.stop - start
        ringed[:count, 1:-1, 1:-1] = images[some]
        part = Motion(motion.linear[some], motion.offset[some], motion.is_exact)
        moved[some] = _moved(ringed[:count], part, blend and not motion.is_exact)
    return moved


def _moved(ringed: AnyArray, motion: Motion, blend: bool) -> AnyArray:
    """Images with a ring [n, h + 2, w + 2, c], moved, without it."""
    samples, tall, wide, channels = ringed.shape
    rows, columns = _places(motion, tall - 2, wide - 2, np.result_type(ringed.dtype, np.float32))
    flat = ringed.reshape(-1, channels)
    first = np.arange(samples, dtype=np.int32)[:, None, None] * np.int32(tall * wide)
    if not blend:
        corner = _whole(rows + 0.5) * wide + _whole(columns + 0.5) + first
        return np.asarray(flat.take(corner, axis=0))
    row, column = _whole(rows), _whole(columns)
    below, right = (rows - row)[..., None], (columns - column)[..., None]
    corner = row * wide + column + first
    # at the last row and column of the ring nothing lies beyond, and weighs nothing
    down, over = (row < tall - 1) * np.int32(wide), (column < wide - 1).astype(np.int32)
    upper = _between(flat.take(corner, axis=0), flat.take(corner + over, axis=0), right)
    corner += down
    lower = _between(flat.take(corner, axis=0), flat.take(corner + over, axis=0), right)
    return _between(upper, lower, below)


def _between(near: AnyArray, far: AnyArray, share: AnyArray) -> AnyArray:
    """near + share (far - near), without new arrays."""
    np.subtract(far, near, out=far)
    np.multiply(far, share, out=far)
    np.add(near, far, out=near)
    return near


def _places(
    motion: Motion, height: int, width: int, dtype: np.dtype[Any]
) -> tuple[AnyArray, AnyArray]:
    """Row and column in the old image with its ring, each [n, h, w], of every new pixel."""
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    down = (np.arange(height) - middle_row)[None, :, None].astype(dtype)
    right = (np.arange(width) - middle_column)[None, None, :].astype(dtype)
    linear = motion.linear[:, :, :, None, None].astype(dtype)
    offset = motion.offset + np.array([middle_row + 1, middle_column + 1])
    offset = offset[:, :, None, None].astype(dtype)
    rows = linear[:, 0, 0] * down + offset[:, 0] + linear[:, 0, 1] * right
    columns = linear[:, 1, 0] * down + offset[:, 1] + linear[:, 1, 1] * right
    np.clip(rows, 0, height + 1, out=rows)
    np.clip(columns, 0, width + 1, out=columns)
    return rows, columns


def _whole(values: AnyArray) -> NDArray[np.int32]:
    """Numbers from 0 up, rounded down."""
    return values.astype(np.int32)
