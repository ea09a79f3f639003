"""A run that was stopped and continued is the run that was never stopped, bit for bit."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import random
import resource
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from old_runs import unbind
from training_runs import HEAD, MOMENTUM, SPECS, go_on, start, steps_of, story, timeless

import nngraph
from nngraph.app.resume import warm_start
from nngraph.errors import FileError, ModelFileError
from nngraph.files import FolderLock, bind_files
from nngraph.spec import parse_spec
from nngraph.train.checkpoint import checkpoint_paths
from nngraph.train.evaluation import Evaluation
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run

NNGRAPH = [sys.executable, "-m", "nngraph"]


@pytest.fixture(scope="module", params=list(SPECS))
def unstopped(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param) / "whole"
    start(SPECS[request.param], folder)
    return SPECS[request.param], folder


def test_the_products_of_numpy_are_those_of_its_own_library() -> None:
    from nngraph.train import origin

    def pool(folder: str, version: str, api: str = "blas") -> dict[str, str]:
        path = f"/env/numpy-old/site-packages/{folder}/libopenblas.so"
        return {"user_api": api, "filepath": path, "version": version}

    scipy, numpy = pool("scipy.libs", "1"), pool("numpy.libs", "2")
    threads = pool("torch/lib", "3", "openmp")
    for order in ([scipy, numpy, threads], [numpy, scipy], [threads, numpy]):
        assert origin._own_blas(order) is numpy
    assert origin._own_blas([threads, pool("numpy/.dylibs", "4"), scipy])["version"] == "4"
    system = pool("lib", "5")
    assert origin._own_blas([threads, system, scipy]) is system
    assert origin._own_blas([threads]) is None


def test_a_run_stopped_after_any_step_goes_on_to_the_same_bits(
    unstopped: tuple[str, Path], tmp_path: Path
) -> None:
    spec, whole = unstopped
    expected = story(whole)
    assert steps_of(whole) >= 12
    assert not expected["leftovers"]
    for step in range(1, steps_of(whole) + 1):
        folder = tmp_path / f"stopped-{step}"
        start(spec, folder, step)
        assert steps_of(folder) == step
        assert go_on(folder) == ()
        assert story(folder) == expected, f"stopped after step {step}"


def test_a_run_stopped_after_every_step_goes_on_to_the_same_bits(
    unstopped: tuple[str, Path], tmp_path: Path
) -> None:
    spec, whole = unstopped
    start(spec, tmp_path / "run", 1)
    for step in range(2, steps_of(whole) + 1):
        go_on(tmp_path / "run", step)
    go_on(tmp_path / "run")
    assert story(tmp_path / "run") == story(whole)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(SPECS))
def test_stops_after_each_step_of_a_longer_run(kind: str, tmp_path: Path) -> None:
    spec = SPECS[kind].replace("epochs: 4", "epochs: 18").replace("patience: 3", "patience: 30")
    start(spec, tmp_path / "whole")
    expected = story(tmp_path / "whole")
    steps = steps_of(tmp_path / "whole")
    assert steps >= 50  # of each of the four kinds
    for step in range(1, steps + 1):
        start(spec, tmp_path / f"{step}", step)
        go_on(tmp_path / f"{step}")
        assert story(tmp_path / f"{step}") == expected, f"stopped after step {step}"


def test_a_finished_run_has_nothing_to_add(unstopped: tuple[str, Path]) -> None:
    _, whole = unstopped
    before = story(whole)
    assert go_on(whole) == ()
    assert story(whole) == before


def test_a_run_that_was_killed_after_its_last_step_is_not_finished(
    unstopped: tuple[str, Path], tmp_path: Path
) -> None:
    spec, whole = unstopped
    killed_at("nngraph.app.recording.Recording.finish", spec, tmp_path / "run")
    assert go_on(tmp_path / "run") == ()
    assert story(tmp_path / "run") == story(whole)


def killed_at(function: str, spec: str, run: Path) -> None:
    """Train until a function is called for the first time, in which the process is killed."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(function, killed)
        with pytest.raises(KeyboardInterrupt):
            start(spec, run)


