"""Rows of elementwise ops that are no activations."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from op_references import (
    each,
)
from op_row import (
    Array,
    Maker,
    Row,
    distinct,
    mask,
    normal,
    off_zero,
    rounded,
    within,
)

from nngraph import ops
from nngraph.ir import Op


def unary(
    op: Op,
    f: Callable[[float], float],
    region: str = "normal",
    make: Maker = normal,
    derivative: str = "complex",
) -> Row:
    """A row for an elementwise function of one operand."""
    return Row(op, ("float64[N, 3]",), each(f), region, (make,), derivative)


def binary(op: Op, f: Callable[[float, float], float], make: Maker = normal) -> list[Row]:
    """Rows for equal shapes and for every way of broadcasting."""
    shapes = [
        ("equal", "float64[N, 3]", "float64[N, 3]"),
        ("bias", "float64[N, 3]", "float64[3]"),
        ("scalar-left", "float64[]", "float64[N, 3]"),
        ("column", "float64[N, 1]", "float64[N, 3]"),
        ("both", "float64[N, 1, 2]", "float64[3, 1]"),
        ("scalars", "float64[]", "float64[]"),
    ]
    return [Row(op, (x, y), each(f), name, (make, make)) for name, x, y in shapes]


def choice(op: Op, f: Callable[[float, float], float]) -> list[Row]:
    """Maximum and minimum: distinct operands, so that no tie is near."""

    def shifted(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return distinct(rng, shape) + 0.1

    types = [("equal", "float64[N, 3]", "float64[N, 3]"), ("bias", "float64[N, 3]", "float64[3]")]
    return [Row(op, (x, y), each(f), name, (distinct, shifted)) for name, x, y in types]


def arithmetic_rows() -> list[Row]:
    x = "float64[N, 3]"
    masked = [
        Row(ops.Multiply(), (x, "bool[N, 3]"), each(lambda x, m: x * m), "mask", (normal, mask)),
        Row(ops.Multiply(), ("bool[3]", x), each(lambda m, x: x * m), "mask-left", (mask, normal)),
    ]
    return [
        unary(ops.Negative(), lambda x: -x),
        unary(ops.ScaleBy(-2.5), lambda x: -2.5 * x),
        unary(ops.ShiftBy(0.75), lambda x: x + 0.75),
        unary(ops.SubtractFrom(1.0), lambda x: 1.0 - x),
        *binary(ops.Add(), lambda x, y: x + y),
        *binary(ops.Subtract(), lambda x, y: x - y),
        *binary(ops.Multiply(), lambda x, y: x * y),
        *masked,
        *binary(ops.Divide(), lambda x, y: x / y, off_zero),
        *choice(ops.Maximum(), max),
        *choice(ops.Minimum(), min),
        unary(ops.Square(), lambda x: x * x),
        unary(ops.Sqrt(), math.sqrt, "positive", within(0.1, 4.0)),
        unary(ops.Exp(), math.exp),
        unary(ops.Exp(), math.exp, "large", within(60.0, 80.0), "none"),
        unary(ops.Expm1(), math.expm1),
        unary(ops.Expm1(), math.expm1, "tiny", within(-1e-9, 1e-9), "none"),
        unary(ops.Log(), math.log, "positive", within(0.1, 4.0)),
        unary(ops.Log1p(), math.log1p, "normal", within(-0.9, 4.0)),
        unary(ops.Log1p(), math.log1p, "tiny", within(-1e-9, 1e-9), "none"),
        unary(ops.Abs(), abs, "both-signs", off_zero, "richardson"),
        unary(ops.Sign(), lambda x: math.copysign(1.0, x), "both-signs", off_zero, "none"),
        unary(ops.Sign(), lambda x: 0.0, "zero", lambda rng, shape: np.zeros(shape), "none"),
        *(
            row
            for at_zero in (0.0, 0.5, 1.0)
            for row in (
                unary(
                    ops.Heaviside(at_zero), lambda x: float(x > 0), "both-signs", off_zero, "none"
                ),
                Row(
                    ops.Heaviside(at_zero),
                    ("float64[N, 3]",),
                    lambda x, at_zero=at_zero: np.full(x.shape, at_zero),
                    "zero",
                    (lambda rng, shape: np.zeros(shape),),
                    "none",
                ),
            )
        ),
        unary(ops.Sin(), math.sin),
        unary(ops.Cos(), math.cos),
        unary(ops.Reciprocal(), lambda x: 1.0 / x, "both-signs", off_zero),
        unary(ops.Power(3.0), lambda x: x**3),
        unary(ops.Power(2.0), lambda x: x * x, "square"),
        unary(ops.Power(0.3), lambda x: x**0.3, "positive", within(0.1, 4.0)),
        unary(ops.Power(-1.5), lambda x: x**-1.5, "negative-exponent", within(0.5, 4.0)),
        unary(ops.Power(0.0), lambda x: 1.0, "constant", normal, "none"),
        unary(ops.ClampBelow(0.1), lambda x: max(x, 0.1), "both", distinct),
        unary(ops.ClampAbove(0.1), lambda x: min(x, 0.1), "both", distinct),
        Row(ops.Greater(0.1), (x,), each(lambda x: x > 0.1), derivative="none"),
        Row(ops.Less(0.1), (x,), each(lambda x: x < 0.1), derivative="none"),
        Row(ops.Between(-0.5, 0.5), (x,), each(lambda x: -0.5 < x < 0.5), derivative="none"),
        *(
            Row(op, types, each(f), region, (rounded, rounded), "none")
            for op, f in (
                (ops.GreaterThan(), lambda x, y: x > y),
                (ops.GreaterEqual(), lambda x, y: x >= y),
                (ops.Equal(), lambda x, y: x == y),
            )
            for region, types in (("equal", (x, x)), ("bias", (x, "float64[3]")))
        ),
        Row(
            ops.And(),
            ("bool[N, 3]", "bool[N, 3]"),
            each(lambda x, y: x and y),
            "",
            (mask, mask),
            "none",
        ),
    ]
