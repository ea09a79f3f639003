"""Live progress of a training run on a terminal, and a line now and then everywhere else."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from nngraph.cli.output import chatter, colours
from nngraph.cli.telling import LEVELS, LossHistory, Pieces, clock_text, epoch_pieces, sparkline
from nngraph.records import dataclass

if TYPE_CHECKING:
    from rich.text import Text

    from nngraph.train.position import Epoch

LINES = 10  # of a run that stay on the screen: the story of a run without its noise
REDRAW_EVERY = 0.1  # seconds
TELL_EVERY = 10.0  # seconds between two lines of a log; more in a long run, but never minutes
TELL_AT_LEAST_EVERY = 60.0
BAR = 24  # columns
ENDLESS = 1_000_000  # columns: a log has no right margin


@dataclass
class Pace:
    """How far a run is, and how long the rest takes at the pace so far.

    `before` epochs were done by others; `epoch` are over, of the running one `row` rows are.
    """

    epochs: int
    rows: int
    before: int
    epoch: int
    clock: Callable[[], float]
    row: int = 0

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.is_waiting = False
        self._measured = self.began, 0  # since when the pace is, and the rows done by then

    def batch(self, row: int) -> None:
        """So many rows of the epoch are done; the pace counts from the end of a wait on."""
        self.row = row
        if self.is_waiting:
            self.is_waiting, self._measured = False, (self.clock(), self._done)

    @property
    def _done(self) -> int:
        return (self.epoch - self.before) * self.rows + self.row

    @property
    def share(self) -> float:
        """What is done of the whole, from 0 to 1."""
        return min(1.0, (self.epoch * self.rows + self.row) / max(1, self.epochs * self.rows))

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return self.clock() - self.began

    @property
    def left(self) -> str:
        """The time that is left as "00:12 left", or "" before anything is done."""
        began, already = self._measured
        done = self._done - already
        missing = max(0, (self.epochs - self.epoch) * self.rows - self.row)
        return f"{clock_text((self.clock() - began) / done * missing)} left" if done else ""


class View(Protocol):
    """Where the progress is shown."""

    def start(self) -> None: ...

    def batch(self) -> None: ...

    def epoch(self, epoch: Epoch) -> None: ...

    def compiling(self, kernels: int) -> None: ...

    def stop(self) -> None: ...


class Progress:
    """Shows epoch, figures and the time left.

    Use: `with Progress(epochs, rows) as progress: ...`, then `batch` and `epoch` as they come.
    `done` epochs lie behind already. All goes to standard error: on a terminal a line that moves
    below some epochs that stay, elsewhere a line when none has come for ten seconds.
    """

    def __init__(
        self, epochs: int, rows: int, done: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pace = Pace(epochs, rows, done, done, clock)
        self._view: View = Screen(self._pace) if is_live() else OccasionalLines(self._pace)

    def __enter__(self) -> Progress:
        self._view.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # a terminal that was hung up
            self._view.stop()

    def batch(self, done: int) -> None:
        """So many rows of the running epoch are done."""
        self._pace.batch(done)
        self._view.batch()

    def epoch(self, epoch: Epoch) -> None:
        """An epoch is over."""
        self._pace.epoch, self._pace.row = epoch.number, 0
        self._view.epoch(epoch)

    def compiling(self, kernels: int) -> None:
        """Another kernel is compiled, the number of them so far: a second or so for each."""
        self._pace.is_waiting = True
        self._view.compiling(kernels)


def is_live() -> bool:
    """Whether standard error is a terminal on which a line can be written anew."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class OccasionalLines:
    """A line when none has come for a while; nothing of a short run."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next = TELL_EVERY
        self._unshown: Epoch | None = None

    def start(self) -> None:
        """Nothing: what is trained is told by others."""

    def batch(self) -> None:
        """A word, if it is time, within an epoch too: some take minutes."""
        spent = self._pace.spent
        if spent >= self._next:
            self._next = spent + min(TELL_AT_LEAST_EVERY, max(TELL_EVERY, spent / 10))
            chatter(f"{self._words()}  {self._pace.left}")

    def epoch(self, epoch: Epoch) -> None:
        """The figures of an epoch, now or when it is time."""
        self._unshown = epoch
        if epoch.number < self._pace.epochs:
            self.batch()

    def compiling(self, kernels: int) -> None:
        """Why the first step takes long, if it does."""
        if self._pace.spent >= self._next:
            self._next = self._pace.spent + TELL_EVERY
            chatter(_compiling(kernels))

    def stop(self) -> None:
        """Nothing: the end is told by others."""

    def _words(self) -> str:
        """The figures of the last epoch, or else how far the running one is."""
        pace, epoch = self._pace, self._unshown
        self._unshown = None
        if epoch is not None:
            return "".join(text for text, _ in epoch_pieces(epoch, pace.epochs, ENDLESS)).rstrip()
        return f"epoch {pace.epoch + 1}/{pace.epochs}  {pace.row:,} of {pace.rows:,} rows"


class Screen:
    """A moving line with bar, sparkline and the time left, below the epochs that stay."""

    def __init__(self, pace: Pace) -> None:
        from rich.console import Console
        from rich.live import Live

        self._pace = pace
        self._every = max(1, -(-pace.epochs // LINES))
        self._story = LossHistory()
        self._unshown: Epoch | None = None
        self._drawn = -REDRAW_EVERY
        self._console = Console(stderr=True, no_color=not colours(sys.stderr))
        self._signs = Signs.of(self._console.encoding)
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False
        )

    def start(self) -> None:
        """Take the last line of the terminal."""
        self._live.start()

    def batch(self) -> None:
        """Move the line, ten times a second at most."""
        if self._pace.spent - self._drawn >= REDRAW_EVERY:
            self._drawn = self._pace.spent
            self._live.update(self._line(), refresh=True)

    def epoch(self, epoch: Epoch) -> None:
        """An epoch: some stay on the screen, all move the line."""
        self._story.add(epoch)
        self._unshown = epoch
        if epoch.number % self._every == 0 or len(self._story.values) == 1:
            self._tell(epoch)
        self._drawn = self._drawn if self._pace.share < 1 else -REDRAW_EVERY
        self.batch()

    def compiling(self, kernels: int) -> None:
        """Say so on the line: nothing else moves it meanwhile."""
        self._live.update(self._fit([(_compiling(kernels), "")]), refresh=True)

    def stop(self) -> None:
        """Leave the last epoch, and how the loss went, where the moving line was."""
        if self._unshown is not None:
            self._tell(self._unshown)
        self._live.stop()
        if len(self._story.values) > 1:
            self._print([(self._story.told(self._signs.levels), "")])

    def _tell(self, epoch: Epoch) -> None:
        self._unshown = None
        colour = self._story.colour(epoch)
        self._print(epoch_pieces(epoch, self._pace.epochs, self._console.width, colour))

    def _print(self, pieces: Pieces) -> None:
        self._console.print(self._fit(pieces))

    def _line(self) -> Text:
        """The moving line: never wider than the terminal, or it could not be written anew."""
        pace, signs = self._pace, self._signs
        if pace.share == 1:
            return self._fit([("figures and drawings are written", "")])
        place = f"epoch {pace.epoch + 1}/{pace.epochs} "
        full = int(pace.share * BAR)
        bar = [(signs.done * full, "green"), (signs.missing * (BAR - full), "bright_black")]
        loss = sparkline(self._story.values, signs.levels)
        told = [(f"  {self._story.part}loss ", ""), (loss, "cyan")] if loss else []
        return self._fit([(place, ""), *bar, (f"  {pace.left}", ""), *told])

    def _fit(self, pieces: Pieces) -> Text:
        from rich.text import Text

        text = Text.assemble(*pieces, no_wrap=True, overflow="crop")
        text.truncate(self._console.width, overflow="crop")
        return text


def _compiling(kernels: int) -> str:
    return f"compiling kernels, once for this machine: {kernels} so far"


@dataclass(frozen=True)
class Signs:
    """What bars are made of, as far as the terminal's encoding knows it."""

    done: str
    missing: str
    levels: str

    @staticmethod
    def of(encoding: str) -> Signs:
        """Lines and blocks, or their like in ASCII."""
        try:
            f"━─{LEVELS}".encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return Signs("#", "-", "")
        return Signs("━", "─", LEVELS)
