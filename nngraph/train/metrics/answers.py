"""Answers out of outputs: the largest unit of classes, or yes and no."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.train.metrics.plan import Array
from nngraph.train.metrics.tally import Mean

HALF = 0.5
Bools = NDArray[np.bool_]


def correct(z: Array, t: Array, *, classes: bool) -> Bools:
    """Whether each answer is right, bool[n] (or one per position).

    With classes the largest unit is the answer; otherwise each value is on the same side of the
    middle as its target: 0.5, or 0 where targets are negative too (-1 and 1).

    >>> correct(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([[0, 1], [0, 1]]), classes=True)
    array([ True, False])
    >>> correct(np.array([[0.7], [0.2]]), np.array([[1], [1]]), classes=False)
    array([[ True],
           [False]])
    """
    if classes:
        return np.asarray(z.argmax(axis=-1) == t.argmax(axis=-1))
    middle = 0.0 if t.size and t.min() < 0 else HALF
    return np.asarray((z > middle) == (t > middle))


class Middle:
    """Where yes begins: a fixed number, or 0.5 until a negative target says 0.

    Both cases are counted until the rows are over, since the first negative target may come late.
    """

    def __init__(self, fixed: float | None) -> None:
        self.candidates = (HALF, 0.0) if fixed is None else (fixed,)
        self._negative = False

    def see(self, t: Array) -> None:
        """Look at targets."""
        if len(self.candidates) > 1 and not self._negative:
            self._negative = bool(t.size) and bool(t.min() < 0)

    @property
    def chosen(self) -> int:
        """The place of the right candidate."""
        return int(self._negative and len(self.candidates) > 1)


class RightAnswers(Mean):
    """How many classes are named rightly."""

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        right = z.argmax(axis=-1) == t.argmax(axis=-1)
        self.total += float(np.count_nonzero(right))
        self.count += right.size


class RightSides:
    """How many values are on the side of their target."""

    def __init__(self, middle: float | None) -> None:
        self._middle = Middle(middle)
        self._right = [0] * len(self._middle.candidates)
        self._count = 0

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        self._middle.see(t)
        for place, middle in enumerate(self._middle.candidates):
            self._right[place] += int(np.count_nonzero((z > middle) == (t > middle)))
        self._count += t.size

    @property
    def value(self) -> float:
        """The share so far."""
        return self._right[self._middle.chosen] / self._count if self._count else float("nan")


class RightAmongLargest(Mean):
    """How often the class is among the k largest units; of equal units the first is the larger."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self._k = k

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        units = t.shape[-1]
        z, wanted = z.reshape(-1, units), t.reshape(-1, units).argmax(axis=-1)
        own = z[np.arange(len(z)), wanted]
        before = np.count_nonzero(z > own[:, None], axis=-1)
        equal = z == own[:, None]
        if np.count_nonzero(equal) > len(z):
            before += np.count_nonzero(equal & (np.arange(units) < wanted[:, None]), axis=-1)
        self.total += float(np.count_nonzero((before < self._k) & (own == own)))  # no NaN is right
        self.count += len(z)
