"""The activations, written out once more by hand: each from its definition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017


def _each(f: Callable[[float], float]) -> Callable[[Array], Array]:
    return np.vectorize(f, otypes=[float])


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _unit(x: float) -> float:
    """The straight line through 1/2 with slope 1/6, from 0 to 1."""
    return min(max(x / 6.0 + 0.5, 0.0), 1.0)


def _log_softmax(a: Array) -> Array:
    shifted = a - a.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


PLAIN: dict[str, Callable[[Array], Array]] = {
    "identity": lambda a: a,
    "sign": _each(lambda x: float((x > 0) - (x < 0))),
    "sigmoid": _each(_sigmoid),
    "tanh": _each(math.tanh),
    "relu": _each(lambda x: max(x, 0.0)),
    "selu": _each(lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x))),
    "gelu": _each(lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2.0))),
    "silu": _each(lambda x: x * _sigmoid(x)),
    "mish": _each(lambda x: x * math.tanh(_softplus(x))),
    "softplus": _each(_softplus),
    "softsign": _each(lambda x: x / (1.0 + abs(x))),
    "hard_sigmoid": _each(_unit),
    "hard_swish": _each(lambda x: x * _unit(x)),
    "hard_tanh": _each(lambda x: min(max(x, -1.0), 1.0)),
    "relu6": _each(lambda x: min(max(x, 0.0), 6.0)),
    "gaussian": _each(lambda x: math.exp(-x * x)),
    "exp": _each(math.exp),
    "log": _each(math.log),
    "sqrt": _each(math.sqrt),
    "square": _each(lambda x: x * x),
    "abs": _each(abs),
    "sin": _each(math.sin),
    "cos": _each(math.cos),
    "log_softmax": _log_softmax,
    "softmax": lambda a: np.exp(_log_softmax(a)),
}
"""Those without options."""


def apply(function: Any, a: Array, slopes: Array | None) -> Array:
    """f(a) of an activation as the document holds it; `slopes` are those of a prelu."""
    kind = function.kind
    if kind in PLAIN:
        return PLAIN[kind](a)
    if kind == "step":
        return np.where(a == 0, function.at_zero, np.where(a > 0, 1.0, 0.0))
    alpha = slopes if kind == "prelu" else function.alpha
    below = {
        "leaky_relu": lambda: alpha * a,
        "prelu": lambda: alpha * a,
        "elu": lambda: alpha * np.expm1(np.minimum(a, 0.0)),
        "celu": lambda: alpha * np.expm1(np.minimum(a, 0.0) / alpha),
    }
    return np.where(a > 0, a, below[kind]())
