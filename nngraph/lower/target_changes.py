"""What a loss does to its targets before it compares: smoothing, and weights of classes."""

from __future__ import annotations

import numpy as np

from nngraph.errors import Note
from nngraph.ir import Builder, Constant, Value
from nngraph.lower.context import Lowering, Mistake, plural
from nngraph.ops import Multiply, ScaleBy, ShiftBy
from nngraph.words.loss_row import LossSpec, TargetKind


def smoothed(builder: Builder, term: LossSpec, kind: TargetKind, t: Value) -> Value:
    """t (1 - s) + s / K over K classes, two for a yes or no.

    Source: Szegedy et al., Rethinking the Inception architecture, CVPR 2016, section 7.
    """
    share: float = getattr(term, "label_smoothing", 0.0)
    if share == 0.0:
        return t
    classes = t.type.shape[-1] if kind == "classes" else 2
    assert isinstance(classes, int)
    return builder(ShiftBy(share / classes), builder(ScaleBy(1.0 - share), t))


def weighted_by_class(
    lowering: Lowering, term: LossSpec, number: int, node: str, kind: TargetKind, t: Value
) -> Value:
    """t_k times the weight of class k. Errors: Mistake where there are not as many weights."""
    weights: tuple[float, ...] | None = getattr(term, "class_weights", None)
    _check_balance(lowering, term, number, node, kind)
    if weights is None:
        return t
    classes = t.type.shape[-1]
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
