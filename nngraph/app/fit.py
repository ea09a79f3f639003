"""Training in memory, on arrays or on the data of the spec; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from nngraph.data import DataSet
from nngraph.errors import UsageError, diagnostic
from nngraph.train.feed import Rows
from nngraph.train.interrupt import Postponed
from nngraph.train.learner import Learner, rows_of
from nngraph.train.loop import Settings, restore_best, train_in_runs
from nngraph.train.nonfinite import refuse_infinite
from nngraph.train.position import Epoch, Position


def rows_of_data(learner: Learner, data: DataSet) -> tuple[Rows, Rows | None]:
    """The rows to train on and to validate with; the network takes over scaling and class names."""
    learner.normalizers, learner.labels = data.normalizers, data.labels
    checked = data.parts.get("validation")
    return rows_of(data.parts["train"]), None if checked is None else rows_of(checked)


def settings_for(
    learner: Learner,
    rows: int,
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    first_epoch: int = 1,
) -> Settings:
    """How the spec says to train on so many rows, but for what is said here.

    Errors: UsageError for epochs or a batch that are no whole number from 1 on, a rate that is not
    above 0, and for batches of an optimiser that takes all rows.
    """
    for argument, value, example in (("epochs", epochs, "10"), ("batch_size", batch_size, "32")):
        is_count = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if value is not None and not (is_count and value >= 1):
            raise _refused(argument, "a whole number, 1 or more", value, example)
    is_number = isinstance(learning_rate, int | float | np.number)
    if learning_rate is not None and not (is_number and 0 < learning_rate < np.inf):
        raise _refused("learning_rate", "a number above 0", learning_rate, "0.01")
    settings, train = learner.settings(rows), learner.document.spec.train
    if train is not None and train.optimizer.searches and (batch_size or rows) < rows:
        kind = train.optimizer.kind
        raise UsageError(
            diagnostic("E002:search-batches", optimizer=kind, rows=rows, batch=batch_size)
        )
    return replace(
        settings,
        epochs=settings.epochs if epochs is None else epochs,
        batch_size=settings.batch_size if batch_size is None else min(batch_size, rows),
        learning_rate=settings.learning_rate if learning_rate is None else learning_rate,
        first_epoch=first_epoch,
    )


def _refused(argument: str, allowed: str, value: object, example: str) -> UsageError:
    return UsageError(
        diagnostic(
            "E002:argument-value",
            argument=argument,
            allowed=allowed,
            got=repr(value)[:40],
            example=example,
        )
    )


def fit(
    learner: Learner,
    settings: Settings,
    rows: Rows,
    validation: Rows | None,
    hear: Callable[[Sequence[Epoch]], None],
    *,
    looked_at: bool = True,
) -> None:
    """Train; `hear` is told each epoch when it is over, or several at once where none looks at the
    network then (`looked_at` false).

    A signal acts between two steps, as the program that calls this wants it to: Ctrl-C keeps the
    weights so far, tells the unfinished epoch and raises KeyboardInterrupt. Otherwise the best
    weights are left where early stopping is to restore them.

    Errors: NonFiniteError when the loss is no longer a number, or the last figures are infinite;
    what a signal's handler raises.
    """
    executable, position = learner.executable, Position(settings.first_epoch)
    with executable.threads(), Postponed() as signals:
        runs = train_in_runs(
            executable,
            settings,
            rows,
            validation,
            stop=signals.is_over,
            position=position,
            looked_at=looked_at,
        )
        last: Epoch | None = None
        for epochs in runs:
            hear(epochs)
            last = epochs[-1]
        if signals.is_over() or restore_best(executable, position, settings) or last is None:
            return
    parts = {"train": last.train, "validation": last.validation}
    refuse_infinite(
        {f"{part}.{name}": value for part, found in parts.items() for name, value in found.items()}
    )
