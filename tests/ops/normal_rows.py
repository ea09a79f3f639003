"""Rows of normalising over the last axis: one row of numbers at a time, in Python's arithmetic."""

from __future__ import annotations

import math

import numpy as np
from op_row import Array, Row, normal, off_zero

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


def normal_rows() -> list[Row]:
    rows, values = [], (normal, off_zero, normal)
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
