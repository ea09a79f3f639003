"""Every epoch takes every row once, in an order that its number alone decides."""

import numpy as np
import pytest

from nngraph import streams
from nngraph.data import Batches, gather_rows


@pytest.mark.parametrize(
    ("rows", "size"), [(10, 3), (10, 5), (10, 10), (10, 64), (1, 1), (7, "full")]
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_takes_every_row_once_and_only_the_last_batch_is_short(rows, size, shuffle):
    batches = Batches(rows, size, seed=1, shuffle=shuffle)
    taken = list(batches.epoch(3))
    assert len(taken) == len(batches)
    assert sorted(np.concatenate(taken).tolist()) == list(range(rows))
    assert {len(batch) for batch in taken[:-1]} <= {batches.size}
    assert 1 <= len(taken[-1]) <= batches.size
    assert batches.size == (rows if size == "full" else min(size, rows))


def test_the_order_is_the_permutation_of_the_epoch():
    batches = Batches(20, 8, seed=5)
    expected = streams.permutation(streams.key(5, "data", "shuffle"), 20, 2)
    np.testing.assert_array_equal(np.concatenate(list(batches.epoch(2))), expected)
    assert (batches.order(2) != batches.order(3)).any()
    assert (batches.order(2) != Batches(20, 8, seed=6).order(2)).any()


def test_the_batch_size_does_not_change_the_order():
    one, other = Batches(20, 3, seed=5), Batches(20, 7, seed=5)
    np.testing.assert_array_equal(one.order(1), other.order(1))


def test_without_shuffling_rows_stay_in_order():
    batches = Batches(5, 2, shuffle=False)
    assert [batch.tolist() for batch in batches.epoch(9)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("size", [5, 9, "full"])
def test_a_batch_of_all_rows_is_the_same_array_in_every_epoch(size):
    batches = Batches(5, size, seed=3)
    (first,), (second,) = batches.epoch(1), batches.epoch(2)
    assert first is second
    assert first.tolist() == [0, 1, 2, 3, 4]


def test_no_rows_make_no_batches():
    assert list(Batches(0, "full").epoch(0)) == []
    assert len(Batches(0, 4)) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gathering_copies_rows_straight_into_the_buffer(dtype):
    rows = np.random.default_rng(0).normal(size=(100, 7)).astype(dtype)
    indices = streams.permutation(streams.key(0, "a", "b"), 100)[:16]
    out = np.full((16, 7), np.nan, dtype)
    gather_rows(rows, indices, out)
    np.testing.assert_array_equal(out, rows[indices])


def test_gathering_into_a_part_of_a_wider_buffer_leaves_the_rest():
    rows = np.arange(12.0).reshape(4, 3)
    wide = np.ones((2, 4))
    gather_rows(rows, np.array([3, 0]), wide[:, :3])
    assert wide.tolist() == [[9, 10, 11, 1], [0, 1, 2, 1]]
