"""Rows of gates and of the steps of optimisers: one number at a time, as they are written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from op_row import Array, Maker, Row, normal, within

from nngraph import ops

Rule = Callable[..., tuple[float, ...]]


def one_by_one(rule: Rule, results: int) -> Callable[..., Any]:
    """A rule for one weight, applied to each; scalars are given to all."""

    def reference(*operands: Array) -> tuple[Array, ...]:
        size = operands[0].size
        rows = [np.broadcast_to(x, operands[0].shape).ravel() for x in operands]
        found = [rule(*(float(x[i]) for x in rows)) for i in range(size)]
        columns = (np.array([f[k] for f in found]) for k in range(results))
        return tuple(c.reshape(operands[0].shape) for c in columns)

    return reference


def gradient(w: float, g: float, rate: float) -> tuple[float, ...]:
    return (w - rate * g,)


def momentum(mu: float, nesterov: bool) -> Rule:
    def rule(w: float, g: float, v: float, rate: float) -> tuple[float, ...]:
        v = mu * v + g
        return w - rate * (mu * v + g if nesterov else v), v

    return rule


def adam(beta1: float, beta2: float, epsilon: float) -> Rule:
    """Algorithm 1 of Kingma and Ba on moments as they write them."""

    def rule(
        w: float, g: float, M: float, V: float, rate: float, t: float, decay: float = 0.0
    ) -> tuple[float, ...]:
        m = beta1 * M * (1 - beta1) + (1 - beta1) * g
        v = beta2 * V * (1 - beta2) + (1 - beta2) * g * g
        corrected_m, corrected_v = m / (1 - beta1**t), v / (1 - beta2**t)
        w -= rate * decay * w
        w -= rate * corrected_m / (math.sqrt(corrected_v) + epsilon)
        return w, m / (1 - beta1), v / (1 - beta2)

    return rule


def number(value: float) -> Maker:
    return lambda rng, shape: np.full(shape, value)


def gate_and_optimizer_rows() -> list[Row]:
    v, rate = "float64[6]", number(0.01)
    one = Row(
        ops.GradientStep(),
        (v, v, "always float64[]"),
        one_by_one(gradient, 1),
        values=(normal, normal, rate),
        derivative="none",
        scale=1e-15,
    )
    rows = [one]
    for type_ in ("float64[N, 3]", "float64[N, 2, 3]", "float64[4]"):
        for threshold in (0.0, 0.5):
            passed = one_by_one(lambda g, x, at=threshold: (g if x > at else 0.0,), 1)
            op = ops.Gate(threshold)
            rows.append(Row(op, (type_, type_), passed, f"{type_}-{threshold}", derivative="none"))
    for nesterov in (False, True):
        rows.append(
            Row(
                ops.MomentumStep(0.8, nesterov),
                (v, v, v, "always float64[]"),
                one_by_one(momentum(0.8, nesterov), 2),
                "nesterov" if nesterov else "heavy ball",
                (normal, normal, normal, rate),
                "none",
                scale=1e-15,
            )
        )
    moments = (normal, normal, normal, within(0.01, 2.0), rate)
    scalars = ("always float64[]", "int64[]")
    for beta1, beta2, epsilon, t in (
        (0.9, 0.999, 1e-8, 1),
        (0.5, 0.9, 1e-3, 30),
        (0.0, 0.99, 1e-8, 3),
    ):
        rule = one_by_one(adam(beta1, beta2, epsilon), 3)
        region, values = f"step {t}", (*moments, number(t))
        types = (v, v, v, v, *scalars)
        step = ops.AdamStep(beta1, beta2, epsilon)
        rows.append(Row(step, types, rule, region, values, "none", scale=1e-14))
        for decay in ("float64[]", v):
            decayed = ops.AdamWStep(beta1, beta2, epsilon)
            values_w = (*values, within(0.0, 0.1))
            name = f"{region}, decay {decay}"
            row = Row(decayed, (*types, decay), rule, name, values_w, "none", scale=1e-14)
            rows.append(row)
    return rows
