"""`why`: runs broken on purpose are named with their evidence, healthy ones are said to be healthy.

The codes themselves are shown, each by a run of its own, in the examples of the catalogue.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nngraph
from nngraph.cli.frame import run as command_line
from nngraph.errors import FileError, UsageError

SPECS = Path(__file__).parents[2] / "specs"

NET = """
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 8, activation: %s}
  y: {activation: sigmoid}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles}
train: {epochs: %d, batch_size: 20, optimizer: {kind: %s, learning_rate: %s}}
"""


def trained(folder: Path, activation: str, epochs: int, kind: str, rate: object) -> Path:
    nngraph.train_run(NET % (activation, epochs, kind, rate), run=folder)
    return folder


def codes(run: Path) -> list[str]:
    return [cause.code for cause in nngraph.why(run).causes]


@pytest.mark.parametrize(
    "name", ["circles", "xor-trained", "iris-mlp", "sine-regression", "digits-mlp"]
)
def test_a_healthy_run_is_said_to_be_one(name: str, tmp_path: Path, capsys) -> None:
    assert command_line(["train", str(SPECS / f"{name}.yaml"), "-o", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    assert command_line(["why", str(tmp_path / "run")]) == 0
    assert "learns: nothing is wrong" in capsys.readouterr().out
    found = nngraph.why(tmp_path / "run")
    assert found.learns
    assert found.causes == ()
    assert found.ended
    assert found.last < found.first


def test_the_first_long_steps_saturate_a_layer_that_was_not_saturated(tmp_path: Path) -> None:
    found = nngraph.why(trained(tmp_path / "run", "tanh", 5, "sgd", 1e4))
    (cause,) = (cause for cause in found.causes if cause.code == "L301")
    assert "'h'" in cause.message
    assert "smaller learning rate" in cause.help  # and not `normalize`: it began well


def test_a_run_that_became_non_finite_says_so_and_where(tmp_path: Path, capsys) -> None:
    text = NET % ("relu", 5, "sgd", 1e20)
    (tmp_path / "net.yaml").write_text(text)
    run = tmp_path / "run"
    code = command_line(["train", str(tmp_path / "net.yaml"), "-o", str(run)])
    assert code == 7
    told = capsys.readouterr().err
    found = nngraph.why(run)
    assert not found.ended
    assert found.causes[0].code == "L303"
    first = found.causes[0].message
    assert first.removeprefix("training became non-finite: ") in told
    assert "'h->y'" in first or "'x->h'" in first


def test_a_run_that_goes_on_forgets_its_failure_until_it_fails_again(tmp_path: Path) -> None:
    run = tmp_path / "run"
    text = NET % ("relu", 2, "sgd", 1e20)
    for train in (lambda: nngraph.train_run(text, run=run), lambda: nngraph.resume(run)):
        with pytest.raises(nngraph.errors.NonFiniteError):
            train()
        lines = (run / "statistics.jsonl").read_text().splitlines()
        assert ["failure" in json.loads(line) for line in lines] == [False, True]


def test_steps_that_are_too_short_are_told_with_the_rate(tmp_path: Path) -> None:
    found = nngraph.why(trained(tmp_path / "run", "tanh", 8, "sgd", 1e-4))
    assert [cause.code for cause in found.causes] == ["L305"]
    assert "it is 0.0001" in found.causes[0].help


def test_a_constant_answer_costs_the_entropy_of_the_classes(tmp_path: Path) -> None:
    found = nngraph.why(trained(tmp_path / "run", "tanh", 2, "adam", 0.01))
    assert found.constant == pytest.approx(0.6931, abs=1e-3)  # ln 2: half the rows lie outside


def test_a_class_of_text_is_called_by_its_name(tmp_path: Path) -> None:
    rows = "".join(
        f"{k % 7 / 3 - 1:.2f},{'rare' if k % 20 == 0 else 'common'}\n" for k in range(100)
    )
    (tmp_path / "t.csv").write_text("x,y\n" + rows)
    (tmp_path / "net.yaml").write_text(
        "nngraph: 1\nnodes: {x: input, y: {units: 2, activation: softmax}}\nedges: [x -> y]\n"
        "loss: cross_entropy\ndata: {source: csv, path: t.csv}\n"
        "train: {epochs: 30, batch_size: full, optimizer: {kind: adam, learning_rate: 0.1}}\n"
    )
    nngraph.train_run(tmp_path / "net.yaml", run=tmp_path / "run")
    (cause,) = (c for c in nngraph.why(tmp_path / "run").causes if c.code == "L308")
    assert cause.message.startswith("95 % of the training rows are of class 'common'")


def test_without_its_data_the_curves_alone_are_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = "".join(f"{k % 7 - 3},{int(k % 7 > 3)}\n" for k in range(70))
    (data / "t.csv").write_text("x,y\n" + rows)
    (data / "net.yaml").write_text(
        "nngraph: 1\nnodes: {x: input, y: {activation: sigmoid}}\nedges: [x -> y]\n"
        "loss: binary_cross_entropy\ndata: {source: csv, path: t.csv}\n"
        "train: {epochs: 8, batch_size: full, optimizer: {kind: sgd, learning_rate: 1e-4}}\n"
    )
    nngraph.train_run(data / "net.yaml", run=tmp_path / "run")
    assert nngraph.why(tmp_path / "run").constant is not None
    (data / "t.csv").rename(tmp_path / "t.csv")
    assert nngraph.why(tmp_path / "run").constant is None
    assert codes(tmp_path / "run") == ["L305"]
    assert nngraph.why(tmp_path / "run", data_root=tmp_path).constant is not None


def test_json_carries_figures_and_causes(tmp_path: Path, capsys) -> None:
    run = trained(tmp_path / "run", "tanh", 8, "sgd", 1e-4)
    assert command_line(["why", str(run), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["learns"] is False
    assert found["epochs"] == 8
    assert [cause["code"] for cause in found["causes"]] == ["L305"]
    assert found["causes"][0]["help"]


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        nngraph.why(tmp_path / "nothing")


def test_a_run_without_an_epoch_has_nothing_to_read(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(nngraph.errors.NonFiniteError):
        nngraph.train_run(NET % ("relu", 1, "sgd", 1e20), run=run)
    looks = run / "statistics.jsonl"
    looks.write_text(looks.read_text().splitlines(keepends=True)[0])  # as after a kill
    with pytest.raises(UsageError, match="no epoch yet"):
        nngraph.why(run)
