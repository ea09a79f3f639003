"""Going on with a run: to the same bits as if it had never stopped, or with its weights alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.app.finished import Finished, finished, refuse_fewer_epochs
from nngraph.data import DataSet
from nngraph.errors import (
    Diagnostic,
    FileError,
    ModelFileError,
    NNGraphError,
    UsageError,
    diagnostic,
    join_words,
)
from nngraph.files import bound_exists, bound_path, check_unlocked
from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.train.checkpoint import checkpoint_paths, newest_checkpoint, path_of
from nngraph.train.data_files import DataPlace
from nngraph.train.feed import Array
from nngraph.train.journal import read_seconds
from nngraph.train.learner import Learner
from nngraph.train.load_run import open_run, read_weights, weights_path
from nngraph.train.origin import RunOrigin, new_run_id, run_id
from nngraph.train.position import Epochs, Position
from nngraph.train.run_folder import STATISTICS, WEIGHTS

MOST_NAMED = 4


@dataclass(frozen=True)
class Resumed:
    """Where a run goes on, and what should be said aloud about it.

    `newest` is the step of its newest checkpoint, 0 without any; `finished` says that there is
    nothing left to do.
    """

    position: Position
    step: int
    remarks: tuple[str, ...]
    newest: int = 0
    finished: Finished | None = None


def spec_of_run(
    run: Path, overrides: Sequence[str] = (), data_root: Path | None = None
) -> tuple[Document, DataPlace]:
    """The spec of a run that is to go on, with the seed that it began with, and its data.

    Errors: FileError for what is no run, or is being trained; ModelFileError; SpecError.
    """
    document, stored = open_run(run, overrides, data_root)
    check_unlocked(run)  # told at once, not after the data are read
    return document, stored.place


def resume(learner: Learner, data: DataSet, run: Path) -> Resumed:
    """Give a fresh network the weights and the state of a run's newest whole checkpoint.

    A run that was killed before its first one begins again, as its seed wants it.

    Errors: FileError without a checkpoint of a run that has weights, or began with those of
    another; ModelFileError where none is whole, or where spec or data are not those of the run,
    with the differences; UsageError for fewer epochs than are done, and for a finished run that
    is to be trained otherwise and no further.
    """
    paths = checkpoint_paths(run)
    if not paths and not bound_exists(run, WEIGHTS):
        return _from_the_beginning(learner, data, run)
    checkpoint, refused = newest_checkpoint(run)
    now = RunOrigin.of(learner, data)
    if differences := checkpoint.origin.differences(now):
        raise ModelFileError(*_another(run, differences))
    executable = learner.executable
    try:
        executable.set_weights(checkpoint.weights)
        executable.set_state(checkpoint.state)
    except ModelFileError as error:
        why = error.diagnostics[0].message
        raise ModelFileError(diagnostic("E500:checkpoint", run=run, why=why)) from error
    executable.step = checkpoint.step
    remarks = [_passed_over(error, path_of(run, checkpoint.step)) for error in refused]
    remarks += checkpoint.origin.remarks(now)
    position = _with_seconds(checkpoint.position, run)
    bound_path(run, STATISTICS)  # its lines are kept too
    settings = learner.settings(data.parts["train"].rows)
    refuse_fewer_epochs(run, settings, position)
    end = finished(run, settings, position, checkpoint.step)
    if end is not None and (lines := checkpoint.origin.changes_on_purpose(now)):
        changes, command = "; ".join(lines), end.command
        raise UsageError(diagnostic("E002:nothing-left", run=run, changes=changes, command=command))
    return Resumed(position, checkpoint.step, tuple(remarks), max(paths), end)


def _from_the_beginning(learner: Learner, data: DataSet, run: Path) -> Resumed:
    if run_id(run) not in ("", new_run_id(learner, data.digest)):
        raise FileError(diagnostic("E801:other-beginning", run=run))
    return Resumed(Position(), 0, (f"'{run}' has no checkpoint yet: it begins again",))


def _another(run: Path, differences: Sequence[str]) -> list[Diagnostic]:
    first, *further = differences
    return [
        diagnostic("E505", run=run, difference=first),
        *(diagnostic("E505:further", difference=difference) for difference in further),
    ]


def _passed_over(error: NNGraphError, instead: Path) -> str:
    return f"{error.diagnostics[0].message}; going on from '{instead.name}', the one before"


def _with_seconds(position: Position, run: Path) -> Position:
    """The times of old epochs, which checkpoints do not hold: they would make equal runs differ."""
    seconds = read_seconds(run)
    position.history = Epochs(
        epoch._replace(seconds=seconds.get(epoch.number, 0.0)) for epoch in position.history
    )
    position.seconds = max((epoch.seconds for epoch in position.history), default=0.0)
    return position


def warm_start(learner: Learner, run: Path) -> tuple[str, ...]:
    """Give a fresh network the weights of a run, as far as names and shapes agree; what to say.

    They are those that the run is used with, or of its newest checkpoint where it did not end.

    Errors: ModelFileError where none fits; FileError.
    """
    remarks: list[str] = []
    if bound_exists(run, WEIGHTS):
        given = read_weights(weights_path(run))
    else:
        checkpoint, refused = newest_checkpoint(run)
        given = dict(checkpoint.weights)
        remarks += [_passed_over(error, path_of(run, checkpoint.step)) for error in refused]
    own = learner.executable.weights()
    taken = {id_: array for id_, array in given.items() if _fits(array, own.get(id_))}
    if not taken:
        has, wants = _some(list(given)), _some(list(own))
        raise ModelFileError(diagnostic("E505:weights", run=run, has=has, wants=wants))
    learner.executable.set_weights({**own, **taken})
    if fresh := [id_ for id_ in own if id_ not in taken]:
        remarks.append(f"not in '{run}', or of another shape there: {_some(fresh)}")
    if left := [id_ for id_ in given if id_ not in own]:
        remarks.append(f"weights of '{run}' that this network has no place for: {_some(left)}")
    return tuple(remarks)


def _fits(array: Array, own: Array | None) -> bool:
    return own is not None and own.shape == array.shape


def _some(names: Sequence[str]) -> str:
    shown = [f"'{name}'" for name in names[:MOST_NAMED]]
    if len(names) > MOST_NAMED:
        shown.append(f"{len(names) - MOST_NAMED} more")
    return join_words(shown)
