"""The exclusive or."""

from __future__ import annotations

import numpy as np

from nngraph.data.columns import Table
from nngraph.data.sources.figures import planar_table
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.words.generated_sets import XorData


def _open(spec: XorData, around: Surroundings) -> Table:
    """(0, 0), (0, 1), (1, 0), (1, 1) -> 0, 1, 1, 0."""
    point = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64)
    return planar_table("xor", point, label=np.array([0, 1, 1, 0], np.uint8))


XOR = Opener(XorData, _open)
