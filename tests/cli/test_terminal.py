"""What a person at a terminal sees, and what nobody sees in a log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nngraph.cli.frame import run
from nngraph.errors import Diagnostic, FileError

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: gaussians, samples: 100, split: {validation: 0.2}}
train: {epochs: 40, metrics: [accuracy]}
"""

COMMAND = [sys.executable, "-m", "nngraph", "train", "net.yaml"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    return tmp_path


def terminal_output(folder: Path, **environment: str) -> tuple[str, str]:
    """Standard output, and what a terminal on standard error was sent."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm", "COLUMNS": "160", **environment}
    run = subprocess.Popen(
        COMMAND, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, env=settings, text=True
    )
    os.close(theirs)
    sent = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the terminal is gone: the process has ended
            break
        if not piece:
            break
        sent += piece
    out = run.communicate(timeout=120)[0]
    os.close(ours)
    assert run.returncode == 0, sent
    return out, sent.decode()


def test_a_terminal_shows_epochs_figures_and_the_time_left(folder: Path) -> None:
    out, err = terminal_output(folder)
    assert "epoch 40/40  loss " in err
    assert "validation loss " in err
    assert "left" in err
    assert err.count("epoch ") <= 60
    assert "accuracy" in out
    assert "epoch " not in out


def test_no_color_leaves_no_colour_codes(folder: Path) -> None:
    coloured = terminal_output(folder, NO_COLOR="")[1]
    plain = terminal_output(folder, NO_COLOR="1")[1]
    assert "\x1b[3" in coloured or "\x1b[9" in coloured
    assert "\x1b[3" not in plain
    assert "\x1b[9" not in plain


def test_elsewhere_one_line_is_all_the_chatter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # in this process: what the C libraries of the machine say for themselves is not ours
    monkeypatch.setattr("nngraph.insight.drawings.to_svg", lambda picture, **options: "<svg/>")
    assert run(["train", "net.yaml"]) == 0
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert line.startswith("trained 40 epochs (")
    assert "\x1b" not in out + err
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["train", "validation"]


def test_without_graphviz_training_warns_and_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(picture: object, **options: object) -> str:
        raise FileError(Diagnostic("E810", "Graphviz is needed", help="install it"))

    monkeypatch.setattr("nngraph.insight.drawings.to_svg", nothing)
    assert run(["train", "net.yaml"]) == 0
    assert "warning: no network.svg: Graphviz is needed; install it" in capsys.readouterr().err
    assert Path("runs/net-001/summary.json").exists()
    assert not Path("runs/net-001/network.svg").exists()
