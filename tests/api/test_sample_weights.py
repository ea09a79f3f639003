"""How much each row counts, said from Python."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph
from nngraph.errors import DataError, UsageError

SPEC = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {init: zeros}}
edges: [x -> y: {weight: [[1], [2]]}]
loss: mean_squared_error
train: {epochs: 1, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.5}}
"""
X = np.array([[1.0, 0.0], [0.0, 1.0]])


def test_the_gradient_is_that_of_the_weighted_mean():
    model = nngraph.compile(SPEC.replace("{init: zeros}", "{bias: false}"))
    model.fit(X, [0.0, 0.0], sample_weight=[3, 0.5])
    # W - 0.5 * mean of w_i 2 (W_i - 0)
    expected = [[1 - 0.5 * 3 * 2 * 1 / 2], [2 - 0.5 * 0.5 * 2 * 2 / 2]]
    np.testing.assert_allclose(model.weights["x->y"], expected)


def test_momentum_goes_on_where_weights_come_later():
    text = SPEC.replace("{init: zeros}", "{bias: false}").replace(
        "kind: sgd", "kind: sgd, momentum: 0.9"
    )
    one, other = nngraph.compile(text), nngraph.compile(text)
    for model, weights in ((one, None), (other, [1, 1])):
        model.fit(X, [0.0, 0.0])
        model.fit(X, [0.0, 0.0], sample_weight=weights)
    np.testing.assert_allclose(one.weights["x->y"], other.weights["x->y"], rtol=1e-6)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1.0], "has shape [1]; give one number for each of 2 rows"),
        ([[1.0], [2.0]], "has shape [2, 1]"),
        (["a", "b"], "holds no numbers"),
        ([1.0, -2.0], "sample_weight[1] is -2"),
        ([np.nan, 1.0], "sample_weight[0] is nan"),
        ([0.0, 0.0], "no row counts"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights, said):
    with pytest.raises(DataError) as raised:
        nngraph.compile(SPEC.replace("{init: zeros}", "{}")).fit(X, [0, 0], sample_weight=weights)
    assert said in str(raised.value)


def test_weights_belong_to_rows_that_are_given():
    with pytest.raises(UsageError):
        nngraph.compile(SPEC.replace("{init: zeros}", "{}")).fit(sample_weight=[1, 2])
