"""Activations of single neurons as plain functions: z = f(a), and f'(a) from a and z.

The same functions as the ops of the same names, to which the tests hold them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.error_function import erfc

Floats = NDArray[Any]

SELU_ALPHA = 1.6732632423543772848
SELU_SCALE = 1.0507009873554804934


def function(name: str, option: float, a: Floats) -> Floats:
    """z = f(a); `option` is the alpha or at_zero of those functions that have one."""
    return FUNCTIONS[name](a, option)


def derivative(name: str, option: float, a: Floats, z: Floats) -> Floats:
    """f'(a), 0 at the corners of what is made of straight pieces."""
    return DERIVATIVES[name](a, z, option)


def _sigmoid(a: Floats) -> Floats:
    limit = 87.0 if a.dtype.itemsize == 4 else 708.0  # e^limit is the greatest power that is finite
    return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(a, -limit))))


def _softplus(a: Floats) -> Floats:
    return np.asarray(np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a))))


def _elu(a: Floats, alpha: float) -> Floats:
    return np.where(a > 0, a, alpha * np.expm1(np.minimum(a, 0.0)))


def _elu_slope(a: Floats, alpha: float) -> Floats:
    return np.where(a > 0, 1.0, alpha * np.exp(np.minimum(a, 0.0)))


def _hard_sigmoid(a: Floats) -> Floats:
    return np.asarray(np.minimum(np.maximum(a + 3.0, 0.0), 6.0) / 6.0)


def _normal_share(a: Floats) -> Floats:
    """The normal distribution function."""
    scaled = np.asarray(a * -math.sqrt(0.5))
    return np.asarray(0.5 * erfc(scaled, out=np.empty_like(scaled)))


def _gelu_slope(a: Floats) -> Floats:
    density = np.exp(-0.5 * a * a) / math.sqrt(2.0 * math.pi)
    return np.asarray(_normal_share(a) + a * density)


def _mish_slope(a: Floats) -> Floats:
    t = np.tanh(_softplus(a))
    return np.asarray(t + a * (1.0 - t * t) * _sigmoid(a))


def _silu_slope(a: Floats) -> Floats:
    s = _sigmoid(a)
    return np.asarray(s * (1.0 + a * (1.0 - s)))


def _within(a: Floats, low: float, high: float) -> Floats:
    return ((a > low) & (a < high)).astype(a.dtype)


FUNCTIONS: Mapping[str, Callable[[Floats, float], Floats]] = {
    "identity": lambda a, option: a,
    "step": lambda a, at_zero: np.heaviside(a, a.dtype.type(at_zero)),
    "sign": lambda a, option: np.sign(a),
    "sigmoid": lambda a, option: _sigmoid(a),
    "tanh": lambda a, option: np.tanh(a),
    "relu": lambda a, option: np.maximum(a, 0.0),
    "leaky_relu": lambda a, alpha: np.where(a > 0, a, alpha * a),
    "elu": _elu,
    "selu": lambda a, option: SELU_SCALE * _elu(a, SELU_ALPHA),
    "celu": lambda a, alpha: np.where(a > 0, a, alpha * np.expm1(np.minimum(a, 0.0) / alpha)),
    "gelu": lambda a, option: a * _normal_share(a),
    "silu": lambda a, option: a * _sigmoid(a),
    "mish": lambda a, option: a * np.tanh(_softplus(a)),
    "softplus": lambda a, option: _softplus(a),
    "softsign": lambda a, option: a / (1.0 + np.abs(a)),
    "hard_sigmoid": lambda a, option: _hard_sigmoid(a),
    "hard_swish": lambda a, option: a * _hard_sigmoid(a),
    "hard_tanh": lambda a, option: np.minimum(np.maximum(a, -1.0), 1.0),
    "relu6": lambda a, option: np.minimum(np.maximum(a, 0.0), 6.0),
    "gaussian": lambda a, option: np.exp(-a * a),
    "exp": lambda a, option: np.exp(a),
    "log": lambda a, option: np.log(a),
    "sqrt": lambda a, option: np.sqrt(a),
    "square": lambda a, option: np.square(a),
    "abs": lambda a, option: np.abs(a),
    "sin": lambda a, option: np.sin(a),
    "cos": lambda a, option: np.cos(a),
}

DERIVATIVES: Mapping[str, Callable[[Floats, Floats, float], Floats]] = {
    "identity": lambda a, z, option: np.ones_like(a),
    "step": lambda a, z, option: np.zeros_like(a),
    "sign": lambda a, z, option: np.zeros_like(a),
    "sigmoid": lambda a, z, option: z * (1.0 - z),
    "tanh": lambda a, z, option: 1.0 - z * z,
    "relu": lambda a, z, option: (a > 0).astype(a.dtype),
    "leaky_relu": lambda a, z, alpha: np.where(a > 0, a.dtype.type(1), a.dtype.type(alpha)),
    "elu": lambda a, z, alpha: _elu_slope(a, alpha),
    "selu": lambda a, z, option: SELU_SCALE * _elu_slope(a, SELU_ALPHA),
    "celu": lambda a, z, alpha: np.exp(np.minimum(a, 0.0) / alpha),
    "gelu": lambda a, z, option: _gelu_slope(a),
    "silu": lambda a, z, option: _silu_slope(a),
    "mish": lambda a, z, option: _mish_slope(a),
    "softplus": lambda a, z, option: _sigmoid(a),
    "softsign": lambda a, z, option: 1.0 / np.square(1.0 + np.abs(a)),
    "hard_sigmoid": lambda a, z, option: _within(a, -3.0, 3.0) / 6.0,
    "hard_swish": lambda a, z, option: _hard_sigmoid(a) + a * _within(a, -3.0, 3.0) / 6.0,
    "hard_tanh": lambda a, z, option: _within(a, -1.0, 1.0),
    "relu6": lambda a, z, option: _within(a, 0.0, 6.0),
    "gaussian": lambda a, z, option: -2.0 * a * z,
    "exp": lambda a, z, option: z,
    "log": lambda a, z, option: 1.0 / a,
    "sqrt": lambda a, z, option: 0.5 / z,
    "square": lambda a, z, option: 2.0 * a,
    "abs": lambda a, z, option: np.sign(a),
    "sin": lambda a, z, option: np.cos(a),
    "cos": lambda a, z, option: -np.sin(a),
}
