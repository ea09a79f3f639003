"""From a metric as it is written to the figures that it asks for."""

from __future__ import annotations

import math
import re

from nngraph.errors import diagnostic
from nngraph.lower import LossTarget
from nngraph.spec import Document
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import function_of
from nngraph.train.metrics import MetricPlan
from nngraph.words.metrics import DEFAULT_K, MetricSpec

ODD = re.compile(r"[^0-9A-Za-z]+")


class Misfit(Exception):
    """A metric that cannot be told: why, and the key of the metric `at` which to say so."""

    def __init__(self, key: str, at: str, /, *, label: str = "", **facts: object) -> None:
        self.diagnostic, self.at = diagnostic(key, label=label, notes=(), **facts), at
        super().__init__(self.diagnostic.message)


def plans_of(
    metric: MetricSpec,
    document: Document,
    node: str,
    target: LossTarget,
    prefix: str,
    units: tuple[int, int] | None,
) -> list[MetricPlan]:
    """The figures of one metric at one node: one, or one per class.

    Their names begin with `prefix`. Errors: Misfit.
    """
    yes_or_no = target.kind in ("binary", "signs")
    classes = not yes_or_no and bool(target.shape) and target.shape[-1] > 1
    _check_target(metric, document, node, target)
    plan = MetricPlan(
        prefix + _name(metric),
        metric.kind,
        node,
        target.name,
        classes,
        units,
        k=_k(metric, node, target, classes),
        average=metric.average or "macro",
        middle=target.middle,
        logarithmic=metric.row.of_probabilities and _is_logarithmic(document, node),
    )
    return _each_class(plan, target) if plan.average == "per_class" else [plan]


def _check_target(metric: MetricSpec, document: Document, node: str, target: LossTarget) -> None:
    """Numbers without bounds are no classes. Whether bounded ones are, only the data know."""
    if not metric.row.of_classes or target.kind != "values":
        return
    low, high = ACTIVATION_ROWS[_activation(document, node)].range
    if math.isfinite(low) and math.isfinite(high):
        return
    raise Misfit("E246:numbers", "kind", metric=metric.kind, target=target.name, node=node)


def _activation(document: Document, node: str) -> str:
    function = function_of(document.nodes[node].node)
    return "identity" if function is None else function.kind


def _name(metric: MetricSpec) -> str:
    name = metric.row.figure
    if metric.row.among:
        return f"{name}_{metric.k or DEFAULT_K}"
    return f"{name}_micro" if metric.average == "micro" else name


def _k(metric: MetricSpec, node: str, target: LossTarget, classes: bool) -> int:
    if not metric.row.among:
        return 1
    k = metric.k or DEFAULT_K
    if not classes:
        raise Misfit("E246:yes-or-no", "kind", node=node)
    if k >= target.shape[-1]:
        raise Misfit(
            "E246:top-k",
            "k" if metric.k is not None else "kind",
            k=k,
            units=target.shape[-1],
            node=node,
        )
    return k


def _is_logarithmic(document: Document, node: str) -> bool:
    """Whether a node gives log p rather than p. Errors: Misfit where it gives neither."""
    kind = _activation(document, node)
    gives = ACTIVATION_ROWS[kind].gives
    if gives is None:
        raise Misfit("E246:perplexity", "kind", node=node, activation=kind)
    return gives == "ln p"


def _each_class(plan: MetricPlan, target: LossTarget) -> list[MetricPlan]:
    """One plan per class, named by the class where the spec names it, else by its number."""
    size = target.shape[-1] if target.shape else 1
    names = [ODD.sub("_", label).strip("_") for label in target.labels or ()]
    if len(names) != size or len(set(names)) != size or not all(names):
        names = [str(number) for number in range(size)]
    if size == 1:
        names = ["yes"]
    return [_of_class(plan, number, name) for number, name in enumerate(names)]


def _of_class(plan: MetricPlan, number: int, name: str) -> MetricPlan:
    return MetricPlan(
        f"{plan.name}_{name}",
        plan.kind,
        plan.node,
        plan.target,
        plan.classes,
        plan.units,
        average="per_class",
        index=number,
        middle=plan.middle,
    )
