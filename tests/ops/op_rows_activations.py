"""Rows of activations."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from op_references import (
    clip,
    each,
    elu,
    log_softmax,
    mish,
    rows_of,
    sigmoid,
    softmax,
    softplus,
)
from op_row import (
    Row,
    normal,
    off_zero,
    within,
)
from op_rows_elementwise import unary

from nngraph import ops
from nngraph.ir import Op


def activation(
    op: Op, f: Callable[[float], float], derivative: str = "complex", tail: float = 30.0
) -> list[Row]:
    """Rows for both signs, values near zero and both tails."""
    return [
        unary(op, f, "negative", within(-3.0, -0.1), derivative),
        unary(op, f, "positive", within(0.1, 3.0), derivative),
        unary(op, f, "tiny", within(1e-9, 1e-8), "none"),
        unary(op, f, "tiny-negative", within(-1e-8, -1e-9), "none"),
        unary(op, f, "far-negative", within(-tail, -tail / 2), "none"),
        unary(op, f, "far-positive", within(tail / 2, tail), "none"),
    ]


def activation_rows() -> list[Row]:
    inside, outside = within(-2.9, 2.9), lambda rng, shape: 4.0 * np.sign(normal(rng, shape))
    prelu = each(lambda x, alpha: x if x > 0 else alpha * x)
    return [
        *activation(ops.Relu(), lambda x: max(x, 0.0)),
        *activation(ops.LeakyRelu(0.1), lambda x: max(x, 0.1 * x)),
        *activation(ops.LeakyRelu(1.5), lambda x: min(x, 1.5 * x)),
        *activation(ops.LeakyRelu(-0.5), lambda x: x if x > 0 else -0.5 * x),
        Row(ops.PRelu(), ("float64[N, 3]", "float64[3]"), prelu, "each", (off_zero, normal)),
        Row(ops.PRelu(), ("float64[N, 3]", "float64[1]"), prelu, "one", (off_zero, normal)),
        Row(ops.PRelu(), ("float64[N, 2, 3]", "float64[3]"), prelu, "image", (off_zero, normal)),
        unary(ops.HardTanh(), lambda x: clip(x, -1, 1), "inside", within(-0.9, 0.9)),
        unary(ops.HardTanh(), lambda x: clip(x, -1, 1), "outside", outside),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "inside", within(0.1, 5.9)),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "below", within(-2.0, -0.1)),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "above", within(6.1, 9.0)),
        unary(ops.HardSigmoid(), lambda x: clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.HardSigmoid(), lambda x: clip(x + 3, 0, 6) / 6, "outside", outside),
        unary(ops.HardSwish(), lambda x: x * clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.HardSwish(), lambda x: x * clip(x + 3, 0, 6) / 6, "outside", outside),
        *activation(ops.Sigmoid(), sigmoid, tail=700.0),
        *activation(ops.Tanh(), math.tanh),
        *activation(ops.Elu(1.0), lambda x: elu(x, 1.0)),
        *activation(ops.Elu(0.3), lambda x: elu(x, 0.3)),
        *activation(ops.Selu(), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
        *activation(ops.Celu(0.7), lambda x: x if x > 0 else 0.7 * math.expm1(x / 0.7)),
        *activation(ops.Erfc(), math.erfc, "richardson", tail=26.0),
        *activation(
            ops.Gelu(), lambda x: 0.5 * x * math.erfc(x * -math.sqrt(0.5)), "richardson", tail=37.0
        ),
        *activation(ops.Silu(), lambda x: x * sigmoid(x), tail=600.0),
        *activation(ops.Mish(), mish, tail=700.0),
        *activation(ops.Softplus(), softplus, "richardson", tail=700.0),
        *activation(ops.Softsign(), lambda x: x / (1 + abs(x)), "richardson", tail=1e6),
        *activation(ops.Gaussian(), lambda x: math.exp(-x * x), tail=26.0),
        Row(ops.Softmax(), ("float64[N, 3]",), rows_of(softmax)),
        Row(ops.Softmax(), ("float64[N, 2, 3]",), rows_of(softmax), "image"),
        Row(ops.Softmax(), ("float64[3]",), rows_of(softmax), "vector"),
        Row(
            ops.Softmax(), ("float64[N, 3]",), rows_of(softmax), "far", (within(-300, 300),), "none"
        ),
        Row(ops.LogSoftmax(), ("float64[N, 3]",), rows_of(log_softmax)),
        Row(ops.LogSoftmax(), ("float64[N, 2, 3]",), rows_of(log_softmax), "image"),
        Row(
            ops.LogSoftmax(),
            ("float64[N, 3]",),
            rows_of(log_softmax),
            "far",
            (within(-300, 300),),
            "none",
            scale=1e-15,
        ),
    ]
