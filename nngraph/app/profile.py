"""Where the time of a training step goes: as data, and as colours on the drawing."""

from __future__ import annotations

from pathlib import Path

from nngraph.errors import UsageError, diagnostic
from nngraph.insight.picture import picture_of
from nngraph.insight.profile import Profile, profile_step
from nngraph.insight.profile_picture import heated
from nngraph.render import check_suffix, render
from nngraph.run import Executable
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.feed import Rows
from nngraph.train.learner import Learner, rows_of

SECONDS = 2.0


def profile(
    learner: Learner,
    place: DataPlace,
    *,
    batch: int | None = None,
    seconds: float = SECONDS,
    data: bool = True,
    path: Path | None = None,
) -> Profile:
    """Measure a step on the data of the spec; on drawn rows without `data`, or where it names none.

    The network that is asked stays as it is. Without a `batch` it is that of the spec's training.
    A `path` gets the drawing of the network with the shares in colours; its suffix decides.
    Errors: UsageError for a batch below 1, no time, or another suffix; CapacityError; DataError,
    FileError.
    """
    if path is not None:
        check_suffix(path)
    if batch is not None and batch < 1:
        raise UsageError(diagnostic("E002:profile-batch", batch=batch))
    if not seconds > 0:
        raise UsageError(diagnostic("E002:profile-time", seconds=seconds))
    if learner.document.spec.loss:
        learner = learner.with_training()
    rows = _rows(learner, place) if data else None
    if batch is None:
        planned = learner.network.planned_batch
        batch = planned if rows is None else learner.settings(rows.count).batch_size
    executable = Executable(
        learner.network, learner.executable.weights(), seed=learner.seed, workers=1
    )
    measured = profile_step(executable, rows, batch, seconds)
    if path is not None:
        render(heated(picture_of(learner.network), measured), path)
    return measured


def _rows(learner: Learner, place: DataPlace) -> Rows | None:
    """The rows of the training part; None where the spec names no data, or has no loss."""
    if not learner.document.spec.loss:
        return None
    if place.file is None and learner.document.spec.data is None:
        return None
    return rows_of(load_data(learner, place).parts["train"])
