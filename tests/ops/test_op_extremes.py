"""Values and cotangents stay finite, without a warning, however far an operand is from 0."""

from __future__ import annotations

import math

import numpy as np
import pytest
from op_running import LAYOUTS, legal_program, pulled_back, results, run_legal

from nngraph import ops
from nngraph.ir import Array, Op, TensorType
from nngraph.ops.word import ROWS, WORDS

BOTH_DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])

BOUNDED = [
    *(ops.word(name) for name in WORDS if not ROWS[name].learned),
    ops.word("elu", 0.5), ops.word("celu", 0.5), ops.Tanh(), ops.Erfc(), ops.Abs(), ops.Sin(),
    ops.Cos(),
]  # fmt: skip
"""Activations that are finite for every finite operand: all that are no primitives, and some."""

PROBABILITY = [
    ops.loss_word("cross_entropy"), ops.loss_word("binary_cross_entropy"),
    ops.loss_word("cross_entropy", mean=True), ops.loss_word("dice"), ops.loss_word("jaccard"),
    ops.loss_word("dice", smooth=1e-6), ops.loss_word("jaccard", smooth=1e-6),
]  # fmt: skip
MARGIN = [
    ops.loss_word("huber"), ops.loss_word("huber", delta=1e-3), ops.loss_word("hinge"),
    ops.loss_word("squared_hinge"), ops.loss_word("categorical_hinge"),
]  # fmt: skip
FUSED = [
    ops.exact_loss(ops.loss_word("cross_entropy", normalised=False), "softmax"),
    ops.exact_loss(ops.loss_word("cross_entropy", normalised=True), "softmax"),
    ops.exact_loss(ops.loss_word("binary_cross_entropy"), "sigmoid"),
]


def extremes(dtype: str) -> Array:
    tiny, eps = float(np.finfo(dtype).tiny), float(np.finfo(dtype).eps)
    near = [0.0, tiny, tiny / 4, eps, 0.5, 1.0, 20.0, 40.0, 87.0, 89.0, 104.0]
    far = [708.0, 710.0, 745.0, 1e4, 1e15, 1e30]
    positive = np.array(near + far)
    return np.concatenate([positive, -positive]).reshape(-1, 2).astype(dtype)


def run_everywhere(op: Op, type_: TensorType, arrays: list[Array]) -> list[Array]:
    """Values by the definition and by calls, and the first cotangent for a cotangent of ones."""
    types = (type_,) * len(arrays)
    outs = results(op, arrays)
    found = [*outs, *run_legal(legal_program(op, types), arrays, LAYOUTS["contiguous"])]
    seeds = [np.ones_like(out) for out in outs]
    found += [g for g in pulled_back(op, types, arrays, seeds) if g is not None]
    return found


@BOTH_DTYPES
@pytest.mark.parametrize("op", BOUNDED, ids=str)
def test_activations_and_their_slopes_are_finite(op: Op, dtype: str) -> None:
    x = extremes(dtype)
    for found in run_everywhere(op, TensorType(x.shape, dtype), [x]):  # type: ignore[arg-type]
        assert np.all(np.isfinite(found))


@BOTH_DTYPES
@pytest.mark.parametrize("op", PROBABILITY, ids=str)
def test_losses_of_probabilities_are_finite_at_zero_and_one(op: Op, dtype: str) -> None:
    p = np.array([[0, 1], [0, 1], [0, 1], [1, 0]], dtype)
    t = np.array([[1, 0], [0, 1], [0, 0], [0.5, 0.5]], dtype)
    for found in run_everywhere(op, TensorType(("N", 2), dtype), [p, t]):  # type: ignore[arg-type]
        assert np.all(np.isfinite(found))


@BOTH_DTYPES
@pytest.mark.parametrize("op", FUSED, ids=str)
def test_fused_losses_are_finite_and_grow_with_the_distance(op: Op, dtype: str) -> None:
    a = np.array([[-1e4, 1e4], [1e4, -1e4], [1e4, 1e4], [0, 1e4]], dtype)
    t = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], dtype)
    type_ = TensorType(("N", 2), dtype)  # type: ignore[arg-type]
    for found in run_everywhere(op, type_, [a, t]):
        assert np.all(np.isfinite(found))
    loss, p = results(op, [a, t])
    assert loss[0] >= 1e4
    assert loss[1] == 0.0
    assert np.all((p >= 0) & (p <= 1))


