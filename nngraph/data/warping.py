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
        linear, offset = np.empty_like(self.linear), np.empty_like(self.offset)
        for i in range(2):  # number by number: each for all samples at once
            by_row, by_column = first.linear[:, i, 0], first.linear[:, i, 1]
            for k in range(2):
                linear[:, i, k] = by_row * self.linear[:, 0, k] + by_column * self.linear[:, 1, k]
            moved = by_row * self.offset[:, 0] + by_column * self.offset[:, 1]
            offset[:, i] = moved + first.offset[:, i]
        return Motion(linear, offset, self.is_exact and first.is_exact)

    def of(self, rows: NDArray[np.int64]) -> Motion:
        """Those of some samples."""
        return Motion(self.linear.take(rows, axis=0), self.offset.take(rows, axis=0), self.is_exact)


def standing(samples: int) -> Floats:
    """The linear part that moves nothing, float64[samples, 2, 2]."""
    linear = np.zeros((samples, 2, 2))
    linear[:, 0, 0] = linear[:, 1, 1] = 1.0
    return linear


def move(
    images: AnyArray, motion: Motion, fill: AnyArray, *, blend: bool, kernels: bool = False
) -> AnyArray:
    """Images [n, h, w, c] moved, once: a short way to a `Mover`."""
    return Mover(kernels).move(images, motion, fill, blend=blend)


class Mover:
    """Moves images, batch after batch in the same memory: one thread at a time.

    With `kernels` blending is compiled, to the same bits.
    """

    def __init__(self, kernels: bool = False) -> None:
        self._kernels = kernels
        self._ways: dict[tuple[object, ...], _Gather] = {}

    def move(self, images: AnyArray, motion: Motion, fill: AnyArray, *, blend: bool) -> AnyArray:
        """Images [n, h, w, c] moved, as a new array; what comes from outside is `fill` [c].

        Places between pixels are blended bilinearly, or with `blend` false (masks, whose classes
        must stay whole) taken from the nearest pixel. An exact motion only copies.
        """
        moved = np.empty_like(images, order="C")
        if not images.size:
            return moved
        gather = self._way(images, fill, blend and not motion.is_exact)
        for start in range(0, len(images), gather.samples):
            some = slice(start, start + gather.samples)
            part = Motion(motion.linear[some], motion.offset[some], motion.is_exact)
            gather.into(images[some], moved[some], part)
        return moved

    def _way(self, images: AnyArray, fill: AnyArray, blend: bool) -> _Gather:
        samples, height, width = images.shape[:3]
        at_once = min(samples, max(1, PIXELS_AT_ONCE // (height * width)))
        key = (images.shape[1:], images.dtype, fill.tobytes(), blend)
        found = self._ways.get(key)
        if found is None or found.samples < at_once:
            found = self._ways[key] = _Gather(images[:at_once], fill, blend, self._kernels)
        return found


class _Gather:
    """Fetches pixels of a few images, again and again into the same memory.

    They lie within a ring of `fill`, onto which whatever lies farther out is brought, and which is
    double below and right, for its own neighbours. With the corner of a place each of its four
    neighbours is found by one index, in arrays that begin one pixel and one row later.
    """

    def __init__(self, images: AnyArray, fill: AnyArray, blend: bool, kernels: bool) -> None:
        samples, height, width, channels = images.shape
        tall, wide = height + 3, width + 3
        self.samples, self._size, self._wide, self._blend = samples, (height, width), wide, blend
        self._ringed = ringed = np.empty((samples, tall, wide, channels), images.dtype)
        ringed[:] = fill
        dtype = np.result_type(images.dtype, np.float32)
        self._from_middle = [(np.arange(side) - (side - 1) / 2) for side in self._size]
        self._is_compiled = kernels and blend and images.dtype.kind == "f"
        self._first = (np.arange(samples) * (tall * wide))[:, None]
        single = channels == 1  # numbers are taken faster than rows of one number
        pixels = ringed.reshape(-1) if single else ringed.reshape(-1, channels)
        self._pixels = [pixels[beyond:] for beyond in (0, 1, wide, wide + 1)]
        self._shares = (...,) if single else (..., None)
        rows, columns = self._from_middle
        self._down = np.repeat(rows, width).astype(dtype)
        self._right = np.tile(columns, height).astype(dtype)
        used = 0 if self._is_compiled else samples
        self._places = np.empty((5, used, height * width), dtype)
        self._corners = np.empty((used, height * width), np.intp)
        shape = (height * width,) if single else (height * width, channels)
        self._taken = np.empty((3 if blend else 0, used, *shape), images.dtype)
        # whole numbers up to 2^24 are exact in float32
        self._number = dtype if tall * wide < 2**24 else np.dtype(np.float64)

    def into(self, images: AnyArray, moved: AnyArray, motion: Motion) -> None:
        """Some images, moved."""
        self._ringed[: len(images), 1:-2, 1:-2] = images
        if self._is_compiled:
            self._blend_compiled(moved, motion)
        else:
            self._fetch(moved, motion)

    def _blend_compiled(self, moved: AnyArray, motion: Motion) -> None:
        from nngraph.kernels.compiled.warping import warp_pixels

        dtype, (height, width) = moved.dtype, self._size
        middle = (np.array(self._size) - 1) / 2
        down, right = self._from_middle
        warp_pixels(
            self._ringed.reshape(self.samples, -1, moved.shape[3]),
            self._wide,
            motion.linear.astype(dtype),
            (motion.offset + (middle + 1)).astype(dtype),
            down.astype(dtype),
            right.astype(dtype),
            np.array([0, height + 1, width + 1], dtype),
            moved,
        )

    def _fetch(self, moved: AnyArray, motion: Motion) -> None:
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
            place = motion.linear[:, axis, axis, None] * self._from_middle[axis]
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
