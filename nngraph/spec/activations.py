"""The activations: one class for all that have no options, one for each that has."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from nngraph.words.base import Positive, SpecModel, by_name

PlainName = Literal[
    "identity",
    "sign",
    "sigmoid",
    "tanh",
    "relu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "relu6",
    "gaussian",
    "exp",
    "log",
    "sqrt",
    "square",
    "abs",
    "sin",
    "cos",
    "softmax",
    "log_softmax",
]


class PlainActivation(SpecModel):
    """An activation without options; softmax and log_softmax act over the last axis."""

    kind: PlainName = "identity"


class Step(SpecModel):
    """1 where a > 0, else 0; at a = 0 the value `at_zero`."""

    kind: Literal["step"] = "step"
    at_zero: float = 0.0
    """The output where the pre-activation is exactly 0."""


class LeakyRelu(SpecModel):
    """max(a, alpha a)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    alpha: float = 0.01
    """Slope below 0."""


class Prelu(SpecModel):
    """a above 0, alpha a below, with one learned alpha per unit."""

    kind: Literal["prelu"] = "prelu"
    alpha: float = 0.25
    """The slopes below 0 at the start."""


class Elu(SpecModel):
    """a above 0, alpha (exp(a) - 1) below."""

    kind: Literal["elu"] = "elu"
    alpha: Positive = 1.0
    """The value that is approached far below 0, with its sign changed."""


class Celu(SpecModel):
    """a above 0, alpha (exp(a / alpha) - 1) below."""

    kind: Literal["celu"] = "celu"
    alpha: Positive = 1.0
    """The value that is approached far below 0, with its sign changed."""


AnyActivation = PlainActivation | Step | LeakyRelu | Prelu | Elu | Celu

ACTIVATIONS: tuple[str, ...] = (
    *get_args(PlainName),
    "step",
    "leaky_relu",
    "prelu",
    "elu",
    "celu",
)
"""Every activation by name."""

Activation = Annotated[AnyActivation, Field(discriminator="kind"), by_name(*ACTIVATIONS)]
"""A name, or a mapping with `kind` and the options of that activation."""
