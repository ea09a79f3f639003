"""A weight that is shared is one array, whichever nodes are asked for and whatever ran before.

A program that is made later (one node asked alone) finds the weights where they were laid out
once; it never reads a stack of a matrix and a bias that nobody has filled.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import nngraph

MEAN_THEN_DENSE = """
nngraph: 1
dtype: float64
nodes:
  x: input
  h: {units: 2, aggregate: mean, bias: false}
  y: {units: 2, bias: [1, 2]}
edges:
  - x -> h: [[1, 1]]
  - x -> y: {share: x->h}
  - h -> y: [[1, 0], [0, 1]]
loss: mean_squared_error
"""

SQUARE_THREE_TIMES = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  a: {units: 2, bias: [1, 0]}
  b: {units: 2, bias: [0, 1]}
  c: {units: 2, bias: [2, 2]}
edges:
  - x -> a: [[1, 2], [3, 4]]
  - a -> b: {share: x->a}
  - b -> c: {share: x->a}
loss: mean_squared_error
"""

SHARED_SLOPES = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  a: {units: 2, bias: [-1, 1], activation: {kind: prelu, alpha: 0.5}}
  b: {units: 2, share: a, activation: prelu}
  y: {units: 1, bias: [3]}
edges:
  - x -> a: [[1, 0], [0, -1]]
  - x -> b: {share: x->a}
  - a -> y: [[1], [1]]
  - b -> y: {share: a->y}
loss: mean_squared_error
"""

A_SHARED_BIAS = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  a: {units: 2, bias: [-1, 1]}
  b: {units: 2, share: a}
edges:
  - x -> a: [[1, 0], [0, -1]]
  - a -> b: [[1, 2], [3, 4]]
loss: mean_squared_error
"""

TWO_HEADS = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  left: {units: 2, bias: [1, 2]}
  right: {units: 2, bias: [3, 4]}
edges:
  - x -> left: [[1, 2], [3, 4]]
  - x -> right: {share: x->left}
loss:
  - {kind: mean_squared_error, node: left}
  - {kind: mean_squared_error, node: right}
"""

x1, x2 = np.array([[2.0], [-1.0]]), np.array([[1.0, 2.0], [-3.0, 0.5]])
W = np.array([[1.0, 2.0], [3.0, 4.0]])
a3 = x2 @ W + [1, 0]
b3 = a3 @ W + [0, 1]
p = x2 @ np.diag([1.0, -1.0]) + [-1, 1]
q = x2 * [1, -1] + [-1, 1]
p = np.where(p > 0, p, 0.5 * p)

CASES = {
    "a mean and a product": (MEAN_THEN_DENSE, x1, {"h": x1 * [1, 1], "y": 2 * x1 + [1, 2]}),
    "a square matrix three times": (
        SQUARE_THREE_TIMES, x2, {"a": a3, "b": b3, "c": b3 @ W + [2, 2]},
    ),
    "slopes and a product": (
        SHARED_SLOPES, x2, {"a": p, "b": p, "y": 2 * p.sum(axis=1, keepdims=True) + 3},
    ),
    "a bias of two nodes": (
        A_SHARED_BIAS, x2, {"a": q, "b": q @ W + [-1, 1]},
    ),
    "two heads": (TWO_HEADS, x2, {"left": x2 @ W + [1, 2], "right": x2 @ W + [3, 4]}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_set_of_nodes_gives_the_values_of_all(name: str) -> None:
    text, x, want = CASES[name]
    model = nngraph.compile(text)
    for count in range(1, len(want) + 1):
        for nodes in combinations(want, count):
            found = model.forward(x, nodes)
            for node in nodes:
                np.testing.assert_allclose(found[node], want[node], rtol=1e-12, err_msg=node)


@pytest.mark.parametrize("name", CASES)
def test_the_loss_of_a_prediction_is_that_of_the_values(name: str) -> None:
    text, x, want = CASES[name]
    model = nngraph.compile(text)
    judged = [node for node in want if node in model.network.output_nodes]
    targets = {node: np.ones_like(want[node]) for node in judged}
    expected = sum(np.mean((want[node] - 1) ** 2) for node in judged)
    assert model.loss(x, targets) == pytest.approx(expected, rel=1e-12)


def test_one_tower_of_twins_can_be_asked_alone() -> None:
    model = nngraph.compile("specs/twin.yaml")
    rng = np.random.default_rng(0)
    x = {node: rng.normal(size=(5, *shape)) for node, shape in model.network.lowered.shapes.items()
         if node in model.network.lowered.inputs}  # fmt: skip
    nodes = list(model.network.graph.order)
    together = model.forward(x, nodes)
    for node in nodes:
        np.testing.assert_allclose(model.forward(x, [node])[node], together[node], rtol=1e-5)
        assert np.any(together[node] != 0)
