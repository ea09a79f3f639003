"""Compiled depthwise convolutions equal their definitions within rounding, wherever arrays lie."""

from __future__ import annotations

import numpy as np
import pytest
from cases import by_tens, for_each

from nngraph.ir import Op, TensorType
from nngraph.ops import Convolution, ConvolutionKernel, ConvolutionTransposed
from nngraph.targets import COMPILED

pytest.importorskip("numba")


def check(op: Op, arrays: list[np.ndarray]) -> None:
    """The kernel of an op against its definition in double precision."""
    dtype = arrays[0].dtype
    types = [TensorType(a.shape, str(dtype)) for a in arrays]
    call = COMPILED.call(op, *types)
    assert call is not None
    expected = np.asarray(op.evaluate(*(a.astype(float) for a in arrays)))
    atol = (1e-5 if dtype == "float32" else 1e-13) * max(1.0, float(np.abs(expected).max()))
    for operands in (arrays, [np.asfortranarray(a) for a in arrays]):
        out = np.full(expected.shape, 7, dtype)
        call.function(*operands, out=out, **dict(call.keywords))
        np.testing.assert_allclose(out, expected, rtol=0, atol=atol)
    wide = np.full((*expected.shape[:-1], 2 * expected.shape[-1]), 7, dtype)
    call.function(*arrays, out=wide[..., ::2], **dict(call.keywords))
    np.testing.assert_allclose(wide[..., ::2], expected, rtol=0, atol=atol)
    assert (wide[..., 1::2] == 7).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rank", [1, 2])
@for_each("seed", range(30), together=by_tens)
def test_the_three_kernels_are_their_definitions(seed: int, rank: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    size, stride, dilation = (tuple(rng.integers(1, 4, rank).tolist()) for _ in range(3))
    padding = tuple((int(b), int(a)) for b, a in rng.integers(0, 3, (rank, 2)))
    channels = int(rng.choice([2, 3, 8, 33]))
    extents = tuple(
        max(1, d * (k - 1) + 1 - sum(p) + int(rng.integers(0, 6)))
        for k, d, p in zip(size, dilation, padding, strict=True)
    )
    form = (stride, padding, dilation, channels)
    x = rng.normal(size=(3, *extents, channels)).astype(dtype)
    W = rng.normal(size=(*size, 1, channels)).astype(dtype)
    check(Convolution(*form), [x, W])
    y = rng.normal(size=Convolution(*form).evaluate(x, W).shape).astype(dtype)
    check(ConvolutionKernel(size, *form), [x, y])
    check(ConvolutionTransposed(extents, *form), [y, W])


def test_several_kernels_for_a_channel_are_left_to_products() -> None:
    form = ((1, 1), ((1, 1), (1, 1)), (1, 1), 2)
    image, both = (TensorType(("N", 4, 4, c), "float64") for c in (2, 4))
    W = TensorType((3, 3, 1, 4), "float64")
    assert COMPILED.call(Convolution(*form), image, W) is None
    assert COMPILED.call(ConvolutionKernel((3, 3), *form), image, both) is None
    assert COMPILED.call(ConvolutionTransposed((4, 4), *form), both, W) is None


def test_an_empty_part_of_a_batch_gives_zeros() -> None:
    form = ((1, 1), ((1, 1), (1, 1)), (1, 1), 2)
    x, y = np.empty((0, 4, 4, 2)), np.empty((0, 4, 4, 2))
    image = TensorType(("N", 4, 4, 2), "float64")
    call = COMPILED.call(ConvolutionKernel((3, 3), *form), image, image)
    assert call is not None
    out = np.full((3, 3, 1, 2), 7.0)
    call.function(x, y, out=out, **dict(call.keywords))
    assert (out == 0).all()
