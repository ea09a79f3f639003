"""Neurons number by number give what the op of a stretch defines, and stand in for few samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stretch_cases import ALL, MIXED, random_case

from nngraph.kernels import neuron_scalars
from nngraph.kernels.neuron_scalars import (
    SCALARS,
    StatesByNumber,
    most_samples,
    scalar_neurons,
    scalar_states,
)
from nngraph.ops.neurons import NeuronStretch, functions_of
from nngraph.words.activations import ACTIVATIONS


def by_number(case) -> np.ndarray:
    wiring = case.wiring()
    neurons = scalar_neurons(wiring, functions_of(wiring.functions, str(case.x.dtype)))
    out = np.full((len(case.x), 2 * wiring.neurons), np.nan, case.x.dtype)
    scalar_states(neurons, case.x, case.w, out)
    return out


@pytest.mark.parametrize("rows", [0, 1, 5])
@pytest.mark.parametrize("functions", [ALL, MIXED], ids=["all", "mixed"])
def test_neurons_number_by_number_are_those_that_the_op_defines(functions, rows) -> None:
    for seed in range(12):
        case = random_case(seed, functions, rows=rows)
        defined = NeuronStretch(case.wiring()).evaluate(case.x, case.w)
        np.testing.assert_allclose(by_number(case), defined, rtol=1e-12, atol=1e-13)


def test_every_activation_of_single_neurons_is_there() -> None:
    for row in ACTIVATIONS:
        if not row.over_last_axis:
            case = random_case(0, (("sum", row.name, row.defaults),))
            with np.errstate(all="ignore"):
                defined = NeuronStretch(case.wiring()).evaluate(case.x, case.w)
            np.testing.assert_allclose(by_number(case), defined, rtol=1e-12, err_msg=row.name)


POINTS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-20,
    3.0,
    800.0,
    -800.0,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
)


@pytest.mark.parametrize("function", SCALARS, ids=lambda f: f.__name__)
def test_functions_of_numbers_end_where_those_of_numpy_do(function) -> None:
    ufunc = function if isinstance(function, np.ufunc) else np.frompyfunc(math.erfc, 1, 1)
    pairs = [(x,) for x in POINTS] if ufunc.nin == 1 else [(x, y) for x in POINTS for y in POINTS]
    if function is np.power:  # NumPy takes some other exponents another way
        pairs = [(x, y) for x, y in pairs if float(y).is_integer()]
    for operands in pairs:
        with np.errstate(all="ignore"):
            expected = float(ufunc(*operands))
        assert float(SCALARS[function](*operands)) == pytest.approx(expected, nan_ok=True), operands


def test_a_chain_is_taken_number_by_number_and_a_wide_level_is_not(monkeypatch) -> None:
    assert most_samples(neurons=20_000, edges=20_000, runs=20_000) >= 1
    assert most_samples(neurons=1_000, edges=10_000, runs=60) == 0
    assert most_samples(neurons=100, edges=100, runs=100) == 0
    monkeypatch.setattr(neuron_scalars, "FEWEST_RUNS", 1)
    case = random_case(1, rows=2)
    wiring = case.wiring()
    functions = functions_of(wiring.functions, "float64")
    for rows in (1, 500):
        x = np.resize(case.x, (rows, case.x.shape[1]))
        states = StatesByNumber(wiring, functions)
        out = np.empty((rows, 2 * wiring.neurons))
        states(x, case.w, out=out)
        assert (states.by_level.out is None) == (rows == 1)
        np.testing.assert_allclose(out, case.reference(x), rtol=1e-12)
