"""Compiled folds and patches equal their definitions, wherever the arrays lie."""

from __future__ import annotations

import numpy as np
import pytest
from cases import by_tens, for_each

from nngraph.ir import TensorType
from nngraph.ops import FoldRows, PatchRows
from nngraph.targets import COMPILED

pytest.importorskip("numba")


def random_form(
    rng: np.random.Generator, rank: int
) -> tuple[FoldRows, tuple[int | str, ...], tuple[int, ...]]:
    """A fold, the shape of its patches, and the same for five images."""
    size, stride, dilation = (tuple(rng.integers(1, 4, rank).tolist()) for _ in range(3))
    padding = tuple((int(b), int(a)) for b, a in rng.integers(0, 3, (rank, 2)))
    block = tuple(rng.integers(1, 4, rank).tolist()) if rng.random() < 0.5 else ()
    counts = tuple(rng.integers(1, 4, rank).tolist())
    extents = []
    for axis in range(rank):
        windows = counts[axis] * (block[axis] if block else 1)
        least = stride[axis] * (windows - 1) + dilation[axis] * (size[axis] - 1) + 1
        extents.append(max(1, least + int(rng.integers(0, 2)) - sum(padding[axis])))
    channels = int(rng.choice([1, 2, 3, 8, 33]))
    op = FoldRows(tuple(extents), stride, padding, dilation, block)
    shape = (*block, "N", *counts, *size, channels)
    return op, shape, tuple(5 if d == "N" else int(d) for d in shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rank", [1, 2])
@for_each("seed", range(40), together=by_tens)
def test_folds_are_those_of_the_definition(seed: int, rank: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    op, shape, sizes = random_form(rng, rank)
    type_ = TensorType(shape, dtype)
    call = COMPILED.call(op, type_)
    assert call is not None
    patches = rng.normal(size=sizes).astype(dtype)
    expected = op.evaluate(patches.astype(float))
    atol = 1e-5 if dtype == "float32" else 1e-13
    out = np.full(expected.shape, 7, dtype)
    call.function(patches, out=out, **dict(call.keywords))
    np.testing.assert_allclose(out, expected, rtol=0, atol=atol)

    # a few images of a larger batch, where the positions of a block lie apart
    axis = len(op.block)
    out[...] = 7
    call.function(patches.take([], axis), out=out[:0], **dict(call.keywords))
    rows = (slice(None),) * axis + (slice(1, 4),)
    call.function(patches[rows], out=out[1:4], **dict(call.keywords))
    np.testing.assert_allclose(out[1:4], expected[1:4], rtol=0, atol=atol)
    assert (out[0] == 7).all()
    assert (out[4] == 7).all()

    # lying otherwise
    wide = np.full((*expected.shape[:-1], 2 * expected.shape[-1]), 7, dtype)[..., ::2]
    call.function(np.asfortranarray(patches), out=wide, **dict(call.keywords))
    np.testing.assert_allclose(wide, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rank", [1, 2])
@for_each("seed", range(40), together=by_tens)
def test_patches_are_those_of_the_definition(seed: int, rank: int, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    fold, _, sizes = random_form(rng, rank)
    size = sizes[len(fold.block) + 1 + rank : -1]
    op = PatchRows(size, fold.stride, fold.padding, fold.dilation, fold.block)
    x = rng.normal(size=(5, *fold.extents, sizes[-1])).astype(dtype)
    x[rng.random(x.shape) < 0.05] = np.nan
    call = COMPILED.call(op, TensorType(("N", *fold.extents, sizes[-1]), dtype))
    assert call is not None
    expected = op.evaluate(x)
    out = np.full(expected.shape, 7, dtype)
    call.function(x, out=out, **dict(call.keywords))
    np.testing.assert_array_equal(out, expected)

    # a few images of a larger batch, and arrays that lie otherwise
    rows = (slice(None),) * len(op.block) + (slice(1, 4),)
    out[...] = 7
    call.function(x[1:4], out=out[rows], **dict(call.keywords))
    np.testing.assert_array_equal(out[rows], expected[rows])
    assert (out == 7).sum() >= out.size * 2 // 5
    wide = np.full((*expected.shape[:-1], 2 * expected.shape[-1]), 7, dtype)[..., ::2]
    call.function(np.asfortranarray(x), out=wide, **dict(call.keywords))
    np.testing.assert_array_equal(wide, expected)
