"""Aggregates that need all connections of a unit at once: the median, the largest in magnitude.

Numbers of neat-python 2.0: neat.aggregations.maxabs_aggregation and median_aggregation.
"""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import outputs

import nngraph

X = np.array([[0.5, -1.2, 2.0], [-0.3, 0.8, 0.1]])
LAYER = """
nodes: {x: {kind: input, shape: 3}, y: {units: 2, aggregate: %s, bias: false}}
edges: [{from: x, to: y, weight: [[0.4, -2.0], [1.5, 0.3], [-0.7, 1.1]]%s}]
"""
NEAT = {
    "maxabs": ([[-1.8, 2.2], [1.2, 0.6]], [[-1.8, -1.0], [1.2, 0.6]]),
    "median": ([[-1.4, -0.36], [-0.07, 0.24]], [[-0.8, -0.68], [0.54, 0.42]]),
}


@pytest.mark.parametrize("kind", NEAT)
def test_three_connections_and_two_as_in_neat(kind: str) -> None:
    three, two = NEAT[kind]
    np.testing.assert_allclose(outputs(LAYER % (kind, ""), {"x": X})["y"], three, rtol=1e-14)
    masked = LAYER % (kind, ", mask: [[1, 1], [1, 1], [0, 0]]")
    np.testing.assert_allclose(outputs(masked, {"x": X})["y"], two, rtol=1e-14)


@pytest.mark.parametrize("kind", NEAT)
def test_units_with_unlike_many_connections(kind: str) -> None:
    three, two = (np.array(rows) for rows in NEAT[kind])
    masked = LAYER % (kind, ", mask: [[1, 1], [1, 1], [1, 0]]")
    want = np.stack([three[:, 0], two[:, 1]], axis=1)
    np.testing.assert_allclose(outputs(masked, {"x": X})["y"], want, rtol=1e-14)


@pytest.mark.parametrize("kind", NEAT)
def test_single_neurons_are_as_a_layer(kind: str) -> None:
    text = """
nodes:
  x1, x2, x3: input
  h: {aggregate: %s, bias: 0.5}
  y: {}
edges:
  - x1 -> h: 0.4
  - x2 -> h: 1.5
  - x3 -> h: -0.7
  - h -> y: 2
"""
    found = outputs(text % kind, {"x1": X[:, 0], "x2": X[:, 1], "x3": X[:, 2]})
    np.testing.assert_allclose(found["h"][:, 0], np.array(NEAT[kind][0])[:, 0] + 0.5, rtol=1e-14)
    np.testing.assert_allclose(found["y"], 2 * found["h"], rtol=1e-14)


@pytest.mark.parametrize("kind", NEAT)
@pytest.mark.parametrize("units", [1, 4])
def test_gradients_and_every_program_hold(kind: str, units: int) -> None:
    text = f"""nngraph: 1
nodes:
  x: {{kind: input, shape: 5}}
  z: input
  h: {{units: {units}, aggregate: {kind}, activation: tanh}}
  y: {{}}
edges: ["x, z -> h", h -> y]
loss: mean_squared_error
"""
    assert nngraph.compile(text, seed=4).gradcheck().holds
