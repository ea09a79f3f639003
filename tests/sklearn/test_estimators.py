"""Networks among scikit-learn's estimators: its own checks, and what people do with them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_regression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nngraph
from nngraph.errors import UsageError
from nngraph.sklearn import NNGraphClassifier, NNGraphRegressor, NNGraphTransformer

IRIS = load_iris()
NAMES = IRIS.target_names[IRIS.target]

SPEC = """\
nngraph: 1
nodes:
  leaves: input
  hidden: {units: 8, activation: tanh}
  species: {activation: softmax}
edges: [leaves -> hidden -> species]
loss: cross_entropy
train: {epochs: 60, batch_size: 16, optimizer: {kind: adam, learning_rate: 0.02}}
"""


@parametrize_with_checks([NNGraphClassifier(), NNGraphRegressor(), NNGraphTransformer()])
def test_all_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_a_spec_without_sizes_takes_them_from_the_data_and_answers_with_names():
    network = NNGraphClassifier(SPEC).fit(IRIS.data, NAMES)
    assert network.model_.document.nodes["leaves"].node.shape == (4,)
    assert network.model_.document.nodes["species"].node.units == 3
    assert set(network.predict(IRIS.data)) <= set(NAMES)
    assert network.score(IRIS.data, NAMES) > 0.94
    assert network.n_iter_ == 60 == len(network.loss_curve_)
    p = network.predict_proba(IRIS.data)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(network.classes_[p.argmax(axis=1)], network.predict(IRIS.data))


def test_it_is_the_model_that_nngraph_itself_trains():
    network = NNGraphClassifier(SPEC, epochs=3).fit(IRIS.data, IRIS.target)
    text = SPEC.replace("leaves: input", "leaves: {kind: input, shape: 4}").replace(
        "{activation: softmax}", "{units: 3, activation: softmax}"
    )
    model = nngraph.compile(text)
    model.fit(IRIS.data, IRIS.target, epochs=3)
    for id_, weight in model.weights.items():
        np.testing.assert_array_equal(weight, network.model_.weights[id_])


def test_a_grid_leads_into_the_spec():
    grid = GridSearchCV(
        NNGraphClassifier(SPEC, epochs=5),
        {
            "spec__nodes.hidden.units": [2, 8],
            "spec__train__optimizer__learning_rate": [0.0001, 0.05],
        },
        cv=3,
        n_jobs=2,
    ).fit(IRIS.data, NAMES)
    assert grid.best_params_["spec__train__optimizer__learning_rate"] == 0.05
    units = grid.best_params_["spec__nodes.hidden.units"]
    document = grid.best_estimator_.model_.document
    assert document.nodes["hidden"].node.units == units
    assert len(grid.best_estimator_.overrides) == 2


def test_a_value_that_is_set_again_stands_once():
    network = NNGraphClassifier(SPEC).set_params(spec__train__epochs=5, epochs=None)
    assert clone(network.set_params(spec__train__epochs=7)).overrides == ("train.epochs=7",)
    with pytest.raises(ValueError, match="no_such"):
        network.set_params(no_such=1)


def test_it_stands_in_a_pipeline_with_cross_validation():
    steps = make_pipeline(StandardScaler(), NNGraphClassifier(SPEC, epochs=30))
    assert cross_val_score(steps, IRIS.data, NAMES, cv=3).mean() > 0.9


def test_a_kept_estimator_answers_the_same_and_goes_on():
    network = NNGraphClassifier(SPEC, epochs=4, warm_start=True).fit(IRIS.data, NAMES)
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.predict_proba(IRIS.data), network.predict_proba(IRIS.data))
    network.fit(IRIS.data, NAMES)
    again.fit(IRIS.data, NAMES)
    assert network.n_iter_ == again.n_iter_ == 8
    np.testing.assert_array_equal(again.predict_proba(IRIS.data), network.predict_proba(IRIS.data))


def test_a_row_of_weight_three_counts_as_three_rows():
    X, y = make_regression(40, 3, random_state=0)
    y = y / y.std()
    weights = np.random.default_rng(0).integers(0, 4, 40)
    one = NNGraphRegressor(epochs=20).fit(X, y, sample_weight=weights)
    many = NNGraphRegressor(epochs=20).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    np.testing.assert_allclose(one.predict(X), many.predict(X), rtol=1e-9)
    other = NNGraphRegressor(epochs=20).fit(X, y)
    assert np.abs(other.predict(X) - one.predict(X)).max() > 1e-3


def test_parts_of_the_data_are_learned_one_after_the_other():
    network = NNGraphClassifier(SPEC)
    classes = np.unique(NAMES)
    for epoch in range(80):
        part = slice(epoch % 2, None, 2)
        network.partial_fit(IRIS.data[part], NAMES[part], classes=classes)
    assert network.score(IRIS.data, NAMES) > 0.9
    assert network.n_iter_ == 80
    with pytest.raises(ValueError, match="none of"):
        network.partial_fit(IRIS.data, np.full(150, "tulip"))
    with pytest.raises(ValueError, match="names all classes"):
        NNGraphClassifier(SPEC).partial_fit(IRIS.data, NAMES)


def test_one_output_that_says_yes_tells_two_classes():
    spec = {
        "nngraph": 1,
        "nodes": {"x": "input", "y": {"activation": "sigmoid"}},
        "edges": ["x -> y"],
        "loss": "binary_cross_entropy",
        "train": {
            "epochs": 200,
            "batch_size": "full",
            "optimizer": {"kind": "adam", "learning_rate": 0.1},
        },
    }
    rows = IRIS.target < 2
    network = NNGraphClassifier(spec).fit(IRIS.data[rows], NAMES[rows])
    assert network.score(IRIS.data[rows], NAMES[rows]) == 1.0
    p = network.predict_proba(IRIS.data[rows])
    assert p.shape == (100, 2)
    np.testing.assert_array_equal(p[:, 1] > 0.5, NAMES[rows] == "versicolor")


def test_answers_without_probabilities_give_none():
    spec = SPEC.replace("cross_entropy", "categorical_hinge").replace("softmax", "identity")
    network = NNGraphClassifier(spec).fit(IRIS.data, NAMES)
    assert network.score(IRIS.data, NAMES) > 0.9
    assert not hasattr(network, "predict_proba")


def test_single_inputs_take_the_columns_in_their_order():
    network = NNGraphRegressor(
        """
