"""The learning rate of a training, before anything is trained."""

from __future__ import annotations

from pathlib import Path

from nngraph.errors import UsageError, diagnostic
from nngraph.files import write_atomically
from nngraph.insight.schedule_picture import schedule_svg
from nngraph.train.learner import Learner
from nngraph.train.schedules import Rates


def rates_of(learner: Learner, rows: int) -> Rates:
    """The rate of every step of a training on so many rows, as the spec says."""
    settings = learner.settings(rows)
    steps = -(-rows // settings.batch_size)
    return Rates(settings.schedule, settings.learning_rate, settings.epochs, steps)


def draw_rates(rates: Rates, name: str, path: Path) -> None:
    """Draw them. Errors: UsageError for another ending than .svg; FileError."""
    if path.suffix != ".svg":
        raise UsageError(diagnostic("E002:schedule-file", path=path))
    write_atomically(path, schedule_svg(rates, title=f"{name}: learning rate").encode())
