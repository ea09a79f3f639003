"""The compiled layer_norm against its definition, wherever rows lie, and way back."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from nngraph.kernels.compiled.normal import layer_norm, layer_norm_back
from nngraph.ops import LayerNorm, LayerNormBack

BOTH_DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
SHAPES = pytest.mark.parametrize("shape", [(1, 1), (3, 7), (130, 33), (5, 3, 4, 16), (0, 9)])
EPSILON = 1e-5


def operands(shape, dtype):
    rng = np.random.default_rng(sum(shape))
    g, x = (rng.normal(2.0, 3.0, shape).astype(dtype) for _ in range(2))
    scale, shift = (rng.normal(size=shape[-1]).astype(dtype) for _ in range(2))
    return g, x, scale, shift


def check(found, expected, dtype) -> None:
    size = 200 * np.finfo(dtype).eps
    top = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=size, atol=size * top)


@BOTH_DTYPES
@SHAPES
def test_both_ways_are_what_the_definition_says(shape, dtype) -> None:
    g, x, scale, shift = operands(shape, dtype)
    exact = [a.astype("float64") for a in (g, x, scale, shift)]
    y = layer_norm(x, scale, shift, epsilon=EPSILON, out=np.full(shape, np.nan, dtype))
    check(y, LayerNorm(EPSILON).evaluate(*exact[1:]), dtype)
    outs = tuple(np.full(s, np.nan, dtype) for s in (shape, shape[-1:], shape[-1:]))
    layer_norm_back(g, x, scale, epsilon=EPSILON, out=outs)
    for found, expected in zip(outs, LayerNormBack(EPSILON).evaluate(*exact[:3]), strict=True):
        check(found, expected, dtype)


def as_parts_of_wider_rows(x):
    wide = np.zeros((*x.shape[:-1], x.shape[-1] + 5), x.dtype)
    wide[..., :-5] = x
    return wide[..., :-5]


@BOTH_DTYPES
@pytest.mark.parametrize("lay", [as_parts_of_wider_rows, np.asfortranarray], ids=["wide", "turned"])
def test_rows_with_gaps_and_turned_ones_give_the_same_bits(lay, dtype) -> None:
    g, x, scale, shift = operands((20, 37), dtype)
    plain, placed = np.empty_like(x), lay(np.zeros_like(x))
    layer_norm(x, scale, shift, epsilon=EPSILON, out=plain)
    layer_norm(lay(x), scale, shift, epsilon=EPSILON, out=placed)
    np.testing.assert_array_equal(placed, plain)
    outs = [(np.empty_like(x), np.empty(37, dtype), np.empty(37, dtype)) for _ in range(2)]
    layer_norm_back(g, x, scale, epsilon=EPSILON, out=outs[0])
    turned = (lay(np.zeros_like(x)), *outs[1][1:])
    layer_norm_back(lay(g), lay(x), scale, epsilon=EPSILON, out=turned)
    for found, expected in zip(turned, outs[0], strict=True):
        np.testing.assert_array_equal(found, expected)


@BOTH_DTYPES
def test_sums_over_many_rows_stay_accurate(dtype) -> None:
    g, x, scale, _ = operands((20_000, 3), dtype)
    outs = (np.empty_like(x), np.empty(3, dtype), np.empty(3, dtype))
    layer_norm_back(g, x, scale, epsilon=EPSILON, out=outs)
    exact = g.astype("float64").sum(axis=0)
    np.testing.assert_allclose(outs[2], exact, rtol=1e-5 if dtype == "float32" else 1e-12)
