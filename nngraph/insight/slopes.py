"""How steep activations are."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from nngraph.ops.word import computed
from nngraph.words.row import Activation

FURTHEST, PLACES = 6.0, 1201

Floats = NDArray[np.float64]


def typical_slope(row: Activation) -> float:
    """The root mean square of f'(a) over a ~ N(0, 1)."""
    a, slopes = _slopes(row)
    return float(np.sqrt(np.average(slopes**2, weights=np.exp(-(a**2) / 2))))


def steepest_slope(row: Activation) -> float:
    """The largest |f'(a)| around 0."""
    return float(np.abs(_slopes(row)[1]).max())


@cache
def _slopes(row: Activation) -> tuple[Floats, Floats]:
    """Places a and f'(a) there, by differences, with the options that hold by default."""
    a = np.linspace(-FURTHEST, FURTHEST, PLACES)
    z = computed(row.steps(row.defaults), a)[0]
    assert z is not None
    return a, np.gradient(z, a)
