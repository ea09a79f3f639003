"""The dropout mask: its two values, its rate, and what its bits depend on."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.ir import Array
from nngraph.ops import DropoutMask

KEY = np.array([11, 22], np.uint64)


def mask(
    rate: float, rows: int, *sizes: int, key: Array = KEY, step: int = 0, first_row: int = 0,
    dtype: str = "float64",
) -> Array:  # fmt: skip
    x = np.zeros((rows, *sizes), dtype)
    return DropoutMask(rate).evaluate(key, x, np.array(step), np.array(first_row))


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.5, 0.9])
def test_the_mask_drops_at_its_rate_and_keeps_the_mean(rate: float) -> None:
    m = mask(rate, 500, 400)
    assert set(np.unique(m)) == {0.0, 1.0 / (1.0 - rate)}
    spread = np.sqrt(rate * (1 - rate) / m.size)
    assert abs(np.mean(m == 0.0) - rate) < 5 * spread
    assert abs(np.mean(m) - 1.0) < 5 * spread / (1 - rate)


def test_a_row_depends_on_its_absolute_number_alone() -> None:
    whole = mask(0.5, 10, 13)
    np.testing.assert_array_equal(mask(0.5, 4, 13, first_row=6), whole[6:])
    np.testing.assert_array_equal(mask(0.5, 1, 13, first_row=3), whole[3:4])


def test_images_are_rows_of_their_elements() -> None:
    np.testing.assert_array_equal(mask(0.5, 3, 2, 5), mask(0.5, 3, 10).reshape(3, 2, 5))


def test_both_dtypes_keep_the_same_elements() -> None:
    single = mask(0.2, 6, 7, dtype="float32")
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single != 0, mask(0.2, 6, 7) != 0)


def test_key_step_and_row_each_change_the_bits() -> None:
    first = mask(0.5, 8, 32)
    others = [
        mask(0.5, 8, 32, key=np.array([11, 23], np.uint64)),
        mask(0.5, 8, 32, step=1),
        mask(0.5, 8, 32, first_row=8),
    ]
    for other in others:
        assert 0.3 < np.mean(first != other) < 0.7


def test_rows_and_columns_are_not_correlated() -> None:
    m = mask(0.5, 400, 64) - 1.0
    between_columns, between_rows = m.T @ m / 400, m @ m.T / 64
    assert np.abs(between_columns - np.diag(np.diag(between_columns))).max() < 6 / np.sqrt(400)
    assert np.abs(between_rows - np.diag(np.diag(between_rows))).max() < 6 / np.sqrt(64)


def test_the_bits_are_those_of_philox() -> None:
    """Row 2 of five units reads block 2 of the step's stream: five quarters of its words."""
    generator = np.random.Philox(key=KEY, counter=np.array([2, 9, 0, 0], np.uint64))
    words = [int(w) for w in generator.random_raw(4)]
    draws = [word // 2**shift % 2**16 for word in words for shift in (0, 16, 32, 48)][:5]
    expected = [2.0 if draw >= 2**15 else 0.0 for draw in draws]
    np.testing.assert_array_equal(mask(0.5, 1, 5, step=9, first_row=2), [expected])


def test_no_rows_and_no_units_are_no_mistake() -> None:
    assert mask(0.5, 0, 3).shape == (0, 3)
    assert mask(0.5, 3, 0).shape == (3, 0)
