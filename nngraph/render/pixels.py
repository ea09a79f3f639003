"""Numbers as pixels: grey, by sign, along time; larger, smaller, and inside a page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.picture_files import encode_png
from nngraph.render.colours import rgb
from nngraph.render.palette import ink

Array = NDArray[Any]
Bytes = NDArray[np.uint8]

LARGEST_SIDE = 256  # pixels; larger pictures are drawn smaller
SEEN = 256  # samples that say what is black and white
ROW, WIDEST_STEP = 12, 14  # pixels of a channel and of a time step in a strip


def png_address(pixels: Bytes) -> str:
    """A picture uint8[h, w, 1 or 3] as an address that holds it whole."""
    return f"data:image/png;base64,{base64.b64encode(encode_png(pixels)).decode()}"


def shades_of(samples: Array) -> tuple[float, float]:
    """The values of black and of white for pictures [n, ...]: the range of the first of them.

    >>> shades_of(np.array([[2.0, 5.0]])), shades_of(np.array([[3.0]]))
    ((2.0, 5.0), (3.0, 4.0))
    """
    some = samples[:SEEN]
    finite = some[np.isfinite(some)]
    low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    if not low <= high:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether values of this shape can be looked at: [height, width], with 1 channel or 3.

    >>> is_picture((28, 28, 1)), is_picture((28, 28, 64)), is_picture((10,))
    (True, False, False)
    """
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))


def grey_pixels(values: Array, shades: tuple[float, float], largest: int = LARGEST_SIDE) -> Bytes:
    """Values [h, w] or [h, w, c] as uint8[h, w, c], from black to white between the shades."""
    low, high = shades
    image = values.astype(np.float64).reshape(*values.shape[:2], -1)
    share = np.nan_to_num((reduced(image, largest) - low) / (high - low))
    pixels: Bytes = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return pixels


def signed_pixels(values: Array, strongest: float) -> Bytes:
    """Numbers [h, w] as colours [h, w, 3]: 0 white, `strongest` blue, minus that orange.

    >>> signed_pixels(np.array([[0.0, 1.0]]), 1.0).tolist()
    [[[255, 255, 255], [31, 99, 176]]]
    """
    with np.errstate(invalid="ignore"):
        share = np.clip(np.nan_to_num(values / (strongest or 1.0)), -1.0, 1.0)[..., None]
    colours = ink("light")
    end = np.where(share >= 0, np.array(rgb(colours.positive)), np.array(rgb(colours.negative)))
    pixels: Bytes = np.rint(255 + np.abs(share) * (end - 255)).astype(np.uint8)
    return pixels


def strip_pixels(values: Array, strongest: float, width: int, row: int = ROW) -> Bytes:
    """Channels [rows, length] along time as one picture some `width` pixels wide, `row` pixels a
    channel; of a long sequence the strongest of neighbouring values is drawn.

    >>> strip_pixels(np.array([[0.0, 1.0]]), 1.0, 4, row=1)[:, ::2].tolist()
    [[[255, 255, 255], [31, 99, 176]]]
    """
    length = values.shape[1]
    if length > width:
        starts = np.arange(width) * length // width
        high, low = (f.reduceat(values, starts, axis=1) for f in (np.maximum, np.minimum))
        values = np.where(high >= -low, high, low)
    pixels = signed_pixels(values, strongest)
    return enlarged(pixels, row, max(1, min(WIDEST_STEP, width // length)))


def enlarged(pixels: Bytes, down: int, across: int | None = None) -> Bytes:
    """Each pixel as a block of so many, of equal sides where one number is given."""
    return pixels.repeat(down, 0).repeat(down if across is None else across, 1)


def enlargement(pixels: Array, side: int) -> int:
    """The whole factor that brings the shorter side of a picture [h, w, ...] to `side` or more.

    >>> enlargement(np.zeros((8, 9, 3)), 44)
    6
    """
    shorter: int = min(pixels.shape[:2])
    return max(1, -(-side // shorter))


def round_png(pixels: Bytes, side: int) -> bytes:
    """The png file of a square picture, at least `side` pixels wide, transparent outside of the
    circle in it."""
    large = enlarged(pixels, -(-side // len(pixels)))
    along = np.arange(len(large)) - (len(large) - 1) / 2
    inside = along[:, None] ** 2 + along**2 <= (len(large) / 2 - 1) ** 2
    return encode_png(np.dstack([large, np.where(inside, 255, 0).astype(np.uint8)]))


def decimated(values: Array) -> Array:
    """Every so many pixels of classes [h, w, ...], so that no side is longer than 256."""
    step = _step(values, LARGEST_SIDE)
    return values[::step, ::step]


def reduced(values: Array, largest: int = LARGEST_SIDE) -> Array:
    """Images [h, w, c] with no side above `largest` pixels; each pixel is the mean of a square.

    >>> reduced(np.ones((600, 3, 1))).shape
    (200, 1, 1)
    """
    step = _step(values, largest)
    if step == 1:
        return values
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis], step)
        sums = np.add.reduceat(values, starts, axis=axis)
        counts = np.diff(np.append(starts, values.shape[axis]))
        values = sums / counts.reshape([-1 if a == axis else 1 for a in range(3)])
    return values


def _step(values: Array, largest: int) -> int:
    longer: int = max(values.shape[:2])
    return -(-longer // largest)
