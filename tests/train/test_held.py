"""Held predictors: what they give is what the ordinary way gives, and they follow their model."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph
from nngraph.errors import DataError, UsageError
from nngraph.train.held import Predictors

TWO_INPUTS = """
nngraph: 1
nodes:
  a: {kind: input, shape: 3}
  b: {kind: input, shape: [2, 2, 1]}
  flat: {kind: flatten}
  h: {units: 5, activation: tanh}
  y: {units: 2}
edges: [b -> flat, "a, flat -> h", h -> y]
loss: {kind: mean_squared_error, node: y}
data: {source: npz, path: nowhere.npz, normalize: {a: standard, targets: standard}}
outputs: ["y[1]", h]
"""

ONE_INPUT = """
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax, labels: [p, q, r]}}
edges: [x -> y]
loss: cross_entropy
"""


@pytest.fixture
def model() -> nngraph.Model:
    rng = np.random.default_rng(0)
    model = nngraph.compile(TWO_INPUTS)
    x = {"a": rng.normal(3, 2, (20, 3)), "b": rng.normal(size=(20, 2, 2, 1))}
    model.fit(x, rng.normal(5, 3, (20, 2)), epochs=2)
    return model


def test_inputs_by_name_and_units_in_their_own_scale_are_those_of_the_ordinary_way(model):
    rng = np.random.default_rng(1)
    x = {"a": rng.normal(3, 2, (7, 3)), "b": rng.normal(size=(7, 2, 2, 1))}
    held, ordinary = model.predictor(7)(x), model.forward(x)
    assert list(held) == ["y[1]", "h"]
    for name, values in ordinary.items():
        assert held[name].tobytes() == values.tobytes()
        assert held[name].shape == values.shape
    one = {name: values[:1] for name, values in x.items()}
    assert model.predictor(7)(one)["h"].shape == (1, 5)  # another size goes the ordinary way
    assert list(model.predict(x)) == ["y[1]", "h"]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
def test_every_type_of_number_is_taken(dtype):
    model = nngraph.compile(ONE_INPUT)
    x = (np.arange(8).reshape(2, 4) % 2).astype(dtype)
    np.testing.assert_array_equal(model.predictor(2)(x), model.forward(x.tolist())["y"])
    np.testing.assert_array_equal(model.predict(x), model.forward(x.tolist())["y"])


def test_results_are_the_caller_s_own():
    ask = nngraph.compile(ONE_INPUT).predictor()
    first = ask(np.zeros((1, 4)))
    kept = first.copy()
    ask(np.ones((1, 4)))
    np.testing.assert_array_equal(first, kept)


def test_it_follows_the_model_when_that_is_trained_on_or_given_weights():
    model = nngraph.compile(ONE_INPUT)
    ask, x = model.predictor(), np.ones((1, 4))
    before = ask(x)
    model.fit(np.eye(4)[:3], ["p", "q", "r"], epochs=3)
    assert (ask(x) != before).any()
    np.testing.assert_array_equal(ask(x), model.forward(x)["y"])
    model.weights = {name: np.zeros_like(w) for name, w in model.weights.items()}
    np.testing.assert_allclose(ask(x), 1 / 3, rtol=1e-6)


@pytest.mark.parametrize(
    "wrong", [np.full((1, 4), np.nan), np.array([["a"] * 4]), np.zeros((1, 5))]
)
def test_what_is_wrong_is_refused_as_ever(wrong):
    model = nngraph.compile(ONE_INPUT)
    with pytest.raises(DataError) as held:
        model.predictor()(wrong)
    with pytest.raises(DataError) as ordinary:
        model.forward(wrong)
    assert str(held.value) == str(ordinary.value)


def test_a_predictor_of_no_samples_is_refused():
    with pytest.raises(UsageError, match="1 sample or more, not 0"):
        nngraph.compile(ONE_INPUT).predictor(0)


def test_asking_again_makes_nothing_anew():
    model, ways = nngraph.compile(ONE_INPUT), Predictors()
    assert ways.held(model.learner, 3) is ways.held(model.learner, 3)
    assert ways.now(model.learner) is ways.now(model.learner)
