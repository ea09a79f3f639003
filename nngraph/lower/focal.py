"""The focal loss, written from what lies before the activation, where it is exact."""

from __future__ import annotations

from typing import Any

from nngraph.ir import Builder, Value
from nngraph.ops import (
    Add,
    ClampAbove,
    ClampBelow,
    Log,
    Log1p,
    Multiply,
    Negative,
    Power,
    Reshape,
    ScaleBy,
    SubtractFrom,
    is_word,
    word,
)
from nngraph.ops.sample import sample_size, sum_sample
from nngraph.ops.shared import largest_below_one, smallest


def focal(builder: Builder, term: Any, mean: bool, p: Value, t: Value) -> Value:
    """-sum_k weight_k t_k (1 - p_k)^gamma ln p_k over a softmax; otherwise, for yes and no,
    -sum_k (alpha t (1 - p)^gamma ln p + (1 - alpha) (1 - t) p^gamma ln(1 - p)).

    Source: Lin, Goyal, Girshick, He and Dollar, Focal loss for dense object detection, ICCV 2017,
    eq. 4 and 5.
    """
    if (a := logits(builder, p, "softmax")) is not None:
        surprise = builder(Negative(), builder(word("log_softmax"), a))
        rest = builder(SubtractFrom(1.0), builder(word("softmax"), a))
        values = _weighed(builder, term, rest, builder(Multiply(), t, surprise))
    else:
        values = _yes_or_no(builder, term, p, t)
    total = sum_sample(builder, values)
    return builder(ScaleBy(1.0 / sample_size(p.type)), total) if mean else total


def _yes_or_no(builder: Builder, term: Any, p: Value, t: Value) -> Value:
    a = logits(builder, p, "sigmoid")
    if a is not None:
        minus = builder(Negative(), a)
        log_yes, log_no = (
            builder(word("softplus"), minus),
            builder(word("softplus"), a),
        )  # -ln p, -ln(1 - p)
        no = builder(word("sigmoid"), minus)
        p = builder(word("sigmoid"), a)
    else:
        p = builder(ClampBelow(smallest(p.type.dtype)), p)
        p = builder(ClampAbove(largest_below_one(p.type.dtype)), p)
        log_yes = builder(Negative(), builder(Log(), p))
        log_no = builder(Negative(), builder(Log1p(), builder(Negative(), p)))
        no = builder(SubtractFrom(1.0), p)
    yes = _weighed(builder, term, no, builder(Multiply(), t, log_yes))
    others = builder(Multiply(), builder(SubtractFrom(1.0), t), log_no)
    others = _weighed(builder, term, p, others)
    if term.alpha is not None:
        yes = builder(ScaleBy(term.alpha), yes)
        others = builder(ScaleBy(1.0 - term.alpha), others)
    return builder(Add(), yes, others)


def _weighed(builder: Builder, term: Any, rest: Value, surprise: Value) -> Value:
    """surprise rest^gamma; rest counts as at least the smallest normal number."""
    if term.gamma == 0.0:
        return surprise
    above = builder(ClampBelow(smallest(rest.type.dtype)), rest)
    return builder(Multiply(), builder(Power(term.gamma), above), surprise)


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
