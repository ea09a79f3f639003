"""Pictures as arrays of bytes: in grey or colour, and in another size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

GREY = np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601


def with_channels(picture: Bytes, channels: int | None) -> Bytes:
    """The picture in grey (1) or colour (3); None leaves it alone."""
    if channels is None or picture.shape[2] == channels:
        return picture
    if channels == 3:
        return np.repeat(picture, 3, axis=2)
    return _rounded((picture @ GREY)[..., None])


def resized(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """The picture in another size: bilinear, and where it shrinks an average of all pixels."""
    if picture.shape[:2] == size:
        return picture
    rows, columns = (_weights(old, new) for old, new in zip(picture.shape, size, strict=False))
    return _rounded(np.einsum("ij,jkc,lk->ilc", rows, picture.astype(np.float64), columns))


def resized_mask(mask: Bytes, size: tuple[int, int]) -> Bytes:
    """A mask [h, w] in another size: each pixel is that of the nearest, so classes stay whole."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for old, new in zip(mask.shape, size, strict=True)
    )
    taken: Bytes = mask[rows[:, None], columns]
    return taken


def _weights(old: int, new: int) -> NDArray[np.float64]:
    """How much each old pixel gives to each new one, [new, old]; rows sum to 1.

    A triangle as wide as a pixel of the coarser grid to either side, centres aligned.
    """
    reach = max(1.0, old / new)
    centre = (np.arange(new) + 0.5) * old / new - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(np.arange(old) - centre[:, None]) / reach)
    normalised: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _rounded(values: NDArray[Any]) -> Bytes:
    rounded: Bytes = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded
