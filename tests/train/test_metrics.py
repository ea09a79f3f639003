"""Figures of merit against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.train.metrics import Figure, MetricKind, MetricPlan, correct


def figure(kind: MetricKind, *, classes: bool = False) -> Figure:
    return Figure(MetricPlan(kind, kind, "y", "t", classes))


def test_accuracy_of_classes_compares_the_largest_units() -> None:
    accuracy = figure("accuracy", classes=True)
    z = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.9, 0.1, 0.0]])
    t = np.eye(3)[[1, 0, 0, 0]]
    accuracy.add(z, t)
    assert accuracy.value == 0.75


def test_accuracy_of_two_classes_asks_on_which_side_of_a_half() -> None:
    right = correct(np.array([[0.51], [0.49], [0.5]]), np.array([[1], [1], [0]]), classes=False)
    assert right.ravel().tolist() == [True, False, True]


def test_accuracy_of_targets_of_both_signs_asks_for_the_sign() -> None:
    right = correct(np.array([[0.2], [-0.2], [0.9]]), np.array([[1], [-1], [-1]]), classes=False)
    assert right.ravel().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("kind", "expected"), [("mean_squared_error", 25 / 4), ("mean_absolute_error", 7 / 4)]
)
def test_errors_average_over_all_values(kind: MetricKind, expected: float) -> None:
    error = figure(kind)
    # differences 0, 3, 0, 4
    error.add(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, -1.0], [3.0, 0.0]]))
    assert error.value == pytest.approx(expected)


def test_a_figure_does_not_depend_on_how_rows_are_cut_into_batches() -> None:
    generator = np.random.default_rng(1)
    z, t = generator.normal(size=(2, 100, 3))
    for kind in ("accuracy", "mean_squared_error", "mean_absolute_error"):
        whole, pieces = figure(kind, classes=True), figure(kind, classes=True)
        whole.add(z, t)
        for start in range(0, 100, 7):
            pieces.add(z[start : start + 7], t[start : start + 7])
        assert whole.value == pytest.approx(pieces.value, rel=1e-12)


def test_a_figure_without_rows_is_not_a_number() -> None:
    assert np.isnan(figure("accuracy").value)


def test_errors_of_single_precision_numbers_do_not_overflow() -> None:
    error = figure("mean_squared_error")
    error.add(np.full((4, 1), 1e30, np.float32), np.zeros((4, 1), np.float32))
    assert error.value == pytest.approx(1e60)