def test_more_epochs_go_on_and_are_said_aloud(tmp_path: Path) -> None:
    spec = MOMENTUM.replace("patience: 3", "patience: 30")
    start(spec, tmp_path / "long")
    start(spec.replace("epochs: 4", "epochs: 2"), tmp_path / "run")
    assert go_on(tmp_path / "run", None, "train.epochs=4") == ("train.epochs was 2, it is 4",)
    assert story(tmp_path / "run")["weights"] == story(tmp_path / "long")["weights"]
    assert go_on(tmp_path / "run") == ()


def test_more_epochs_give_the_lines_of_a_run_that_was_given_them_at_once(tmp_path: Path) -> None:
    spec = MOMENTUM.replace("patience: 3", "patience: 300")
    start(spec.replace("epochs: 4", "epochs: 90"), tmp_path / "long")
    start(spec.replace("epochs: 4", "epochs: 37"), tmp_path / "run")  # one look an epoch
    go_on(tmp_path / "run", 160, "train.epochs=67")
    go_on(tmp_path / "run", None, "train.epochs=90")
    statistics = story(tmp_path / "run")["statistics"]
    assert statistics == story(tmp_path / "long")["statistics"]
    epochs = [json.loads(line)["epoch"] for line in statistics.splitlines()]
    assert epochs == [0, 1, *range(4, 91, 4), 90]


def test_a_signal_while_an_epoch_is_validated_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(MOMENTUM, tmp_path / "whole")
    run, asked = Evaluation.run, []

    def interrupted(evaluation: Evaluation) -> dict[str, float]:
        asked.append(evaluation)
        if len(asked) == 2:
            signal.raise_signal(signal.SIGINT)
        return run(evaluation)

    with monkeypatch.context() as patched:
        patched.setattr(Evaluation, "run", interrupted)
        start(MOMENTUM, tmp_path / "run")
    assert len((tmp_path / "run/metrics.jsonl").read_text().splitlines()) == 2
    go_on(tmp_path / "run")
    assert story(tmp_path / "run") == story(tmp_path / "whole")


def test_lines_behind_the_checkpoint_or_cut_off_are_told_again(tmp_path: Path) -> None:
    start(MOMENTUM, tmp_path / "whole")
    for cut in (0, 1, 40):
        run = tmp_path / f"{cut}"
        shutil.copytree(tmp_path / "whole", run)
        newest = list(checkpoint_paths(run).values())[1:]  # as if killed two epochs later
        for path in newest:
            path.unlink()
        logs = ("metrics.jsonl", "statistics.jsonl")
        bind_files(run, {}, growing=logs)
        for name in logs:
            lines = (run / name).read_bytes()
            (run / name).write_bytes(lines[: len(lines) - cut])
        go_on(run)
        assert story(run) == story(tmp_path / "whole")


# ---- SIGKILL

KILLED = (
    HEAD
    + """
train:
  epochs: 300
  batch_size: 5
  optimizer: adam
  metrics: [accuracy, roc_auc]
  checkpoint: {every: 2}
"""
)


def test_a_run_killed_at_random_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    kill_at_random(tmp_path, kills=4, generator=random.Random(1))


@pytest.mark.slow
def test_two_hundred_random_kills(tmp_path: Path) -> None:
    generator = random.Random(2)
    kills, number = 0, 0
    while kills < 200:
        number += 1
        (tmp_path / f"{number}").mkdir()
        kills += kill_at_random(tmp_path / f"{number}", kills=200 - kills, generator=generator)


def kill_at_random(folder: Path, kills: int, generator: random.Random) -> int:
    """Kill a run again and again until it has come to its end; how often it was killed."""
    spec = folder / "net.yaml"
    spec.write_text(KILLED)
    start(KILLED, folder / "whole")
    run, done = folder / "run", 0
    command = [*NNGRAPH, "train", str(spec), "-o", str(run)]
    while True:
        began = begun(run)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stderr is not None
        if done < kills:
            wait_for(lambda b=began, p=process: begun(run) != b or p.poll() is not None)
            time.sleep(generator.uniform(0, 0.3))
            if process.poll() is None:
                done += 1
                process.kill()
                process.wait()
                assert not (run / "manifest.json").exists() or nngraph.verify(run).holds
        complaint = process.stderr.read().decode()
        process.stderr.close()
        if process.wait(timeout=120) != -signal.SIGKILL:
            assert process.returncode == 0, complaint
            break
        command = [*NNGRAPH, "train", "--resume", str(run)]
    assert story(run) == story(folder / "whole")
    assert nngraph.verify(run).holds
    return done


