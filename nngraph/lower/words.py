"""The one table from the words of the language to ops, and what lowering must know of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nngraph.ir import Op
from nngraph.ops import (
    Abs,
    Celu,
    Cos,
    Elu,
    Exp,
    Gaussian,
    Gelu,
    HardSigmoid,
    HardSwish,
    HardTanh,
    LeakyRelu,
    Log,
    LogSoftmax,
    Mish,
    PRelu,
    Relu,
    Relu6,
    Selu,
    Sigmoid,
    Sign,
    Silu,
    Sin,
    Softmax,
    Softplus,
    Softsign,
    Sqrt,
    Square,
    Step,
    Tanh,
)
from nngraph.spec.weights import PlainInitName

ANY = (-math.inf, math.inf)
UNIT = (0.0, 1.0)
SIGNED = (-1.0, 1.0)
POSITIVE = (0.0, math.inf)
"""Ranges of results, ends included."""

HE: PlainInitName = "he_uniform"


@dataclass(frozen=True, slots=True)
class ActivationRow:
    """One activation: its op (None for the identity), range, default way to draw weights into it.

    `trainable` is false where the derivative is zero everywhere.
    """

    make: Callable[[Any], Op | None]
    range: tuple[float, float] = ANY
    init: PlainInitName = "glorot_uniform"
    trainable: bool = True


def _plain(op: Op) -> Callable[[Any], Op | None]:
    return lambda options: op


ACTIVATION_ROWS: Mapping[str, ActivationRow] = {
    "identity": ActivationRow(lambda options: None),
    "step": ActivationRow(lambda options: Step(options.at_zero), UNIT, trainable=False),
    "sign": ActivationRow(_plain(Sign()), SIGNED, trainable=False),
    "sigmoid": ActivationRow(_plain(Sigmoid()), UNIT),
    "tanh": ActivationRow(_plain(Tanh()), SIGNED),
    "relu": ActivationRow(_plain(Relu()), POSITIVE, HE),
    "leaky_relu": ActivationRow(lambda options: LeakyRelu(options.alpha), ANY, HE),
    "prelu": ActivationRow(_plain(PRelu()), ANY, HE),
    "elu": ActivationRow(lambda options: Elu(options.alpha), ANY, HE),
    "selu": ActivationRow(_plain(Selu()), ANY, "lecun_normal"),
    "celu": ActivationRow(lambda options: Celu(options.alpha), ANY, HE),
    "gelu": ActivationRow(_plain(Gelu()), ANY, HE),
    "silu": ActivationRow(_plain(Silu()), ANY, HE),
    "mish": ActivationRow(_plain(Mish()), ANY, HE),
    "softplus": ActivationRow(_plain(Softplus()), POSITIVE),
    "softsign": ActivationRow(_plain(Softsign()), SIGNED),
    "hard_sigmoid": ActivationRow(_plain(HardSigmoid()), UNIT),
    "hard_swish": ActivationRow(_plain(HardSwish()), ANY, HE),
    "hard_tanh": ActivationRow(_plain(HardTanh()), SIGNED),
    "relu6": ActivationRow(_plain(Relu6()), (0.0, 6.0), HE),
    "gaussian": ActivationRow(_plain(Gaussian()), UNIT),
    "exp": ActivationRow(_plain(Exp()), POSITIVE),
    "log": ActivationRow(_plain(Log())),
    "sqrt": ActivationRow(_plain(Sqrt()), POSITIVE),
    "square": ActivationRow(_plain(Square()), POSITIVE),
    "abs": ActivationRow(_plain(Abs()), POSITIVE),
    "sin": ActivationRow(_plain(Sin()), SIGNED),
    "cos": ActivationRow(_plain(Cos()), SIGNED),
    "softmax": ActivationRow(_plain(Softmax()), UNIT),
    "log_softmax": ActivationRow(_plain(LogSoftmax()), (-math.inf, 0.0)),
}
