"""The codes of the compiled loop are the NumPy functions that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from nngraph.kernels.compiled import loop

NUMBERS = [-np.inf, -88.0, -2.5, -1.0, -1e-3, -0.0, 0.0, 1e-3, 0.5, 1.0, 3.0, 88.0, np.inf, np.nan]
DTYPES = ["float32", "float64"]


def row(code: int, extents: tuple[int, int, int], *places: tuple[int, int, int]) -> np.ndarray:
    found = np.zeros(loop.WIDTH, np.int64)
    found[0], found[2:5] = code, extents
    for at, place in enumerate(places):
        found[5 + 3 * at : 8 + 3 * at] = place
    return found


def called(rows: list[np.ndarray], F: np.ndarray) -> None:
    loop.call_all(np.array(rows), F, np.zeros(1))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", loop.ONE_OPERAND, ids=lambda f: f.__name__)
def test_functions_of_one_operand(function, dtype):
    x = np.array(NUMBERS, dtype)
    F = np.concatenate([x, np.zeros_like(x)])
    called([row(loop.CODES[function], (1, len(x), 0), (len(x), 0, 1), (0, 0, 1))], F)
    with np.errstate(all="ignore"):
        expected = function(x)
    np.testing.assert_allclose(F[len(x) :], expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", loop.TWO_OPERANDS, ids=lambda f: f.__name__)
def test_functions_of_two_operands(function, dtype):
    x, y = (a.astype(dtype) for a in np.meshgrid(NUMBERS, NUMBERS))
    n = len(NUMBERS)
    F = np.concatenate([x.ravel(), y.T.ravel(), np.zeros(n * n, dtype)])
    # the right operand lies turned, the result in every other row
    called([row(loop.CODES[function], (n, n, 0), (2 * n * n, n, 1), (0, n, 1), (n * n, 1, n))], F)
    with np.errstate(all="ignore"):
        expected = function(x, y).astype(dtype)
    found = F[2 * n * n :].reshape(n, n)
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_maxima_inner_and_matrix_products(dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 4, 3)).astype(dtype)
    F = np.concatenate([x.ravel(), y.ravel(), np.zeros(28, dtype)])
    called(
        [
            row(loop.SUM, (3, 4, 0), (24, 1, 0), (0, 1, 3)),  # of each column
            row(loop.GREATEST, (4, 3, 0), (27, 1, 0), (0, 3, 1)),  # of each row
            row(loop.DOT, (4, 3, 0), (31, 1, 0), (0, 3, 1), (12, 3, 1)),
            row(loop.PRODUCT, (4, 4, 3), (35, 4, 1), (0, 3, 1), (12, 1, 3)),  # x y^T
        ],
        F,
    )
    near = {"rtol": 1e-5}
    np.testing.assert_allclose(F[24:27], x.sum(axis=0), **near)
    np.testing.assert_array_equal(F[27:31], x.max(axis=1))
    np.testing.assert_allclose(F[31:35], (x * y).sum(axis=1), **near)
    np.testing.assert_allclose(F[35:51].reshape(4, 4), x @ y.T, **near)


def test_a_maximum_of_what_is_no_number_is_none():
    F = np.array([1.0, np.nan, 3.0, 0.0])
    called([row(loop.GREATEST, (1, 3, 0), (3, 1, 0), (0, 3, 1))], F)
    assert np.isnan(F[3])


def test_a_scalar_goes_from_one_buffer_to_the_other():
    F, D = np.zeros(2, np.float32), np.array([0.1, 0.0])
    rows = [row(loop.NARROW, (1, 1, 0), (1, 0, 0)), row(loop.WIDEN, (1, 1, 0), (1, 0, 0))]
    rows[1][8] = 1
    loop.call_all(np.array(rows), F, D)
    assert (F[1], D[1]) == (np.float32(0.1), float(np.float32(0.1)))
