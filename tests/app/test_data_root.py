"""The second folder for files, `--data-root`: data, weights and side files, in every command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli import run

SPEC = """
nngraph: 1
name: rooted
nodes_file: neurons.csv
nodes: {x: {kind: input, shape: 2}}
edges:
  - {from: x, to: y, weight: {file: weights.npz, key: W}}
  - {file: edges.csv}
loss: mean_squared_error
data: {source: csv, path: rows.csv, inputs: {x: [a, b]}, targets: {y: t}}
train: {epochs: 1, batch_size: full}
expect: [{given: {x: [1, 1]}, output: {y: 1.5}}]
"""
COMMANDS = (
    ["check", "spec"],
    ["compile", "spec"],
    ["compile", "spec", "-o", "net.py"],
    ["data", "describe", "spec"],
    ["render", "spec", "-o", "net.dot"],
    ["profile", "spec", "--seconds", "0.01"],
    ["evaluate", "spec"],
    ["predict", "spec", "--given", "x=[1, 1]"],
    ["test", "spec"],
    ["train", "spec", "-o", "run"],
)


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spec in one folder, everything that it names in another; the current folder is a third."""
    here, there, work = (tmp_path / name for name in ("here", "there", "work"))
    for folder in (here, there, work):
        folder.mkdir()
    monkeypatch.chdir(work)
    (here / "net.yaml").write_text(SPEC)
    (there / "neurons.csv").write_text("id,activation\ny,identity\n")
    (there / "edges.csv").write_text("from,to,weight\n")
    (there / "rows.csv").write_text("a,b,t\n0,1,1\n1,0,1\n1,1,2\n")
    np.savez(there / "weights.npz", W=np.array([[1.0], [0.5]]))
    return here / "net.yaml"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:3]))
def test_every_command_finds_all_files_below_the_data_root(
    spec: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(spec) if word == "spec" else word for word in command]
    assert run([*arguments, "--data-root", str(spec.parent.parent / "there")]) == 0
    assert run([*arguments, "--data-root", "."]) == 8
    assert "neurons.csv" in capsys.readouterr().err


def test_a_run_keeps_its_data_root_and_another_may_be_named(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, moved = spec.parent.parent / "there", spec.parent.parent / "moved"
    assert run(["train", str(spec), "-o", "run", "--data-root", "../there"]) == 0
    for words in (["report"], ["evaluate"], ["predict", "--given", "x=[1, 1]"]):
        assert run([words[0], "run", *words[1:]]) == 0, words
    there.rename(moved)
    for words in (["evaluate"], ["train", "--resume"]):
        assert run([*words, "run"]) == 8
        assert run([*words, "run", "--data-root", str(moved)]) == 0, capsys.readouterr().err


def test_python_finds_files_below_the_data_root_too(spec: Path) -> None:
    there = spec.parent.parent / "there"
    assert not nngraph.check(spec).ok
    assert nngraph.check(spec, data_root=there).ok
    model = nngraph.compile(spec, data_root=there)
    np.testing.assert_array_equal(model.weights["x->y"].ravel(), [1.0, 0.5])
    assert model.data.parts["train"].rows == 3