def begun(run: Path) -> int:
    """Another number each time that the run is trained."""
    metrics = run / "metrics.jsonl"
    return metrics.stat().st_ino if metrics.exists() else 0


def last_step(run: Path) -> int:
    return list(checkpoint_paths(run))[-1]


def saved(run: Path) -> bool:
    return any((run / "checkpoints").glob("step-*.safetensors"))


def wait_for(condition: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.005)


# ---- what cannot go on


@pytest.fixture
def run(tmp_path: Path) -> Path:
    start(MOMENTUM, tmp_path / "run", 9)
    return tmp_path / "run"


def test_a_damaged_newest_checkpoint_falls_back_aloud(run: Path, tmp_path: Path) -> None:
    start(MOMENTUM, tmp_path / "whole")
    paths = list(checkpoint_paths(run).values())
    assert len(paths) == 3
    paths[-1].write_bytes(paths[-1].read_bytes()[:-1])
    (remark,) = go_on(run)
    assert "step-000000009" in remark
    assert "does not match its digest" in remark
    assert "going on from 'step-000000008.safetensors'" in remark
    assert story(run) == story(tmp_path / "whole")


def test_without_a_whole_checkpoint_each_one_is_told(run: Path) -> None:
    for path in checkpoint_paths(run).values():
        path.write_bytes(b"")
    with pytest.raises(ModelFileError) as caught:
        go_on(run)
    assert len(caught.value.diagnostics) == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("train.optimizer.momentum=0.5", "train.optimizer.momentum was 0.9, it is 0.5"),
        ("train.batch_size=8", "train.batch_size was 7, it is 8"),
        ("nodes.h.activation=relu", "nodes.h.activation.kind was tanh, it is relu"),
        ("nodes.h.units=6", "nodes.h.units was 5, it is 6"),
        ("data.split={validation: 9}", "the train part had 24 rows, it has 25"),
        ("data.noise=0.2", "data.noise was 0.1, it is 0.2; the data have as many rows as then"),
    ],
)
def test_another_spec_or_other_data_are_refused_with_the_difference(
    run: Path, change: str, words: str
) -> None:
    before = {path: path.read_bytes() for path in run.rglob("*.*") if path.is_file()}
    with pytest.raises(ModelFileError) as caught:
        go_on(run, None, change)
    for difference in words.split("; "):
        assert difference in str(caught.value)
    assert "--warm-start" in str(caught.value)
    assert {path: path.read_bytes() for path in run.rglob("*.*") if path.is_file()} == before


def test_other_words_for_the_same_network_are_no_difference(run: Path) -> None:
    assert go_on(run, None, "description=Other words.", "nodes.h.title=The middle") == ()


