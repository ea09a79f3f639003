"""Activations made of straight pieces."""

from typing import Literal

from nngraph.formula import (
    Term,
    another_word,
    at_least,
    at_most,
    between,
    clip,
    maximum,
    minimum,
    sign,
    step,
)
from nngraph.words.base import Positive
from nngraph.words.row import (
    HE,
    POSITIVE,
    SIGNED,
    UNIT,
    Activation,
    ActivationOptions,
    with_options,
)


class Step(ActivationOptions):
    """1 where a > 0, else 0; at a = 0 the value `at_zero`."""

    kind: Literal["step"] = "step"
    at_zero: float = 0.0
    """The output where the pre-activation is exactly 0."""


class LeakyRelu(ActivationOptions):
    """max(a, alpha a)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    alpha: float = 0.01
    """Slope below 0."""


class Prelu(ActivationOptions):
    """a above 0, alpha a below, with one learned alpha per unit."""

    kind: Literal["prelu"] = "prelu"
    alpha: float = 0.25
    """The slopes below 0 at the start."""


class SoftShrink(ActivationOptions):
    """a moved towards 0 by alpha, and 0 where it is nearer than that."""

    kind: Literal["soft_shrink"] = "soft_shrink"
    alpha: Positive = 0.5
    """Half the width of what becomes 0."""


class HardShrink(ActivationOptions):
    """a, and 0 where it is nearer to 0 than alpha."""

    kind: Literal["hard_shrink"] = "hard_shrink"
    alpha: Positive = 0.5
    """Half the width of what becomes 0."""


def leaky_relu(a: Term, alpha: float) -> Term:
    """The upper one of the lines a and alpha a is right where alpha <= 1, else the lower one."""
    below = alpha * a
    return maximum(a, below) if alpha <= 1.0 else minimum(a, below)


def pull_leaky_relu(g: Term, z: Term, a: Term, alpha: float) -> Term:
    """g where a > 0, alpha g elsewhere."""
    return g * ((1.0 - alpha) * step(a) + alpha)


def prelu(a: Term, alpha: Term) -> Term:
    """As leaky_relu, for any alpha of a unit."""
    below = at_most(a, 0.0) * alpha
    return at_least(a, 0.0) + below


def pull_prelu(g: Term, z: Term, a: Term, alpha: Term) -> tuple[Term, Term]:
    """Into a: g where a > 0, alpha g elsewhere; into alpha: g min(a, 0)."""
    rise = step(a) * (1.0 - alpha)
    return g * (rise + alpha), g * at_most(a, 0.0)


def hard_sigmoid(a: Term) -> Term:
    """Three straight pieces near the sigmoid."""
    return clip(a + 3.0, 0.0, 6.0) / 6.0


def pull_hard_swish(g: Term, z: Term, a: Term) -> Term:
    """g (hard_sigmoid(a) + a / 6 where -3 < a < 3)."""
    inside = a / 6.0 * between(a, -3.0, 3.0)
    return g * (another_word("hard_sigmoid", a) + inside)


PIECEWISE: tuple[Activation, ...] = (
    Activation(
        "sign",
        "-1, 0 or 1",
        sign,
        range=SIGNED,
        rising=True,
        trainable=False,
    ),
    with_options(
        Step,
        step,
        range=UNIT,
        trainable=False,
        source="Rosenblatt, Psychological Review 65 (1958) 386-408.",
    ),
    Activation(
        "relu",
        "max(a, 0)",
        lambda a: at_least(a, 0.0),
        lambda g, z, a: g * (z > 0.0),  # a itself is not needed
        range=POSITIVE,
        rising=True,
        rectifies=True,
        init=HE,
        source="Glorot, Bordes & Bengio, AISTATS 15 (2011) 315-323.",
    ),
    with_options(
        LeakyRelu,
        leaky_relu,
        pull_leaky_relu,
        init=HE,
        source="Maas, Hannun & Ng, ICML Workshop on Deep Learning for Audio, Speech and Language "
        "Processing (2013).",
    ),
    with_options(
        Prelu,
        prelu,
        pull_prelu,
        learned=("alpha",),
        init=HE,
        source="He, Zhang, Ren & Sun, ICCV (2015) 1026-1034.",
    ),
    Activation(
        "hard_sigmoid",
        "min(max(a + 3, 0), 6) / 6",
        hard_sigmoid,
        lambda g, z, a: g / 6.0 * between(z, 0.0, 1.0),
        range=UNIT,
        rising=True,
        saturated=(0.0, 1.0),
        gives="p",
        source="Howard et al., Searching for MobileNetV3, ICCV (2019), section 5.2.",
    ),
    Activation(
        "hard_swish",
        "a hard_sigmoid(a)",
        lambda a: a * hard_sigmoid(a),
        pull_hard_swish,
        init=HE,
        source="Howard et al., Searching for MobileNetV3, ICCV (2019), section 5.2.",
    ),
    Activation(
        "hard_tanh",
        "min(max(a, -1), 1)",
        lambda a: clip(a, -1.0, 1.0),
        lambda g, z, a: g * between(z, -1.0, 1.0),
        range=SIGNED,
        rising=True,
        saturated=(-1.0, 1.0),
        source="Collobert, Large Scale Machine Learning (thesis, Paris VI, 2004).",
    ),
    Activation(
        "relu6",
        "min(max(a, 0), 6)",
        lambda a: clip(a, 0.0, 6.0),
        lambda g, z, a: g * between(z, 0.0, 6.0),
        range=(0.0, 6.0),
        rising=True,
        rectifies=True,
        init=HE,
        source="Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10 (2010), section 3.",
    ),
    Activation("abs", "|a|", abs, range=POSITIVE),
    with_options(
        SoftShrink,
        lambda a, alpha: a - clip(a, -alpha, alpha),
        lambda g, z, a, alpha: g * (abs(a) > alpha),
        rising=True,
        source="Donoho & Johnstone, Biometrika 81 (1994) 425-455.",
    ),
    with_options(
        HardShrink,
        lambda a, alpha: a * (abs(a) > alpha),
        lambda g, z, a, alpha: g * (abs(a) > alpha),
        rising=True,
        source="Donoho & Johnstone, Biometrika 81 (1994) 425-455.",
    ),
)
