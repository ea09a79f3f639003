"""Losses of numbers: how far an output is from its target, e = y - t."""

import math
from typing import Literal

from nngraph.formula import Term, clip, dot, exp, log1p, sign, spread, tanh
from nngraph.words.base import Positive
from nngraph.words.row import LossRow, ValuesLoss, loss_with, of_errors


class Huber(ValuesLoss):
    """e^2 / 2 where |e| <= delta, delta (|e| - delta / 2) beyond; e = y - t."""

    kind: Literal["huber"] = "huber"
    """The formula."""
    delta: Positive = 1.0
    """Where the parabola becomes a line."""


def squared_error(y: Term, t: Term) -> Term:
    """The sum of e^2."""
    e = y - t
    return dot(e, e)


def pull_squared_error(g: Term, y: Term, t: Term) -> tuple[Term, Term]:
    """2 e g, and the same with the other sign."""
    w = spread(g, y, 2.0)
    into_y = (y - t) * w
    return into_y, -into_y


def huber(y: Term, t: Term, delta: float) -> Term:
    """The sum of c (e - c / 2), c being e cut at -delta and delta: both branches at once."""
    e = y - t
    cut = clip(e, -delta, delta)
    return dot(cut, e - 0.5 * cut)


def pull_huber(g: Term, y: Term, t: Term, delta: float) -> tuple[Term, Term]:
    """e cut at -delta and delta, times g, and the same with the other sign."""
    cut = clip(y - t, -delta, delta)
    into_y = cut * spread(g, y)
    return into_y, -into_y


def log_cosh(e: Term) -> Term:
    """|e| + ln(1 + e^-2|e|) - ln 2, which never overflows."""
    size = abs(e)
    return size + log1p(exp(-2.0 * size)) - math.log(2.0)


DISTANCES: tuple[LossRow, ...] = (
    LossRow(
        "mean_squared_error",
        "(y - t)^2",
        squared_error,
        pull_squared_error,
        values="mean",
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.11 (without the "
        "half).",
    ),
    of_errors(
        "mean_absolute_error",
        "|y - t|",
        abs,
        sign,
        source="Boscovich's criterion; Bloomfield & Steiger, Least Absolute Deviations (1983).",
    ),
    of_errors("log_cosh", "ln cosh(y - t)", log_cosh, tanh),
    loss_with(
        Huber,
        huber,
        pull_huber,
        numbers=("delta",),
        values="mean",
        source="Huber, Annals of Mathematical Statistics 35 (1964) 73-101, eq. 2.1.",
    ),
)
"""A loss of numbers is added by a row here."""
