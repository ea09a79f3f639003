"""Rows of normalising over the last axis or the batch: one line of numbers at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from op_row import Array, N, Row, normal, off_zero

from nngraph import ops

EPSILON = 1e-3


def normalised(x: Array, scale: Array, shift: Array) -> Array:
    return np.array([_one(row, scale, shift) for row in x.reshape(-1, x.shape[-1])]).reshape(
        x.shape
    )


def _one(row: Array, scale: Array, shift: Array) -> list[float]:
    mean = math.fsum(row) / len(row)
    variance = math.fsum((value - mean) ** 2 for value in row) / len(row)
    spread = math.sqrt(variance + EPSILON)
    return [
        (value - mean) / spread * factor + term
        for value, factor, term in zip(row, scale, shift, strict=True)
    ]


def pulled_back(g: Array, x: Array, scale: Array) -> tuple[Array, Array, Array]:
    """By the whole Jacobian of each row: dn_k/dx_j = r (1[k = j] - 1/C - n_k n_j / C)."""
    width = x.shape[-1]
    rows, cotangents = x.reshape(-1, width), g.reshape(-1, width)
    back, by_scale = [], np.zeros(width)
    for row, d in zip(rows, cotangents, strict=True):
        n = np.array(_one(row, np.ones(width), np.zeros(width)))
        r = 1.0 / math.sqrt(row.var() + EPSILON)
        jacobian = r * (np.eye(width) - 1.0 / width - np.outer(n, n) / width)
        back.append((d * scale) @ jacobian)
        by_scale += d * n
    return np.array(back).reshape(x.shape), by_scale, cotangents.sum(axis=0)


def by_channel(x: Array, channels: int) -> Array:
    """[N, P C] -> [C, N P]."""
    return x.reshape(-1, channels).T


def over_batch(x: Array, scale: Array, shift: Array, share: Array) -> Array:
    lines = by_channel(x, len(scale))
    one, none = np.ones(lines.shape[1]), np.zeros(lines.shape[1])
    y = [
        np.array(_one(line, one, none)) * factor + term
        for line, factor, term in zip(lines, scale, shift, strict=True)
    ]
    return np.array(y).T.reshape(x.shape)


def back_over_batch(g: Array, x: Array, scale: Array, share: Array) -> tuple[Array, Array, Array]:
    """Each channel is a line to which the Jacobian of a row applies."""
    back, by_scale, by_shift = [], [], []
    pairs = zip(by_channel(g, len(scale)), by_channel(x, len(scale)), scale, strict=True)
    for d, line, factor in pairs:
        dx, along, _ = pulled_back(d[None], line[None], np.full(len(line), factor))
        back.append(dx[0])
        by_scale.append(along.sum())
        by_shift.append(d.sum())
    return np.array(back).T.reshape(x.shape), np.array(by_scale), np.array(by_shift)


def batch_rows() -> list[Row]:
    rows = []
    for pixels, channels in ((1, 3), (4, 2)):
        matrix, vector, share = (
            f"float64[N, {pixels * channels}]",
            f"float64[{channels}]",
            "float64[]",
        )
        region = f"{pixels} pixels"
        options = (pixels, EPSILON)
        each = (normal, off_zero, normal, lambda rng, shape: np.full(shape, 1.0 / N))
        there = (ops.BatchNorm(*options), (matrix, vector, vector, share), over_batch, region, each)
        rows.append(Row(*there, fixed=(3,), scale=1e-13))
        each = (normal, normal, off_zero, each[3])
        types = (matrix, matrix, vector, share)
        back = (ops.BatchNormBack(*options), types, back_over_batch, region, each, "none")
        rows.append(Row(*back, scale=1e-13))
    return rows


def around_rows() -> list[Row]:
    """Column by column."""
    m, v = "float64[N, 3]", "float64[3]"

    def columns(rule: Callable[..., Any]) -> Callable[..., Any]:
        def reference(*operands: Array) -> Any:
            found = [rule(*(x[..., k] for x in operands)) for k in range(3)]
            if isinstance(found[0], tuple):
                return tuple(np.array(part).T for part in zip(*found, strict=True))
            return np.array(found).T

        return reference

    def squares(x: Array, middle: float) -> float:
        return math.fsum((value - middle) ** 2 for value in x)

    def sums(g: Array, x: Array, middle: float) -> tuple[float, float]:
        return math.fsum(g), math.fsum(d * (a - middle) for d, a in zip(g, x, strict=True))

    def back(
        g: Array, x: Array, middle: float, level: float, by: float, tilt: float
    ) -> list[float]:
        return [(d - level) * by - (a - middle) * tilt for d, a in zip(g, x, strict=True)]

    def scaled(x: Array, middle: float, by: float, term: float) -> list[float]:
        return [(a - middle) * by + term for a in x]

    cases: list[tuple[Any, tuple[str, ...], Callable[..., Any]]] = [
        (ops.SquaresAround(), (m, v), squares),
        (ops.SumsAround(), (m, m, v), sums),
        (ops.ScaledAround(), (m, v, v, v), scaled),
        (ops.ScaledAroundBack(), (m, m, v, v, v, v), back),
    ]
    return [
        Row(op, types, columns(rule), derivative="none", scale=1e-13) for op, types, rule in cases
    ]


def normal_rows() -> list[Row]:
    rows, values = [*batch_rows(), *around_rows()], (normal, off_zero, normal)
    for type_ in ("float64[N, 5]", "float64[N, 2, 3, 4]"):
        vector = f"float64[{type_[-2]}]"
        there, back = ops.LayerNorm(EPSILON), ops.LayerNormBack(EPSILON)
        rows.append(Row(there, (type_, vector, vector), normalised, type_, values, scale=1e-13))
        rows.append(
            Row(
                back,
                (type_, type_, vector),
                pulled_back,
                type_,
                (normal, normal, off_zero),
                "none",
                scale=1e-13,
            )
        )
    return rows
