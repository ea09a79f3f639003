"""Compiled stretches of neurons compute what their ops define, for any number of samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("numba")

from stretch_cases import ALL, MIXED, random_case

from nngraph.ir import TensorType
from nngraph.kernels.compiled import neuron_calls, neuron_tables
from nngraph.kernels.compiled.elementary import apply
from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.lanes import address
from nngraph.kernels.compiled.neuron_calls import block_width
from nngraph.kernels.error_function import erfc
from nngraph.ops.neurons import (
    NeuronDeltas,
    NeuronSourceGradient,
    NeuronStretch,
    NeuronWeightGradient,
    functions_of,
)
from nngraph.targets import COMPILED
from nngraph.words.activations import ACTIVATIONS

TOLERANCES = {"float32": 2e-5, "float64": 1e-12}


def compiled(op, *arrays, order="C"):
    """What the kernel of an op writes over arrays of nan."""
    types = tuple(TensorType(a.shape, a.dtype.name) for a in arrays)
    call = COMPILED.call(op, *types)
    assert call is not None
    out = np.full(op.infer(*types).shape, np.nan, arrays[0].dtype, order)
    function = call.function.fresh() if hasattr(call.function, "fresh") else call.function
    assert function(*arrays, out=out) is out
    again = np.full_like(out, np.nan)
    function(*arrays, out=again)  # with the scratch of the first time
    np.testing.assert_array_equal(out, again)
    return out


def same(found, defined):
    tolerance = TOLERANCES[defined.dtype.name]
    largest = max(1.0, np.abs(defined).max(initial=0))
    assert found.dtype == defined.dtype
    np.testing.assert_allclose(found, defined, rtol=tolerance, atol=tolerance * largest)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [0, 1, 3, 16, 37, 150])
@pytest.mark.parametrize("functions", [ALL, MIXED], ids=["all", "mixed"])
def test_all_four_ops_compute_what_they_define(functions, rows, dtype) -> None:
    for seed in range(4):
        case = random_case(seed, functions, rows=rows, dtype=dtype)
        wiring, rng = case.wiring(), np.random.default_rng(seed)
        order = "F" if seed % 2 else "C"
        states = NeuronStretch(wiring).evaluate(case.x, case.w)
        same(compiled(NeuronStretch(wiring), case.x, case.w, order=order), states)
        g = rng.standard_normal(states.shape).astype(dtype)
        delta = NeuronDeltas(wiring).evaluate(g, states, case.x, case.w)
        same(compiled(NeuronDeltas(wiring), g, states, case.x, case.w, order=order), delta)
        turned = np.asfortranarray(delta) if seed % 2 else delta
        into_w = NeuronWeightGradient(wiring).evaluate(delta, states, case.x)
        same(compiled(NeuronWeightGradient(wiring), turned, states, case.x), into_w)
        into_x = NeuronSourceGradient(wiring).evaluate(delta, case.w)
        same(compiled(NeuronSourceGradient(wiring), turned, case.w, order=order), into_x)


@pytest.mark.parametrize("reads", ["z", "z and a", "the same twice", "nothing"])
def test_only_some_columns_have_cotangents(reads) -> None:
    case = random_case(5, MIXED, rows=6)
    wiring = case.wiring()
    many = wiring.neurons
    read = {"z": (many - 1, 0), "z and a": (0, many, 2 * many - 1), "nothing": ()}.get(
        reads, (many - 1, many - 1)
    )
    states = NeuronStretch(wiring).evaluate(case.x, case.w)
    g = np.random.default_rng(0).standard_normal((6, len(read)))
    whole = np.zeros_like(states)
    for column, place in enumerate(read):
        whole[:, place] += g[:, column]
    expected = NeuronDeltas(wiring).evaluate(whole, states, case.x, case.w)
    some = NeuronDeltas(wiring, read)
    same(some.evaluate(g, states, case.x, case.w), expected)
    same(compiled(some, g, states, case.x, case.w), expected)
    call = some.call(*(TensorType(a.shape, "float64") for a in (g, states, case.x, case.w)))
    out = np.full_like(expected, np.nan)
    call.function(g, states, case.x, case.w, out=out, **dict(call.keywords))
    same(out, expected)


def test_samples_that_do_not_fit_are_cut_into_blocks(monkeypatch) -> None:
    case = random_case(3, MIXED, rows=150)
    wiring = case.wiring()
    whole = compiled(NeuronStretch(wiring), case.x, case.w)
    g = np.random.default_rng(0).standard_normal(whole.shape)
    delta = compiled(NeuronDeltas(wiring), g, whole, case.x, case.w)
    monkeypatch.setattr(neuron_calls, "CACHED", 1)
    monkeypatch.setattr(neuron_calls, "GROUP", 16)
    same(compiled(NeuronStretch(wiring), case.x, case.w), whole)
    same(compiled(NeuronDeltas(wiring), g, whole, case.x, case.w), delta)


def test_a_block_is_one_sample_or_a_multiple_of_sixteen() -> None:
    assert [block_width(n, 10, 4) for n in (0, 1, 2, 16, 17, 128, 1000)] == [
        1, 1, 16, 16, 32, 128, 128,
    ]  # fmt: skip
    assert block_width(128, 1_000_000, 4) == 32


@kernel
def at_addresses(code, x, y, out):
    """`apply` on arrays."""
    one = x.dtype.type(1)
    apply(code, address(x), address(y), address(out), x.size, one)


POINTS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-20, -1e-20, 1e-5, 3.0, -3.0, 88.0, -88.0, 1e30, math.inf)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", neuron_tables.CODES, ids=lambda f: f.__name__)
def test_each_function_is_that_of_numpy(function, dtype) -> None:
    rng = np.random.default_rng(1)
    spread = rng.standard_normal(500) * np.repeat([1e-4, 1.0, 9.0, 60.0, 1e9], 100)
    x = np.concatenate([spread, POINTS, [-math.inf, math.nan]]).astype(dtype)
    y = rng.permutation(x)
    if function is np.power:
        y = rng.integers(-3, 4, len(x)).astype(dtype)
    out = np.full_like(x, 7)
    at_addresses(neuron_tables.CODES[function], x, y, out)
    with np.errstate(all="ignore"):
        if function is erfc:
            expected = np.array([math.erfc(v) for v in x], dtype)
        elif function in (np.logical_and,):
            x, y = (x > 0).astype(dtype), (y > 0).astype(dtype)
            at_addresses(neuron_tables.CODES[function], x, y, out)
            expected = np.logical_and(x, y).astype(dtype)
        else:
            exact = x.astype(np.float64)
            expected = (
                function(exact) if function.nin == 1 else function(exact, y.astype(np.float64))
            ).astype(dtype)
    tolerance = 6e-7 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=1e-37)


def test_every_activation_is_known_to_the_kernels() -> None:
    for row in ACTIVATIONS:
        if row.over_last_axis:
            continue
        wiring = random_case(0, (("sum", row.name, row.defaults),)).wiring()
        for dtype in ("float32", "float64"):
            functions = functions_of(wiring.functions, dtype)
            assert neuron_tables.tables_of(wiring, functions) is not None, row.name
