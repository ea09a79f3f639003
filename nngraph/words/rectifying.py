"""Smooth activations that are near a for large a, and near a number for small a."""

import math
from typing import Literal

from nngraph.formula import Term, another_word, at_least, at_most, erfc, exp, expm1, step
from nngraph.words.base import Positive
from nngraph.words.row import HE, Activation, ActivationOptions, with_options
from nngraph.words.smooth import sigmoid


class Elu(ActivationOptions):
    """a above 0, alpha (exp(a) - 1) below."""

    kind: Literal["elu"] = "elu"
    alpha: Positive = 1.0
    """The value that is approached far below 0, with its sign changed."""


class Celu(ActivationOptions):
    """a above 0, alpha (exp(a / alpha) - 1) below."""

    kind: Literal["celu"] = "celu"
    alpha: Positive = 1.0
    """The value that is approached far below 0, with its sign changed."""


def elu(a: Term, alpha: float) -> Term:
    """a where a > 0, alpha (e^a - 1) elsewhere."""
    below = expm1(at_most(a, 0.0))
    if alpha != 1.0:
        below = alpha * below
    return at_least(a, 0.0) + below


def pull_elu(g: Term, z: Term, a: Term, alpha: float) -> Term:
    """g where a > 0, alpha e^a g elsewhere."""
    slope = exp(at_most(a, 0.0))
    if alpha != 1.0:  # alpha e^min(a, 0) is alpha where a > 0, but 1 is wanted there
        rest = (1.0 - alpha) * step(a)
        slope = alpha * slope + rest
    return g * slope


SELU_ALPHA = 1.6732632423543772848
SELU_SCALE = 1.0507009873554804934


def celu(a: Term, alpha: float) -> Term:
    """a where a > 0, alpha (e^(a / alpha) - 1) elsewhere."""
    below = alpha * expm1(at_most(a, 0.0) / alpha)
    return at_least(a, 0.0) + below


def gelu(a: Term) -> Term:
    """a Phi(a), Phi(a) = erfc(-a / sqrt(2)) / 2."""
    tail = erfc(a * -math.sqrt(0.5))
    return 0.5 * a * tail


def pull_gelu(g: Term, z: Term, a: Term) -> Term:
    """g (Phi(a) + a e^(-a^2 / 2) / sqrt(2 pi))."""
    scaled = a * -math.sqrt(0.5)
    Phi = 0.5 * erfc(scaled)
    bell = 1.0 / math.sqrt(2.0 * math.pi) * another_word("gaussian", scaled)
    return g * (Phi + a * bell)


def pull_silu(g: Term, z: Term, a: Term) -> Term:
    """g s (1 + a (1 - s)), s = sigmoid(a)."""
    s = another_word("sigmoid", a)
    rest = a * (1.0 - s)
    return g * (s * (1.0 + rest))


MISH_LIMIT = 40.0  # from here on tanh(softplus(a)) is 1 to the last bit, and e^2a is no overflow


def _powers(below: Term) -> tuple[Term, Term, Term]:
    """e = e^a, n = e (e + 2) and n + 2."""
    e = exp(below)
    n = e * (e + 2.0)
    return e, n, n + 2.0


def mish(a: Term) -> Term:
    """a tanh(softplus(a)) = a n / (n + 2), for tanh(ln u) = (u^2 - 1) / (u^2 + 1), u = 1 + e^a."""
    _, n, n_plus_2 = _powers(at_most(a, MISH_LIMIT))
    return a * (n / n_plus_2)


def pull_mish(g: Term, z: Term, a: Term) -> Term:
    """g (t + a 4 e (e + 1) / (n + 2)^2), t = n / (n + 2)."""
    below = at_most(a, MISH_LIMIT)
    e, n, n_plus_2 = _powers(below)
    rise = e * (1.0 + e) / n_plus_2 / n_plus_2  # one after the other, (n + 2)^2 may overflow
    change = below * (4.0 * rise)
    return g * (n / n_plus_2 + change)


RECTIFYING: tuple[Activation, ...] = (
    with_options(
        Elu,
        elu,
        pull_elu,
        rising=True,
        init=HE,
        source="Clevert, Unterthiner & Hochreiter, ICLR (2016), eq. 15.",
    ),
    Activation(
        "selu",
        "1.0507... elu(a) with alpha 1.6732...: keeps mean 0 and variance 1 from layer to layer",
        lambda a: SELU_SCALE * elu(a, SELU_ALPHA),
        lambda g, z, a: pull_elu(SELU_SCALE * g, z, a, SELU_ALPHA),
        rising=True,
        init="lecun_normal",
        source="Klambauer, Unterthiner, Mayr & Hochreiter, NeurIPS 30 (2017), eq. 2 and 14.",
    ),
    with_options(
        Celu,
        celu,
        lambda g, z, a, alpha: g * exp(at_most(a, 0.0) / alpha),
        rising=True,
        init=HE,
        source="Barron, Continuously Differentiable Exponential Linear Units, arXiv:1704.07483 "
        "(2017).",
    ),
    Activation(
        "gelu",
        "a Phi(a) with the normal distribution function Phi",
        gelu,
        pull_gelu,
        init=HE,
        source="Hendrycks & Gimpel, Gaussian Error Linear Units, arXiv:1606.08415 (2016), eq. 1.",
    ),
    Activation(
        "silu",
        "a sigmoid(a), also called swish",
        lambda a: a * sigmoid(a),
        pull_silu,
        init=HE,
        source="Elfwing, Uchibe & Doya, Neural Networks 107 (2018) 3-11, eq. 8.",
    ),
    Activation(
        "mish",
        "a tanh(softplus(a))",
        mish,
        pull_mish,
        init=HE,
        source="Misra, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC (2020), "
        "eq. 1.",
    ),
)
