"""Rows of losses."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from op_references import (
    binary_cross_entropy,
    cross_entropy,
    per_sample,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
)
from op_row import (
    Maker,
    Row,
    normal,
    off_zero,
    one_hot,
    probabilities,
    within,
)

from nngraph import ops
from nngraph.ir import Op
from nngraph.ops.loss_word import LOSS_WORDS


def losses(
    op: Callable[..., Op], f: Callable[[float, float], float], y: Maker, t: Maker
) -> list[Row]:
    """Rows for vectors, scalars and images, summed and averaged."""
    derivative = "richardson" if op in LOSS_WORDS.values() else "complex"
    return [
        Row(
            op(mean=mean),
            (type_, type_),
            per_sample(f, mean),
            f"{type_}-{'mean' if mean else 'sum'}",
            (y, t),
            derivative,
            scale=1e-15,
        )
        for type_ in ("float64[N, 3]", "float64[N]", "float64[N, 2, 3]")
        for mean in (False, True)
    ]


def zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.zeros(shape)


def loss_rows() -> list[Row]:
    a, inside = "float64[N, 3]", within(0.05, 0.95)
    fused: list[Row] = []
    for type_ in (a, "float64[N, 2, 3]"):
        for mean in (False, True):
            fused += [
                Row(
                    ops.SoftmaxCrossEntropy(mean=mean),
                    (type_, type_),
                    lambda a, t, mean=mean: softmax_cross_entropy(a, t, mean),
                    f"{type_}-{mean}",
                    (normal, normal),
                    scale=1e-14,
                ),
                Row(
                    ops.SigmoidBinaryCrossEntropy(mean=mean),
                    (type_, type_),
                    lambda a, t, mean=mean: sigmoid_cross_entropy(a, t, mean),
                    f"{type_}-{mean}",
                    (normal, inside),
                    "richardson",
                    scale=1e-15,
                ),
            ]
    far = within(-600.0, 600.0)
    return [
        *losses(ops.SquaredError, lambda y, t: (y - t) ** 2, normal, normal),
        *losses(LOSS_WORDS["log_cosh"], lambda y, t: math.log(math.cosh(y - t)), normal, normal),
        *losses(
            LOSS_WORDS["absolute_error"],
            lambda y, t: abs(y - t),
            off_zero,
            lambda r, s: np.zeros(s),
        ),
        *losses(ops.SampleCrossEntropy, cross_entropy, inside, normal),
        *losses(ops.SampleNegativeLogLikelihood, lambda log, t: -t * log, normal, normal),
        *losses(ops.SampleBinaryCrossEntropy, binary_cross_entropy, inside, inside),
        *fused,
        Row(
            ops.SoftmaxCrossEntropy(normalised=True),
            (a, a),
            softmax_cross_entropy,
            "one-hot",
            (normal, one_hot),
            fixed=(1,),
            scale=1e-14,
        ),
        Row(
            ops.SoftmaxCrossEntropy(),
            (a, a),
            softmax_cross_entropy,
            "far",
            (far, probabilities),
            "none",
            scale=1e-12,
        ),
        Row(
            ops.SigmoidBinaryCrossEntropy(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "scalar",
            (normal, inside),
            "richardson",
        ),
        Row(
            ops.SigmoidBinaryCrossEntropy(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "sure-and-right",
            (within(20.0, 600.0), lambda rng, shape: np.ones(shape)),
            "none",
        ),
    ]
