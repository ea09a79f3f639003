"""Awkward outputs and targets written by arithmetic alone, so that recorded numbers stay true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROWS = 60


def _noise(count: int, seed: int) -> Floats:
    """Even and without order: fractional parts of squares."""
    i = np.arange(1, count + 1, dtype=np.float64)
    return np.round(np.modf(i * i * 0.6180339887 + seed * i * 0.7548776662)[0], 2)


def classes() -> tuple[Floats, Floats]:
    """Five classes: 4 is never true, 3 is rarely answered; some scores are equal."""
    true = np.array([(0, 0, 1, 0, 2, 1, 3, 0, 1, 2)[i % 10] for i in range(ROWS)])
    scores = _noise(ROWS * 5, 3).reshape(ROWS, 5) + 0.35 * np.eye(5)[true] + 0.01
    scores[:, 3] *= 0.6
    return scores / scores.sum(axis=1, keepdims=True), np.eye(5)[true]


def yes_or_no() -> tuple[Floats, Floats]:
    """Three units, each a yes or a no of its own; scores in tenths, so that many are equal."""
    true = (_noise(120, 5).reshape(40, 3) < [0.2, 0.5, 0.8]).astype(np.float64)
    scores = np.round(np.clip(0.4 * true + 0.7 * _noise(120, 11).reshape(40, 3), 0, 1), 1)
    return scores, true


def numbers() -> tuple[Floats, Floats]:
    """Two columns far from 0 with errors of 0.3 and 2 times their spread."""
    y = 1000.0 + _noise(100, 17).reshape(50, 2)
    return y + (_noise(100, 23).reshape(50, 2) - 0.5) * [0.3, 2.0], y
