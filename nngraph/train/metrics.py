"""Figures of merit, gathered batch by batch: accuracy, squared and absolute error.

A figure adds up over the rows it is shown and is divided once at the end, so the size of the
batches never changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MetricKind = Literal["accuracy", "mean_squared_error", "mean_absolute_error"]


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """One figure to compute: its name, the formula, the node that is judged and its target.

    `classes` says that the last axis of the target is one class per position (one-hot). `units`
    are the judged units of the node's last axis, None for all.
    """

    name: str
    kind: MetricKind
    node: str
    target: str
    classes: bool = False
    units: tuple[int, int] | None = None


class Figure:
    """A running figure: `add` rows of outputs and targets, then read `value`."""

    __slots__ = ("count", "plan", "total")

    def __init__(self, plan: MetricPlan) -> None:
        self.plan = plan
        self.reset()

    def reset(self) -> None:
        """Forget all rows."""
        self.total = 0.0
        self.count = 0

    def add(self, z: Array, t: Array) -> None:
        """Take in rows: outputs `z` and targets `t`, both [n, *shape]."""
        if self.plan.units is not None:
            z = z[..., slice(*self.plan.units)]
        if z.shape != t.shape:  # an image as the target of a vector, a scalar of a unit
            z = z.reshape(t.shape)
        match self.plan.kind:
            case "accuracy":
                right = correct(z, t, classes=self.plan.classes)
                self.total += float(np.count_nonzero(right))
                self.count += right.size
            case "mean_squared_error":
                difference = np.subtract(z, t, dtype=np.float64)
                self.total += float(np.vdot(difference, difference))
                self.count += difference.size
            case "mean_absolute_error":
                difference = np.subtract(z, t, dtype=np.float64)
                self.total += float(np.abs(difference).sum())
                self.count += difference.size

    @property
    def value(self) -> float:
        """The mean so far; not a number before the first row."""
        return self.total / self.count if self.count else float("nan")


def correct(z: Array, t: Array, *, classes: bool) -> NDArray[np.bool_]:
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
    middle = 0.0 if t.size and t.min() < 0 else 0.5
    return np.asarray((z > middle) == (t > middle))
