"""Every vjp against numbers: complex steps or extrapolated differences, random cotangents."""

from __future__ import annotations

import numpy as np
import pytest
from cases import for_each
from op_row import Row
from op_rows import ROWS
from op_running import (
    arrays_of,
    numeric_cotangent,
    pulled_back,
    results,
    seeded,
    types_of,
)

from nngraph import ops
from nngraph.ir import Array, parse_type

SMOOTH = [row for row in ROWS if row.derivative != "none"]
TWO_RESULTS = [row for row in SMOOTH if isinstance(row.op.infer(*types_of(row)), tuple)]

WITHOUT_DERIVATIVE = {
    "greater", "less", "between", "greater_than", "greater_equal", "equal", "and",
    "step", "sign", "dropout_mask", "gaussian_noise", "cumulative_product", "unsort_axis",
    "first_maximum", "patch_product", "patch_gradient", "offset_product",
    "gate", "fused", "layer_norm_back", "batch_norm_back",
    "squares_around", "sums_around", "scaled_around", "scaled_around_back",
    "pool_first", "unpool_first", "fold_chosen", "sum_chosen", "fold_rows", "patch_rows",
}  # fmt: skip


def random_cotangents(row: Row) -> list[Array]:
    rng = seeded(row)
    rng.normal(size=100)  # not the operands' own numbers
    return [np.asarray(rng.normal(size=np.shape(out))) for out in results(row.op, arrays_of(row))]


def assert_close(found: Array, expected: Array) -> None:
    size = max(float(np.max(np.abs(expected))), 1e-3)
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-10 * size)


def test_every_op_with_a_derivative_has_a_row_that_judges_it() -> None:
    judged = {row.op.name for row in SMOOTH}
    assert judged == {row.op.name for row in ROWS} - WITHOUT_DERIVATIVE


@for_each("row", SMOOTH, together=lambda row: row.op.name)
def test_cotangents_agree_with_numeric_ones(row: Row) -> None:
    arrays, seeds = arrays_of(row), random_cotangents(row)
    found = pulled_back(row.op, types_of(row), arrays, seeds)
    for operand, (array, cotangent) in enumerate(zip(arrays, found, strict=True)):
        if array.dtype.kind != "f" or operand in row.fixed:
            assert cotangent is None or operand in row.fixed
            continue
        assert cotangent is not None
        assert_close(cotangent, numeric_cotangent(row, arrays, seeds, operand))


@pytest.mark.parametrize("present", [0, 1])
@pytest.mark.parametrize("row", TWO_RESULTS, ids=str)
def test_one_of_two_results_may_be_without_a_cotangent(row: Row, present: int) -> None:
    arrays, seeds = arrays_of(row), random_cotangents(row)
    given = [g if i == present else None for i, g in enumerate(seeds)]
    zeroed = [g if i == present else np.zeros_like(g) for i, g in enumerate(seeds)]
    (found, *_) = pulled_back(row.op, types_of(row), arrays, given)
    assert found is not None
    assert_close(found, numeric_cotangent(row, arrays, zeroed, 0))


def jacobian(op: ops.Op, type_: str, x: Array) -> Array:
    """Rows of unit cotangents, pulled back one by one."""
    found = []
    for index in range(x.size):
        unit = np.zeros(x.size)
        unit[index] = 1.0
        (row,) = pulled_back(op, (parse_type(type_),), [x], [unit.reshape(x.shape)])
        assert row is not None
        found.append(row.ravel())
    return np.array(found)


def test_the_whole_jacobian_of_softmax() -> None:
    p = np.array([0.2, 0.5, 0.3])
    expected = np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(
        jacobian(ops.word("softmax"), "float64[3]", np.log(p)), expected, 1e-13
    )


def test_the_whole_jacobian_of_log_softmax() -> None:
    p = np.array([0.2, 0.5, 0.3])
    expected = np.eye(3) - p[None, :]
    found = jacobian(ops.word("log_softmax"), "float64[3]", np.log(p))
    np.testing.assert_allclose(found, expected, 1e-13)


@pytest.mark.parametrize(
    "op", [ops.Tanh(), ops.word("sigmoid"), ops.word("relu"), ops.word("gelu")], ids=str
)
def test_the_whole_jacobian_of_an_activation_is_diagonal(op: ops.Op) -> None:
    x = np.array([[-1.5, 0.25], [0.5, 2.0]])
    J = jacobian(op, "float64[2, 2]", x)
    assert np.all(J[~np.eye(4, dtype=bool)] == 0.0)
    assert np.all(np.diag(J)[1:] != 0.0)


def test_the_edge_rule_sums_delta_j_z_i_over_the_batch() -> None:
    z, W = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[7.0], [11.0]])
    delta = np.array([[13.0], [17.0]])
    types = (parse_type("float64[N, 2]"), parse_type("float64[2, 1]"))
    into_z, into_W = pulled_back(ops.MatMul(), types, [z, W], [delta])
    np.testing.assert_array_equal(into_W, [[13 * 1 + 17 * 3], [13 * 2 + 17 * 5]])
    np.testing.assert_array_equal(into_z, [[13 * 7, 13 * 11], [17 * 7, 17 * 11]])


def test_equal_elements_share_the_cotangent_of_their_maximum() -> None:
    x, g = np.array([[2.0, 2.0, 1.0], [0.0, 3.0, 0.0]]), np.array([6.0, 5.0])
    (found,) = pulled_back(ops.MaximumAxis(1), (parse_type("float64[N, 3]"),), [x], [g])
    np.testing.assert_array_equal(found, [[3.0, 3.0, 0.0], [0.0, 5.0, 0.0]])


def test_equal_operands_of_a_maximum_take_half_each() -> None:
    types = (parse_type("float64[N]"),) * 2
    x, y, g = np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([4.0, 4.0])
    for op, expected in ((ops.Maximum(), [2.0, 4.0]), (ops.Minimum(), [2.0, 0.0])):
        into_x, into_y = pulled_back(op, types, [x, y], [g])
        np.testing.assert_array_equal(into_x, expected)
        np.testing.assert_array_equal(into_y, g - expected)


def test_kinks_have_the_slope_of_their_left_side_or_zero() -> None:
    zero, g = np.zeros((1, 1)), np.ones((1, 1))
    for op, expected in (
        (ops.word("relu"), 0.0),
        (ops.word("leaky_relu", 0.1), 0.1),
        (ops.word("relu6"), 0.0),
        (ops.Abs(), 0.0),
        (ops.word("elu", 0.5), 0.5),
        (ops.Sqrt(), None),
    ):
        (found,) = pulled_back(op, (parse_type("float64[N, 1]"),), [zero], [g])
        assert found is not None
        assert np.all(np.isfinite(found))
        if expected is not None:
            assert found[0, 0] == expected


@pytest.mark.parametrize("op", [ops.Heaviside(), ops.Sign()], ids=str)
def test_a_derivative_that_is_zero_everywhere_is_no_cotangent(op: ops.Op) -> None:
    x = np.ones((1, 1))
    assert pulled_back(op, (parse_type("float64[N, 1]"),), [x], [x]) == [None]
