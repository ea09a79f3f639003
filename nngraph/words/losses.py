"""Losses that are a formula of one output and one target: a loss is added by its row here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from nngraph.formula import Formula, Term, exp, log1p, sign, tanh, trace
from nngraph.words.base import SpecModel


class LossSpec(SpecModel):
    """One term of the loss: how far a node's output is from its target."""

    kind: str
    """The formula."""
    node: str | None = None
    """The node that is judged; by default the only output."""
    target: str | None = None
    """The column it is compared with, or an input node; by default named like the node."""
    weight: float = 1.0
    """Factor of this term in the sum."""
    reduction: Literal["mean", "sum"] = "mean"
    """Over the batch."""


class ValuesLoss(LossSpec):
    """A loss that adds up one number for each value of a sample."""

    values: Literal["sum", "mean"] | None = None
    """Over the values of one sample; by default the sum for entropies and hinges, the mean for
    squared and absolute errors and huber."""


@dataclass(frozen=True, slots=True, eq=False)
class LossFormula:
    """One loss without options: the sum over the values of a sample of `formula(y, t)`.

    `slope(y, t)` is its derivative by y; that by t is the same with the other sign. `values` is
    the default over the values of a sample, `op` the name in programs.
    """

    name: str
    meaning: str
    formula: Callable[[Term, Term], Term]
    slope: Callable[[Term, Term], Term]
    values: Literal["sum", "mean"] = "mean"
    source: str = ""

    @property
    def op(self) -> str:
        """The name without what `values` says."""
        return self.name.removeprefix("mean_")

    @property
    def steps(self) -> Formula:
        """The formula, traced."""
        return _traced(self.formula)

    @property
    def slope_steps(self) -> Formula:
        """The derivative by y, traced."""
        return _traced(self.slope)


@cache
def _traced(function: Callable[[Term, Term], Term]) -> Formula:
    return trace(function, 2)


def log_cosh(y: Term, t: Term) -> Term:
    """|e| + ln(1 + e^-2|e|) - ln 2 with e = y - t, which never overflows."""
    e = abs(y - t)
    return e + log1p(exp(-2.0 * e)) - math.log(2.0)


LOSSES: tuple[LossFormula, ...] = (
    LossFormula(
        "mean_absolute_error",
        "|y - t|",
        lambda y, t: abs(y - t),
        lambda y, t: sign(y - t),
        source="Boscovich's criterion; Bloomfield & Steiger, Least Absolute Deviations (1983).",
    ),
    LossFormula("log_cosh", "ln cosh(y - t)", log_cosh, lambda y, t: tanh(y - t)),
)
