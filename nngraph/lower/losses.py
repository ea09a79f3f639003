"""The loss: its terms, what they compare, and the sum of them."""

from __future__ import annotations

import math
from dataclasses import field, replace

import numpy as np

from nngraph.errors import Note, join_words
from nngraph.graph import Graph
from nngraph.ir import (
    BATCH,
    PER_SAMPLE,
    SAMPLE_WEIGHT,
    Builder,
    Constant,
    Input,
    Loss,
    Origin,
    Role,
    TargetRow,
    TensorType,
    Value,
)
from nngraph.lower.context import Lowering, Mistake, Unavailable, has_shape, plural, shape_text
from nngraph.lower.fit import check_fit, function_name
from nngraph.lower.lowered import LossTarget
from nngraph.ops import (
    Add,
    LossWord,
    Multiply,
    Reshape,
    ScaleBy,
    ShiftBy,
    SliceAxis,
    SumRows,
    is_word,
)
from nngraph.ops.loss_word import spelled_out
from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.spec.arrows import End
from nngraph.spec.model import LOSS_ROWS
from nngraph.spec.nodes import function_of
from nngraph.words.row import LossRow, LossSpec, TargetKind

STRENGTH: tuple[TargetKind, ...] = ("values", "signs", "binary", "yes_or_no", "classes")
"""Of two losses with one target, the kind further right says what the target means."""


def stronger(one: TargetKind, other: TargetKind) -> TargetKind:
    """What a target means to two losses: shares that have a sign as well are 0 or 1.

    >>> stronger("values", "binary"), stronger("signs", "binary")
    ('binary', 'yes_or_no')
    """
    if {one, other} == {"signs", "binary"}:
        return "yes_or_no"
    return max(one, other, key=STRENGTH.index)


def weighs_samples(document: Document) -> bool:
    """Whether samples count unlike each other in the loss."""
    data = document.spec.data
    return document.weighs_samples or (data is not None and data.sample_weight is not None)


@dataclass
class Losses:
    """The terms so far, and the targets that they compare with."""

    terms: list[tuple[Role, Value]] = field(default_factory=list)
    targets: dict[str, LossTarget] = field(default_factory=dict)
    supervised: list[str] = field(default_factory=list)
    """Nodes that a term judges."""


def lower_losses(lowering: Lowering) -> Losses:
    """All terms and the loss, their sum with their weights. Mistakes are reported."""
    losses = Losses()
    incomplete = False
    for number, term in enumerate(lowering.document.spec.loss):
        with lowering.builder.at(Origin("loss", lowering.document.loss_span(number))):
            try:
                value = _term(lowering, losses, number, term)
                losses.terms.append((Loss(number), value))
            except Mistake as mistake:
                lowering.report(mistake)
                incomplete = True
            except Unavailable:
                incomplete = True
    if losses.terms and not incomplete:
        with lowering.builder.at(Origin("loss", lowering.document.loss_span(0))):
            total = losses.terms[0][1]
            for _, value in losses.terms[1:]:
                total = lowering.builder(Add(), total, value)
        losses.terms.insert(0, (Loss(), total))
    return losses


def exact_nodes(graph: Graph) -> frozenset[str]:
    """The nodes with a loss that is exact with their activation."""
    nodes = graph.document.nodes
    return frozenset(
        node
        for term in graph.document.spec.loss
        for node in ([term.node] if term.node else [end.node for end in graph.outputs])
        if node in nodes
        and (function := function_of(nodes[node].node)) is not None
        and LOSS_ROWS[term.kind].exact(function.kind) is not None
    )


