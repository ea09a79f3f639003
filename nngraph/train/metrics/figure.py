"""A figure that runs along: rows in, one number out; how each metric is counted.

Answers come out of outputs: the largest unit of classes, or yes and no. Other tallies than those of
answers have files of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.train.metrics.plan import Array, Average, MetricPlan
from nngraph.train.metrics.ranking import Ranking
from nngraph.train.metrics.tally import (
    AbsoluteErrors,
    Explained,
    Mean,
    SquaredErrors,
    Surprise,
    Tally,
)

# ---- answers


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


# ---- right answers class by class: what precision, recall, F1, Dice and IoU are made of


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


# ---- how each metric is counted


def _plain(tally: Any, plan: MetricPlan) -> float:
    return float(tally.value)


@dataclass(frozen=True, slots=True)
class Counting:
    """What a plan adds up over rows, and its figure of that; metrics with the same `tally` share
    one where the rest of their plans is equal."""

    tally: Callable[[MetricPlan], Tally]
    value: Callable[[Any, MetricPlan], float] = _plain


def _hits(plan: MetricPlan) -> Tally:
    return Hits(classes=plan.classes, middle=plan.middle)


def _of_hits(formula: Formula) -> Counting:
    return Counting(_hits, lambda hits, plan: hits.value(formula, plan.average, plan.index))


def _right(plan: MetricPlan) -> Tally:
    return RightAnswers() if plan.classes else RightSides(plan.middle)


COUNTINGS: Mapping[str, Counting] = {
    "accuracy": Counting(_right),
    "top_k": Counting(lambda plan: RightAmongLargest(plan.k)),
    "precision": _of_hits(precision),
    "recall": _of_hits(recall),
    "f1": _of_hits(dice),
    "roc_auc": Counting(
        lambda plan: Ranking(classes=plan.classes),
        lambda ranking, plan: ranking.value(plan.average, plan.index),
    ),
    "dice": _of_hits(dice),
    "iou": _of_hits(iou),
    "perplexity": Counting(
        lambda plan: Surprise(classes=plan.classes, logarithmic=plan.logarithmic),
        lambda surprise, plan: surprise.perplexity,
    ),
    "mean_squared_error": Counting(lambda plan: SquaredErrors()),
    "mean_absolute_error": Counting(lambda plan: AbsoluteErrors()),
    "r2": Counting(lambda plan: Explained()),
}
"""By the name of the metric's row."""


class Figure:
    """A running figure: `add` rows of outputs and targets, then read `value`.

    Figures that are made of the same counts share them (`figures_of`); then the first of them,
    the owner, is the one that adds.
    """

    __slots__ = ("_owner", "_tally", "plan")

    def __init__(self, plan: MetricPlan, owner: Figure | None = None) -> None:
        self.plan = plan
        self._owner = owner
        self.reset()

    def reset(self) -> None:
        """Forget all rows."""
        self._tally: Any = COUNTINGS[self.plan.kind].tally(self.plan)

    def add(self, z: Array, t: Array) -> None:
        """Take in rows: outputs `z` and targets `t`, both [n, *shape]."""
        if self._owner is not None:
            return
        if self.plan.units is not None:
            z = z[..., slice(*self.plan.units)]
        if z.shape != t.shape:  # an image as the target of a vector, a scalar of a unit
            z = z.reshape(t.shape)
        self._tally.add(z, t)

    @property
    def value(self) -> float:
        """The figure of all rows so far; not a number before the first row."""
        tally = (self if self._owner is None else self._owner)._tally
        return COUNTINGS[self.plan.kind].value(tally, self.plan)


def figures_of(plans: Sequence[MetricPlan]) -> list[Figure]:
    """The figures of some plans, in order; those made of the same counts share them."""
    owners: dict[Any, Figure] = {}
    figures = []
    for plan in plans:
        figure = Figure(plan, owners.get(_counted(plan)))
        owners.setdefault(_counted(plan), figure)
        figures.append(figure)
    return figures


def _counted(plan: MetricPlan) -> Any:
    """Equal for plans that are told of the same counts."""
    counted = COUNTINGS[plan.kind].tally
    return counted, plan.node, plan.target, plan.classes, plan.units, plan.middle, plan.k
