"""Draws of noise: their distribution, and that they follow from key, step and row alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nngraph import streams
from nngraph.ops import GaussianNoise

KEY = streams.key(3, "n", "noise")


def draws(shape, step=0, row=0, stddev=1.0, dtype="float64"):
    x = np.zeros(shape, dtype)
    return GaussianNoise(stddev).evaluate(KEY, x, np.array(step), np.array(row))


def test_the_draws_are_normal_with_the_stated_spread() -> None:
    z = np.sort(draws((2000, 50), stddev=0.5).reshape(-1)) / 0.5
    assert abs(z.mean()) < 4 / math.sqrt(z.size)
    assert abs(z.std() - 1) < 4 / math.sqrt(2 * z.size)
    normal = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in z[::50]])
    assert np.max(np.abs(normal - np.arange(0, z.size, 50) / z.size)) < 1.6 / math.sqrt(z.size)


@pytest.mark.parametrize("shape", [(1,), (3,), (4,), (5,), (2, 3)])
def test_a_row_is_the_same_wherever_it_stands(shape) -> None:
    whole = draws((12, *shape), step=7)
    np.testing.assert_array_equal(draws((5, *shape), step=7, row=4), whole[4:9])
    np.testing.assert_array_equal(draws((1, *shape), step=7, row=11), whole[11:])


def test_no_two_draws_are_the_same() -> None:
    every = np.concatenate([draws((20, 7), step=s).reshape(-1) for s in range(5)])
    assert len(np.unique(every)) == every.size


def test_another_step_and_another_key_draw_anew() -> None:
    first, second = draws((300, 3)), draws((300, 3), step=1)
    assert abs(np.corrcoef(first.reshape(-1), second.reshape(-1))[0, 1]) < 0.15


def test_single_precision_is_rounded_double_precision() -> None:
    np.testing.assert_array_equal(draws((9, 3), dtype="float32"), draws((9, 3)).astype("float32"))


def test_no_rows_are_no_draws() -> None:
    assert draws((0, 3)).shape == (0, 3)
