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

PIXELS_AT_ONCE = 32768  # so many stay in the cache, and their arrays below what malloc maps anew


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


def move(
    images: AnyArray, motion: Motion, fill: AnyArray, *, blend: bool, kernels: bool = False
) -> AnyArray:
    """Images [n, h, w, c] moved; what comes from outside is `fill` [c].

    Places between pixels are blended bilinearly, or with `blend` false (masks, whose classes must
    stay whole) taken from the nearest pixel. An exact motion only copies. With `kernels` blending
    is compiled, to the same bits.
    """
    samples, height, width, channels = images.shape
    moved = np.empty_like(images)
    if kernels and blend and not motion.is_exact and images.dtype.kind == "f":
        _warped(images, motion, fill, moved)
        return moved
    # a ring of fill around each image: whatever lies farther out is brought onto it; and once more
    # below and right, for the neighbours of the ring
    at_once = min(samples, max(1, PIXELS_AT_ONCE // (height * width)))
    ringed = np.empty((at_once, height + 3, width + 3, channels), images.dtype)
    ringed[:] = fill
    gather = _Gather(ringed, blend and not motion.is_exact)
    for start in range(0, samples, at_once):
        some = slice(start, min(start + at_once, samples))
        ringed[: some.stop - start, 1:-2, 1:-2] = images[some]
        gather.into(moved[some], Motion(motion.linear[some], motion.offset[some], motion.is_exact))
    return moved


def _warped(images: AnyArray, motion: Motion, fill: AnyArray, moved: AnyArray) -> None:
    from nngraph.kernels.compiled.warping import warp_pixels

    samples, height, width, channels = images.shape
    dtype, size = images.dtype, np.array([height, width])
    ringed = np.empty((samples, height + 3, width + 3, channels), dtype)
    ringed[:] = fill
    ringed[:, 1:-2, 1:-2] = images
    down, right = (np.arange(side) - (side - 1) / 2 for side in size)
    warp_pixels(
        ringed.reshape(samples, -1, channels),
        width + 3,
        motion.linear.astype(dtype),
        (motion.offset + ((size - 1) / 2 + 1)).astype(dtype),
        down.astype(dtype),
        right.astype(dtype),
        np.array([0, height + 1, width + 1], dtype),
        moved,
    )


class _Gather:
    """Fetches pixels of a few images [n, h + 3, w + 3, c], again and again into the same memory.

    With the corner of a place each of its four neighbours is found by one index, in arrays that
    begin one pixel and one row later.
    """

    def __init__(self, ringed: AnyArray, blend: bool) -> None:
        samples, tall, wide, channels = ringed.shape
        self._size, self._wide, self._blend = (tall - 3, wide - 3), wide, blend
        self._first = (np.arange(samples) * (tall * wide))[:, None]
        single = channels == 1  # numbers are taken faster than rows of one number
        pixels = ringed.reshape(-1) if single else ringed.reshape(-1, channels)
        self._pixels = [pixels[beyond:] for beyond in (0, 1, wide, wide + 1)]
        self._shares = (...,) if single else (..., None)
        dtype = np.result_type(ringed.dtype, np.float32)
        rows, columns = (np.arange(side) - (side - 1) / 2 for side in self._size)
        self._down = np.repeat(rows, self._size[1]).astype(dtype)
        self._right = np.tile(columns, self._size[0]).astype(dtype)
        pixels_each = self._size[0] * self._size[1]
        self._places = np.empty((5, samples, pixels_each), dtype)
        self._corners = np.empty((samples, pixels_each), np.intp)
        shape = (samples, pixels_each) if single else (samples, pixels_each, channels)
        self._taken = np.empty((3 if blend else 0, *shape), ringed.dtype)
        # whole numbers up to 2^24 are exact in float32
        self._number = dtype if tall * wide < 2**24 else np.dtype(np.float64)

    def into(self, moved: AnyArray, motion: Motion) -> None:
        """Images without their ring, moved."""
        channels = moved.shape[3:] if self._shares[1:] else ()
        moved = moved.reshape(len(moved), -1, *channels)
        if motion.is_exact:
            self._take(0, self._exact_corner(motion), moved)
            return
        row, column, below, right, work = self._places[:, : len(moved)]
        self._place(motion, 0, below, work)
        self._place(motion, 1, right, work)
        if not self._blend:
            below += 0.5
            right += 0.5
        np.floor(below, out=row)
        np.floor(right, out=column)
        below -= row
        right -= column
        corner = self._corner(row, column)
        if not self._blend:
            self._take(0, corner, moved)
            return
        near, far, lower = self._taken[:, : len(moved)]
        right = right[self._shares]
        upper = _between(self._take(0, corner, moved), self._take(1, corner, far), right)
        lower = _between(self._take(2, corner, lower), self._take(3, corner, near), right)
        _between(upper, lower, below[self._shares])

    def _place(self, motion: Motion, axis: int, place: AnyArray, work: AnyArray) -> None:
        """The row (axis 0) or column in the old image with its ring of every new pixel."""
        side = self._size[axis]
        linear = motion.linear[:, axis, :, None].astype(place.dtype)
        offset = (motion.offset[:, axis, None] + ((side - 1) / 2 + 1)).astype(place.dtype)
        np.multiply(linear[:, 0], self._down, out=place)
        np.add(place, offset, out=place)
        np.multiply(linear[:, 1], self._right, out=work)
        np.add(place, work, out=place)
        np.clip(place, 0, side + 1, out=place)

    def _corner(self, row: AnyArray, column: AnyArray) -> NDArray[np.intp]:
        """The number of the pixel at whole places, among those of all images."""
        number = row.astype(self._number, copy=False)
        number *= self._wide
        number += column
        corner = self._corners[: len(row)]
        np.add(number.astype(np.int32), self._first[: len(row)], out=corner)
        return corner

    def _exact_corner(self, motion: Motion) -> NDArray[np.intp]:
        """Rows stay rows then, and columns columns."""
        places = []
        for axis, side in enumerate(self._size):
            from_middle = np.arange(side) - (side - 1) / 2
            place = motion.linear[:, axis, axis, None] * from_middle
            place += motion.offset[:, axis, None] + ((side - 1) / 2 + 1.5)
            places.append(np.clip(place, 0, side + 1.5).astype(np.intp))
        row, column = places
        corner = self._corners[: len(row)]
        np.add(
            (row * self._wide + self._first[: len(row)])[:, :, None],
            column[:, None, :],
            out=corner.reshape(-1, *self._size),
        )
        return corner

    def _take(self, neighbour: int, corner: NDArray[np.intp], out: AnyArray) -> AnyArray:
        self._pixels[neighbour].take(corner, axis=0, out=out, mode="clip")
        return out


def _between(near: AnyArray, far: AnyArray, share: AnyArray) -> AnyArray:
    """near + share (far - near), without new arrays."""
    np.subtract(far, near, out=far)
    np.multiply(far, share, out=far)
    np.add(near, far, out=near)
    return near
