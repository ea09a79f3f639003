"""Between the network and its data: what it asks for, and which figures can be told of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from nngraph.data import Normalizers, Port
from nngraph.errors import Diagnostics, diagnostic, join_words, suggest
from nngraph.lower import LossTarget
from nngraph.network import Network
from nngraph.spec import Document, End
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import function_of
from nngraph.train.metrics import MetricPlan
from nngraph.words.metrics import DEFAULT_K, MetricSpec

# ---- from a metric as it is written to the figures that it asks for


ODD = re.compile(r"[^0-9A-Za-z]+")


class Misfit(Exception):
    """A metric that cannot be told: why, and the key of the metric `at` which to say so."""

    def __init__(self, key: str, at: str, /, *, label: str = "", **facts: object) -> None:
        self.diagnostic, self.at = diagnostic(key, label=label, notes=(), **facts), at
        super().__init__(self.diagnostic.message)


def _plans_of(
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
    yes_or_no = target.kind in ("binary", "signs", "yes_or_no")
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


# ---- inputs, targets, and what losses compare


Labels = Mapping[str, tuple[str, ...]]
"""Target name -> names of its classes, as data seen before called them."""

NO_LABELS: Labels = MappingProxyType({})
UNLEARNT = Normalizers()


def ports_of(
    network: Network, labels: Labels = NO_LABELS, learnt: Normalizers = UNLEARNT
) -> tuple[Port, ...]:
    """Everything that a data set has to give: the inputs, then the targets with a leaf."""
    return (*input_ports(network, learnt), *target_ports(network, labels))


def input_ports(network: Network, learnt: Normalizers = UNLEARNT) -> tuple[Port, ...]:
    """One port per input node, in canonical order; with columns and means as learnt."""
    nodes, shapes = network.document.nodes, network.lowered.shapes
    return tuple(
        Port(
            id_,
            shapes[id_],
            "input",
            labels=getattr(nodes[id_].node, "labels", None),
            columns=learnt.columns.get(id_, ()) if learnt.inputs or learnt.columns else None,
            fill=learnt.fills.get(id_),
        )
        for id_ in network.graph.inputs
    )


def target_ports(network: Network, labels: Labels = NO_LABELS) -> tuple[Port, ...]:
    """One port per target that is no input node itself; names of classes are the spec's first."""
    return tuple(
        Port(
            target.name,
            target.shape,
            "target",
            kind=target.kind,
            classes=target.classes if target.kind == "classes" else None,
            labels=target.labels or labels.get(target.name),
            aliases=() if target.name == target.node else (target.node,),
        )
        for target in network.lowered.targets
        if target.leaf is not None
    )


def supervised(network: Network) -> tuple[tuple[str, LossTarget], ...]:
    """Each node that a loss judges, with the target that it is compared with."""
    targets = {target.name: target for target in network.lowered.targets}
    output = network.graph.outputs[0].node
    nodes = [(loss.node or output, loss.target) for loss in network.document.spec.loss]
    pairs = [(node, targets[name or node]) for node, name in nodes]
    return tuple({(node, target.name): (node, target) for node, target in pairs}.values())


def supervised_end(network: Network, node: str) -> End:
    """What a loss judges of a node: the units that the only output names, or all of it."""
    outputs = network.graph.outputs
    return outputs[0] if len(outputs) == 1 and outputs[0].node == node else End(node)


def metric_plans(
    network: Network, metrics: Sequence[MetricSpec] | None = None
) -> tuple[MetricPlan, ...]:
    """The figures to watch: those of the spec, or others given here.

    A metric without a node is told of every node that has a loss; it is called by its formula
    alone where there is one such node, and NODE.METRIC where there are several.

    Errors: SpecError for a metric of an unknown node or target, or of shapes that do not fit.
    """
    train = network.document.spec.train
    if metrics is None:
        metrics = train.metrics if train is not None else ()
    planner = _Planner(network)
    for number, metric in enumerate(metrics):
        planner.add(number, metric)
    planner.problems.raise_if_any()
    return tuple(planner.plans.values())


def figure_names(plans: Sequence[MetricPlan], shown: Sequence[str], validates: bool) -> list[str]:
    """The figures that each epoch will have; `shown` are the nodes that a training step shows."""
    names = ["train.loss", *(f"train.{plan.name}" for plan in plans if plan.node in shown)]
    if validates:
        names += ["validation.loss", *(f"validation.{plan.name}" for plan in plans)]
    return names


class _Planner:
    """Resolves metrics to nodes and targets, and gathers what does not fit."""

    def __init__(self, network: Network) -> None:
        self._compiled = network
        self._supervised = supervised(network)
        self._targets = {target.name: target for target in network.lowered.targets}
        self.plans: dict[str, MetricPlan] = {}
        self.problems = Diagnostics()

    def add(self, number: int, metric: MetricSpec) -> None:
        """Plan one metric of the list."""
        try:
            self._add(metric)
        except Misfit as misfit:
            span = self._compiled.document.span("train", "metrics", number, misfit.at)
            self.problems.errors.append(replace(misfit.diagnostic, span=span))

    def _add(self, metric: MetricSpec) -> None:
        if metric.node is None and metric.target is None:
            if not self._supervised:
                raise Misfit("E246:no-loss", "")
            for node, target in self._supervised:
                self._plan(metric, node, target)
            return
        node = metric.node if metric.node is not None else self._node_of(str(metric.target))
        self._plan(metric, node, self._target_of(metric, node))

    def _node_of(self, target_name: str) -> str:
        """The node that a loss compares with the named target."""
        for node, target in self._supervised:
            if target.name == target_name:
                return node
        raise self._no_target(target_name)

    def _target_of(self, metric: MetricSpec, node: str) -> LossTarget:
        shapes = self._compiled.lowered.shapes
        if node not in shapes:
            raise Misfit("E246:node", "node", label=suggest(node, shapes), node=node)
        if metric.target is not None:
            if metric.target not in self._targets:
                raise self._no_target(metric.target)
            return self._targets[metric.target]
        own = [target for supervised_node, target in self._supervised if supervised_node == node]
        if own or len(self._supervised) == 1:
            return own[0] if own else self._supervised[0][1]
        raise Misfit("E246:which-target", "node", node=node)

    def _plan(self, metric: MetricSpec, node: str, target: LossTarget) -> None:
        if node not in self._compiled.output_nodes:
            raise Misfit("E246:no-output", "node", node=node)
        end = supervised_end(self._compiled, node)
        units = None if end.start is None or end.stop is None else (end.start, end.stop)
        shape = self._compiled.lowered.shapes[node]
        shown = shape if units is None else (*shape[:-1], units[1] - units[0])
        if math.prod(shown) != math.prod(target.shape):
            raise Misfit(
                "E246:shapes",
                "node",
                metric=metric.kind,
                node=node,
                shape=list(shown),
                target=target.name,
                its_shape=list(target.shape),
            )
        is_alone = len(self._supervised) == 1 and node == self._supervised[0][0]
        prefix = "" if is_alone else f"{node}."
        for plan in _plans_of(metric, self._compiled.document, node, target, prefix, units):
            self.plans.setdefault(plan.name, plan)

    def _no_target(self, name: str) -> Misfit:
        known = join_words([f"'{target}'" for target in self._targets]) or "none"
        near = suggest(name, self._targets)
        return Misfit("E246:target", "target", label=near, target=name, known=known)
