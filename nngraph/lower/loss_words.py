"""The table from the words of `loss` to what is computed, and what each asks of its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nngraph.ir import Builder, Op, Value
from nngraph.lower.focal import focal
from nngraph.lower.lowered import TargetKind
from nngraph.ops import (
    CategoricalHinge,
    ClampBelow,
    Dice,
    Hinge,
    Jaccard,
    Log,
    LossWord,
    SampleBinaryCrossEntropy,
    SampleCrossEntropy,
    SampleHuber,
    SampleNegativeLogLikelihood,
    SquaredError,
    SquaredHinge,
    Subtract,
)
from nngraph.ops.shared import smallest
from nngraph.words.losses import LOSSES, LossFormula
from nngraph.words.row import UNIT


@dataclass(frozen=True, slots=True)
class LossRow:
    """One loss: how it is written for an output and a target, [N, *d] each, as one number a sample.

    `values` is the default over the values of a sample, `target` what it compares with. `needs`
    is the activation whose output alone makes sense, or a range that holds all outputs; `reach`,
    a range that outputs must be able to leave or fill for the loss to become 0.
    """

    write: Callable[[Builder, Any, bool, Value, Value], Value]
    values: str
    target: TargetKind
    needs: str | tuple[float, float] | None = None
    reach: tuple[float, float] | None = None


def loss_row(kind: str, function: str | None) -> LossRow:
    """The row of a loss on a node with this activation: over a softmax, areas and focal losses
    compare with classes."""
    row = LOSS_ROWS[kind]
    if kind in ("dice", "jaccard", "focal") and function == "softmax":
        return replace(row, target="classes")
    return row


def _one(make: Callable[[Any, bool], Op]) -> Callable[[Builder, Any, bool, Value, Value], Value]:
    """A loss that is one op."""
    return lambda builder, term, mean, y, t: builder(make(term, mean), y, t)


def _cross_entropy(builder: Builder, term: Any, mean: bool, p: Value, t: Value) -> Value:
    # the targets of classes sum to 1, unless classes have weights
    normalised = term.class_weights is None
    return builder(SampleCrossEntropy(mean, normalised=normalised), p, t)


def kl_divergence(builder: Builder, term: Any, mean: bool, p: Value, t: Value) -> Value:
    """sum_k t_k ln(t_k / p_k): the cross-entropy, which fuses with its softmax, minus that of t
    with itself. Where t is 0, so is its term."""
    floor = ClampBelow(smallest(t.type.dtype))
    own = builder(SampleNegativeLogLikelihood(mean), builder(Log(), builder(floor, t)), t)
    crossed = builder(SampleCrossEntropy(mean), p, t)
    return builder(Subtract(), crossed, own)


def _formula(row: LossFormula) -> LossRow:
    """A loss that is a formula of output and target."""
    return LossRow(_one(lambda term, mean: LossWord(row, mean)), row.values, "values")


HINGE = (-1.0, 1.0)

LOSS_ROWS: Mapping[str, LossRow] = {
    "mean_squared_error": LossRow(_one(lambda term, mean: SquaredError(mean)), "mean", "values"),
    "huber": LossRow(_one(lambda term, mean: SampleHuber(mean, term.delta)), "mean", "values"),
    "cross_entropy": LossRow(_cross_entropy, "sum", "classes", "softmax"),
    "binary_cross_entropy": LossRow(
        _one(lambda term, mean: SampleBinaryCrossEntropy(mean)), "sum", "binary", UNIT
    ),
    "negative_log_likelihood": LossRow(
        _one(lambda term, mean: SampleNegativeLogLikelihood(mean)), "sum", "classes", "log_softmax"
    ),
    "kl_divergence": LossRow(kl_divergence, "sum", "values", "softmax"),
    "hinge": LossRow(_one(lambda term, mean: Hinge(mean)), "sum", "signs", reach=HINGE),
    "squared_hinge": LossRow(
        _one(lambda term, mean: SquaredHinge(mean)), "sum", "signs", reach=HINGE
    ),
    "categorical_hinge": LossRow(
        _one(lambda term, mean: CategoricalHinge(mean)), "sum", "classes", reach=UNIT
    ),
    "dice": LossRow(_one(lambda term, mean: Dice(term.smooth)), "sum", "binary", UNIT),
    "jaccard": LossRow(_one(lambda term, mean: Jaccard(term.smooth)), "sum", "binary", UNIT),
    "focal": LossRow(focal, "sum", "binary", UNIT),
    **{row.name: _formula(row) for row in LOSSES},
}