def test_other_versions_and_plans_are_said_aloud(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nngraph.train import origin

    found = origin.bit_versions()
    monkeypatch.setattr(origin, "bit_versions", lambda: {**found, "numpy": "99.0"})
    monkeypatch.setattr(origin, "plan_digest", lambda learner, rows: "f" * 64)
    first, second = go_on(run)
    assert first == f"numpy was {found['numpy']}, it is 99.0"
    assert second.startswith("the network is computed by another plan (")


def test_a_run_that_is_being_trained_is_refused(run: Path) -> None:
    with FolderLock(run), pytest.raises(FileError, match="another run"):
        go_on(run)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no run folder"):
        go_on(tmp_path / "none")


def test_a_run_killed_before_its_first_checkpoint_begins_again_and_says_so(tmp_path: Path) -> None:
    start(MOMENTUM, tmp_path / "whole")
    killed_at("nngraph.train.saving.write_checkpoint", MOMENTUM, tmp_path / "run")
    (remark,) = go_on(tmp_path / "run")
    assert remark == f"'{tmp_path / 'run'}' has no checkpoint yet: it begins again"
    assert timeless(tmp_path / "run") == timeless(tmp_path / "whole")


def test_a_run_with_weights_and_without_checkpoints_is_refused(run: Path) -> None:
    for path in checkpoint_paths(run).values():
        path.unlink()
    with pytest.raises(FileError, match="has no checkpoint"):
        go_on(run)


# ---- warm start


def test_a_warm_start_takes_the_weights_that_fit_and_tells_the_others(run: Path) -> None:
    wider = MOMENTUM.replace("circles, samples: 34", "circles, samples: 60")
    learner = Learner.start(parse_spec(wider), seed=9)
    assert warm_start(learner, run) == ()
    old = load_run(run)[0].executable.weights()
    for id_, array in learner.executable.weights().items():
        assert (array == old[id_]).all()
    deeper = wider.replace("units: 5", "units: 6").replace("drop -> y", "drop -> g -> y")
    deeper = deeper.replace("  y: {", "  g: {units: 6}\n  y: {")
    (fresh, left) = warm_start(Learner.start(parse_spec(deeper)), run)
    assert "of another shape there: 'x->h', 'h.bias'" in fresh
    assert "no place for: 'drop->y'" in left


def test_a_warm_start_from_another_network_is_refused(run: Path) -> None:
    other = "nngraph: 1\nnodes: {a: input, b: {}}\nedges: [a -> b]"
    with pytest.raises(ModelFileError, match=r"no weights of .* fit this network"):
        warm_start(Learner.start(parse_spec(other)), run)


def test_a_warm_start_works_from_a_run_that_was_killed(run: Path) -> None:
    unbind(run, "weights.safetensors", "summary.json")
    learner = Learner.start(parse_spec(MOMENTUM), seed=9)
    assert warm_start(learner, run) == ()
    with pytest.raises(FileError, match=r"has no weights\.safetensors") as caught:
        load_run(run)
    assert "--resume" in str(caught.value)


# ---- signals


@pytest.mark.parametrize("kind", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(kind: signal.Signals, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = endless(tmp_path)
    worked = seconds_worked(process)
    process.send_signal(kind)
    _, complaint = process.communicate(timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert worked is None or used - worked < 2  # of work: how busy the machine is does not count
    assert process.returncode == 128 + kind, complaint
    assert "to go on: nngraph train --resume run" in complaint
    assert saved(tmp_path / "run")
    assert go_on(tmp_path / "run", 1 + last_step(tmp_path / "run")) == ()


def seconds_worked(process: subprocess.Popen[str]) -> float | None:
    """The time of a processor that a process has taken so far, if the system tells it."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return None
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_hang_up_that_is_ignored_stops_nothing(tmp_path: Path) -> None:
    process = endless(tmp_path, ignoring=signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert process.poll() is None
    process.kill()
    process.communicate(timeout=120)


def test_a_terminal_that_is_hung_up_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(KILLED.replace("epochs: 300", "epochs: 1000000"))
    ours, its = pty.openpty()

    def take_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*NNGRAPH, "train", "net.yaml", "-o", "run"],
        cwd=tmp_path,
        stdin=its,
        stdout=its,
        stderr=its,
        preexec_fn=take_the_terminal,
    )
    os.close(its)
    while not begun(tmp_path / "run"):
        assert os.read(ours, 1_000_000) is not None  # the progress that it shows
    os.close(ours)
    assert process.wait(timeout=120) == 129
    assert saved(tmp_path / "run")
    assert (tmp_path / "run/summary.json").exists()


def endless(folder: Path, ignoring: int | None = None) -> subprocess.Popen[str]:
    (folder / "net.yaml").write_text(KILLED.replace("epochs: 300", "epochs: 1000000"))

    def prepare() -> None:
        if ignoring is not None:
            signal.signal(ignoring, signal.SIG_IGN)

    process = subprocess.Popen(
        [*NNGRAPH, "train", "net.yaml", "-o", "run"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
        env=os.environ,
    )
    metrics = folder / "run" / "metrics.jsonl"
    wait_for(lambda: metrics.exists() and metrics.stat().st_size > 0)
    return process
