"""Checkpoints are whole or refused, and never lost to a full disk."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_runs import ADAM, MOMENTUM, go_on, start, story

from nngraph.errors import FileError, InternalError, ModelFileError, NonFiniteError
from nngraph.spec import parse_spec
from nngraph.spec.model import Checkpoints
from nngraph.train.checkpoint import (
    Checkpoint,
    checkpoint_paths,
    newest_checkpoint,
    path_of,
    read_checkpoint,
    remove_checkpoints,
    write_checkpoint,
)
from nngraph.train.contents import pack, unpack
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner
from nngraph.train.metrics import Figure, MetricPlan
from nngraph.train.origin import RunOrigin
from nngraph.train.position import Epoch, Position
from nngraph.train.saving import Saver

NUMBERS = np.array([0.1, -0.0, 1e-310, 3.0])
ORIGIN = RunOrigin("nngraph: 1\n", "d" * 64, {"train": 3}, "p" * 64, {"numpy": "2"})


def small(step: int = 7, **position: Any) -> Checkpoint:
    epoch = Epoch(1, 5, 0.0, 0.1, {"loss": 0.1 + 0.2}, {"loss": float("nan")})
    found = Position(2, 2, 14, 0.1 + 0.7, [epoch], {"x->y": NUMBERS}, **position)
    return Checkpoint(step, {"x->y": NUMBERS.reshape(2, 2).T}, {"m": NUMBERS}, found, ORIGIN)


def written(path: Path, checkpoint: Checkpoint) -> bytes:
    write_checkpoint(path, checkpoint)
    return path.read_bytes()


def test_what_was_written_is_read_to_the_last_bit(tmp_path: Path) -> None:
    content = written(tmp_path / "a", small())
    read = read_checkpoint(tmp_path / "a")
    assert read.step == 7
    assert read.weights["x->y"].tobytes() == NUMBERS.reshape(2, 2).T.tobytes()
    assert read.state["m"].tobytes() == NUMBERS.tobytes()
    position = read.position
    assert (position.epoch, position.batch, position.rows, position.loss) == (2, 2, 14, 0.1 + 0.7)
    assert position.best is not None
    assert position.best["x->y"].tobytes() == NUMBERS.tobytes()
    (epoch,) = position.history
    assert (epoch.number, epoch.step, epoch.learning_rate) == (1, 5, 0.1)
    assert epoch.train == {"loss": 0.1 + 0.2}
    assert np.isnan(epoch.validation["loss"])
    assert read.origin == ORIGIN
    again = Checkpoint(7, read.weights, read.state, position, read.origin)
    assert written(tmp_path / "b", again) == content


def damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="cannot be used"):
        read_checkpoint(path)


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return written(tmp_path / "whole.safetensors", small())


def test_flipped_bits_and_cuts_are_refused(content: bytes, tmp_path: Path) -> None:
    generator = random.Random(5)
    bits = [*range(80), *generator.sample(range(8 * len(content)), 300), 8 * len(content) - 1]
    for bit in bits:
        damaged(tmp_path / "a", flipped(content, bit))
    for length in [*range(20), *generator.sample(range(len(content)), 100), len(content) - 1]:
        damaged(tmp_path / "a", content[:length])
    damaged(tmp_path / "a", content + b"\0")


@pytest.mark.slow
def test_every_flipped_bit_and_every_cut_is_refused(content: bytes, tmp_path: Path) -> None:
    for bit in range(8 * len(content)):
        damaged(tmp_path / "a", flipped(content, bit))
    for length in range(len(content)):
        damaged(tmp_path / "a", content[:length])


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"\x80\x04.", b"PK\x03\x04", b"\xff" * 64, b"\0" * 4096):
        damaged(tmp_path / "a", content)
    with pytest.raises(FileError):
        read_checkpoint(tmp_path / "none")


def test_the_newest_ones_are_kept_and_those_of_a_future_that_was_given_up_go(
    tmp_path: Path,
) -> None:
    (tmp_path / "checkpoints").mkdir()
    for step in (1, 2, 3, 10, 200):
        write_checkpoint(path_of(tmp_path, step), small(step))
    (tmp_path / "checkpoints/step-note.txt").write_text("keep me")
    assert newest_checkpoint(tmp_path)[0].step == 200
    remove_checkpoints(tmp_path, step=10, keep=2)
    assert list(checkpoint_paths(tmp_path)) == [3, 10]
    assert (tmp_path / "checkpoints/step-note.txt").exists()


def test_a_run_keeps_as_many_as_it_was_told(tmp_path: Path) -> None:
    start(MOMENTUM.replace("{every: 1}", "{every: 2, keep: 2}"), tmp_path / "run")
    assert list(checkpoint_paths(tmp_path / "run")) == [8, 16]


# ---- when


def saver_at(folder: Path, spec: Checkpoints) -> tuple[Saver, Learner, Position]:
    learner, position = Learner.start(parse_spec(MOMENTUM)), Position()
    saver = Saver(folder, learner.executable, position, ORIGIN, spec, lambda: None)
    return saver, learner, position


def test_saving_takes_a_small_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("nngraph.train.saving.time.monotonic", lambda: clock[0])
    saver, learner, position = saver_at(tmp_path, Checkpoints())
    saver.save()
    saver._spent = 1.0
    for epoch, now in ((2, 19.0), (3, 21.0)):
        clock[0] = now
        learner.executable.step, position.epoch = epoch, epoch
        saver.after_epoch()
    assert list(checkpoint_paths(tmp_path)) == [0, 3]
    learner.executable.step = 4
    saver.after_step()
    assert list(checkpoint_paths(tmp_path)) == [0, 3]
    clock[0] = 322.0  # five minutes later, still in the same epoch
    saver.after_step()
    assert list(checkpoint_paths(tmp_path)) == [0, 3, 4]


def test_weights_that_are_not_finite_never_reach_a_checkpoint(tmp_path: Path) -> None:
    saver, learner, _ = saver_at(tmp_path, Checkpoints())
    saver.save()
    weights = learner.executable.weights()
    weights["h.bias"][0] = np.nan
    learner.executable.set_weights(weights)
    learner.executable.step = 1
    with pytest.raises(NonFiniteError, match=r"'h\.bias'"):
        saver.save()
    assert list(checkpoint_paths(tmp_path)) == [0]


# ---- disks and folders


def test_a_full_disk_leaves_the_earlier_checkpoint_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(ADAM, tmp_path / "whole")
    start(ADAM, tmp_path / "run", 4)
    before = contents(tmp_path / "run/checkpoints")
    sync = os.fsync

    def full(handle: int) -> None:
        if list((tmp_path / "run/checkpoints").glob(".step-*.tmp")):
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileError, match=r"cannot write .*step-.*no space left") as caught:
            go_on(tmp_path / "run")
    assert caught.value.exit_code == 8
    assert "make room" in str(caught.value)
    after = contents(tmp_path / "run/checkpoints")
    assert before.items() <= after.items()
    assert not list(tmp_path.rglob("*.tmp"))
    go_on(tmp_path / "run")
    assert story(tmp_path / "run") == story(tmp_path / "whole")


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    command = [str(mount), "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no rights to mount a small disk")
    try:
        (disk / "ballast").write_bytes(b"\0" * 32_000)
        with pytest.raises(FileError) as caught:
            start(MOMENTUM.replace("units: 5", "units: 700"), disk / "run")
        assert caught.value.exit_code == 8
        assert not list(disk.rglob("*.tmp"))
        for path in checkpoint_paths(disk / "run").values():
            read_checkpoint(path)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_takes_no_checkpoints_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way")
    with pytest.raises(FileError, match="checkpoints' is a file, not a folder") as caught:
        saver_at(tmp_path, Checkpoints())
    assert caught.value.exit_code == 8


def test_the_leftovers_of_a_killed_process_are_swept_away(tmp_path: Path) -> None:
    start(ADAM, tmp_path / "run", 4)
    (tmp_path / "run/checkpoints/.step-000000005.safetensors.0a.tmp").write_bytes(b"half")
    (tmp_path / "run/.weights.safetensors.0b.tmp").write_bytes(b"half")
    go_on(tmp_path / "run")
    assert not list(tmp_path.rglob("*.tmp"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- running figures


@pytest.mark.parametrize("kind", ["accuracy", "r2", "perplexity", "roc_auc", "f1", "top_k"])
@pytest.mark.parametrize("classes", [True, False])
def test_running_figures_go_on_to_the_same_bits(kind: Any, classes: bool) -> None:
    plan = MetricPlan(kind, kind, "y", "t", classes=classes or kind == "top_k")
    generator = np.random.default_rng(3)
    rows = []
    for _ in range(2):
        z = generator.dirichlet(np.ones(3), 20)
        rows.append((z, np.eye(3)[generator.integers(3, size=20)]))
    whole, half, rest = Figure(plan), Figure(plan), Figure(plan)
    for z, t in rows:
        whole.add(z, t)
    half.add(*rows[0])
    arrays: dict[str, Any] = {}
    packed = pack(half._tally, "tally", arrays)
    rest._tally = unpack(packed, arrays, rest._tally)
    rest.add(*rows[1])
    assert rest.value == whole.value


def test_what_a_checkpoint_cannot_hold_is_a_bug_and_what_it_does_not_fit_is_refused() -> None:
    with pytest.raises(InternalError, match="no checkpoint can hold"):
        pack({1, 2}, "a", {})
    packed = pack(Figure(MetricPlan("a", "accuracy", "y", "t", classes=True))._tally, "a", {})
    other = Figure(MetricPlan("a", "roc_auc", "y", "t", classes=True))._tally
    with pytest.raises(ModelFileError, match="another kind"):
        unpack(packed, {}, other)


def test_an_origin_tells_what_differs() -> None:
    learner = Learner.start(parse_spec(MOMENTUM))
    origin = RunOrigin.of(learner, load_data(learner))
    assert origin.differences(origin) == []
    assert origin.remarks(origin) == []
