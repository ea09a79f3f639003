"""Activations that couple the elements of the last axis."""

from __future__ import annotations

import math

from nngraph.formula import Term, exp, log, max_last, sum_last
from nngraph.words.row import UNIT, Activation


def softmax(a: Term) -> Term:
    """e^a_k / sum_j e^a_j, the maximum subtracted first."""
    e = exp(a - max_last(a))
    return e / sum_last(e)


def pull_softmax(g: Term, p: Term, a: Term) -> Term:
    """p (g - sum_k g_k p_k), its Jacobian applied."""
    mean = sum_last(g * p)
    return p * (g - mean)


def log_softmax(a: Term) -> Term:
    """s - ln sum_j e^s_j with s = a - max a, in nats."""
    s = a - max_last(a)
    return s - log(sum_last(exp(s)))


def pull_log_softmax(g: Term, z: Term, a: Term) -> Term:
    """g - e^z sum_k g_k."""
    total = sum_last(g)
    return g - exp(z) * total


COUPLED: tuple[Activation, ...] = (
    Activation(
        "softmax",
        "e^a_k / sum_j e^a_j; subtracting the maximum changes nothing and avoids overflow",
        softmax,
        pull_softmax,
        range=UNIT,
        over_last_axis=True,
        gives="p",
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62 and 4.106.",
    ),
    Activation(
        "log_softmax",
        "ln softmax(a), which never takes the logarithm of 0",
        log_softmax,
        pull_log_softmax,
        range=(-math.inf, 0.0),
        over_last_axis=True,
        gives="ln p",
        source="Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4.",
    ),
)
