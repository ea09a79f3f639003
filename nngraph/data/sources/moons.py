"""Two half circles that reach into each other."""

from __future__ import annotations

import math

import numpy as np

from nngraph.data.sources.figures import Draws, Figure, alternating, figure
from nngraph.data.trigonometry import cosine, sine
from nngraph.words.generated_sets import MoonsData


def _moons(draws: Draws) -> Figure:
    """Upper half circle (cos t, sin t), label 0; lower (1 - cos t, 1/2 - sin t), label 1."""
    label = alternating(draws.samples, 0)
    angle = draws.uniform("angle", 0.0, math.pi)
    lower = label == 1
    c, s = cosine(angle), sine(angle)
    return np.stack([np.where(lower, 1.0 - c, c), np.where(lower, 0.5 - s, s)], axis=1), label


MOONS = figure(MoonsData, _moons, size=1.0)
