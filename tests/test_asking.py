"""Asking never changes a model: every public name of `Model` either asks or is known to change."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph import Model

SPEC = """
nngraph: 1
name: remembering
dtype: float64
nodes:
  x: {kind: input, shape: 3}
  h: {units: 4, activation: tanh}
  norm: {kind: batch_norm, momentum: 0.5}
  lost: {kind: dropout, rate: 0.5}
  shaken: {kind: noise, stddev: 0.1}
  y: {units: 2, activation: softmax}
edges: [x -> h -> norm -> lost -> shaken -> y]
loss: {kind: cross_entropy, target: kind}
data:
  source: table
  columns:
    a: [0.0, 1, 2, 3, 4, 5, 6, 7]
    b: [3.0, 1, 4, 1, 5, 9, 2, 6]
    c: [2.0, 7, 1, 8, 2, 8, 1, 8]
    kind: [0, 1, 0, 1, 0, 1, 0, 1]
  inputs: {x: [a, b, c]}
  targets: {kind: kind}
  normalize: standard
train:
  epochs: 2
  batch_size: 3
  optimizer: {kind: sgd, learning_rate: 0.1, momentum: 0.9}
  metrics: [accuracy]
expect:
  - {given: {x: [1, 2, 3]}, output: {y: [0.5, 0.5]}, within: 1}
  - {metric: accuracy, part: train, at_least: 0}
"""

X = np.random.default_rng(0).normal(2.0, 3.0, (5, 3))
Y = np.array([0, 1, 1, 0, 1])

ASKING: dict[str, Callable[[Model, Path], Any]] = {
    "learner": lambda model, folder: model.learner,
    "network": lambda model, folder: model.network,
    "document": lambda model, folder: model.document,
    "name": lambda model, folder: model.name,
    "parameters": lambda model, folder: model.parameters,
    "is_trained": lambda model, folder: model.is_trained,
    "drawn": lambda model, folder: model.drawn,
    "history": lambda model, folder: model.history,
    "labels": lambda model, folder: model.labels,
    "weights": lambda model, folder: _spoil(model.weights),
    "data": lambda model, folder: model.data,
    "summary": lambda model, folder: str(model.summary()),
    "score": lambda model, folder: model.score(part="train"),
    "__getstate__": lambda model, folder: pickle.dumps(model),
    "__setstate__": lambda model, folder: copy.deepcopy(model).fit(),
    "__getattr__": lambda model, folder: hasattr(model, "layers"),
    "describe": lambda model, folder: model.describe(),
    "predict": lambda model, folder: model.predict(X),
    "predictor": lambda model, folder: model.predictor(5)(X),
    "forward": lambda model, folder: model.forward(X, ["lost", "norm"]),
    "loss": lambda model, folder: model.loss(X, Y),
    "evaluate": lambda model, folder: (model.evaluate(X, Y), model.evaluate(part="train")),
    "gradients": lambda model, folder: _spoil(model.gradients(X, Y)),
    "run": lambda model, folder: model.run,
    "test": lambda model, folder: model.test(),
    "report": lambda model, folder: model.report(folder.with_suffix(".html")),
    "export": lambda model, folder: model.export(folder.with_suffix(".py")),
    "save": lambda model, folder: model.save(folder),
    "profile": lambda model, folder: model.profile(seconds=0.01, path=folder.with_suffix(".dot")),
    "weights_listed": lambda model, folder: model.weights_listed(),
    "write_back": lambda model, folder: _refused(model.write_back),
    "gradcheck": lambda model, folder: model.gradcheck(),
    "formulas": lambda model, folder: model.formulas().latex(),
    "trace": lambda model, folder: model.trace(1, update=True).text(),
    "render": lambda model, folder: model.render(folder.with_suffix(".dot"), neurons=True),
    "__repr__": lambda model, folder: repr(model),
    "_repr_svg_": lambda model, folder: model._repr_svg_(),
}

CHANGING = {"__init__", "fit", "weights.setter"}


def _spoil(arrays: dict[str, Any]) -> None:
    """Write into what was handed out: it must be the caller's own."""
    for array in arrays.values():
        array[...] = np.nan


def _refused(ask: Callable[[], Any]) -> None:
    """Ask for what this model cannot give: it has no file to write into."""
    with pytest.raises(nngraph.errors.NNGraphError):
        ask()


def public_names() -> set[str]:
    """What `Model` says for itself: public names, setters, Python's own hooks."""
    own = {
        name: value for part in reversed(Model.__mro__[:-1]) for name, value in vars(part).items()
    }
    named = {name for name in own if not name.startswith("_")}
    setters = {f"{name}.setter" for name in named if getattr(own[name], "fset", None)}
    hooks = {name for name, value in own.items() if name.startswith("_") and callable(value)}
    return named | setters | {name for name in hooks if name.endswith("_")}


def trained() -> Model:
    model = nngraph.compile(SPEC)
    model.fit()
    return model


def remembered(model: Model) -> dict[str, np.ndarray]:
    """All that a model carries from one step to the next, as copies."""
    executable = model.learner.executable
    kept = {f"weight {name}": array for name, array in executable.weights().items()}
    kept |= {f"state {name}": array for name, array in executable.state().items()}
    return kept | {"step": np.array(executable.step)}


def assert_same_bits(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].tobytes() == array.tobytes(), name


def test_every_public_name_asks_or_changes() -> None:
    assert public_names() == ASKING.keys() | CHANGING


def test_the_network_that_is_asked_remembers_all_there_is_to_remember() -> None:
    kept = remembered(trained())
    for part in ("weight norm.mean", "weight norm.variance", "weight x->h", "step"):
        assert np.any(kept[part] != 0), part
    states = [array for name, array in kept.items() if name.startswith("state ")]
    assert states
    assert all(np.any(array != 0) for array in states)


@pytest.mark.parametrize("name", ASKING)
def test_asking_changes_no_bit(name: str, tmp_path: Path) -> None:
    model, twin = trained(), trained()
    before, predicted = remembered(model), twin.predict(X)
    ASKING[name](model, tmp_path / "one")
    assert_same_bits(remembered(model), before)
    np.testing.assert_array_equal(model.predict(X), predicted)
    ASKING[name](model, tmp_path / "two")
    for one in (model, twin):
        one.fit()  # a question between two trainings is none of their business
    assert_same_bits(remembered(model), remembered(twin))
