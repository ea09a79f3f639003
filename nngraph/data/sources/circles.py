"""A disc inside a ring."""

from __future__ import annotations

import math

import numpy as np

from nngraph.data.sources.figures import RADIUS, Draws, Figure, alternating, figure
from nngraph.data.trigonometry import cosine, sine
from nngraph.words.generated_sets import CirclesData

INNER = 0.5  # the disc, and where the ring begins, as fractions of the radius
OUTER = 0.7


def _circles(draws: Draws) -> Figure:
    """A disc of half the radius, label 1, inside a ring, label 0."""
    label = alternating(draws.samples, 1)
    share = draws.uniform("radius", 0.0, 1.0)
    radius = RADIUS * np.where(label == 1, INNER * share, OUTER + (1.0 - OUTER) * share)
    angle = draws.uniform("angle", 0.0, 2.0 * math.pi)
    return np.stack([radius * cosine(angle), radius * sine(angle)], axis=1), label


CIRCLES = figure(CirclesData, _circles)