def _term(lowering: Lowering, losses: Losses, number: int, term: LossSpec) -> Value:
    """One term, a scalar: per sample by its formula, then over the batch, then its weight.

    Samples with weights are added up with these; the mean is still over their number.
    """
    builder, end = lowering.builder, _supervised(lowering, number, term)
    losses.supervised.append(end.node)
    output = _units(lowering, end)
    check_fit(lowering, end.node, term, lowering.document.loss_span(number))
    target = _target(lowering, losses, number, term, end, output)
    row = LOSS_ROWS[term.kind]
    kind = row.target_of(function_name(lowering, end.node))
    t = _smoothed(builder, term, kind, _rows(lowering, target))
    t = _weighted_by_class(lowering, term, number, end.node, kind, t)
    each = _loss_of_samples(builder, row, term, _rows(lowering, output), t)
    if weighs_samples(lowering.document):
        weight = lowering.feed(SAMPLE_WEIGHT, TensorType((BATCH,), lowering.dtype))
        each = builder(Multiply(), each, weight)
    value = builder(SumRows(), each)
    if term.reduction == "mean":
        per_sample = lowering.feed(PER_SAMPLE, TensorType((), lowering.dtype))
        value = builder(Multiply(), value, per_sample)
    return value if term.weight == 1.0 else builder(ScaleBy(term.weight), value)


def _supervised(lowering: Lowering, number: int, term: LossSpec) -> End:
    """The node, or the units of one, that a term judges. Errors: Mistake."""
    if term.node is not None:
        return End(term.node)
    outputs = lowering.graph.outputs
    if len(outputs) == 1:
        return outputs[0]
    names = [f"'{end}'" for end in outputs]
    raise Mistake(
        "E242",
        lowering.document.loss_span(number),
        label=f"the outputs are {join_words(names[:6])}" if names else "there is no output",
        count=len(outputs),
        loss=term.kind,
        node=outputs[0].node if outputs else "y",
    )


def _units(lowering: Lowering, end: End) -> Value:
    """The units of an end. Errors: Poisoned where there are none such, which is told elsewhere."""
    value = lowering.value(end.node)
    if end.start is None or end.stop is None:
        return value
    if not value.type.sample_shape or end.stop > value.type.sample_shape[-1]:
        raise Unavailable(end.node)
    return lowering.builder(SliceAxis(len(value.type.shape) - 1, end.start, end.stop), value)


def _rows(lowering: Lowering, value: Value) -> Value:
    """Scalars as rows of one value, so that every loss sums over values of a sample."""
    if value.type.sample_shape:
        return value
    return lowering.builder(Reshape((BATCH, 1)), value)


def _target(
    lowering: Lowering, losses: Losses, number: int, term: LossSpec, end: End, output: Value
) -> Value:
    """What the output is compared with: a leaf of its own, or what an input node was fed."""
    name, shape = term.target or end.node, output.type.sample_shape
    row = LOSS_ROWS[term.kind]
    target = LossTarget(
        name,
        end.node,
        None,
        row.target_of(function_name(lowering, end.node)),
        shape,
        (shape or (1,))[-1],
        _labels(lowering, end),
        0.0 if row.margin else None,
    )
    if name in lowering.inputs:
        losses.targets[name] = target
        return _input_as_target(lowering, number, name, end, output)
    known = losses.targets.get(name)
    if known is not None and known.shape != shape:
        raise Mistake(
            "E241:two-losses",
            lowering.document.loss_span(number, "target"),
            notes=(has_shape(lowering, known.node), has_shape(lowering, end.node)),
            target=name,
            first=known.node,
            first_shape=shape_text(known.shape),
            second=end.node,
            second_shape=shape_text(shape),
        )
    leaf = known.leaf if known is not None else None
    if leaf is None:
        leaf = lowering.builder.leaf(Input.of(TargetRow(name), lowering.batch(shape)))
    if known is not None:
        kind = stronger(target.kind, known.kind)
        middle = known.middle if target.middle is None else target.middle
        target = replace(target, kind=kind, middle=middle)
    losses.targets[name] = replace(target, leaf=leaf)
    return leaf


def _labels(lowering: Lowering, end: End) -> tuple[str, ...] | None:
    """Names of the classes among which units choose; a single unit's own name is none."""
    labels: tuple[str, ...] | None = getattr(lowering.entry(end.node).node, "labels", None)
    if labels is None or end.start is None:
        return labels
    return labels[end.units] if len(labels[end.units]) > 1 else None


