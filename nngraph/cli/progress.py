"""Live progress of a training run on a terminal, and silence everywhere else."""

from __future__ import annotations

import contextlib
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from nngraph.cli.output import colours, number

if TYPE_CHECKING:
    from nngraph.train import Epoch

LINES = 20  # of a run that stay on the screen: the story of a run without its noise
REDRAW_EVERY = 0.1  # seconds


class Progress:
    """Shows epoch, figures and the time left; does nothing where standard error is no terminal.

    Use: `with Progress(epochs, rows) as progress: ...`, then `batch` and `epoch` as they come.
    `done` epochs lie behind already.
    """

    def __init__(self, epochs: int, rows: int, done: int = 0) -> None:
        self._epochs = epochs
        self._rows = rows
        self._every = max(1, -(-epochs // LINES))
        self._done = done  # epochs
        self._drawn = 0.0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
            steps = self._done * self._rows, self._epochs * self._rows
            self._task = self._bar.add_task("", completed=steps[0], total=steps[1], text="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            with contextlib.suppress(OSError):  # a terminal that was hung up
                self._bar.stop()

    def batch(self, done: int) -> None:
        """So many rows of the running epoch are done."""
        if self._bar is None:
            return
        now = time.monotonic()
        if now - self._drawn < REDRAW_EVERY:
            return
        self._drawn = now
        self._bar.update(self._task, completed=self._done * self._rows + done)

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is over."""
        self._done = epoch.number
        if self._bar is None:
            return
        place = str(epoch.number).rjust(len(str(self._epochs)))
        text = f"epoch {place}/{self._epochs}  {figures_text(epoch)}"
        now = time.monotonic()
        if now - self._drawn >= REDRAW_EVERY:
            self._drawn = now
            self._bar.update(self._task, completed=self._done * self._rows, text=text)
        if epoch.number % self._every == 0 or epoch.number == self._epochs:
            self._bar.console.print(text, highlight=False, markup=False)


def figures_text(epoch: Epoch) -> str:
    """The figures of an epoch on one line: those of the training part, then of the validation."""
    parts = [("", epoch.train), ("validation ", epoch.validation)]
    told = [
        part + "  ".join(f"{name} {number(value, 4):<8}" for name, value in figures.items())
        for part, figures in parts
        if figures
    ]
    return "  ".join(told).rstrip()


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, no_color=not colours(sys.stderr), soft_wrap=True)
    return Progress(
        BarColumn(bar_width=24),
        TextColumn("{task.fields[text]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=console,
        transient=True,
        refresh_per_second=10,
    )
