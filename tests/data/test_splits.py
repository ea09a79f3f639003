"""Every row lands in exactly one part, classes in proportion, the same for the same seed."""

import numpy as np
import pytest
from data_samples import classes, data_spec, place_of, values, x
from hypothesis import given, settings
from hypothesis import strategies as st

from nngraph.data.dataset import apportion, split_rows
from nngraph.errors import DataError


def split(rows, labels=None, own_test=0, **keys):
    return split_rows(rows, data_spec(source="iris", split=keys).split, labels, own_test)


@settings(deadline=None)
@given(
    st.integers(20, 200),
    st.floats(0, 0.45),
    st.floats(0, 0.45),
    st.integers(0, 5),
    st.sampled_from(["random", "file"]),
    st.integers(1, 6),
)
def test_every_row_lands_in_exactly_one_part(rows, validation, test, seed, order, kinds):
    labels = np.random.default_rng(seed).integers(0, kinds, rows)
    parts = split(rows, labels, validation=validation, test=test, seed=seed, order=order)
    together = np.concatenate(list(parts.values()))
    assert sorted(together.tolist()) == list(range(rows))
    for name, fraction in (("validation", validation), ("test", test)):
        count = len(parts.get(name, ()))
        assert abs(count - fraction * rows) <= 0.5 or (count == 1 and fraction > 0)
    for part in parts.values():
        assert (np.diff(part) > 0).all()


def test_without_a_split_every_row_trains():
    assert split(5).keys() == {"train"}
    assert split(5)["train"].tolist() == [0, 1, 2, 3, 4]


def test_counts_are_taken_as_they_are():
    parts = split(100, validation=7, test=13)
    assert {name: len(rows) for name, rows in parts.items()} == {
        "train": 80,
        "validation": 7,
        "test": 13,
    }


def test_a_fraction_is_never_rounded_to_nothing():
    assert len(split(4, validation=0.1)["validation"]) == 1


def test_the_order_of_the_file_takes_the_last_rows_for_the_test():
    parts = split(10, validation=2, test=3, order="file", labels=np.arange(10) % 2)
    assert parts["train"].tolist() == [0, 1, 2, 3, 4]
    assert parts["validation"].tolist() == [5, 6]
    assert parts["test"].tolist() == [7, 8, 9]


def test_a_seed_decides_and_another_decides_otherwise():
    first, again, other = (split(100, test=0.5, seed=seed)["test"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


def test_a_random_choice_is_not_the_order_of_the_file():
    test = split(1000, test=0.5)["test"]
    assert 200 < (test < 500).sum() < 300


def test_classes_keep_their_proportion():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    parts = split(100, labels, validation=0.1, test=0.2)
    counts = {name: np.bincount(labels[rows]).tolist() for name, rows in parts.items()}
    assert counts == {"test": [12, 6, 2], "validation": [6, 3, 1], "train": [42, 21, 7]}


def test_packaged_classes_and_derived_targets_are_stratified(load_here):
    keys = {"split": {"test": 0.2}}
    data = load_here(x(4), classes(3, name="species"), source="iris", **keys)
    assert data.parts["test"].targets["species"].sum(axis=0).tolist() == [10, 10, 10]
    target = {"y": {"column": "label", "equals": 0}}
    data = load_here(x(64), values(1), source="digits", targets=target, **keys)
    assert data.parts["test"].targets["y"].sum() == round(178 * 359 / 1797)


def test_row_numbers_lead_back_to_the_source(load_here):
    whole = load_here(x(4), source="iris").parts["train"].inputs["x"]
    data = load_here(x(4), source="iris", split={"test": 0.3, "validation": 0.2})
    for part in data.parts.values():
        np.testing.assert_array_equal(part.inputs["x"], whole[part.row_numbers])


@settings(deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_apportioned_shares_sum_up_and_stay_within_one_of_the_quota(count, sizes):
    sizes = np.array(sizes)
    count = min(count, int(sizes.sum()))
    shares = apportion(count, sizes)
    assert shares.sum() == count
    assert (shares <= sizes).all()
    assert (np.abs(shares - count * sizes / sizes.sum()) < 1).all()


def test_largest_remainders_come_first():
    # quotas 4.167, 3.333, 2.5
    assert apportion(10, np.array([5, 4, 3])).tolist() == [4, 3, 3]


@pytest.mark.parametrize("keys", [{"validation": 100, "test": 60}, {"test": 150}])
def test_a_split_that_leaves_nothing_to_train_on_is_refused(load_here, places, keys):
    with pytest.raises(DataError, match="leave none of the 150 rows to train on") as e:
        load_here(x(4), source="iris", split=keys, span=places)
    assert place_of(e)[0] == "spec:data/split"
    assert e.value.diagnostics[0].code == "E412"


def test_the_sources_own_test_rows_stay():
    parts = split(10, own_test=3, validation=2, order="file")
    assert parts["test"].tolist() == [7, 8, 9]
    assert parts["validation"].tolist() == [5, 6]
