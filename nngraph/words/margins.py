"""Losses of scores: the right answer is to lie 1 ahead."""

from __future__ import annotations

from nngraph.formula import (
    Term,
    at_least,
    max_last,
    number,
    spread,
    square,
    sum_last,
    to_greatest,
    total,
)
from nngraph.words.row import LossRow


def _sign(t: Term) -> Term:
    """1 where t > 0, else -1: targets of 0 and 1 and of -1 and 1 mean the same."""
    return 2.0 * number(t > 0.0) - 1.0


def _ahead(y: Term, s: Term) -> Term:
    """1 - s y: positive where less than the margin is kept."""
    return 1.0 - s * y


def hinge(y: Term, t: Term) -> Term:
    """The sum of max(0, 1 - s y)."""
    return total(at_least(_ahead(y, _sign(t)), 0.0))


def pull_hinge(g: Term, y: Term, t: Term) -> tuple[Term, None]:
    """-s g where s y < 1."""
    s = _sign(t)
    slope = s * (_ahead(y, s) > 0.0)
    return slope * spread(g, y, -1.0), None


def squared_hinge(y: Term, t: Term) -> Term:
    """The sum of max(0, 1 - s y)^2."""
    return total(square(at_least(_ahead(y, _sign(t)), 0.0)))


def pull_squared_hinge(g: Term, y: Term, t: Term) -> tuple[Term, None]:
    """-2 s max(0, 1 - s y) g."""
    s = _sign(t)
    slope = s * at_least(_ahead(y, s), 0.0)
    return slope * spread(g, y, -2.0), None


OUT_OF_RANGE = 1e30  # larger than any score, and still a number of single precision


def _rivals(y: Term, t: Term) -> tuple[Term, Term]:
    """The scores, that of the right class too low to be the highest, and the highest of them."""
    rivals = y - OUT_OF_RANGE * t
    return rivals, max_last(rivals)


def _too_near(highest: Term, y: Term, t: Term) -> Term:
    """1 + highest rival - right score."""
    return highest - sum_last(t * y) + 1.0


def categorical_hinge(y: Term, t: Term) -> Term:
    """The sum of max(0, 1 + max over wrong k of y_k - y_right) over rows of classes."""
    _, highest = _rivals(y, t)
    return total(at_least(_too_near(highest, y, t), 0.0))


def pull_categorical_hinge(g: Term, y: Term, t: Term) -> tuple[Term, None]:
    """Where the loss is positive g for the highest rival and -g t."""
    rivals, highest = _rivals(y, t)
    active = _too_near(highest, y, t) > 0.0
    g = active * spread(g, highest)
    return to_greatest(g, highest, rivals) - t * g, None


MARGINS: tuple[LossRow, ...] = (
    LossRow(
        "hinge",
        "max(0, 1 - s y) with s = 1 where t > 0, else -1",
        hinge,
        pull_hinge,
        target="signs",
        margin=True,
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 7.44.",
    ),
    LossRow(
        "squared_hinge",
        "max(0, 1 - s y)^2 with s = 1 where t > 0, else -1",
        squared_hinge,
        pull_squared_hinge,
        target="signs",
        margin=True,
        source="Chang, Hsieh & Lin, Journal of Machine Learning Research 9 (2008) 1369-1398.",
    ),
    LossRow(
        "categorical_hinge",
        "max(0, 1 + highest wrong score - right score)",
        categorical_hinge,
        pull_categorical_hinge,
        target="classes",
        margin=True,
        over_last_axis=True,
        source="Crammer & Singer, Journal of Machine Learning Research 2 (2001) 265-292, "
        "section 2.",
    ),
)
"""A loss of scores is added by a row here."""
