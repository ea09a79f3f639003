"""Whether a run has come to its end, and what would train it further."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.train.journal import read_summary
from nngraph.train.load_run import weights_path
from nngraph.train.loop import Settings, stopper_after
from nngraph.train.position import Position
from nngraph.train.run_folder import has_leftovers


@dataclass(frozen=True)
class Finished:
    """A run that is trained as its spec wants it; its folder is complete.

    `further` are overrides with which it would go on.
    """

    run: Path
    summary: Mapping[str, Any]
    further: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """That it is so, and how often it was trained."""
        epochs, steps = (count(self.summary[f"{name}s"], name) for name in ("epoch", "step"))
        early = ", ended by early stopping" if self.ended_early else ""
        return f"{self.run} is finished: {epochs} ({steps}){early}; nothing in it was changed"

    @property
    def ended_early(self) -> bool:
        """Whether early stopping ended it."""
        return bool(self.summary.get("best", {}).get("stopped_early"))

    @property
    def command(self) -> str:
        """The command line that trains it further."""
        overrides = " ".join(f"-s {override}" for override in self.further)
        return f"nngraph train --resume {shlex.quote(str(self.run))} {overrides}"


def refuse_fewer_epochs(run: Path, settings: Settings, position: Position) -> None:
    """A run does not go back. Errors: UsageError where it has more epochs than are asked for."""
    done, asked = position.epoch - 1, settings.epochs
    if done + (position.batch > 0) <= asked:
        return
    begun = f" and {count(position.batch, 'step')} of the next" if position.batch else ""
    trained, more = f"{count(done, 'epoch')}{begun}", 2 * done
    raise UsageError(diagnostic("E002:fewer-epochs", run=run, done=trained, asked=asked, more=more))


def finished(run: Path, settings: Settings, position: Position, step: int) -> Finished | None:
    """What to say of a run with nothing left to train or to write; None for any other.

    A run that was killed after its last step is not: its figures are written last, and files that
    were being written lie beside it.

    Errors: ModelFileError for weights or figures that do not hold; FileError.
    """
    further = _further(settings, position)
    if not further or position.batch or has_leftovers(run):
        return None
    summary = read_summary(run)
    if summary.get("steps") != step or summary.get("interrupted") is not False:
        return None
    weights_path(run)  # nothing is called finished whose weights do not hold
    return Finished(run, summary, further)


def _further(settings: Settings, position: Position) -> tuple[str, ...]:
    """What would have to be another for the run to go on; nothing where it does anyway."""
    overrides = []
    if position.epoch > settings.epochs:
        overrides.append(f"train.epochs={2 * settings.epochs}")
    stopper = stopper_after(settings, position.history)
    if stopper is not None and stopper.is_over:
        overrides.append(f"train.early_stopping.patience={2 * stopper.spec.patience}")
    return tuple(overrides)
