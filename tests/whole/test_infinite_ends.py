"""A training whose last figures are infinite has not succeeded; nor do damaged notes crash."""

from __future__ import annotations

from pathlib import Path

import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import NonFiniteError

SPEC = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [1, 2, 3, 4], y: [2, 4, 6, 8]}, split: {validation: 2}}
train: {epochs: 1, batch_size: full, optimizer: {kind: sgd, learning_rate: 1e+25}}
"""


def test_train_ends_with_7_and_names_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    assert run(["train", "net.yaml", "-o", "out"]) == 7
    said = capsys.readouterr().err
    assert "the training ends with train.loss infinite and validation.loss infinite" in said
    assert Path("out/summary.json").exists()


def test_fit_raises_for_an_infinite_validation_loss() -> None:
    with pytest.raises(NonFiniteError, match=r"validation\.loss infinite"):
        nngraph.compile(SPEC).fit()


def test_a_training_that_ends_well_ends_with_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC.replace("1e+25", "0.01"))
    assert run(["train", "net.yaml", "-o", "out"]) == 0


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("summary.json", ["report", "out"]),
        ("summary.json", ["predict", "out", "--given", "x=1"]),
        ("metrics.jsonl", ["report", "out"]),
        ("statistics.jsonl", ["report", "out"]),
        ("data.json", ["predict", "out", "--given", "x=1"]),
    ],
)
def test_a_file_of_a_run_nested_without_end_is_no_crash(
    file: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC.replace("1e+25", "0.01"))
    assert run(["train", "net.yaml", "-o", "out"]) == 0
    Path("out", file).write_text("[" * 100_000 + "]" * 100_000)
    assert run(command) in (0, 4, 5, 8)
