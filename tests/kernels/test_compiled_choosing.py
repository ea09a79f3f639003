"""Compiled pools equal NumPy's to the bit, wherever the arrays lie."""

from __future__ import annotations

import numpy as np
import pytest
from cases import for_each

from nngraph.ir import WindowsView, geometry
from nngraph.kernels import choosing as plain
from nngraph.ops import FoldChosen

pytest.importorskip("numba")

from nngraph.kernels.compiled import choosing as compiled

FIRST = [(2, 2), (1,), (3,), (3, 2), (4,)]
CHANNELS = [1, 3, 32, 700]
DTYPES = ["float32", "float64"]


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Many ties, and now and then what is no number."""
    x = np.round(rng.normal(size=shape) * 2).astype(dtype)
    for odd in (np.nan, np.inf, -np.inf, -0.0):
        x[rng.random(shape) < 0.03] = odd
    return x


def same_bits(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal numbers, NaN where NaN is; the two zeros are equal."""
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@for_each("channels", CHANNELS)
@pytest.mark.parametrize("first", FIRST, ids=str)
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_pools_choose_as_numpy_does(
    first: tuple[int, ...], channels: int, dtype: str, relu: bool, biased: bool
) -> None:
    rng = np.random.default_rng(channels)
    for rows in (0, 1, 5, 37):
        x = numbers(rng, (*first, rows, 3, channels), dtype)
        bias = (rng.normal(size=channels).astype(dtype),) if biased else ()
        outs = [
            (np.full((rows, 3, channels), 7, dtype), np.full((rows, 3, channels), 77, np.uint8))
            for _ in range(2)
        ]
        for module, out in zip((plain, compiled), outs, strict=True):
            module.pool_first(x, *bias, axes=len(first), relu=relu, out=out)
        same_bits(outs[1][0], outs[0][0])
        np.testing.assert_array_equal(outs[1][1], outs[0][1])


@pytest.mark.parametrize("dtype", DTYPES)
@for_each("channels", CHANNELS)
@pytest.mark.parametrize("first", FIRST, ids=str)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_way_back_is_numpys(first: tuple[int, ...], channels: int, dtype: str) -> None:
    rng = np.random.default_rng(channels)
    count = int(np.prod(first))
    g = numbers(rng, (5, 3, channels), dtype)
    chosen = rng.integers(0, count + 1, g.shape).astype(np.uint8)
    outs = [np.full((*first, *g.shape), 7, dtype) for _ in range(2)]
    for module, out in zip((plain, compiled), outs, strict=True):
        module.unpool_first(g, chosen, out=out)
    same_bits(outs[1], outs[0])
    np.testing.assert_array_equal(np.signbit(outs[1]), np.signbit(outs[0]))


@pytest.mark.parametrize("dtype", DTYPES)
@for_each("channels", CHANNELS)
def test_sums_of_what_was_let_through_are_numpys_within_rounding(channels: int, dtype: str) -> None:
    rng = np.random.default_rng(channels)
    g = rng.normal(size=(11, 7, channels)).astype(dtype)
    chosen = rng.integers(0, 5, g.shape).astype(np.uint8)
    expected = np.where(chosen < 4, g.astype(float), 0).sum((0, 1))
    out = np.full(channels, 7, dtype)
    compiled.sum_chosen(g, chosen, count=4, out=out)
    np.testing.assert_allclose(out, expected, atol=1e-5 if dtype == "float32" else 1e-13)


def test_pieces_of_larger_arrays_are_read_and_written_where_they_lie() -> None:
    rng = np.random.default_rng(0)
    x, bias = rng.normal(size=(2, 2, 12, 3, 4)), rng.normal(size=4)
    y, chosen = np.full((12, 3, 4), 7.0), np.full((12, 3, 4), 77, np.uint8)
    back, total = np.full(x.shape, 7.0), np.zeros(4)
    expected = (np.empty_like(y), np.empty_like(chosen))
    plain.pool_first(x, bias, axes=2, relu=True, out=expected)
    for start in (0, 5, 10):
        rows = slice(start, start + 5)
        out = (y[rows], chosen[rows])
        compiled.pool_first(x[:, :, rows], bias, axes=2, relu=True, out=out)
        compiled.unpool_first(y[rows], chosen[rows], out=back[:, :, rows])
        part = np.empty(4)
        total += compiled.sum_chosen(y[rows], chosen[rows], count=4, out=part)
    same_bits(y, expected[0])
    np.testing.assert_array_equal(chosen, expected[1])
    np.testing.assert_array_equal(back.sum((0, 1)), y)
    np.testing.assert_allclose(total, y.sum((0, 1)))


