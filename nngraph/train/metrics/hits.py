"""Right answers class by class: what precision, recall, F1, Dice and IoU are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.train.metrics.answers import Middle
from nngraph.train.metrics.plan import Array, Average

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Formula: TypeAlias = Callable[[Counts, Counts, Counts], Floats]
"""Of counts [classes]: both, answered, true."""


class Hits:
    """Per class, how often it was answered, how often it was true, and how often both.

    With classes the answer is the largest unit. Otherwise each unit of the last axis is a yes or
    a no of its own, and what is counted is the yes.
    """

    def __init__(self, *, classes: bool, middle: float | None = None) -> None:
        self._classes = classes
        self._middle = Middle(0.0 if classes else middle)
        self._counts: list[Counts | None] = [None] * len(self._middle.candidates)

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        if self._classes:
            self._keep(0, _by_class(z, t))
            return
        self._middle.see(t)
        units = t.shape[-1] if t.ndim > 1 else 1
        for place, middle in enumerate(self._middle.candidates):
            answered, yes = ((a > middle).reshape(-1, units) for a in (z, t))
            triple = [(answered & yes).sum(axis=0), answered.sum(axis=0), yes.sum(axis=0)]
            self._keep(place, np.array(triple, np.int64))

    def _keep(self, place: int, counts: Counts) -> None:
        before = self._counts[place]
        self._counts[place] = counts if before is None else before + counts

    @property
    def counts(self) -> Counts:
        """int64[3, classes]: both, answered, true."""
        found = self._counts[self._middle.chosen]
        return np.zeros((3, 0), np.int64) if found is None else found

    def value(self, formula: Formula, average: Average, index: int) -> float:
        """A formula of the counts, of one class or brought together; not a number without rows."""
        counts = self.counts
        if not counts.size:
            return float("nan")
        if average == "per_class":
            return float(formula(*counts[:, index, None])[0])
        if average == "micro":
            return float(formula(*counts.sum(axis=1, keepdims=True))[0])
        there = counts[1:].any(axis=0)  # a class that is neither answered nor true says nothing
        return float(formula(*counts[:, there]).mean()) if there.any() else 0.0


def _by_class(z: Array, t: Array) -> Counts:
    units = t.shape[-1]
    answered, true = z.argmax(axis=-1).ravel(), t.argmax(axis=-1).ravel()
    both = true[answered == true]
    return np.stack([np.bincount(found, minlength=units) for found in (both, answered, true)])


def precision(both: Counts, answered: Counts, true: Counts) -> Floats:
    """The share of the answers that is right."""
    return _ratio(both, answered)


def recall(both: Counts, answered: Counts, true: Counts) -> Floats:
    """The share of what is true that was answered."""
    return _ratio(both, true)


def dice(both: Counts, answered: Counts, true: Counts) -> Floats:
    """2 |A and T| / (|A| + |T|), which is the harmonic mean of precision and recall (F1)."""
    return _ratio(2 * both, answered + true)


def iou(both: Counts, answered: Counts, true: Counts) -> Floats:
    """|A and T| / |A or T|, the Jaccard index."""
    return _ratio(both, answered + true - both)


def _ratio(upper: Counts, lower: Counts) -> Floats:
    """0 where there is nothing to divide by."""
    return np.where(lower > 0, upper / np.maximum(lower, 1), 0.0)
