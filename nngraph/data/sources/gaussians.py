"""Two clouds of points."""

from __future__ import annotations

import math

import numpy as np

from nngraph.data.sources.figures import Draws, Figure, alternating, figure
from nngraph.words.generated_sets import GaussiansData

CENTRE = 2.0
CLOUD_VARIANCE = 0.5


def _gaussians(draws: Draws) -> Figure:
    """Two clouds of variance 1/2: label 1 around (2, 2), label 0 around (-2, -2)."""
    label = alternating(draws.samples, 1)
    cloud = draws.normal("cloud", 2, math.sqrt(CLOUD_VARIANCE))
    return cloud + np.where(label == 1, CENTRE, -CENTRE)[:, None], label


GAUSSIANS = figure(GaussiansData, _gaussians)