def test_arrays_in_another_order_are_left_to_numpy() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 3, 6, 2)).transpose(3, 1, 2, 0)
    y, chosen = np.empty((3, 6, 4)), np.empty((3, 6, 4), np.uint8)
    compiled.pool_first(x, axes=1, relu=False, out=(y, chosen))
    np.testing.assert_array_equal(y, x.max(0))
    back = np.empty((4, 3, 6, 2)).transpose(3, 1, 2, 0)
    compiled.unpool_first(y, chosen, out=back)
    np.testing.assert_array_equal(back.sum(0), y)
    turned = np.asfortranarray(y)
    total = compiled.sum_chosen(turned, chosen, count=2, out=np.empty(4))
    np.testing.assert_allclose(total, y.sum((0, 1)))


@pytest.mark.parametrize("dtype", DTYPES)
@for_each("channels", [1, 3, 9, 40])
@pytest.mark.parametrize(
    ("size", "stride"),
    [
        ((2, 2), (2, 2)),
        ((3, 2), (2, 1)),
        ((2,), (2,)),
        ((3,), (1,)),
        ((4,), (5,)),
        ((1, 1), (2, 3)),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_windows_of_images_are_chosen_from_where_they_lie(
    size: tuple[int, ...], stride: tuple[int, ...], channels: int, dtype: str
) -> None:
    rank = len(size)
    view = WindowsView(geometry.WindowGeometry(size, stride, (1,) * rank, (1,) * rank, 1, "kNoc"))
    rng = np.random.default_rng(channels)
    image = numbers(rng, (4, *(9, 8)[:rank], channels + 2), dtype)
    bias = rng.normal(size=channels).astype(dtype)
    for whole in (image[..., 2:], np.ascontiguousarray(image[..., 2:])):
        x = view.apply(whole[1:], {})
        for relu in (False, True):
            outs = [
                (np.full(x.shape[rank:], 7, dtype), np.full(x.shape[rank:], 77, np.uint8))
                for _ in range(2)
            ]
            for module, out in zip((plain, compiled), outs, strict=True):
                module.pool_first(x, bias, axes=rank, relu=relu, out=out)
            same_bits(outs[1][0], outs[0][0])
            np.testing.assert_array_equal(outs[1][1], outs[0][1])


def test_results_may_lie_inside_a_border_or_beside_other_channels() -> None:
    rng = np.random.default_rng(2)
    x, bias = rng.normal(size=(2, 2, 3, 4, 5, 6)), rng.normal(size=6)
    expected = np.empty((3, 4, 5, 6)), np.empty((3, 4, 5, 6), np.uint8)
    plain.pool_first(x, bias, axes=2, relu=True, out=expected)
    border, chosen = np.zeros((3, 6, 7, 6)), np.empty((3, 4, 5, 6), np.uint8)
    compiled.pool_first(x, bias, axes=2, relu=True, out=(border[:, 1:-1, 1:-1], chosen))
    np.testing.assert_array_equal(border[:, 1:-1, 1:-1], expected[0])
    np.testing.assert_array_equal(chosen, expected[1])
    assert border.sum() == pytest.approx(expected[0].sum())
    g = rng.normal(size=(3, 4, 5, 9))[..., 2:8]
    back, total = np.empty(x.shape), np.empty(6)
    compiled.unpool_first(g, chosen, out=back)
    np.testing.assert_array_equal(back.sum((0, 1)), np.where(chosen < 4, g, 0))
    compiled.sum_chosen(g, chosen, count=4, out=total)
    np.testing.assert_allclose(total, np.where(chosen < 4, g, 0).sum((0, 1, 2)))


@pytest.mark.parametrize("dtype", DTYPES)
@for_each("channels", CHANNELS)
@pytest.mark.parametrize(
    ("extents", "size", "stride"),
    [((8, 9), (2, 3), (2, 3)), ((7, 6), (3, 2), (2, 1)), ((9,), (3,), (3,)), ((9,), (2,), (1,))],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_was_chosen_is_folded_as_windows_in_memory_are(
    extents: tuple[int, ...],
    size: tuple[int, ...],
    stride: tuple[int, ...],
    channels: int,
    dtype: str,
) -> None:
    rng = np.random.default_rng(channels)
    places = [(e - k) // s + 1 for e, k, s in zip(extents, size, stride, strict=True)]
    g = numbers(rng, (4, *places, channels), dtype)  # whole numbers: their sums are exact
    chosen = rng.integers(0, int(np.prod(size)) + 1, g.shape).astype(np.uint8)
    expected = FoldChosen(extents, size, stride).evaluate(g, chosen)
    wide = np.full((*expected.shape[:-1], channels + 3), 7, dtype)
    for out in (np.full(expected.shape, 7, dtype), wide[..., 1:-2]):
        compiled.fold_chosen(g, chosen, size=size, stride=stride, out=out)
        np.testing.assert_array_equal(out, expected)
    assert (wide[..., 0] == 7).all()
