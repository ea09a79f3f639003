"""The area under the ROC curve, exact: all scores are kept until they are ranked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.train.metrics.plan import Array, Average

Bools = NDArray[np.bool_]


class Ranking:
    """Scores and truths of all rows; memory grows with the rows."""

    def __init__(self, *, classes: bool) -> None:
        self._classes = classes
        self._scores: list[Array] = []
        self._truths: list[Bools] = []

    def add(self, z: Array, t: Array) -> None:
        """Take in rows; both are copied, for the places of a step are written again."""
        units = t.shape[-1] if t.ndim > 1 else 1
        self._scores.append(z.reshape(-1, units).copy())
        t = t.reshape(-1, units)
        if self._classes:
            self._truths.append(t.argmax(axis=-1)[:, None] == np.arange(units))
        else:
            self._truths.append(np.asarray(t > 0.5))

    def value(self, average: Average, index: int) -> float:
        """The area, of one class against the others or brought together.

        A class that is always or never true has no area and is left out of the mean.
        """
        if not self._scores:
            return float("nan")
        scores, truths = np.concatenate(self._scores), np.concatenate(self._truths)
        if average == "micro":
            return roc_auc(scores.ravel(), truths.ravel())
        if average == "per_class":
            return roc_auc(scores[:, index], truths[:, index])
        areas = [roc_auc(scores[:, k], truths[:, k]) for k in range(scores.shape[1])]
        known = [area for area in areas if not np.isnan(area)]
        return sum(known) / len(known) if known else float("nan")


def roc_auc(scores: Array, truths: Bools) -> float:
    """The chance that a true one scores above a false one, where equal scores count half.

    Not a number where all are true, none is, or a score is not a number.

    Source: Hanley, McNeil, "The Meaning and Use of the Area under a Receiver Operating
    Characteristic (ROC) Curve", 1982: the Wilcoxon statistic.

    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    true = int(np.count_nonzero(truths))
    false = truths.size - true
    if not true or not false or np.isnan(scores).any():
        return float("nan")
    _, place, amount = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(amount)
    ranks = (last - (amount - 1) / 2)[place]  # equal scores share their mean rank
    above = float(ranks[truths].sum()) - true * (true + 1) / 2
    return above / (true * false)
