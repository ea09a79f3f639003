"""Convolutions of any size, step, border, gaps and groups against loops over single numbers."""

from __future__ import annotations

import math

import numpy as np
from convolution_rows import convolve, pool
from hypothesis import given, settings
from hypothesis import strategies as st
from op_running import LAYOUTS, legal_program, run_legal

from nngraph import ops
from nngraph.ir import TensorType
from nngraph.ops.convolution_form import SHORT_RUN

BATCH = 4  # as the rows of the table have it


@st.composite
def forms(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], ops.Convolution]:
    """Shapes of an image and a kernel that fit, and the convolution."""
    rank = draw(st.integers(1, 2))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    size, stride, dilation = each(1, 3), each(1, 3), each(1, 2)
    padding = tuple(zip(each(0, 2), each(0, 2), strict=True))
    groups = draw(st.integers(1, 3))
    channels, units = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    block = each(1, 2) if draw(st.booleans()) else ()
    more = each(0, 3)
    least = zip(size, stride, dilation, padding, block or (1,) * rank, more, strict=True)
    extents = tuple(
        max(1, d * (k - 1) + 1 + s * (b - 1) - sum(p)) + m for k, s, d, p, b, m in least
    )
    image = (BATCH, *extents, channels * groups)
    kernel = (*size, channels, units * groups)
    return image, kernel, ops.Convolution(stride, padding, dilation, groups, block)


@given(forms(), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_a_convolution_is_the_sum_of_its_products(
    form: tuple[tuple[int, ...], tuple[int, ...], ops.Convolution], seed: int
) -> None:
    image, kernel, op = form
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=image), rng.normal(size=kernel)
    types = (TensorType(("N", *image[1:])), TensorType(kernel))
    expected = convolve(x, W, op.stride, op.padding, op.dilation, op.groups, op.block)
    np.testing.assert_allclose(op.evaluate(x, W), expected, atol=1e-12)
    (found,) = run_legal(legal_program(op, types), [x, W], LAYOUTS["contiguous"])
    np.testing.assert_allclose(found, expected, atol=1e-12)


@given(forms(), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_the_three_ops_are_one_form(
    form: tuple[tuple[int, ...], tuple[int, ...], ops.Convolution], seed: int
) -> None:
    """sum g * conv(x, W) = sum x * transposed(g, W) = sum W * kernel(x, g)."""
    image, kernel, op = form
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=image), rng.normal(size=kernel)
    a = op.evaluate(x, W)
    g = rng.normal(size=a.shape)
    rest = (op.stride, op.padding, op.dilation, op.groups, op.block)
    spread = ops.ConvolutionTransposed(image[1:-1], *rest)
    gradient = ops.ConvolutionKernel(kernel[: len(op.stride)], *rest)
    at = len(op.block)
    tx, tW = TensorType(("N", *image[1:])), TensorType(kernel)
    tg = TensorType((*g.shape[:at], "N", *g.shape[at + 1 :]))
    (into_x,) = run_legal(legal_program(spread, (tg, tW)), [g, W], LAYOUTS["contiguous"])
    (into_W,) = run_legal(legal_program(gradient, (tx, tg)), [x, g], LAYOUTS["contiguous"])
    total = float(np.sum(a * g))
    scale = float(np.sum(np.abs(a * g))) + 1.0
    assert math.isclose(float(np.sum(into_x * x)), total, abs_tol=1e-12 * scale)
    assert math.isclose(float(np.sum(into_W * W)), total, abs_tol=1e-12 * scale)


@given(st.integers(0, 2**32 - 1), st.data())
@settings(max_examples=60, deadline=None)
def test_pools_are_what_their_windows_say(seed: int, data: st.DataObject) -> None:
    size = (data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)))
    stride = (data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)))
    padding = tuple(
        (data.draw(st.integers(0, k - 1)), data.draw(st.integers(0, k - 1))) for k in size
    )
    x = np.random.default_rng(seed).normal(size=(BATCH, 4, 5, 2))
    type_ = TensorType(("N", 4, 5, 2))
    for op, f, edge in (
        (ops.MaxPool(size, stride, padding), max, -math.inf),
        (ops.AveragePool(size, stride, padding), lambda v: math.fsum(v) / len(v), 0.0),
    ):
        expected = pool(x, size, stride, padding, f, edge)
        (found,) = run_legal(legal_program(op, (type_,)), [x], LAYOUTS["contiguous"])
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_sharpening_kernel_of_the_lectures_gives_320() -> None:
    x = np.array([[105.0, 102, 0], [103, 0, 0], [0, 0, 0]]).reshape(1, 3, 3, 1)
    W = np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]).reshape(3, 3, 1, 1)
    a = ops.Convolution((1, 1), ((1, 1), (1, 1)), (1, 1)).evaluate(x, W)
    assert a[0, 0, 0, 0] == 320


def test_short_rows_of_windows_are_copied_the_other_way_round() -> None:
    """Both ways are in the table of ops; here it is certain that they are two ways."""
    form = ops.Convolution((1, 1), ((0, 0), (0, 0)), (1, 1))
    orders = []
    for channels in (1, SHORT_RUN):
        types = (TensorType(("N", 4, 4, channels)), TensorType((3, 3, channels, 2)))
        body = legal_program(form, types).body
        orders += [instr.op.order for instr in body if isinstance(instr.op, ops.Windows)]
    assert orders == ["kcNo", "Nokc"]
