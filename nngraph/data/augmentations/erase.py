"""A rectangle of an image is blanked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.data.augmentations.effect import Batch, Floats, Handling, Varying, with_channel_axis
from nngraph.words.augmentations import Erase


def _erase(spec: Erase, batch: Batch) -> None:
    for name, array in batch.inputs.items():
        handling = batch.plan.inputs.get(name, Handling())
        if handling.is_image:
            images = with_channel_axis(array)
            inside = _rectangle(spec, batch.draws, images.shape[1:3])
            np.copyto(images, np.array(handling.fill, array.dtype), where=inside[..., None])


def _rectangle(spec: Erase, draws: Floats, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels are blanked, bool[n, h, w]: a rectangle that lies inside, or none."""
    hit = draws[:, 0] < spec.probability
    # what is left of the first number, given that it hit, is a number in [0, 1) again
    heights = _extents(draws[:, 0] / spec.probability, spec.size, size[0])
    widths = _extents(draws[:, 1], spec.size, size[1])
    top = np.floor(draws[:, 2] * (size[0] - heights + 1))
    left = np.floor(draws[:, 3] * (size[1] - widths + 1))
    row, column = np.arange(size[0]), np.arange(size[1])
    rows = (row >= top[:, None]) & (row < (top + heights)[:, None])
    columns = (column >= left[:, None]) & (column < (left + widths)[:, None])
    return rows[:, :, None] & columns[:, None, :] & hit[:, None, None]


def _extents(draws: Floats, largest: float, size: int) -> Floats:
    most = max(1, int(largest * size))
    return np.minimum(1.0 + np.floor(draws * most), most)


ERASE = Varying(Erase, _erase)