def _input_as_target(lowering: Lowering, number: int, name: str, end: End, output: Value) -> Value:
    """What the input node was fed, in the shape of the output."""
    fed, shape = lowering.value(name), output.type.sample_shape
    if fed.type == output.type:
        return fed
    if math.prod(fed.type.sample_shape) != math.prod(shape):
        raise Mistake(
            "E241",
            lowering.document.loss_span(number, "target"),
            notes=(has_shape(lowering, end.node), has_shape(lowering, name)),
            node=end.node,
            shape=shape_text(shape),
            target=name,
            its_shape=shape_text(fed.type.sample_shape),
        )
    return lowering.builder(Reshape((BATCH, *shape)), fed)


# ---- from a row to its value: one op, or where the row has no derivative, its formula


def _loss_of_samples(builder: Builder, row: LossRow, term: LossSpec, y: Value, t: Value) -> Value:
    """The loss of each sample, T[N], of an output and a target, T[N, *d] each."""
    mean = (getattr(term, "values", None) or row.values) == "mean"
    settings = row.settings_of(term)
    if row.pull is not None:
        return builder(LossWord(row, mean, settings), y, t)
    for form in row.exact_with:
        a = logits(builder, y, form.activation)
        if a is not None:
            (loss,) = spelled_out(builder, row, form.formula, mean, settings, a, t)
            return loss
    (loss,) = spelled_out(builder, row, row.formula, mean, settings, y, t)
    return loss


def logits(builder: Builder, value: Value, activation: str) -> Value | None:
    """What an activation was applied to, where `value` is its result."""
    for instr in reversed(builder.body):
        if value in instr.outs:
            if is_word(instr.op, activation):
                return instr.args[0]
            if isinstance(instr.op, Reshape):
                inner = logits(builder, instr.args[0], activation)
                return None if inner is None else builder(instr.op, inner)
            return None
    return None


# ---- what a loss does to its targets before it compares: smoothing, and weights of classes


def _smoothed(builder: Builder, term: LossSpec, kind: TargetKind, t: Value) -> Value:
    """t (1 - s) + s / K over K classes, two for a yes or no.

    Source: Szegedy et al., Rethinking the Inception architecture, CVPR 2016, section 7.
    """
    share: float = getattr(term, "label_smoothing", 0.0)
    if share == 0.0:
        return t
    classes = t.type.shape[-1] if kind == "classes" else 2
    assert isinstance(classes, int)
    return builder(ShiftBy(share / classes), builder(ScaleBy(1.0 - share), t))


def _weighted_by_class(
    lowering: Lowering, term: LossSpec, number: int, node: str, kind: TargetKind, t: Value
) -> Value:
    """t_k times the weight of class k. Errors: Mistake where there are not as many weights."""
    written = getattr(term, "class_weights", None)
    _check_balance(lowering, term, number, node, kind)
    if written is None:
        return t
    classes = t.type.shape[-1]
    assert isinstance(classes, int)
    # those that only the data tell are 1 until data are there (train.class_weights)
    weights: tuple[float, ...] = written if isinstance(written, tuple) else (1.0,) * classes
    if classes != len(weights):
        raise Mistake(
            "E244:count",
            lowering.document.loss_span(number, "class_weights"),
            notes=(Note(lowering.entry(node).span, f"'{node}' has {classes} units"),),
            weights=plural(len(weights), "class weight"),
            classes=classes,
            node=node,
        )
    data = np.array(weights, lowering.dtype)
    leaf = Constant(lowering.type(len(weights)), f"loss_{number}:class_weights", data)
    return lowering.builder(Multiply(), t, lowering.builder.leaf(leaf))


def _check_balance(
    lowering: Lowering, term: LossSpec, number: int, node: str, kind: TargetKind
) -> None:
    """`alpha` is for yes and no, `class_weights` for classes. Errors: Mistake for the other."""
    by_class = kind == "classes"
    wrong, right = ("alpha", "class_weights") if by_class else ("class_weights", "alpha")
    if getattr(term, wrong, None) is None:
        return
    says = "one of several classes" if by_class else "yes or no, unit by unit"
    raise Mistake(
        "E244",
        lowering.document.loss_span(number, wrong),
        notes=(Note(lowering.entry(node).span, f"'{node}' says {says}"),),
        option=wrong,
        node=node,
        says=says,
        other=right,
        weighs="classes" if by_class else "yes against no",
    )