nngraph: 1
nodes: {b: input, a: input, y: {}}
edges: [b -> y: 1, a -> y: 100]
loss: mean_squared_error
""",
        epochs=1,
        learning_rate=1e-30,
    ).fit([[1, 2], [3, 4]], [0, 0])
    np.testing.assert_allclose(network.predict([[1, 2], [3, 4]]), [201, 403])
    with pytest.raises(UsageError, match="take 2 numbers a row, and X has 3 columns"):
        network.fit([[1, 2, 3], [3, 4, 5]], [0, 0])


def test_features_that_were_learned_have_names_in_a_table():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.DataFrame(IRIS.data, columns=IRIS.feature_names)
    features = NNGraphTransformer(epochs=5).set_output(transform="pandas").fit(table)
    assert list(features.transform(table).columns) == [
        "nngraphtransformer0",
        "nngraphtransformer1",
    ]
    network = NNGraphClassifier(SPEC, epochs=2).fit(table, NAMES)
    assert list(network.feature_names_in_) == IRIS.feature_names
    with pytest.raises(ValueError, match="feature names"):
        network.predict(table[table.columns[::-1]])


def test_any_node_can_be_the_features():
    network = NNGraphTransformer(SPEC.replace("softmax}", "softmax, units: 3}"), node="hidden")
    found = network.fit(IRIS.data, IRIS.target).transform(IRIS.data)
    assert found.shape == (150, 8)
    model = network.model_
    np.testing.assert_allclose(found, model.forward(IRIS.data, ["hidden"])["hidden"])
