"""`nngraph weights`, and `train --write-back`: what they print and what they leave behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nngraph.cli import run

SPEC = """\
nngraph: 1
name: sum
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, y: {bias: 0.5}}  # three
edges:
  - x -> h: [[1.0, 2.0], [3.0, 4.0]]  # by hand
  - h -> y: {weight: [0.5, -1.5], trainable: false}
loss: {kind: mean_squared_error, target: label}
data: {source: xor}
train: {epochs: 2, batch_size: full}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    return path


def test_weights_are_printed_edge_by_edge(spec, capsys):
    assert run(["weights", "net.yaml"]) == 0
    assert capsys.readouterr().out == (
        "weight  of            value\n"
        "x->h    x[0] -> h[0]    1.0\n"
        "x->h    x[0] -> h[1]    2.0\n"
        "x->h    x[1] -> h[0]    3.0\n"
        "x->h    x[1] -> h[1]    4.0\n"
        "h.bias  h[0]            0.0\n"
        "h.bias  h[1]            0.0\n"
        "h->y    h[0] -> y       0.5  fixed\n"
        "h->y    h[1] -> y      -1.5  fixed\n"
        "y.bias                  0.5\n"
    )


def test_as_json_all_numbers_are_there(spec, capsys):
    assert run(["weights", "net.yaml", "--json"]) == 0
    first, *_, last = json.loads(capsys.readouterr().out)["weights"]
    assert first == {
        "id": "x->h",
        "shape": [2, 2],
        "trainable": True,
        "values": [[1.0, 2.0], [3.0, 4.0]],
    }
    assert last == {"id": "y.bias", "shape": [1], "trainable": True, "values": [0.5]}


def test_a_spec_without_weights_has_none_to_print(spec, capsys):
    spec.write_text(SPEC.replace(": [[1.0, 2.0], [3.0, 4.0]]", ""))
    assert run(["weights", "net.yaml"]) == 2
    assert "E002" in capsys.readouterr().err
    assert run(["weights", "net.yaml", "--initial"]) == 0


def test_training_writes_back_and_the_run_has_nothing_more_to_write(spec, capsys):
    assert run(["train", "net.yaml", "--write-back", "-o", "run"]) == 0
    assert "wrote 3 weights into net.yaml and net.trained.npz\n" in capsys.readouterr().err
    after = spec.read_text()
    assert "{weight: [0.5, -1.5], trainable: false}" in after
    assert after.count("# three") == after.count("# by hand") == 1
    assert run(["weights", "run", "--into", "net.yaml"]) == 0
    told = capsys.readouterr().err
    assert told == "net.yaml holds these weights already; nothing in it was changed\n"
    assert run(["weights", "net.yaml"]) == run(["weights", "run"]) == 0
    printed = capsys.readouterr().out
    assert printed[: len(printed) // 2] == printed[len(printed) // 2 :]


def test_a_finished_run_is_written_back_too(spec, capsys):
    assert run(["train", "net.yaml", "-o", "run"]) == 0
    assert run(["train", "net.yaml", "--resume", "run", "--write-back"]) == 0
    told = capsys.readouterr().err
    assert "run is finished" in told
    assert "wrote 3 weights into net.yaml and net.trained.npz" in told


def test_what_was_done_is_told_as_json(spec, capsys):
    assert run(["train", "net.yaml", "-o", "run"]) == 0
    capsys.readouterr()
    assert run(["weights", "run", "--into", "net.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "spec": "net.yaml",
        "changed": ["x->h", "h.bias", "y.bias"],
        "files": ["net.trained.npz"],
    }


def test_a_changed_spec_is_refused_and_untouched(spec, capsys):
    assert run(["train", "net.yaml", "-o", "run"]) == 0
    capsys.readouterr()
    changed = SPEC.replace("bias: 0.5", "bias: 0.25")
    spec.write_text(changed)
    assert run(["weights", "run", "--into", "net.yaml"]) == 5
    told = capsys.readouterr().err
    assert "'net.yaml' has been changed since the run began" in told
    assert "nodes.y.bias.value was 0.5, it is 0.25 [E505]" in told
    assert spec.read_text() == changed


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["train", "--resume", "run", "--write-back"], "--write-back needs the file of the spec"),
        (["weights", "net.yaml", "--into", "net.yaml"], "'net.yaml' is a spec"),
        (["weights", "run", "--into", "net.yaml", "--seed", "1"], "as they were trained"),
        (["weights", "run", "--into", "net.yaml", "--initial"], "as they were trained"),
    ],
)
def test_what_cannot_be_meant_is_refused(spec, capsys, line, told):
    assert run(line) == 2
    assert told in capsys.readouterr().err
