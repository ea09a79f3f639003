"""A search while it runs: its best trials, those that run, and the time left."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from nngraph.cli.output import chatter, colours, number, table
from nngraph.cli.progress import REDRAW_EVERY, TELL_AT_LEAST_EVERY, TELL_EVERY, is_live
from nngraph.cli.telling import clock_text
from nngraph.search.trials import Trial, ranked
from nngraph.search.worker import Listener

if TYPE_CHECKING:
    from nngraph.search.session import Session
    from nngraph.train.position import Epoch

BEST_SHOWN = 10
OTHERS_SHOWN = 4  # running ones, and stopped ones
WIDEST = 24  # characters of a value
DIGITS = 4


class SearchView:
    """Shows how far a search is: on a terminal a table that is written anew, elsewhere a line when
    none has come for a while. All goes to standard error.

    Use: `with SearchView(session) as view: session.run(1, view.listener)`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._began = time.monotonic()
        self._before = sum(trial.state != "running" for trial in session.trials.read())
        self._live = _Screen() if is_live() else None
        self._due = 0.0 if self._live is not None else TELL_EVERY
        self._epoch = ""
        self.listener = Listener(self._hear, self._show)

    def __enter__(self) -> SearchView:
        if self._live is not None:
            self._live.start()
        self._show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # a terminal that was hung up
            if self._live is not None:
                self._live.stop()

    def _hear(self, repeat: int, epoch: Epoch) -> None:
        repeats = self._session.plan.search.repeats
        again = f"repeat {repeat + 1}/{repeats}, " if repeats > 1 else ""
        self._epoch = f"{again}epoch {epoch.number}"
        self._show()

    def _show(self) -> None:
        spent = time.monotonic() - self._began
        if spent < self._due:
            return
        trials = self._session.trials.read()
        if self._live is not None:
            self._due = spent + REDRAW_EVERY
            lines = [*table_lines(self._session, trials), "", self._line(trials, spent)]
            self._live.show(lines)
        else:
            self._due = spent + min(TELL_AT_LEAST_EVERY, max(TELL_EVERY, spent / 10))
            chatter(self._line(trials, spent))

    def _line(self, trials: Sequence[Trial], spent: float) -> str:
        plan = self._session.plan
        over = sum(trial.state != "running" for trial in trials)
        pieces = [f"{over} of {plan.trials} trials"]
        here = over - self._before
        if here and over < plan.trials:
            pieces.append(f"{clock_text(spent / here * (plan.trials - over))} left")
        best = ranked(trials, rises=plan.rises)
        if best and best[0].figure is not None:
            pieces.append(f"best {plan.figure} {number(best[0].figure, DIGITS)}")
        if self._epoch and over < plan.trials:
            pieces.append(self._epoch)
        return "  ".join(pieces)


class _Screen:
    """A part of the terminal that is written anew."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(stderr=True, no_color=not colours(sys.stderr))
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False
        )

    def start(self) -> None:
        """Take the last lines of the terminal."""
        self._live.start()

    def show(self, lines: Sequence[str]) -> None:
        """These lines, as far as they fit."""
        from rich.text import Text

        fitting = [line[: self._console.width - 1] for line in lines[: self._console.height - 2]]
        self._live.update(Text("\n".join(fitting), no_wrap=True, overflow="crop"), refresh=True)

    def stop(self) -> None:
        """Give them back."""
        self._live.stop()


# ---- lines


def summary_lines(session: Session) -> list[str]:
    """The table of a search that is over, and what became of all its trials."""
    trials = session.trials.read()
    counts = {
        state: sum(trial.state == state for trial in trials)
        for state in ("done", "stopped", "failed", "running")
    }
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    reasons = list(dict.fromkeys(trial.reason for trial in trials if trial.reason))
    return [
        *table_lines(session, trials),
        "",
        f"{len(trials)} trials: {told}",
        *(f"failed: {reason}" for reason in reasons[:OTHERS_SHOWN]),
    ]


def table_lines(session: Session, trials: Sequence[Trial]) -> list[str]:
    """The best trials first, then some that run and some that were stopped."""
    plan = session.plan
    several = plan.search.repeats > 1
    spread = ["least", "greatest"] if several else []
    header = ["trial", "", plan.figure, *spread, *short_names(plan.columns)]
    best = ranked(trials, rises=plan.rises)[:BEST_SHOWN]
    others = [
        trial
        for state in ("running", "stopped", "failed")
        for trial in [one for one in trials if one.state == state][-OTHERS_SHOWN:]
    ]
    rows = []
    for trial in (*best, *others):
        figures = [number(trial.figure, DIGITS) if trial.figure is not None else ""]
        if several:
            ends = (min(trial.figures), max(trial.figures)) if trial.figures else ()
            figures += [number(end, DIGITS) for end in ends] or ["", ""]
        mark = "" if trial.state == "done" else trial.state
        values = [trial.shown.get(path, "")[:WIDEST] for path in plan.columns]
        rows.append([str(trial.number), mark, *figures, *values])
    return table(header, rows, left=2).splitlines() if rows else []


def short_names(paths: Sequence[str]) -> list[str]:
    """Each path by its last steps, as many as tell it from the others.

    >>> short_names(["nodes.h.units", "train.epochs", "nodes.k.units"])
    ['h.units', 'epochs', 'k.units']
    """
    found = []
    for path in paths:
        steps = path.split(".")
        others = [other.split(".") for other in paths if other != path]
        count = next(
            (n for n in range(1, len(steps)) if all(other[-n:] != steps[-n:] for other in others)),
            len(steps),
        )
        found.append(".".join(steps[-count:]))
    return found
