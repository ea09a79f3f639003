"""What `train --resume` and `nngraph.resume` say of a run, and what they leave alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from training_runs import state_of, timeless

import nngraph
from nngraph.app.train import Listener, prepare
from nngraph.cli import run as run_command
from nngraph.errors import FileError, UsageError
from nngraph.files import FolderLock
from nngraph.spec import parse_spec
from nngraph.train.data_files import HERE

SPEC = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train:
  {epochs: 6, batch_size: 2, checkpoint: {every: 1}, optimizer: {kind: sgd, learning_rate: 0.1},
   seed: 3}
"""
STOPS = SPEC.replace("seed: 3", "seed: 3, early_stopping: {monitor: train.loss, min_delta: 100}")
Outcome = tuple[int, str, str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.yaml").write_text(SPEC)
    (tmp_path / "stops.yaml").write_text(STOPS)
    return tmp_path


def say(capsys: pytest.CaptureFixture[str], *words: str) -> Outcome:
    code = run_command(list(words))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_finished_run_says_so_and_what_goes_further_and_is_not_touched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, figures, _ = say(capsys, "train", "line.yaml", "-o", "run")
    before = state_of(folder / "run")
    code, out, err = say(capsys, "train", "--resume", "run")
    assert code == 0
    assert err.splitlines() == [
        "run is finished: 6 epochs (12 steps); nothing in it was changed",
        "to train it further: nngraph train --resume run -s train.epochs=12",
    ]
    assert out == figures
    code, out, _ = say(capsys, "train", "--resume", "run", "--json")
    assert (code, json.loads(out)["epochs"], json.loads(out)["run"]) == (0, 6, "run")
    assert state_of(folder / "run") == before
    code, _, err = say(capsys, "train", "--resume", "run", "-s", "train.epochs=12")
    assert code == 0
    assert "trained 12 epochs" in err


def test_a_run_that_stopped_early_says_what_goes_further(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "train", "stops.yaml", "-o", "run", "-s", "train.epochs=60")
    code, _, err = say(capsys, "train", "--resume", "run")
    assert code == 0
    assert err.splitlines() == [
        "run is finished: 6 epochs (12 steps), ended by early stopping; nothing in it was changed",
        "to train it further: nngraph train --resume run -s train.early_stopping.patience=10",
    ]
    further = ["-s", "train.early_stopping.patience=10"]
    assert "trained 11 epochs" in say(capsys, "train", "--resume", "run", *further)[2]


def test_a_finished_run_stays_as_it_is_from_python_too(folder: Path) -> None:
    trained = nngraph.train_run(SPEC, run=folder / "run")
    before = state_of(folder / "run")
    with pytest.warns(UserWarning, match=r"is finished: 6 epochs .*\['train\.epochs=12'\]"):
        model = nngraph.resume(folder / "run")
    assert state_of(folder / "run") == before
    assert model.run == folder / "run"
    assert [epoch.number for epoch in model.history] == [1, 2, 3, 4, 5, 6]
    assert {k: a.tobytes() for k, a in model.weights.items()} == {
        k: a.tobytes() for k, a in trained.weights.items()
    }


def test_fewer_epochs_than_are_done_are_refused_and_nothing_is_rewritten(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "train", "line.yaml", "-o", "run")
    before = state_of(folder / "run")
    code, _, err = say(capsys, "train", "--resume", "run", "-s", "train.epochs=4")
    assert code == 2
    assert "'run' was trained for 6 epochs already; it cannot end after 4 [E002]" in err
    assert "nngraph train --resume run -s train.epochs=12" in err
    with pytest.raises(UsageError, match="for 6 epochs already"):
        nngraph.resume(folder / "run", ["train.epochs=5"])
    assert state_of(folder / "run") == before


def test_what_trains_a_finished_run_no_further_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "train", "line.yaml", "-o", "run")
    before = state_of(folder / "run")
    code, _, err = say(capsys, "train", "--resume", "run", "-s", "train.checkpoint.keep=5")
    assert code == 2
    assert "'run' is finished, and this trains it no further: train.checkpoint.keep was 3" in err
    assert "nngraph train --resume run -s train.epochs=12" in err
    assert state_of(folder / "run") == before


