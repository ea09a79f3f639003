"""Where runs lie, and that nothing broken is ever written into one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nngraph.app.recording import record_training
from nngraph.errors import FileError, NonFiniteError
from nngraph.spec import parse_spec
from nngraph.train.data_files import load_data
from nngraph.train.journal import Journal
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.position import Epoch, Position
from nngraph.train.run_folder import json_file, new_folder
from nngraph.train.saving import check_finite

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: quadrants, samples: 40, normalize: standard, split: {validation: 10}}
train: {epochs: 2}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runs_are_counted_up_and_gaps_are_filled() -> None:
    made = [new_folder("net") for _ in range(3)]
    assert made == [Path("runs/net-001"), Path("runs/net-002"), Path("runs/net-003")]
    made[1].rmdir()
    assert new_folder("net") == made[1]
    assert new_folder("other") == Path("runs/other-001")


def test_an_empty_folder_is_taken_and_a_full_one_is_not() -> None:
    Path("mine").mkdir()
    assert new_folder("net", Path("mine")) == Path("mine")
    Path("mine/note.txt").write_text("keep me")
    with pytest.raises(FileError, match="'mine' is not empty"):
        new_folder("net", Path("mine"))
    assert new_folder("net", Path("a/b/c")).is_dir()


@pytest.mark.parametrize("wanted", [Path("taken"), Path("taken/inside"), None])
def test_a_file_in_the_way_is_told(wanted: Path | None) -> None:
    Path("taken").write_text("")
    Path("runs").write_text("")
    with pytest.raises(FileError):
        new_folder("net", wanted)


def test_numbers_that_json_cannot_say_become_null() -> None:
    epoch = Epoch(1, 5, 0.1, 0.01, {"loss": 2.0}, {"loss": float("nan")})
    with Journal(Path("."), Position(), None) as journal:
        journal.tell(epoch, is_over=True)
        written = Path("metrics.jsonl").read_text()  # there before the file is closed
    assert json.loads(written)["validation.loss"] is None
    assert json.loads(written)["train.loss"] == 2
    written = json_file({"train": {"loss": float("inf")}, "list": (1, 2)})
    assert json.loads(written) == {"train": {"loss": None}, "list": [1, 2]}


def test_weights_that_are_not_finite_are_named_and_not_written() -> None:
    weights = {"x->y": np.ones((2, 1)), "y.bias": np.array([np.nan])}
    with pytest.raises(NonFiniteError, match=r"'y\.bias' became non-finite by the end of epoch 4"):
        check_finite(weights, 4)


def test_a_run_comes_back_with_weights_scaling_and_figures() -> None:
    learner = Learner.start(parse_spec(SPEC), seed=5)
    data = load_data(learner)
    summary, signal = record_training(learner, data, new_folder("net"))
    assert signal == 0
    again, _ = load_run(Path("runs/net-001"))
    assert again.seed == 5
    assert again.normalizers == learner.normalizers
    for id_, array in learner.executable.weights().items():
        np.testing.assert_array_equal(again.executable.weights()[id_], array)
    assert load_data(again).digest == summary["data"]


def test_the_folder_is_locked_while_it_is_written() -> None:
    from nngraph.files import FolderLock

    learner = Learner.start(parse_spec(SPEC))
    data, place = load_data(learner), new_folder("net")
    with FolderLock(place), pytest.raises(FileError, match="another run"):
        record_training(learner, data, place)
    assert not (place / "weights.safetensors").exists()
