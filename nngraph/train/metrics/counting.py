"""How each metric is counted: what it keeps of the rows, and the figure that this gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nngraph.train.metrics.answers import RightAmongLargest, RightAnswers, RightSides
from nngraph.train.metrics.hits import Formula, Hits, dice, iou, precision, recall
from nngraph.train.metrics.plan import MetricPlan
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
