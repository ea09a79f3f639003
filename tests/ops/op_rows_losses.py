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

from nngraph.ops.loss_word import LOSS_WORDS


def losses(
    name: str,
    f: Callable[[float, float], float],
    y: Maker,
    t: Maker,
    derivative: str = "complex",
    **options: bool,
) -> list[Row]:
    """Rows for vectors, scalars and images, summed and averaged."""
    return [
        Row(
            LOSS_WORDS[name](mean=mean, **options),
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
    softmax, sigmoid = (
        LOSS_WORDS[name] for name in ("softmax_cross_entropy", "sigmoid_binary_cross_entropy")
    )
    fused: list[Row] = []
    for type_ in (a, "float64[N, 2, 3]"):
        for mean in (False, True):
            fused += [
                Row(
                    softmax(mean=mean, normalised=False),
                    (type_, type_),
                    lambda a, t, mean=mean: softmax_cross_entropy(a, t, mean),
                    f"{type_}-{mean}",
                    (normal, normal),
                    scale=1e-14,
                ),
                Row(
                    sigmoid(mean=mean),
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
        *losses("squared_error", lambda y, t: (y - t) ** 2, normal, normal),
        *losses("log_cosh", lambda y, t: math.log(math.cosh(y - t)), normal, normal, "richardson"),
        *losses("absolute_error", lambda y, t: abs(y - t), off_zero, zeros, "richardson"),
        *losses("cross_entropy", cross_entropy, inside, normal, normalised=False),
        *losses("negative_log_likelihood", lambda log, t: -t * log, normal, normal),
        *losses("binary_cross_entropy", binary_cross_entropy, inside, inside),
        *fused,
        Row(
            softmax(normalised=True),
            (a, a),
            softmax_cross_entropy,
            "one-hot",
            (normal, one_hot),
            fixed=(1,),
            scale=1e-14,
        ),
        Row(
            softmax(normalised=False),
            (a, a),
            softmax_cross_entropy,
            "far",
            (far, probabilities),
            "none",
            scale=1e-12,
        ),
        Row(
            sigmoid(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "scalar",
            (normal, inside),
            "richardson",
        ),
        Row(
            sigmoid(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "sure-and-right",
            (within(20.0, 600.0), lambda rng, shape: np.ones(shape)),
            "none",
        ),
    ]
