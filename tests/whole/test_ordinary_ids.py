"""Ids are free: an input called like something that a step is given is an input like any other."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph

SPEC = """
nngraph: 1
dtype: float64
nodes:
  {x}: {{kind: input, shape: 2}}
  drop: {{kind: dropout, rate: 0.5}}
  y: {{units: 1}}
edges:
  - {x} -> drop
  - {{from: drop, to: y, id: {edge}}}
loss: mean_squared_error
data:
  source: table
  columns: {{a: [1, 2, 3, 4], b: [0, 1, 0, 2], t: [1, 2, 3, 5], w: [1, 2, 0, 1]}}
  inputs: {{{x}: [a, b]}}
  targets: {{y: t}}
  sample_weight: w
train: {{epochs: 3, batch_size: 2, optimizer: {{kind: adam, learning_rate: 0.1}}}}
"""


def trained(x: str, edge: str) -> dict[str, np.ndarray]:
    model = nngraph.compile(SPEC.format(x=x, edge=edge), seed=1)
    model.weights = {edge: [[0.5], [-1.0]], "y.bias": [0.1]}
    model.fit()
    return {"W": model.weights[edge], "b": model.weights["y.bias"]}


@pytest.mark.parametrize(
    "name", ["sample_weight", "step", "first_row", "per_sample", "learning_rate", "gradients"]
)
def test_names_of_what_a_step_is_given_are_free(name: str) -> None:
    want, found = trained("x", "xy"), trained(name, "xy")
    edge = trained("x", name)
    for id_, array in want.items():
        np.testing.assert_array_equal(found[id_], array)
        np.testing.assert_array_equal(edge[id_], array)
