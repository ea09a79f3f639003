"""Smooth activations, and the plain functions that serve as ones."""

from __future__ import annotations

from nngraph.formula import (
    EXP_LIMIT,
    Term,
    another_word,
    at_least,
    at_most,
    cos,
    exp,
    log,
    log1p,
    sin,
    sqrt,
    square,
    tanh,
)
from nngraph.words.row import POSITIVE, SIGNED, UNIT, Activation

GAUSSIAN_LIMIT = 40.0  # e^-1600 is 0 in every dtype, and no square overflows


def sigmoid(a: Term) -> Term:
    """Exact for negative a, which counts as at least -708.

    (-87 for float32: there e^-a is the greatest power that is a number, and the result is the
    smallest.)
    """
    return 1.0 / (1.0 + exp(-at_least(a, -EXP_LIMIT)))


def softplus(a: Term) -> Term:
    """max(a, 0) + ln(1 + e^-|a|)."""
    power = exp(-abs(a))
    return at_least(a, 0.0) + log1p(power)


def pull_softsign(g: Term, z: Term, a: Term) -> Term:
    """g / (1 + |a|)^2."""
    share = 1.0 / (1.0 + abs(a))
    return g * square(share)


def gaussian(a: Term) -> Term:
    """e^(-a^2)."""
    near = at_least(at_most(a, GAUSSIAN_LIMIT), -GAUSSIAN_LIMIT)
    return exp(-square(near))


SMOOTH: tuple[Activation, ...] = (
    Activation("identity", "a", lambda a: a, lambda g, z, a: g, rising=True),
    Activation(
        "sigmoid",
        "1 / (1 + e^-a), where e^-a never overflows",
        sigmoid,
        lambda g, z, a: g * (z * (1.0 - z)),
        range=UNIT,
        rising=True,
        saturated=(0.02, 0.98),
        gives="p",
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.59.",
    ),
    Activation(
        "tanh",
        "tanh a",
        tanh,
        range=SIGNED,
        rising=True,
        saturated=(-0.98, 0.98),
        source="LeCun, Bottou, Orr & Muller, Efficient BackProp (1998), section 4.4.",
    ),
    Activation(
        "softplus",
        "ln(1 + e^a)",
        softplus,
        lambda g, z, a: g * another_word("sigmoid", a),
        range=POSITIVE,
        rising=True,
        source="Dugas, Bengio, Belisle, Nadeau & Garcia, NIPS 13 (2000), section 3.",
    ),
    Activation(
        "softsign",
        "a / (1 + |a|)",
        lambda a: a / (1.0 + abs(a)),
        pull_softsign,
        range=SIGNED,
        rising=True,
        saturated=(-0.98, 0.98),
        source="Bergstra, Desjardins, Lamblin & Bengio, Quadratic Polynomials Learn Better Image "
        "Features (technical report 1337, Universite de Montreal, 2009).",
    ),
    Activation(
        "gaussian",
        "e^(-a^2)",
        gaussian,
        lambda g, z, a: g * (-2.0 * a * z),
        range=UNIT,
        source="Broomhead & Lowe, Complex Systems 2 (1988) 321-355.",
    ),
    Activation("exp", "e^a", exp, range=POSITIVE, rising=True),
    Activation("log", "ln a", log, rising=True),
    Activation("sqrt", "the square root of a", sqrt, range=POSITIVE, rising=True),
    Activation("square", "a^2", square, range=POSITIVE),
    Activation("sin", "sin a, a in radians", sin, range=SIGNED),
    Activation("cos", "cos a, a in radians", cos, range=SIGNED),
)
