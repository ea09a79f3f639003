"""`nngraph train --show-schedule`: what a user sees of the rates before training."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from nngraph.cli.frame import run

SPEC = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: %s, batch_size: 2, optimizer: {kind: sgd, learning_rate: 0.1}, schedule: %s}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def show(folder, capsys, schedule, *arguments, epochs=4, code=0):
    (folder / "line.yaml").write_text(SPEC % (epochs, schedule))
    assert run(["train", "line.yaml", "--show-schedule", *arguments]) == code
    return capsys.readouterr()


def test_every_epoch_has_a_line_and_nothing_is_trained(folder, capsys):
    out = show(folder, capsys, "{kind: step, every: 2, factor: 0.5}").out.splitlines()
    assert out[0] == "step, 8 steps in 4 epochs"
    rates = [line.split()[:3] for line in out[2:]]
    assert rates == [["1", "0.1", "0.1"], ["2", "0.1", "0.1"],
                     ["3", "0.05", "0.05"], ["4", "0.05", "0.05"]]  # fmt: skip
    bars = [line.split()[3] for line in out[2:]]
    assert len(bars[0]) == 2 * len(bars[2])
    assert not (folder / "runs").exists()


def test_of_many_epochs_some_stand_for_all(folder, capsys):
    out = show(folder, capsys, "cosine", epochs=1000).out.splitlines()
    assert len(out) <= 44
    assert out[2].startswith("1 ")
    assert out[-1].startswith("1000 ")


def test_a_plateau_says_that_only_the_training_can_show_it(folder, capsys):
    assert "only the training can show" in show(folder, capsys, "plateau").out


def test_the_picture_is_written_where_it_is_wanted(folder, capsys):
    show(folder, capsys, "one_cycle", "-o", "rates.svg")
    root = ElementTree.fromstring((folder / "rates.svg").read_text())
    assert "line: learning rate" in "".join(root.itertext())


def test_another_kind_of_picture_is_refused(folder, capsys):
    said = show(folder, capsys, "cosine", "-o", "rates.png", code=2)
    assert "'rates.png' is no .svg file" in said.err
    assert not (folder / "rates.png").exists()


def test_all_rates_come_as_json(folder, capsys):
    found = json.loads(show(folder, capsys, "constant", "--json").out)
    assert found == {"steps_per_epoch": 2, "epochs": 4, "learning_rate": [0.1] * 8}
