"""What those who come from other libraries expect of Python: histories, tables, copies, answers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.api import Model
from nngraph.errors import DataError, SpecError, UsageError

CLASSES: dict[str, Any] = {
    "nngraph": 1,
    "name": "pets",
    "nodes": {
        "x": {"kind": "input", "shape": 2},
        "h": {"units": 4, "activation": "tanh"},
        "d": {"kind": "dropout", "rate": 0.2},
        "y": {"units": 3, "activation": "softmax"},
    },
    "edges": ["x -> h -> d -> y"],
    "loss": "cross_entropy",
    "data": {"source": "table", "columns": {"x": [[0, 0]], "y": [0]}, "normalize": "standard"},
    "train": {
        "epochs": 4,
        "batch_size": 2,
        "metrics": ["accuracy"],
        "optimizer": {"kind": "adam", "learning_rate": 0.05},
    },
}
X = np.array([[0.0, 5], [5, 0], [9, 9], [0, 6], [6, 0], [8, 9]])
NAMES = ["cat", "dog", "emu", "cat", "dog", "emu"]
LINE = """
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 30, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}
"""


def trained() -> Model:
    model = nngraph.compile(CLASSES)
    model.fit(X, NAMES)
    return model


# ---- histories


def test_fit_gives_records_and_columns_by_name() -> None:
    model = nngraph.compile(CLASSES)
    history = model.fit(X, NAMES, validation=(X, NAMES))
    assert isinstance(history, Sequence)
    assert len(history) == 4
    assert history["loss"].tolist() == [epoch.train["loss"] for epoch in history]
    assert history["train.loss"].tolist() == history["loss"].tolist()
    assert history["validation.accuracy"].shape == (4,)
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert history[1:] == model.history[1:]
    assert isinstance(history[1:], nngraph.History)
    with pytest.raises(UsageError, match=r"did you mean 'validation.loss'\? there are "):
        history["val_loss"]
    with pytest.raises(AttributeError, match=r"history\['loss'\]"):
        history.history  # noqa: B018


def test_a_history_is_shown_as_a_table_of_some_twenty_rows_and_in_a_notebook_with_its_curve() -> (
    None
):
    history = nngraph.compile(LINE).fit([0, 1, 2], [1, 3, 5])
    lines = str(history).split("\n")
    assert lines[0].split() == ["epoch", "train.loss"]
    assert [line.split()[0] for line in lines[1:4]] == ["1", "3", "5"]
    assert lines[-2].split()[0] == "30"
    assert lines[-1] == "30 epochs, one in 2 shown"
    page = history._repr_html_()
    assert page.count("<tr>") == 17
    assert "<svg" in page
    assert repr(history).startswith("<nngraph.History: 30 epochs, train.loss ")


def test_a_history_draws_its_curves(tmp_path: Path) -> None:
    history = nngraph.compile(LINE).fit([0, 1, 2], [1, 3, 5])
    picture = history.plot(tmp_path / "curves.svg")
    assert (tmp_path / "curves.svg").read_text() == picture._repr_svg_()
    with pytest.raises(UsageError, match=r"drawn as \.svg"):
        history.plot(tmp_path / "curves.bmp")


def test_progress_is_told_in_at_most_twenty_lines_of_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nngraph.compile(LINE).fit([0, 1, 2], [1, 3, 5], progress=True)
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 15
    assert out.splitlines()[-1].startswith("epoch 30/30: train.loss ")


# ---- tables and scores


def test_a_summary_lists_each_node_with_its_parameters_and_the_total() -> None:
    summary = nngraph.compile(CLASSES).summary()
    assert [(row.node, row.kind, row.parameters) for row in summary.rows] == [
        ("x", "input", 0),
        ("h", "neurons", 2 * 4 + 4),
        ("d", "dropout", 0),
        ("y", "neurons", 4 * 3 + 3),
    ]
    assert str(summary).split("\n")[-1] == "27 parameters"
    assert "<table>" in summary._repr_html_()


def test_a_score_is_accuracy_of_classes_and_r_squared_of_numbers() -> None:
    model = trained()
    right = model.predict(X, labels=True) == np.array(NAMES)
    assert model.score(X, NAMES) == pytest.approx(right.mean())
    line = nngraph.compile(LINE.replace("{x: input, y: {}}", "{x: input, y: {bias: 0}}"))
    line.weights = {**line.weights, "x->y": [[1.0]]}
    # t = 0, 2, 4 and y = 0, 1, 2: 1 - (0 + 1 + 4) / (4 + 0 + 4)
    assert line.score([0, 1, 2], [0, 2, 4]) == pytest.approx(1 - 5 / 8)


def test_labels_are_names_of_classes_and_refused_where_nobody_named_them() -> None:
    model = trained()
    labels = model.predict(X, labels=True)
    assert labels.shape == (6,)
    assert set(labels) <= {"cat", "dog", "emu"}
    with pytest.raises(UsageError, match="units of 'y' have no names"):
        nngraph.compile(LINE).predict([1.0], labels=True)


# ---- copies


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_predicts_the_same_and_trains_on_to_the_same_bits(copied: Any) -> None:
    model = trained()
    other = copied(model)
    assert other.predict(X).tobytes() == model.predict(X).tobytes()
    assert other.labels == model.labels
    assert other.learner.normalizers == model.learner.normalizers
    kept = other.predict(X).tobytes()
    model.fit(X, NAMES)  # moments of adam, dropout and the order of rows go on
    assert other.predict(X).tobytes() == kept
    other.fit(X, NAMES)
    assert [e.train for e in other.history] == [e.train for e in model.history]
    for id_, array in model.weights.items():
        assert array.tobytes() == other.weights[id_].tobytes(), id_


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_documents_and_scalers_are_copied_whole(copied: Any) -> None:
    model = trained()
    document = copied(model.document)
    assert document.source.text == model.document.source.text
    assert str(document.span("nodes", "h")) == str(model.document.span("nodes", "h"))
    normalizers = copied(model.learner.normalizers)
    assert normalizers == model.learner.normalizers
    assert normalizers.inputs["x"].apply(X).tolist() == (
        model.learner.normalizers.inputs["x"].apply(X).tolist()
    )


# ---- words of other libraries


FOREIGN_ARGUMENTS = (
    ("fit", "validation_data", "validation=(x, y)"),
    ("fit", "validation_split", "split: {validation: 0.2}"),
    ("fit", "callbacks", "on_epoch=function"),
    ("fit", "verbose", "progress=True"),
    ("fit", "lr", "learning_rate=0.01"),
    ("fit", "max_iter", "epochs=10"),
    ("fit", "optimizer", "train.optimizer=adam"),
    ("fit", "epoch", "did you mean 'epochs'?"),
    ("fit", "frobnicate", "it takes x, y, epochs"),
    ("predict", "batch_size", "leave it out"),
    ("predict", "return_labels", "labels=True"),
    ("evaluate", "verbose", "leave it out"),
)


@pytest.mark.parametrize(("method", "argument", "answer"), FOREIGN_ARGUMENTS)
def test_an_argument_of_another_library_is_answered_with_ours(
    method: str, argument: str, answer: str
) -> None:
    model: Any = nngraph.compile(LINE)
    with pytest.raises(UsageError) as caught:
        getattr(model, method)([0.0], **{argument: 1})
    assert caught.value.diagnostics[0].message == f"{method}() has no argument '{argument}'"
    assert answer in caught.value.diagnostics[0].help


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("layers", "model.document.nodes"),
        ("predict_proba", "model.predict(x)"),
        ("state_dict", "model.weights"),
        ("train", "model.fit(x, y)"),
    ],
)
def test_a_method_of_another_library_is_answered_with_ours(name: str, answer: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(nngraph.compile(LINE), name)
    assert f"no attribute '{name}'" in str(caught.value)
    assert answer in str(caught.value)


def test_a_name_of_another_library_is_answered_too() -> None:
    with pytest.raises(AttributeError, match="a network is a spec"):
        nngraph.Sequential  # noqa: B018
    with pytest.raises(AttributeError, match=r"^nngraph has no attribute 'frobnicate'$"):
        nngraph.frobnicate  # noqa: B018


# ---- mappings


def test_a_mapping_is_a_spec_and_gives_the_network_of_its_file() -> None:
    spec = {
        "nngraph": 1,
        "dtype": "float64",
        "nodes": {"x": {"kind": "input", "shape": (2,)}, "y, z": {"bias": np.float64(0.5)}},
        "edges": [{"x -> y": np.array([[0.5], [-0.25]])}, {"from": "x[0]", "to": "z", "weight": 1}],
        "outputs": ["y", "z"],
        "loss": [{"kind": "mean_squared_error", "node": "y", "weight": 1e-05}],
        "description": "a: b, # c",
    }
    model = nngraph.compile(spec)
    assert model.document.spec.description == "a: b, # c"
    found = model.predict([[2.0, 4.0]])
    assert {name: values.tolist() for name, values in found.items()} == {
        "y": [[0.5]],
        "z": [[2.5]],
    }
    again = nngraph.compile(model.document.source.text)
    assert again.document.spec == model.document.spec


def test_a_mistake_in_a_mapping_is_told_at_its_path() -> None:
    nodes = {"x": "input", "h": {"units": 3, "activaton": "tanh"}, "y": {}}
    with pytest.raises(SpecError) as caught:
        nngraph.compile({"nngraph": 1, "nodes": nodes, "edges": ["x -> h -> y"]})
    assert str(caught.value).split("\n") == [
        "error: unknown key 'activaton' in node 'h' [E104]",
        " --> spec['nodes']['h']['activaton']",
        " |",
        " |   h: {units: 3, activaton: tanh}",
        " |                 ^^^^^^^^^ did you mean 'activation'?",
    ]


def test_what_no_spec_holds_is_refused_with_its_path() -> None:
    nodes = {"x": "input", "y": {"activation": print}}
    with pytest.raises(UsageError, match=r"^error: spec\['nodes'\]\['y'\]\['activation'\] is of"):
        nngraph.compile({"nngraph": 1, "nodes": nodes, "edges": []})
    with pytest.raises(UsageError, match=r"a key of spec\['nodes'\] is 1"):
        nngraph.compile({"nngraph": 1, "nodes": {1: "input"}, "edges": []})
    with pytest.raises(UsageError, match="this is of type int"):
        nngraph.compile(3)  # type: ignore[arg-type]
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(UsageError, match="endless"):
        nngraph.compile(endless)


def test_a_run_of_a_mapping_is_read_like_any_other(tmp_path: Path) -> None:
    data = {"source": "table", "columns": {"x": [0, 1, 2], "y": [1, 3, 5]}}
    spec = {"nngraph": 1, "nodes": {"x": "input", "y": {}}, "edges": ["x -> y"], "data": data}
    model = nngraph.train_run({**spec, "loss": "huber", "train": {"epochs": 2}}, run=tmp_path / "r")
    again = nngraph.load(tmp_path / "r")
    assert again.predict([3.0]).tobytes() == model.predict([3.0]).tobytes()


# ---- errors in a notebook


def test_a_notebook_shows_the_line_of_the_user_and_none_of_our_frames() -> None:
    try:
        nngraph.compile(LINE).fit([0, 1], [[1, 2, 3]])
    except DataError as error:
        shown = error._render_traceback_()
    assert shown[0].startswith(f"{__file__}, line ")
    assert shown[0].endswith("nngraph.compile(LINE).fit([0, 1], [[1, 2, 3]])")
    assert shown[1] == ""
    assert shown[2].startswith("DataError: error: ")
    assert len("\n".join(shown).split("\n")) < 6


@pytest.mark.parametrize("owner", ["model", "history", "nngraph"])
def test_a_wrong_name_shows_none_of_our_frames_in_a_notebook(owner: str) -> None:
    model = nngraph.compile(LINE)
    things: dict[str, Any] = {"model": model, "history": model.history, "nngraph": nngraph}
    with pytest.raises(AttributeError) as caught:
        _ = things[owner].layers
    shown = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert len(shown) == 3
    assert shown[0].endswith("things[owner].layers")
    assert shown[2].startswith("AttributeError: ")


# ---- what a notebook shows of results


def test_traces_and_formulas_show_themselves_as_their_text() -> None:
    model = nngraph.compile(LINE)
    formulas, trace = model.formulas(), model.trace(given={"x": 1.0})
    assert repr(formulas) == formulas.text()
    assert repr(trace) == trace.text()


def test_a_gradient_check_and_outcomes_show_themselves_in_a_line() -> None:
    text = "nngraph: 1\nname: net\nnodes: {x: input, y: {bias: 1}}\nedges: [x -> y: 2]\n"
    model = nngraph.compile(
        f"{text}loss: mean_squared_error\nexpect:\n  - {{parameters: 2}}\n  - {{parameters: 3}}"
    )
    shown = repr(model.gradcheck(data=False))
    assert shown.startswith("<GradientCheck of net: all holds, gradients apart by ")
    assert [repr(outcome) for outcome in model.test()] == [
        "<passed: line 7 of <spec>>",
        "<failed: line 8 of <spec>, expected 3 parameters, got 2>",
    ]
