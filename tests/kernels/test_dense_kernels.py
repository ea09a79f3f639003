"""The kernels of dense networks against NumPy: every layout, extremes, and whole programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("numba")

from nngraph.ir import Op, TensorType
from nngraph.kernels.compiled.entropy import exp_below
from nngraph.kernels.compiled.jit import kernel
from nngraph.ops import Gate, exact_loss, loss_word, word
from nngraph.targets import COMPILED

Array = NDArray[Any]

BOTH_DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
LAYOUTS = st.sampled_from(
    [
        ("rows", "rows", "rows"),
        ("rows", "padded", "turned"),
        ("padded", "turned", "spread"),
        ("turned", "spread", "rows"),
        ("spread", "rows", "padded"),
        ("turned", "turned", "turned"),
    ]
)
"""Each layout for each operand; every other combination would be compiled for itself."""
SHAPES = st.one_of(
    st.tuples(st.integers(0, 40), st.integers(1, 40)),
    st.tuples(st.integers(0, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 20)),
)


def entropy(mean: bool = False) -> Op:
    """Softmax with its cross-entropy, whatever the targets sum to."""
    return exact_loss(loss_word("cross_entropy", mean=mean, normalised=False), "softmax")


def laid_out(values: Array, layout: str) -> Array:
    """The same values, dense, as parts of wider rows, with the last axis outermost, apart."""
    shape, dtype = values.shape, values.dtype
    if layout == "rows":
        array = np.empty(shape, dtype)
    elif layout == "padded":
        array = np.full((*shape[:-1], shape[-1] + 3), 7, dtype)[..., : shape[-1]]
    elif layout == "turned":
        array = np.moveaxis(np.empty((shape[-1], *shape[:-1]), dtype), 0, -1)
    else:
        array = np.full((*shape[:-1], 2 * shape[-1]), 7, dtype)[..., ::2]
    array[...] = values
    return array


def run(op: Op, arrays: list[Array], out: Any) -> None:
    call = COMPILED.call(op, *(TensorType(("N", *a.shape[1:]), a.dtype.name) for a in arrays))  # type: ignore[arg-type]
    assert call is not None
    call.function(*arrays, out=out, **dict(call.keywords))


def special(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """Ordinary numbers, and now and then one at the end of the range or none at all."""
    info = np.finfo(dtype)
    rare = [0.0, -0.0, np.inf, -np.inf, np.nan, info.max, -info.max, info.smallest_subnormal]
    values = rng.standard_normal(shape).astype(dtype)
    chosen = rng.random(shape) < 0.2
    values[chosen] = rng.choice(np.array(rare, dtype), int(chosen.sum()))
    return values


@BOTH_DTYPES
@settings(max_examples=60)
@given(shape=SHAPES, layouts=LAYOUTS, seed=st.integers(0, 2**32 - 1))
def test_a_gate_passes_what_numpy_passes(dtype, shape, layouts, seed) -> None:
    rng = np.random.default_rng(seed)
    g, x = special(rng, shape, dtype), special(rng, shape, dtype)
    with np.errstate(all="ignore"):
        expected = g * (x > 0.25)
    operands = [laid_out(a, layout) for a, layout in zip((g, x), layouts, strict=False)]
    out = laid_out(np.zeros_like(g), layouts[2])
    with np.errstate(all="ignore"):  # samples with gaps inside are left to NumPy
        run(Gate(0.25), operands, out)
        np.testing.assert_array_equal(out, expected)
        run(Gate(0.25), operands, operands[0])
    np.testing.assert_array_equal(operands[0], expected)
    np.testing.assert_array_equal(operands[1], x)


@BOTH_DTYPES
@settings(max_examples=60)
@given(shape=SHAPES, layouts=LAYOUTS, seed=st.integers(0, 2**32 - 1))
def test_a_rectifier_gives_what_numpy_gives(dtype, shape, layouts, seed) -> None:
    x = special(np.random.default_rng(seed), shape, dtype)
    expected = np.maximum(x, 0.0)
    operand, out = laid_out(x, layouts[0]), laid_out(np.zeros_like(x), layouts[1])
    run(word("relu"), [operand], out)
    np.testing.assert_array_equal(out, expected)
    run(word("relu"), [operand], operand)
    np.testing.assert_array_equal(operand, expected)


@BOTH_DTYPES
@settings(max_examples=60)
@given(
    samples=st.integers(0, 40),
    classes=st.integers(1, 64),
    layouts=LAYOUTS,
    size=st.sampled_from([1.0, 30.0, 1e4, 1e30]),
    seed=st.integers(0, 2**32 - 1),
)
def test_softmax_and_entropy_are_those_of_numpy(
    dtype, samples, classes, layouts, size, seed
) -> None:
    rng = np.random.default_rng(seed)
    for mean in (False, True):
        op = entropy(mean)
        a = (size * rng.standard_normal((samples, classes))).astype(dtype)
        t = rng.random((samples, classes)).astype(dtype)
        loss, p = op.evaluate(a.astype("float64"), t.astype("float64"))
        operands = [laid_out(x, layout) for x, layout in zip((a, t), layouts, strict=False)]
        found = np.empty(samples, dtype), laid_out(np.zeros_like(a), layouts[2])
        run(op, operands, found)
        eps = float(np.finfo(dtype).eps)
        # e^s has the relative error of s, which has that of a
        np.testing.assert_allclose(found[1], p, rtol=40 * eps, atol=4 * eps)
        np.testing.assert_allclose(found[0], loss, rtol=40 * eps, atol=40 * eps)


@pytest.mark.filterwarnings("error")
@BOTH_DTYPES
def test_logits_without_bounds_give_what_numpy_gives(dtype) -> None:
    rows = [
        [np.inf, 0.0, 1.0],
        [-np.inf, 0.0, 1.0],
        [-np.inf, -np.inf, -np.inf],
        [np.nan, 0.0, 1.0],
        [0.0, 1.0, np.nan],
        [1.0, np.nan, np.inf],
        [np.finfo(dtype).max, -np.finfo(dtype).max, 0.0],
    ]
    a = np.asfortranarray(np.array(rows, dtype))
    t = np.asfortranarray(np.tile(np.array([0.2, 0.3, 0.5], dtype), (len(rows), 1)))
    op = entropy()
    with np.errstate(all="ignore"):
        expected = op.evaluate(a, t)
    found = np.empty(len(rows), dtype), np.empty_like(a)
    run(op, [a, t], found)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@kernel
def exponentials(s: Array, out: Array) -> None:
    for i in range(s.size):
        out[i] = exp_below(s[i])


@BOTH_DTYPES
def test_the_exponential_is_right_within_a_unit_of_the_last_place(dtype) -> None:
    lowest = 104 if dtype == "float32" else 746
    near_zero = np.concatenate([10.0 ** np.linspace(-300, 0, 5000), [0.0]])
    s = -np.concatenate([np.linspace(0, lowest, 200_001), near_zero]).astype(dtype)
    found = np.empty_like(s)
    exponentials(s, found)
    exact = np.exp(s.astype(np.longdouble))
    assert np.max(np.abs(found - exact) / np.spacing(np.maximum(found, np.finfo(dtype).tiny))) < 1
    ends = np.array([-0.0, -np.inf, np.nan, -np.finfo(dtype).max], dtype)
    exponentials(ends, ends)
    np.testing.assert_array_equal(ends, np.array([1.0, 0.0, np.nan, 0.0], dtype))


def test_wide_and_deep_softmax_is_left_to_numpy() -> None:
    wide = TensorType(("N", 65), "float32")
    deep = TensorType(("N", 3, 4), "float32")
    for type_ in (wide, deep):
        assert COMPILED.call(entropy(), type_, type_) is None