@BOTH_DTYPES
@pytest.mark.parametrize("op", MARGIN, ids=str)
def test_losses_with_corners_are_finite_far_out_and_on_their_corners(op: Op, dtype: str) -> None:
    y = np.array([[-1e15, 1e15], [1e15, -1e15], [1, -1], [0, 1e-30]], dtype)
    t = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], dtype)
    for found in run_everywhere(op, TensorType(("N", 2), dtype), [y, t]):  # type: ignore[arg-type]
        assert np.all(np.isfinite(found))


def test_targets_of_minus_one_and_of_zero_mean_the_same_to_a_hinge() -> None:
    y = np.array([[0.3, -2.0], [0.0, 5.0]])
    for op in (ops.loss_word("hinge"), ops.loss_word("squared_hinge")):
        zeros = op.evaluate(y, np.array([[1.0, 0.0], [0.0, 1.0]]))
        ones = op.evaluate(y, np.array([[1.0, -1.0], [-1.0, 1.0]]))
        np.testing.assert_array_equal(zeros, ones)


def test_a_wrong_and_sure_probability_costs_the_logarithm_of_the_clamp() -> None:
    several, yes_or_no = ops.loss_word("cross_entropy"), ops.loss_word("binary_cross_entropy")
    loss = several.evaluate(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))
    assert loss[0] == pytest.approx(-math.log(2.0**-1022))
    loss = yes_or_no.evaluate(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    np.testing.assert_allclose(loss, [1022 * math.log(2.0), 53 * math.log(2.0)], rtol=1e-14)


def test_the_slope_at_the_clamp_points_towards_the_target() -> None:
    type_ = TensorType(("N",), "float64")
    for op in (ops.loss_word("cross_entropy"), ops.loss_word("binary_cross_entropy")):
        p, t, g = np.array([0.0]), np.array([1.0]), np.array([1.0])
        (into_p, _) = pulled_back(op, (type_, type_), [p, t], [g])
        assert into_p is not None
        assert into_p[0] < -1e300


def test_a_sigmoid_keeps_its_relative_accuracy_where_it_is_tiny() -> None:
    x = np.array([-1.0, -30.0, -300.0, -700.0])
    expected = [math.exp(v) / (1.0 + math.exp(v)) for v in x]
    np.testing.assert_allclose(ops.word("sigmoid").evaluate(x), expected, rtol=1e-15)


def test_a_root_of_a_square_has_slope_zero_at_zero() -> None:
    """Lengths such as sqrt(u^2) are met at 0 in edge images; 0 times infinity would be NaN."""
    type_, zero = TensorType(("N",), "float64"), np.zeros(1)
    (into_square,) = pulled_back(ops.Sqrt(), (type_,), [zero], [np.ones(1)])
    assert into_square is not None
    (into_u,) = pulled_back(ops.Square(), (type_,), [zero], [into_square])
    np.testing.assert_array_equal(into_u, zero)


@BOTH_DTYPES
def test_erfc_agrees_with_the_standard_library_everywhere(dtype: str) -> None:
    x = np.linspace(-7.0, 26.5 if dtype == "float64" else 9.0, 20011).astype(dtype)
    expected = np.array([math.erfc(float(v)) for v in x])
    found = ops.Erfc().evaluate(x)
    normal = expected > np.finfo(dtype).tiny
    error = np.abs(found.astype("float64") - expected)[normal] / expected[normal]
    assert error.max() < (2e-15 if dtype == "float64" else 5e-7)


def test_erfc_works_block_by_block_in_any_layout() -> None:
    x = np.random.default_rng(5).normal(size=(70, 500))
    expected = np.vectorize(math.erfc)(x)
    for layout in LAYOUTS.values():
        out = layout(x.shape, x.dtype)
        call = ops.Erfc().call(TensorType(("N", 500)))
        call.function(x, out=out)
        np.testing.assert_allclose(out, expected, rtol=2e-15)
