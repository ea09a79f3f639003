"""What only whole processes show: signals, hash seeds, locks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

NNGRAPH = [sys.executable, "-m", "nngraph"]

SPEC = """
nngraph: 1
name: net
nodes:
  x: {kind: input, shape: 2}
  h: {units: 8, activation: tanh}
  drop: {kind: dropout, rate: 0.3}
  y: {activation: sigmoid}
edges: [x -> h -> drop -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, samples: 200, split: {validation: 0.2}}
train: {epochs: 3, batch_size: 16, metrics: [accuracy]}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    return path


def weights(spec: Path, folder: str, *options: str, **environment: str) -> bytes:
    command = [*NNGRAPH, "train", str(spec), "-o", folder, *options]
    subprocess.run(
        command, cwd=spec.parent, env={**os.environ, **environment}, check=True, capture_output=True
    )
    return (spec.parent / folder / "weights.safetensors").read_bytes()


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(spec: Path) -> None:
    first = weights(spec, "a", PYTHONHASHSEED="1")
    second = weights(spec, "b", PYTHONHASHSEED="4711")
    other = weights(spec, "c", "--seed", "1")
    assert first == second
    assert first != other


def test_the_number_of_blas_threads_of_the_environment_changes_no_byte(spec: Path) -> None:
    one = weights(spec, "a", OPENBLAS_NUM_THREADS="1")
    two = weights(spec, "b", OPENBLAS_NUM_THREADS="2")
    assert one == two


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_after_the_step_and_keeps_the_weights(
    spec: Path, number: signal.Signals, code: int
) -> None:
    run = _endless(spec)
    metrics = spec.parent / "run" / "metrics.jsonl"
    _wait_until(lambda: metrics.exists() and metrics.stat().st_size > 0)
    run.send_signal(number)
    out, err = run.communicate(timeout=120)
    assert run.returncode == code, err
    assert "interrupted after" in err
    assert "Traceback" not in err
    assert "loss" in out
    summary = json.loads((spec.parent / "run" / "summary.json").read_text())
    assert summary["interrupted"]
    done = subprocess.run([*NNGRAPH, "evaluate", "run"], cwd=spec.parent, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_second_run_in_the_same_folder_is_refused(spec: Path) -> None:
    run = _endless(spec)
    try:
        _wait_until((spec.parent / "run" / "metrics.jsonl").exists)
        command = [*NNGRAPH, "train", str(spec), "-o", "run"]
        done = subprocess.run(command, cwd=spec.parent, capture_output=True, text=True)
        assert done.returncode == 8
        assert f"another run (process {run.pid}) is writing into 'run'" in done.stderr
    finally:
        run.terminate()
        run.communicate(timeout=120)


def test_a_closed_pipe_while_printing_ends_with_141(spec: Path) -> None:
    run = subprocess.Popen([*NNGRAPH, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    assert run.stderr is not None
    run.stdout.close()
    complaint = run.stderr.read()
    run.stderr.close()
    assert run.wait(timeout=120) == 141
    assert complaint == b""


def _endless(spec: Path) -> subprocess.Popen[str]:
    command = [*NNGRAPH, "train", str(spec), "-o", "run", "-s", "train.epochs=1000000"]
    return subprocess.Popen(
        command, cwd=spec.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _wait_until(condition: object, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
