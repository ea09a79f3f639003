"""Sums as products with ones equal exact ones, wherever the arrays lie."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nngraph.kernels.sums import sum_last, sum_leading

SHAPES = [(1, 1), (5, 3), (2, 3, 4), (4, 1, 2, 7), (0, 3)]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_over_the_leading_axes_and_over_the_last(shape: tuple[int, ...], order: str) -> None:
    x = np.asarray(np.random.default_rng(1).normal(size=shape), order=order)  # type: ignore[call-overload]
    flat = x.reshape(-1, shape[-1])
    channels = [math.fsum(flat[:, c]) for c in range(shape[-1])]
    rows = np.reshape([math.fsum(row) for row in flat], (*shape[:-1], 1))
    out = np.full((shape[-1], 2), 7.0)[:, 0]
    np.testing.assert_allclose(sum_leading(x, out=out), channels, atol=1e-13)
    for place in (np.full((*shape[:-1], 1), 7.0), np.full((*shape[:-1], 1, 2), 7.0)[..., 0]):
        np.testing.assert_allclose(sum_last(x, out=place), rows, atol=1e-13)


def test_what_is_no_number_stays_in_its_row_and_channel() -> None:
    x = np.ones((2, 3))
    x[1, 2] = np.nan
    x[0, 0] = np.inf
    assert np.isnan(sum_leading(x, out=np.empty(3))).tolist() == [False, False, True]
    assert np.isnan(sum_last(x, out=np.empty((2, 1)))).ravel().tolist() == [False, True]
