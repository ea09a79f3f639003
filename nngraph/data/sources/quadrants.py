"""Four squares, like an exclusive or."""

from __future__ import annotations

import numpy as np

from nngraph.data.sources.figures import RADIUS, Draws, Figure, figure
from nngraph.words.generated_sets import QuadrantsData

GAP = 0.3  # half the width of the empty cross between the quadrants


def _quadrants(draws: Draws) -> Figure:
    """Four squares apart from the axes; label 1 where the signs differ."""
    point = np.stack([draws.uniform(f"x{i}", -RADIUS, RADIUS) for i in (1, 2)], axis=1)
    point += np.where(point > 0.0, GAP, -GAP)
    return point, ((point[:, 0] > 0.0) != (point[:, 1] > 0.0)).astype(np.uint8)


QUADRANTS = figure(QuadrantsData, _quadrants)
