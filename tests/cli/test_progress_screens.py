"""What a training leaves on a terminal of 80 and of 120 columns, seen as screens."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import struct
import subprocess
import sys
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pyte
import pytest

from nngraph.cli.frame import run
from nngraph.cli.output import number
from nngraph.cli.progress import Progress
from nngraph.cli.telling import epoch_pieces, sparkline
from nngraph.train.position import Epoch

SIZES = [(80, 24), (120, 40)]


@dataclass
class Terminal(io.StringIO):
    """A stream that is a terminal, and what can be read on its screen."""

    columns: int
    rows: int
    encoding: str = "utf-8"
    screens: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.screen = pyte.Screen(self.columns, self.rows)
        self.stream = pyte.Stream(self.screen)
        self.screen.set_mode(pyte.modes.LNM)  # what the line discipline does: "\n" is "\r\n"

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.stream.feed(text)
        self.screens.append(self.lines())
        return len(text)

    def lines(self) -> list[str]:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    def colour(self, line: int, word: str) -> str:
        column = self.lines()[line].rindex(word)
        return str(self.screen.buffer[line][column].fg)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


LOSSES = [1.0, 0.5, 0.25, 0.5, 0.125]


def an_epoch(number: int, loss: float = 0.0) -> Epoch:
    loss = loss or LOSSES[(number - 1) % len(LOSSES)]
    train = {"loss": 2 * loss, "accuracy": 0.5}
    return Epoch(number, number * 6, float(number), 0.1, train, {"loss": loss, "accuracy": 0.25})


@pytest.fixture(params=SIZES, ids=lambda size: "x".join(map(str, size)))
def terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    columns, rows = request.param
    for name, value in {"COLUMNS": columns, "LINES": rows, "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal(columns, rows)


def test_a_line_moves_below_the_epochs_and_is_gone_at_the_end(terminal: Terminal) -> None:
    clock = Clock()
    with redirect_stderr(terminal), Progress(5, 90, clock=clock) as progress:
        clock.now += 1
        progress.batch(45)
        assert terminal.lines() == ["epoch 1/5 ━━──────────────────────  00:09 left"]
        for number in (1, 2, 3):
            clock.now += 1
            progress.epoch(an_epoch(number))
        clock.now += 2
        progress.batch(30)
        word, columns = ("validation", 8) if terminal.columns > 80 else ("val", 6)
        told = [
            f"epoch {place}/5  loss {2 * loss:<{columns}g}  accuracy {0.5:<{columns}}  "
            f"{word} loss {loss:<{columns}g}  {word} accuracy 0.25"
            for place, loss in enumerate(LOSSES, 1)
        ]
        moving = "epoch 4/5 ━━━━━━━━━━━━━━━━────────  00:03 left  validation loss █▅▁"
        assert terminal.lines() == [*told[:3], moving]
        for number in (4, 5):
            progress.epoch(an_epoch(number))
        assert terminal.lines() == [*told, "figures and drawings are written"]
    end = "validation loss 1 █▆▃▆▁ 0.125, lowest 0.125 in epoch 5"
    assert terminal.lines() == [*told, end]


def test_the_line_says_what_is_compiled_until_the_first_batch_moves_it(terminal: Terminal) -> None:
    clock = Clock()
    with redirect_stderr(terminal), Progress(5, 90, clock=clock) as progress:
        progress.compiling(3)
        assert terminal.lines() == ["compiling kernels, once for this machine: 3 so far"]
        clock.now += 30
        progress.batch(9)
        assert terminal.lines() == ["epoch 1/5 ────────────────────────"]
        clock.now += 1
        progress.batch(54)
        assert terminal.lines() == ["epoch 1/5 ━━──────────────────────  00:09 left"]


def test_a_log_says_that_kernels_are_compiled_only_where_it_takes_long() -> None:
    log, clock = io.StringIO(), Clock()
    with redirect_stderr(log), Progress(5, 90, clock=clock) as progress:
        for kernel in range(1, 21):
            clock.now += 1
            progress.compiling(kernel)
    sentence = "compiling kernels, once for this machine"
    assert log.getvalue() == f"{sentence}: 10 so far\n{sentence}: 20 so far\n"


def test_a_long_run_leaves_some_epochs_the_first_and_the_last(terminal: Terminal) -> None:
    with redirect_stderr(terminal), Progress(57, 90) as progress:
        for number in range(1, 57):  # early stopping ends it one epoch before its time
            progress.batch(45)
            progress.epoch(an_epoch(number))
    shown = [int(line[6:8]) for line in terminal.lines() if line.startswith("epoch")]
    assert shown == [1, *range(6, 55, 6), 56]
    assert not any("left" in line for line in terminal.lines())


def test_never_does_a_line_wrap_or_a_second_bar_appear(terminal: Terminal) -> None:
    clock = Clock()
    with redirect_stderr(terminal), Progress(1000, 90, clock=clock) as progress:
        for number in range(1, 300):
            clock.now += 37.7
            progress.batch(45)
            progress.epoch(an_epoch(number, 1.23456e-05))
    for screen in terminal.screens:
        assert sum("left" in line for line in screen) <= 1
        assert all(line.startswith(("epoch ", "validation loss ", "")) for line in screen)
        assert sum(bool(line) for line in screen) <= 6
    assert any(re.search(r" \d:\d\d:\d\d left", line) for s in terminal.screens for line in s)


def test_the_lowest_loss_is_green_and_one_above_the_line_before_is_red(terminal: Terminal) -> None:
    with redirect_stderr(terminal), Progress(5, 90) as progress:
        for epoch in range(1, 6):
            progress.epoch(an_epoch(epoch))
    found = [terminal.colour(line, f"{number(loss, 4)} ") for line, loss in enumerate(LOSSES)]
    assert found == ["green", "green", "green", "red", "green"]
    assert terminal.colour(3, "epoch") == "default"


def test_no_color_is_obeyed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with redirect_stderr(terminal), Progress(5, 90) as progress:
        for number in range(1, 6):
            progress.epoch(an_epoch(number))
    cells = [cell for row in terminal.screen.buffer.values() for cell in row.values()]
    assert {cell.fg for cell in cells} == {"default"}


def test_a_terminal_without_blocks_gets_ascii(terminal: Terminal) -> None:
    terminal.encoding = "ascii"
    clock = Clock()
    with redirect_stderr(terminal), Progress(2, 90, clock=clock) as progress:
        clock.now += 1
        progress.epoch(an_epoch(1))
        assert terminal.lines()[-1] == "epoch 2/2 ############------------  00:01 left"
        progress.epoch(an_epoch(2))
    assert all("".join(screen).isascii() for screen in terminal.screens)


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock, told = Clock(), []
    with Progress(100, 90, clock=clock) as progress:
        for number in range(1, 101):
            for row in range(1, 91):
                clock.now += 0.5
                progress.batch(row)
                told += [(clock.now, line) for line in capsys.readouterr().err.splitlines()]
            progress.epoch(an_epoch(number))
            told += [(clock.now, line) for line in capsys.readouterr().err.splitlines()]
    assert told[0] == (110.0, "epoch 1/100  20 of 90 rows  1:14:50 left")
    gaps = [b[0] - a[0] for a, b in pairwise(told)]
    assert min(gaps) >= 10
    assert max(gaps) <= 60.5
    assert len(told) > 70
    assert any(
        re.fullmatch(r"epoch +\d+/100  loss .*accuracy 0.25  [\d:]+ left", t) for _, t in told
    )


def test_a_short_run_tells_nothing_to_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Progress(5, 90, clock=clock) as progress:
        for number in range(1, 6):
            clock.now += 1.9
            progress.epoch(an_epoch(number))
    assert capsys.readouterr().err == ""


def test_figures_that_do_not_fit_go_those_of_the_training_part_first() -> None:
    names = ("loss", "accuracy", "f1", "precision")
    figures = dict.fromkeys(names, 0.123456)
    epoch = Epoch(7, 1, 1.0, 0.1, figures, figures)

    def line(width: int) -> str:
        return "".join(text for text, _ in epoch_pieces(epoch, 100, width))

    assert len(line(80)) <= 80
    assert line(80).startswith("epoch   7/100  loss 0.1235   val loss 0.1235   val accuracy 0.1235")
    assert "val precision" not in line(80)
    assert "val precision" in line(110)
    assert line(200).count("precision") == 2
    assert len(line(40)) <= 40


def test_a_sparkline_of_odd_numbers() -> None:
    assert sparkline([]) == ""
    assert sparkline([3.0]) == "▁"
    assert sparkline([2.0, 2.0]) == "▁▁"
    assert sparkline([float("nan"), 1.0, float("inf"), -1.0]) == "█▁"
    assert len(sparkline([float(i) for i in range(1000)])) == 16


SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: gaussians, samples: 100, split: {validation: 0.2}}
train: {epochs: 60, metrics: [accuracy]}
"""


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_training_on_a_real_terminal(
    columns: int, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
    (tmp_path / "net.yaml").write_text(SPEC)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    settings = {**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        settings.pop(name, None)
    command = [sys.executable, "-m", "nngraph", "train", "net.yaml", "-o", "my run"]
    ended = subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=settings
    )
    os.close(theirs)
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the terminal is gone: the process has ended
            break
        if not piece:
            break
        stream.feed(piece)
    assert ended.wait(timeout=120) == 0
    os.close(ours)
    lines = "\n".join(line.rstrip() for line in screen.display).rstrip().split("\n")
    epochs, rest = lines[:11], lines[11:]
    assert [int(line[6:8]) for line in epochs] == [1, *range(6, 61, 6)]
    assert all(re.search(r"^epoch [ \d]\d/60  loss .* accuracy \S+$", line) for line in epochs)
    figure = r"[\d.e-]+"
    expected = [
        rf"validation loss {figure} [▁-█]{{16}} {figure}, lowest {figure} in epoch \d+",
        rf"trained 60 epochs \(180 steps\) in {figure} s; the run is in my run",
        r" +loss  accuracy",
        rf"train +{figure} +{figure}",
        rf"validation +{figure} +{figure}",
        r"next: nngraph report 'my run'",
        r"      nngraph render 'my run'",
        r"      nngraph predict 'my run' --given 'x=\[0, 0\]'",
    ]
    assert len(rest) == len(expected), lines
    for line, pattern in zip(rest, expected, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)
    assert not screen.cursor.hidden
    monkeypatch.chdir(tmp_path)
    for line in rest[-3:]:
        assert run(shlex.split(line[6:])[1:]) == 0, line


def test_with_json_nothing_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    (tmp_path / "net.yaml").write_text(SPEC)
    assert run(["train", "net.yaml", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["run"] == "runs/net-001"
    assert "trained 60 epochs" in err
    assert "next:" not in err
    assert run(["train", "net.yaml"]) == 0
    assert "next: nngraph report runs/net-002" in capsys.readouterr().err
