"""What is recorded of each node, against the same computed by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nngraph.app.recording import record_training
from nngraph.ir import Row
from nngraph.spec import parse_spec
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner, rows_of
from nngraph.train.statistics import (
    MOST_EPOCHS,
    MOST_NODES,
    Statistics,
    observed_nodes,
    read_statistics,
)

SPEC = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 4, activation: relu}
  s: {units: 3, activation: sigmoid}
  thinned: {kind: dropout, rate: 0.5}
  y: {activation: sigmoid}
edges: [x -> h -> thinned -> s -> y, x -> y]
loss: {kind: binary_cross_entropy, target: label}
dtype: float64
data: {source: xor}
train: {epochs: EPOCHS, batch_size: 2, optimizer: {kind: adam, learning_rate: 0.05}}
"""


def trained(folder: Path, epochs: int, *, watched: bool = True) -> Learner:
    learner = Learner.start(parse_spec(SPEC.replace("EPOCHS", str(epochs)), folder=folder))
    data = load_data(learner)
    folder.mkdir(exist_ok=True)
    statistics = None
    if watched:
        statistics = Statistics(learner, rows_of(data.parts["train"]), epochs)
    record_training(learner, data, folder, statistics=statistics)
    return learner


def test_the_last_line_is_what_the_trained_network_says(tmp_path):
    learner = trained(tmp_path, 5)
    rows = rows_of(load_data(learner).parts["train"])
    rows_read = read_statistics(tmp_path)
    assert [row["epoch"] for row in rows_read] == [0, 1, 2, 3, 4, 5]
    last = rows_read[-1]["nodes"]
    assert list(last) == ["h", "s", "y"]
    z = learner.outputs({"x": rows.arrays[Row("x")]}, ["h", "s", "y"])
    weights = learner.executable.weights()
    for node, ids in {"h": ["x->h", "h.bias"], "y": ["s->y", "x->y", "y.bias"]}.items():
        flat = np.concatenate([weights[id_].ravel() for id_ in ids])
        assert last[node]["weight"] == pytest.approx(np.sqrt((flat**2).mean()))
        assert last[node]["mean"] == pytest.approx(z[node].mean())
        spread = np.sqrt(z[node].var(axis=0).mean())
        assert last[node]["deviation"] == pytest.approx(spread)
    assert last["h"]["dead"] == (z["h"] == 0).all(axis=0).mean()
    assert last["s"]["saturated"] == ((z["s"] <= 0.02) | (z["s"] >= 0.98)).mean()
    assert "saturated" not in last["h"]
    assert "dead" not in last["s"]


def test_values_behind_a_batch_norm_are_those_that_the_weights_predict(tmp_path):
    text = SPEC.replace("kind: dropout, rate: 0.5", "kind: batch_norm, momentum: 0.5")
    learner = Learner.start(parse_spec(text.replace("EPOCHS", "2"), folder=tmp_path))
    rows = rows_of(load_data(learner).parts["train"])
    start = Statistics(learner, rows, 2).look(0)
    z = learner.outputs({"x": rows.arrays[Row("x")]}, ["thinned", "s"])
    assert start["nodes"]["thinned"]["mean"] == pytest.approx(z["thinned"].mean())
    assert start["nodes"]["s"]["mean"] == pytest.approx(z["s"].mean())


def test_gradients_are_root_mean_squares_over_the_weights_into_a_node(tmp_path):
    text = SPEC.replace("thinned -> s", "s").replace("  thinned: {kind: dropout, rate: 0.5}\n", "")
    learner = Learner.start(parse_spec(text.replace("EPOCHS", "2"), folder=tmp_path))
    rows = rows_of(load_data(learner).parts["train"])
    start = Statistics(learner, rows, 2).look(0)
    gradients = learner.gradients(rows)
    for node, ids in {"h": ["x->h", "h.bias"], "y": ["s->y", "x->y", "y.bias"]}.items():
        flat = np.concatenate([gradients[id_].ravel() for id_ in ids])
        assert start["nodes"][node]["gradient"] == pytest.approx(np.sqrt((flat**2).mean()))


def test_looking_changes_no_bit_of_the_training(tmp_path):
    watched, alone = trained(tmp_path / "a", 7), trained(tmp_path / "b", 7, watched=False)
    for id_, array in alone.executable.weights().items():
        assert array.tobytes() == watched.executable.weights()[id_].tobytes(), id_


def test_looking_leaves_running_statistics_alone(tmp_path):
    text = SPEC.replace("  s: {", "  norm: batch_norm\n  s: {").replace("thinned -> s", "norm -> s")
    text = text.replace("EPOCHS", "4").replace("h -> norm", "h -> thinned -> norm")
    found = []
    for name, watched in (("a", True), ("b", False)):
        (tmp_path / name).mkdir()
        learner = Learner.start(parse_spec(text, folder=tmp_path))
        data = load_data(learner)
        statistics = Statistics(learner, rows_of(data.parts["train"]), 4) if watched else None
        record_training(learner, data, tmp_path / name, statistics=statistics)
        found.append({k: a.tobytes() for k, a in learner.executable.weights().items()})
    assert "norm.mean" in found[0]
    assert found[0] == found[1]


def test_looks_have_a_bound_however_many_epochs_there_are(tmp_path):
    trained(tmp_path, 500)
    epochs = [row["epoch"] for row in read_statistics(tmp_path)]
    assert epochs[:3] == [0, 1, 16]
    assert epochs[-1] == 500
    assert len(epochs) <= MOST_EPOCHS + 3


def test_nodes_have_a_bound_and_the_first_and_last_are_among_them():
    ids = [f"n{number}" for number in range(100)]
    nodes = "".join(f"  {id_}: {{units: 2, activation: tanh}}\n" for id_ in ids)
    spec = f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: 2}}\n{nodes}"
    spec += f"edges: [x -> {' -> '.join(ids)}]\n"
    chosen = observed_nodes(Learner.start(parse_spec(spec)).network)
    assert len(chosen) == MOST_NODES
    assert (chosen[0], chosen[-1]) == ("n0", "n99")


def test_a_line_cut_short_or_written_twice_does_no_harm(tmp_path):
    lines = [json.dumps({"epoch": n, "nodes": {"h": {"mean": n}}}) for n in (0, 2, 1)]
    again = json.dumps({"epoch": 2, "nodes": {"h": {"mean": 20}}})
    (tmp_path / "statistics.jsonl").write_text("\n".join([*lines, again, '{"epoch": 3, "no']))
    rows = read_statistics(tmp_path)
    assert [(row["epoch"], row["nodes"]["h"]["mean"]) for row in rows] == [(0, 0), (1, 1), (2, 20)]
