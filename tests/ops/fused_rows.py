"""Rows of gates and of fused steps: one number at a time, as they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from op_row import Array, Row, normal

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


def two_steps(x: float, y: float, rate: float) -> tuple[float, ...]:
    v = 0.9 * x + y
    return v, y - 2 * rate * v


STEPS = (
    ("scale_by", (0.9,), (0,)),
    ("add", (), (3, 1)),
    ("scale_by", (2.0,), (2,)),
    ("multiply", (), (4, 5)),
    ("subtract", (), (1, 6)),
)


def gate_and_fused_rows() -> list[Row]:
    rows = []
    for type_ in ("float64[N, 3]", "float64[N, 2, 3]", "float64[4]"):
        for threshold in (0.0, 0.5):
            passed = one_by_one(lambda g, x, at=threshold: (g if x > at else 0.0,), 1)
            op = ops.Gate(threshold)
            rows.append(Row(op, (type_, type_), passed, f"{type_}-{threshold}", derivative="none"))
    values = (normal, normal, lambda rng, shape: np.full(shape, 0.3))
    for type_, results, replaces, count in (
        ("float64[6]", (4, 7), (0, -1), 2),
        ("float64[N, 3]", (7,), (1,), 1),
    ):
        fused = ops.Fused(STEPS, results, replaces)
        rule = one_by_one(lambda *x, last=count: two_steps(*x)[-last:], count)
        types = (type_, type_, "float64[]")
        rows.append(Row(fused, types, rule, type_, values, "none", scale=1e-15))
    return rows