def begin(run: Path, *, without: tuple[str, ...] = ()) -> None:
    """What a training leaves behind that is killed in its first moments."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("nngraph.train.saving.write_checkpoint", killed)
        with pytest.raises(KeyboardInterrupt):
            nngraph.train_run(SPEC, run=run)
    for name in without:
        path = run / name
        path.rmdir() if path.is_dir() else path.unlink()
    (run / ".lock").write_text("4\n")
    (run / ".data.json.1234.tmp").write_text("{")
    (run / ".next.summary.json").write_text("{")


LINES = ("metrics.jsonl", "statistics.jsonl", "checkpoints")
LEFT = {
    "spec and lines": (),
    "spec": LINES,
    "nothing": (*LINES, "manifest.json", "data.json", "spec.yaml", "resolved.yaml"),
}


@pytest.mark.parametrize("left", LEFT)
def test_the_same_command_begins_again_where_nothing_was_learnt(left: str, folder: Path) -> None:
    nngraph.train_run(SPEC, run=folder / "whole")
    begin(folder / "run", without=LEFT[left])
    nngraph.train_run(SPEC, run=folder / "run")
    assert timeless(folder / "run") == timeless(folder / "whole")


@pytest.mark.parametrize("left", ["spec and lines", "spec"])
def test_a_run_that_was_killed_in_its_first_moments_goes_on(
    left: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nngraph.train_run(SPEC, run=folder / "whole")
    begin(folder / "run", without=LEFT[left])
    code, _, err = say(capsys, "train", "--resume", "run")
    assert code == 0
    assert "'run' has no checkpoint yet: it begins again" in err
    assert timeless(folder / "run") == timeless(folder / "whole")


def test_a_run_that_had_not_begun_says_which_command_begins_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(folder / "run", without=LEFT["nothing"])
    before = state_of(folder / "run")
    code, _, err = say(capsys, "train", "--resume", "run")
    assert code == 8
    assert "'run' was stopped before its training began" in err
    assert "once more, with -o run" in err
    assert state_of(folder / "run") == before


def test_a_run_is_never_overwritten_and_the_answer_says_how_to_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "train", "line.yaml", "-o", "run")
    begin(folder / "other")
    (folder / "stops").mkdir()
    (folder / "stops/data.json").write_text("mine")
    for run, spec in (("run", "line.yaml"), ("other", "stops.yaml")):
        before = state_of(folder / run)
        code, _, err = say(capsys, "train", spec, "-o", run)
        assert code == 8
        assert f"'{run}' holds a run already [E806]" in err
        assert f"nngraph train --resume {run}" in err
        assert state_of(folder / run) == before
    code, _, err = say(capsys, "train", "line.yaml", "-o", "stops")
    assert "'stops' is not empty" in err
    assert (folder / "stops/data.json").read_text() == "mine"


def test_a_warm_start_that_saved_nothing_does_not_begin_with_other_weights(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nngraph.train_run(SPEC, run=folder / "first")
    cold = ["train.optimizer.learning_rate=1e-30", "train.epochs=1"]
    whole = nngraph.train_run(SPEC, cold, run=folder / "whole", warm_start=folder / "first")

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("nngraph.train.saving.write_checkpoint", fail)
        with pytest.raises(KeyboardInterrupt):
            nngraph.train_run(SPEC, cold, run=folder / "run", warm_start=folder / "first")
    code, _, err = say(capsys, "train", "--resume", "run")
    assert code == 8
    assert "'run' has no checkpoint yet, and this is not how it began" in err
    assert "once more, with -o run" in err
    model = nngraph.train_run(SPEC, cold, run=folder / "run", warm_start=folder / "first")
    assert {k: a.tobytes() for k, a in model.weights.items()} == {
        k: a.tobytes() for k, a in whole.weights.items()
    }
    assert timeless(folder / "run") == timeless(folder / "whole")


def test_a_folder_in_use_is_refused_untouched(folder: Path) -> None:
    nngraph.train_run(SPEC, run=folder / "run")
    with FolderLock(folder / "run"):
        before = state_of(folder / "run")
        with pytest.raises(FileError, match=r"another run \(process \d+\) is writing"):
            nngraph.resume(folder / "run", ["train.epochs=9"])
        with pytest.raises(FileError, match=r"another run \(process \d+\) is writing"):
            nngraph.train_run(SPEC, run=folder / "run")
        assert state_of(folder / "run") == before


def test_a_run_with_which_another_process_has_gone_on_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nngraph.train_run(SPEC, run=folder / "run")
    from nngraph.app import resume as room

    read = room.newest_checkpoint

    def late(run: Path) -> object:
        found = read(run)
        with monkeypatch.context() as again:
            again.setattr(room, "newest_checkpoint", read)
            nngraph.resume(folder / "run", ["train.epochs=9"])
        return found

    monkeypatch.setattr(room, "newest_checkpoint", late)
    with pytest.raises(FileError, match="in this moment"), pytest.warns(UserWarning, match="it is"):
        nngraph.resume(folder / "run", ["train.epochs=7"])
    assert len((folder / "run/metrics.jsonl").read_text().splitlines()) == 9


def test_a_folder_that_another_training_has_filled_meanwhile_is_refused(folder: Path) -> None:
    late = prepare(parse_spec(SPEC), HERE)
    run = late.new_folder(folder / "run")
    nngraph.train_run(SPEC, run=run)
    before = state_of(run)
    with pytest.raises(FileError, match="holds a run already"):
        late.record(run, Listener(lambda epoch: None, print))
    after = state_of(run)
    assert {path: found for path, found in after.items() if path != run} == {
        path: found
        for path, found in before.items()
        if path != run  # whose time the lock changes
    }
