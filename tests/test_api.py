"""The Python interface against numbers worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.errors import (
    DataError,
    FileError,
    ModelFileError,
    NonFiniteError,
    SpecError,
    UsageError,
)
from nngraph.train.data_files import load_rows

NEURON = """
nngraph: 1
name: neuron
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  y: {activation: tanh, bias: 0.1}
edges:
  - x -> y: [[0.5], [-0.3]]
loss: {kind: mean_squared_error, values: sum, weight: 0.5}
"""

TWO = """
nngraph: 1
dtype: float64
nodes:
  a, b: input
  sum: {bias: false}
  product: multiply
edges:
  - a, b -> sum: 1
  - a, b -> product
loss:
  - {kind: mean_squared_error, node: sum, target: s}
  - {kind: mean_squared_error, node: product, target: p}
"""

CLASSES = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
data: {source: csv, path: none.csv, normalize: standard}
train: {epochs: 150, batch_size: full, optimizer: {kind: adam, learning_rate: 0.1}}
"""

LINE = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: 5, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}
"""


def test_outputs_loss_and_gradients_of_one_neuron_are_those_of_the_formulas() -> None:
    model = nngraph.compile(NEURON)
    x, t = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0], [-1.0]])
    a = x @ np.array([[0.5], [-0.3]]) + 0.1
    z = np.tanh(a)
    delta = (1 - z**2) * (z - t) / 2  # averaged over two samples
    np.testing.assert_allclose(model.predict(x), z, rtol=1e-14)
    assert model.loss(x, t) == pytest.approx(float(((z - t) ** 2).sum() / 4), rel=1e-14)
    gradients = model.gradients(x, t)
    np.testing.assert_allclose(gradients["x->y"], x.T @ delta, rtol=1e-12)
    np.testing.assert_allclose(gradients["y.bias"], delta.sum(axis=0), rtol=1e-12)


def test_asking_for_gradients_changes_no_weight() -> None:
    model = nngraph.compile(NEURON)
    before = model.weights
    model.gradients([[1, 2]], [1])
    for id_, array in model.weights.items():
        np.testing.assert_array_equal(array, before[id_])


def test_several_inputs_and_targets_go_by_name() -> None:
    model = nngraph.compile(TWO)
    outputs = model.predict({"a": [1, 2], "b": [3, 4]})
    assert isinstance(outputs, dict)
    np.testing.assert_array_equal(outputs["sum"], [[4], [6]])
    np.testing.assert_array_equal(outputs["product"], [3, 8])
    x, y = {"a": [1, 2], "b": [3, 4]}, {"s": [4, 5], "p": [3, 6]}
    assert model.loss(x, y) == pytest.approx(0.5 + 2)


def test_any_node_can_be_read() -> None:
    values = nngraph.compile(TWO).forward({"a": [1, 2], "b": [3, 4]}, nodes=["b", "sum"])
    assert list(values) == ["b", "sum"]
    np.testing.assert_array_equal(values["b"], [3, 4])


def test_classes_are_taken_as_indices_names_and_one_hot_rows() -> None:
    x = np.array([[0.0, 5], [5, 0], [9, 9], [0, 6], [6, 0], [8, 9]])
    codes = np.array([0, 1, 2, 0, 1, 2])
    names = np.array(["cat", "dog", "emu"])[codes]
    losses = []
    for y in (codes, names, np.eye(3)[codes], names.tolist()):
        model = nngraph.compile(CLASSES)
        model.fit(x, y)
        losses.append(model.loss(x, y))
        assert model.predict(x).argmax(axis=1).tolist() == codes.tolist()
    assert len(set(losses)) == 1
    assert model.labels == {"y": ("cat", "dog", "emu")}
    # a later set that lacks classes is judged by the names of the first
    assert model.loss([[9, 9]], ["emu"]) < model.loss([[9, 9]], ["cat"])


def test_scaling_is_fitted_once_and_applied_to_what_comes_later() -> None:
    x = np.array([[100.0, 1], [102, 1], [104, 7]])
    model = nngraph.compile(CLASSES)
    model.fit(x, [0, 1, 2], epochs=1)
    scale = model.learner.normalizers.inputs["x"]
    assert scale.shift == (102.0, 3.0)
    model.fit(x * 2, [0, 1, 2], epochs=1)
    assert model.learner.normalizers.inputs["x"] == scale


def test_scaled_targets_come_back_in_their_own_scale(tmp_path: Path) -> None:
    text = LINE.replace("data: {", "data: {normalize: {x: minmax, targets: standard}, ")
    model = nngraph.compile(text, ["train.epochs=400"])
    model.fit()
    # y = 2 x + 1: mean 4, variance 5; the loss is told in the scale of the training
    np.testing.assert_allclose(model.predict([0, 10]), [[1], [21]], atol=0.05)
    assert model.learner.normalizers.targets["y"].shift == (4.0,)
    assert model.loss([1], [3 + np.sqrt(5)]) == pytest.approx(1, abs=0.01)
    (tmp_path / "line.csv").write_text("x,y\n0,1\n10,21\n")
    rows = load_rows(model.learner, tmp_path / "line.csv")
    assert model.learner.evaluate(rows)["loss"] < 1e-3


def test_fit_trains_on_where_it_stopped() -> None:
    whole, halves = nngraph.compile(LINE), nngraph.compile(LINE)
    epochs = whole.fit(epochs=6)
    parts = halves.fit(epochs=2) + halves.fit(epochs=4)
    assert [e.number for e in parts] == [e.number for e in epochs] == [1, 2, 3, 4, 5, 6]
    assert [e.train for e in parts] == [e.train for e in epochs]
    for id_, array in whole.weights.items():
        np.testing.assert_array_equal(array, halves.weights[id_])


def test_fit_makes_the_step_worked_out_by_hand() -> None:
    model = nngraph.compile(LINE)
    model.weights = {"x->y": np.array([[1.0]]), "y.bias": np.array([0.0])}
    model.fit(np.array([1.0, 2.0]), np.array([2.0, 4.0]), epochs=1, learning_rate=0.1)
    # z - t = -1, -2; dL/dw = 2 mean(-1 * 1, -2 * 2) = -5, dL/db = 2 mean(-1, -2) = -3
    assert model.weights["x->y"].item() == pytest.approx(1.5)
    assert model.weights["y.bias"].item() == pytest.approx(0.3)


def test_fit_tells_every_epoch_and_its_validation() -> None:
    heard: list[int] = []
    model = nngraph.compile(LINE)
    epochs = model.fit(
        [0, 1], [1, 3], validation=([2], [5]), on_epoch=lambda e: heard.append(e.number)
    )
    assert heard == [1, 2, 3, 4, 5]
    assert epochs[-1].validation["loss"] > 0
    assert model.history == epochs
    assert model.is_trained


def test_a_spec_without_train_is_trained_with_its_defaults() -> None:
    text = LINE[: LINE.index("data:")]
    model = nngraph.compile(text, seed=3)
    before = model.weights
    epochs = model.fit([0, 1, 2], [1, 3, 5])
    assert len(epochs) == 10
    assert not np.array_equal(model.weights["x->y"], before["x->y"])
    assert model.learner.seed == 3


def test_a_saved_model_comes_back_as_it_was(tmp_path: Path) -> None:
    x = np.array([[0.0, 5], [5, 0], [9, 9]])
    model = nngraph.compile(CLASSES)
    model.fit(x, ["cat", "dog", "emu"], epochs=3)
    model.save(tmp_path / "mine")
    again = nngraph.load(tmp_path / "mine")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.labels == model.labels
    assert again.is_trained
    with pytest.raises(FileError, match="holds a run already"):
        model.save(tmp_path / "mine")


def test_neither_the_order_of_nodes_nor_a_title_changes_a_byte() -> None:
    head, edges = "nngraph: 1\nname: n\nnodes:\n", LINE[LINE.index("edges:") :]
    nodes = ["  x: input\n", "  h: {units: 3, activation: tanh}\n", "  y: {title: %s}\n"]
    edges = edges.replace("x -> y", "x -> h -> y")
    one = nngraph.compile(head + "".join(nodes) % "one" + edges)
    two = nngraph.compile(head + "".join(reversed(nodes)) % "two" + edges)
    one.fit(), two.fit()
    assert list(one.weights) == list(two.weights)
    for id_, array in one.weights.items():
        assert array.tobytes() == two.weights[id_].tobytes()


def test_overrides_and_seeds_work_as_on_the_command_line() -> None:
    model = nngraph.compile(LINE, ["train.epochs=2"])
    assert len(model.fit()) == 2
    first, second = (nngraph.compile(LINE, seed=seed).weights["x->y"] for seed in (1, 2))
    assert first != second
    np.testing.assert_array_equal(nngraph.compile(LINE, seed=1).weights["x->y"], first)


def test_a_model_says_what_it_is() -> None:
    text = repr(nngraph.compile(NEURON))
    assert text == "<nngraph.Model: x[2] -> y[1], 3 parameters, all weights given>"
    model = nngraph.compile(LINE)
    assert "untrained" in repr(model)
    model.fit()
    assert repr(model) == "<nngraph.Model: x -> y[1], 2 parameters, trained>"


def test_a_notebook_gets_a_drawing_or_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = nngraph.compile(NEURON)
    assert "<svg" in (model._repr_svg_() or "")
    with monkeypatch.context() as patch:
        patch.setattr("nngraph.render.output.lay_out_drawing", _no_engine)
        assert model._repr_svg_() is None
    model.render(tmp_path / "net.mmd")
    assert (tmp_path / "net.mmd").read_text()


def _no_engine(dot: str, kind: str, images: object) -> bytes:
    raise FileError("there is no Graphviz")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda m: m.predict([[1, 2, 3]]), DataError, "shape"),
        (lambda m: m.predict([["a", "b"]]), DataError, "takes numbers"),
        (lambda m: m.predict([[1, 2], [3]]), DataError, "no regular array"),
        (lambda m: m.predict(3), DataError, "single value"),
        (lambda m: m.predict([]), DataError, "no rows"),
        (lambda m: m.predict([[1, float("nan")]]), DataError, "finite"),
        (lambda m: m.predict({"z": [[1, 2]]}), UsageError, "x names 'z', which is no input"),
        (lambda m: m.predict({}), UsageError, "x gives nothing for the input 'x'"),
        (lambda m: m.loss([[1, 2]]), UsageError, "y is missing"),
        (lambda m: m.loss([[1, 2]], [1, 2]), DataError, "rows"),
        (lambda m: m.fit(), UsageError, "names no data"),
        (lambda m: m.fit(y=[1]), UsageError, "without x"),
        (lambda m: m.evaluate(), UsageError, "names no data"),
        (lambda m: m.forward([[1, 2]], nodes=["q"]), UsageError, "no node 'q'"),
        (lambda m: setattr(m, "weights", {}), ModelFileError, "no weights for"),
    ],
)
def test_mistakes_are_told_on_the_callers_terms(call, kind, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(kind, match=message):
        call(nngraph.compile(NEURON))


def test_a_network_without_a_loss_says_so() -> None:
    model = nngraph.compile("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]")
    for call in (
        lambda: model.fit([1], [1]),
        lambda: model.gradients([1]),
        lambda: model.loss([1]),
    ):
        with pytest.raises(UsageError, match="has no 'loss'"):
            call()


def test_a_loss_that_explodes_is_an_error_without_warnings() -> None:
    model = nngraph.compile(LINE, ["train.optimizer.learning_rate=1e30"])
    with pytest.raises(NonFiniteError, match="in epoch"):
        model.fit()


def test_a_file_that_is_missing_or_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.yaml"):
        nngraph.compile(tmp_path / "none.yaml")
    with pytest.raises(SpecError, match=r"<spec>:3:\d+"):
        nngraph.compile("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> z]")


def test_the_package_loads_nothing_before_it_is_asked() -> None:
    code = (
        "import sys, nngraph\n"
        "assert 'numpy' not in sys.modules\n"
        "assert {'compile', 'Model', 'load', 'errors', '__version__'} <= set(dir(nngraph))\n"
        "assert nngraph.errors.SpecError.exit_code == 3\n"
        "assert 'numpy' not in sys.modules\n"
        "nngraph.compile\n"
        "assert 'numpy' in sys.modules\n"
        "try: nngraph.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
