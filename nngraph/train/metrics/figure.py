"""A figure that runs along: rows in, one number out; how each metric is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nngraph.train.metrics.answers import RightAmongLargest, RightAnswers, RightSides
from nngraph.train.metrics.hits import Formula, Hits, dice, iou, precision, recall
from nngraph.train.metrics.plan import Array, MetricPlan
from nngraph.train.metrics.ranking import Ranking
from nngraph.train.metrics.tally import AbsoluteErrors, Explained, SquaredErrors, Surprise, Tally


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
