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
        *activation(ops.word("relu"), lambda x: max(x, 0.0)),
        *activation(ops.word("leaky_relu", 0.1), lambda x: max(x, 0.1 * x)),
        *activation(ops.word("leaky_relu", 1.5), lambda x: min(x, 1.5 * x)),
        *activation(ops.word("leaky_relu", -0.5), lambda x: x if x > 0 else -0.5 * x),
        Row(ops.word("prelu"), ("float64[N, 3]", "float64[3]"), prelu, "each", (off_zero, normal)),
        Row(ops.word("prelu"), ("float64[N, 3]", "float64[1]"), prelu, "one", (off_zero, normal)),
        Row(
            ops.word("prelu"),
            ("float64[N, 2, 3]", "float64[3]"),
            prelu,
            "image",
            (off_zero, normal),
        ),
        unary(ops.word("hard_tanh"), lambda x: clip(x, -1, 1), "inside", within(-0.9, 0.9)),
        unary(ops.word("hard_tanh"), lambda x: clip(x, -1, 1), "outside", outside),
        unary(ops.word("relu6"), lambda x: clip(x, 0, 6), "inside", within(0.1, 5.9)),
        unary(ops.word("relu6"), lambda x: clip(x, 0, 6), "below", within(-2.0, -0.1)),
        unary(ops.word("relu6"), lambda x: clip(x, 0, 6), "above", within(6.1, 9.0)),
        unary(ops.word("hard_sigmoid"), lambda x: clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.word("hard_sigmoid"), lambda x: clip(x + 3, 0, 6) / 6, "outside", outside),
        unary(ops.word("hard_swish"), lambda x: x * clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.word("hard_swish"), lambda x: x * clip(x + 3, 0, 6) / 6, "outside", outside),
        *activation(ops.word("soft_shrink", 0.4), lambda x: x - clip(x, -0.4, 0.4)),
        *activation(ops.word("hard_shrink", 0.4), lambda x: x * (abs(x) > 0.4)),
        *activation(ops.word("sigmoid"), sigmoid, tail=700.0),
        *activation(ops.Tanh(), math.tanh),
        *activation(ops.word("elu", 1.0), lambda x: elu(x, 1.0)),
        *activation(ops.word("elu", 0.3), lambda x: elu(x, 0.3)),
        *activation(ops.word("selu"), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
        *activation(ops.word("celu", 0.7), lambda x: x if x > 0 else 0.7 * math.expm1(x / 0.7)),
        *activation(ops.Erfc(), math.erfc, "richardson", tail=26.0),
        *activation(
            ops.word("gelu"),
            lambda x: 0.5 * x * math.erfc(x * -math.sqrt(0.5)),
            "richardson",
            tail=37.0,
        ),
        *activation(ops.word("silu"), lambda x: x * sigmoid(x), tail=600.0),
        *activation(ops.word("mish"), mish, tail=700.0),
        *activation(ops.word("softplus"), softplus, "richardson", tail=700.0),
        *activation(ops.word("softsign"), lambda x: x / (1 + abs(x)), "richardson", tail=1e6),
        *activation(ops.word("gaussian"), lambda x: math.exp(-x * x), tail=26.0),
        Row(ops.word("softmax"), ("float64[N, 3]",), rows_of(softmax)),
        Row(ops.word("softmax"), ("float64[N, 2, 3]",), rows_of(softmax), "image"),
        Row(ops.word("softmax"), ("float64[3]",), rows_of(softmax), "vector"),
        Row(
            ops.word("softmax"),
            ("float64[N, 3]",),
            rows_of(softmax),
            "far",
            (within(-300, 300),),
            "none",
        ),
        Row(ops.word("log_softmax"), ("float64[N, 3]",), rows_of(log_softmax)),
        Row(ops.word("log_softmax"), ("float64[N, 2, 3]",), rows_of(log_softmax), "image"),
        Row(
            ops.word("log_softmax"),
            ("float64[N, 3]",),
            rows_of(log_softmax),
            "far",
            (within(-300, 300),),
            "none",
            scale=1e-15,
        ),
    ]
