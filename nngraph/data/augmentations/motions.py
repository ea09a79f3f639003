"""Augmentations that move pixels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nngraph.data.augmentations.effect import Moving
from nngraph.data.trigonometry import cosine, sine
from nngraph.data.warping import Motion, standing
from nngraph.words.augmentations import Crop, Flip, Rotate, Scale, Shift

Floats = NDArray[np.float64]
Size = tuple[int, ...]


def _shift(spec: Shift, draws: Floats, size: Size) -> Motion:
    steps = np.floor(draws[:, :2] * (2 * spec.pixels + 1)) - spec.pixels
    return Motion(standing(len(draws)), -steps, is_exact=True)


def _flip(spec: Flip, draws: Floats, size: Size) -> Motion:
    linear, axis = standing(len(draws)), 1 if spec.axis == "horizontal" else 0
    linear[draws[:, 0] < spec.probability, axis, axis] = -1.0
    return Motion(linear, _centred(draws), is_exact=True)


def _rotate(spec: Rotate, draws: Floats, size: Size) -> Motion:
    angle = (2.0 * draws[:, 0] - 1.0) * math.radians(spec.degrees)
    c, s = cosine(angle), sine(angle)
    return Motion(np.stack([c, -s, s, c], axis=1).reshape(-1, 2, 2), _centred(draws))


def _scale(spec: Scale, draws: Floats, size: Size) -> Motion:
    factor = spec.low + (spec.high - spec.low) * draws[:, 0]
    return Motion(standing(len(draws)) / factor[:, None, None], _centred(draws))


def _crop(spec: Crop, draws: Floats, size: Size) -> Motion:
    side = spec.keep + (1.0 - spec.keep) * draws[:, 0]
    free = (1.0 - side)[:, None] * (np.array(size) - 1.0)
    return Motion(standing(len(draws)) * side[:, None, None], (draws[:, 1:3] - 0.5) * free)


def _centred(draws: Floats) -> Floats:
    return np.zeros((len(draws), 2))


SHIFT = Moving(Shift, _shift)
ROTATE = Moving(Rotate, _rotate)
SCALE = Moving(Scale, _scale)
FLIP = Moving(Flip, _flip)
CROP = Moving(Crop, _crop)
