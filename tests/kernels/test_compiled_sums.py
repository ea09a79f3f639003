"""Compiled sums over images equal exact ones within rounding, wherever the arrays lie."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("numba")

from nngraph.kernels.compiled.sums import sum_leading


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [1, 3, 32, 700])
@pytest.mark.parametrize("rows", [0, 1, 5, 37])
def test_each_channel_has_its_own_sum(rows: int, channels: int, dtype: str) -> None:
    x = np.random.default_rng(channels).normal(size=(rows, 3, 4, channels)).astype(dtype)
    expected = [math.fsum(x[..., c].flat) for c in range(channels)]
    out = np.full(channels, 7, dtype)
    assert sum_leading(x, out=out) is out
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-4 if dtype == "float32" else 1e-12)
    turned = sum_leading(np.asfortranarray(x), out=np.empty(channels, dtype))
    np.testing.assert_allclose(turned, expected, rtol=0, atol=1e-4)
    whole = np.zeros(2 * channels, dtype)
    sum_leading(x, out=whole[::2])
    np.testing.assert_allclose(whole[::2], expected, rtol=0, atol=1e-4)
    assert (whole[1::2] == 0).all()


def test_what_is_no_number_stays_in_its_channel() -> None:
    x = np.ones((2, 3, 4))
    x[1, 2, 1], x[0, 0, 3] = np.nan, np.inf
    assert sum_leading(x, out=np.empty(4)).tolist()[::2] == [6, 6]
    assert np.isnan(sum_leading(x, out=np.empty(4))[1])
