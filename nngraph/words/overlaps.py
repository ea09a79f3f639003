"""Losses of masks: how little two areas overlap."""

from typing import Literal

from nngraph.formula import Term, dot, spread, total
from nngraph.words.base import Positive
from nngraph.words.row import UNIT, LossRow, LossSpec, loss_with


class Overlap(LossSpec):
    """1 - how much two masks overlap, over all values of a sample."""

    smooth: Positive = 1.0
    """Added above and below the line, so that two empty masks are equal."""


class Dice(Overlap):
    """1 - 2 I / (A + B), I the area that two masks A and B have in common."""

    kind: Literal["dice"] = "dice"
    """The formula."""


class Jaccard(Overlap):
    """1 - I / (A + B - I), I the area that two masks A and B have in common."""

    kind: Literal["jaccard"] = "jaccard"
    """The formula."""


def _dice(p: Term, t: Term, smooth: float) -> tuple[Term, Term]:
    """2 sum p t + smooth, and sum p + sum t + smooth."""
    common = dot(p, t)
    areas = total(p) + total(t)
    return 2.0 * common + smooth, areas + smooth


def _jaccard(p: Term, t: Term, smooth: float) -> tuple[Term, Term]:
    """sum p t + smooth, and sum p + sum t - sum p t + smooth."""
    common = dot(p, t)
    areas = total(p) + total(t) - common
    return common + smooth, areas + smooth


def dice_loss(p: Term, t: Term, smooth: float) -> Term:
    """1 - (2 sum p t + smooth) / (sum p + sum t + smooth), between 0 and 1."""
    top, below = _dice(p, t, smooth)
    return 1.0 - top / below


def jaccard(p: Term, t: Term, smooth: float) -> Term:
    """1 - (sum p t + smooth) / (sum p + sum t - sum p t + smooth), between 0 and 1."""
    top, below = _jaccard(p, t, smooth)
    return 1.0 - top / below


def _pulled(p: Term, t: Term, into_common: Term, into_areas: Term) -> tuple[Term, Term]:
    """From the cotangents of sum p t and of sum p + sum t."""
    common, areas = spread(into_common, p), spread(into_areas, p)
    return t * common + areas, p * common + areas


def pull_dice(g: Term, p: Term, t: Term, smooth: float) -> tuple[Term, Term]:
    """With D the divisor and R the quotient: (R - 2 t) / D g, and likewise for t."""
    top, below = _dice(p, t, smooth)
    scaled = g / below
    ratio = scaled * (top / below)
    return _pulled(p, t, -2.0 * scaled, ratio)


def pull_jaccard(g: Term, p: Term, t: Term, smooth: float) -> tuple[Term, Term]:
    """With D the divisor and R the quotient: (R (1 - t) - t) / D g, and likewise for t."""
    top, below = _jaccard(p, t, smooth)
    scaled = g / below
    ratio = scaled * (top / below)
    return _pulled(p, t, -scaled - ratio, ratio)


OVERLAPS: tuple[LossRow, ...] = (
    loss_with(
        Dice,
        dice_loss,
        pull_dice,
        numbers=("smooth",),
        values=None,
        target="binary",
        over_softmax="classes",
        needs=UNIT,
        source="Milletari, Navab & Ahmadi, V-Net, 3DV (2016) 565-571, with plain sums below.",
    ),
    loss_with(
        Jaccard,
        jaccard,
        pull_jaccard,
        numbers=("smooth",),
        values=None,
        target="binary",
        over_softmax="classes",
        needs=UNIT,
        source="Rahman & Wang, Optimizing intersection-over-union in deep neural networks, ISVC "
        "(2016).",
    ),
)
"""A loss of masks is added by a row here."""
