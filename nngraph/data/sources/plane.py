"""An inclined plane."""

from __future__ import annotations

import numpy as np

from nngraph.data.columns import Table
from nngraph.data.sources.figures import Draws, planar_table
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.words.generated_sets import PlaneData


def _open(spec: PlaneData, around: Surroundings) -> Table:
    draws = Draws(spec)
    x = np.stack([draws.uniform(f"x{i}", -6.0, 6.0) for i in (1, 2)], axis=1)
    y = (x[:, 0] + x[:, 1]) / 10.0 + draws.normal("noise", 1, spec.noise)[:, 0]
    return planar_table("plane", x, y=y)


PLANE = Opener(PlaneData, _open)
