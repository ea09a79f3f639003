"""Full devices, closed streams and a hasty Ctrl-C: an exit code of ours, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: gaussians, samples: 100}
train: {epochs: 3}
"""
FULL = Path("/dev/full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / "bad.yaml").write_text(SPEC.replace("sigmoid", "sigmod"))
    return tmp_path


def ended(folder: Path, command: str, redirection: str) -> subprocess.CompletedProcess[str]:
    line = f"exec {sys.executable} -m nngraph {command} {redirection}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        line, shell=True, cwd=folder, capture_output=True, text=True, env=environment, timeout=120
    )


# redirection -> whether standard output is lost, whether standard error is
LOSSES = {
    ">/dev/full": (True, False),
    "2>/dev/full": (False, True),
    ">/dev/full 2>&1": (True, True),
    ">&-": (True, False),
    "2>&-": (False, True),
    ">&- 2>&-": (True, True),
}
# the frame treats all commands alike: two that start at once lose everything there is to lose, one
# for each stream; the others what they write, each in two or three ways
COMMANDS = {
    "--help": tuple(LOSSES),
    "train --frobnicate": tuple(LOSSES),
    "check net.yaml": (">/dev/full", ">&- 2>&-"),
    "check net.yaml --json": (">/dev/full 2>&1", ">&-"),
    "check bad.yaml": ("2>/dev/full", "2>&-"),
    "check bad.yaml --json": (">/dev/full", ">&- 2>&-"),
    "train net.yaml -o run --json": (">/dev/full", "2>&-", ">&- 2>&-"),
}


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_stream_that_takes_nothing_ends_with_8_and_no_traceback(
    folder: Path, command: str
) -> None:
    usual = ended(folder, command, "")
    learnt = Path("run", "weights.safetensors")
    lost = 0
    for redirection in COMMANDS[command]:
        out_is_lost, error_is_lost = LOSSES[redirection]
        if (folder / "run").exists():
            (folder / "run").rename(folder / f"before {redirection}".replace("/", "-"))
        done = ended(folder, command, redirection)
        is_lost = (out_is_lost and usual.stdout) or (error_is_lost and usual.stderr)
        assert done.returncode == (8 if is_lost else usual.returncode), redirection
        lost += bool(is_lost)
        assert "Traceback" not in done.stdout + done.stderr, redirection
        assert "Exception ignored" not in done.stdout + done.stderr, redirection
        if redirection == ">/dev/full" and usual.stdout:
            assert "cannot write to standard output: no space left on device" in done.stderr
        if command.startswith("train net"):  # what was learnt is not lost with the words about it
            first = folder / "before >-dev-full" / learnt.name
            assert (folder / learnt).read_bytes() == first.read_bytes()
    assert lost >= 2


def test_a_file_that_is_written_never_lies_where_a_closed_stream_was(folder: Path) -> None:
    done = ended(folder, "render net.yaml -o net.svg", ">&- 2>&-")
    assert done.returncode in (0, 8)
    assert (folder / "net.svg").read_text().rstrip().endswith("</svg>")


@pytest.mark.parametrize("command", ["check bad.yaml", "train net.yaml -o run"])
def test_an_error_stream_whose_reader_has_gone_ends_with_141(folder: Path, command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    line = [sys.executable, "-m", "nngraph", *command.split()]
    done = subprocess.run(line, cwd=folder, stdout=subprocess.PIPE, stderr=writer)
    os.close(writer)
    assert done.returncode == 141


@pytest.mark.parametrize(("presses", "pause"), [(2, 0.0), (3, 0.0), (3, 0.003), (8, 0.001)])
def test_ctrl_c_pressed_several_times_at_once_ends_with_130(
    folder: Path, presses: int, pause: float
) -> None:
    line = [sys.executable, "-m", "nngraph", "train", "net.yaml", "-o", "run"]
    process = subprocess.Popen(
        [*line, "-s", "train.epochs=1000000"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    metrics, end = folder / "run" / "metrics.jsonl", time.monotonic() + 120
    while not metrics.exists() or not metrics.stat().st_size:
        assert time.monotonic() < end
        time.sleep(0.02)
    for _ in range(presses):
        process.send_signal(signal.SIGINT)
        time.sleep(pause)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "Exception ignored" not in err
