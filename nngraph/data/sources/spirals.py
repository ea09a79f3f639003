"""Two arms that wind around each other."""

from __future__ import annotations

import math

import numpy as np

from nngraph.data.sources.figures import RADIUS, Draws, Figure, alternating, figure
from nngraph.data.trigonometry import cosine, sine
from nngraph.words.generated_sets import SpiralsData

TURNS = 1.75


def _spirals(draws: Draws) -> Figure:
    """Two arms of 1.75 turns, half a turn apart: r from 0 to 5, points evenly along the arm."""
    label = alternating(draws.samples, 1)
    share = (np.arange(draws.samples) // 2) / max(1, (draws.samples + 1) // 2)
    angle = 2.0 * math.pi * TURNS * share + np.where(label == 1, 0.0, math.pi)
    radius = RADIUS * share
    return np.stack([radius * sine(angle), radius * cosine(angle)], axis=1), label


SPIRALS = figure(SpiralsData, _spirals)
