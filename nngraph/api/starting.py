"""How a model comes to be: a spec is compiled, or trained; a run is loaded, or goes on."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.api.model import Model, answered
from nngraph.spec import open_spec
from nngraph.train.data_files import HERE
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.position import Epoch

if TYPE_CHECKING:
    from nngraph.app.finished import Finished
    from nngraph.app.resume import Resumed
    from nngraph.app.train import Training


@answered
def compile(
    spec: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    *,
    seed: int | None = None,
    data_root: str | Path | None = None,
) -> Model:
    """Compile a spec into a model with its first weights.

    `spec` is the path of a file, the text itself (text has a line break, a path has none), or a
    mapping that holds what the file would: errors then name the path in it.
    `overrides` are like -s of the command line: `["train.epochs=5"]`. Weights that the spec does
    not give are drawn from `seed`, by default that of its `train` section. `data_root` is a second
    folder in which the files that the spec names may lie: data, weights, side files.

    Errors: SpecError, with all mistakes and their places; CapacityError; FileError for a file that
    is missing; UsageError for what is no spec.

    >>> compile("nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y]").parameters
    2
    >>> compile({"nngraph": 1, "nodes": {"x": "input", "y": {}}, "edges": ["x -> y"]}).parameters
    2
    """
    return Model(Learner.start(open_spec(spec, overrides, _path(data_root)), seed))


@answered
def load(
    run: str | Path, overrides: Sequence[str] = (), *, data_root: str | Path | None = None
) -> Model:
    """The trained model of a run folder, as `nngraph train` or `Model.save` wrote it.

    Errors: FileError for a missing folder or file; ModelFileError for a damaged one.
    """
    learner, place = load_run(Path(run), overrides, _path(data_root))
    return Model(learner, place=place, run=Path(run))


@answered
def train_run(
    spec: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    *,
    run: str | Path | None = None,
    seed: int | None = None,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    warm_start: str | Path | None = None,
    write_back: bool = False,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Model:
    """Train a spec on its data and write the run folder, as `nngraph train` does.

    The folder is `run`, or runs/NAME-001, counting up; `model.run` names it. `data` is a .csv or
    .npz file instead of the spec's own data. With `warm_start` the weights of that run are where it
    begins. With `write_back` the trained weights are written into the file of the spec, as
    `Model.write_back` does. `on_epoch` hears of each epoch as soon as it is over. Ctrl-C ends after
    the running step, saves the run, with which `resume` goes on, and raises KeyboardInterrupt. What
    did not work but is no reason to stop is a Python warning.

    Errors, all but the last before anything is written: SpecError, CapacityError; UsageError
    without loss or data; DataError; FileError, also for a folder that holds anything already;
    ModelFileError for a warm start that does not fit; NonFiniteError when the loss is no longer a
    number.
    """
    from nngraph.app.preparing import with_seed
    from nngraph.app.resume import warm_start as take_weights
    from nngraph.app.train import prepare
    from nngraph.app.write_back import check_write_back, file_of

    document = open_spec(spec, with_seed(overrides, seed), _path(data_root))
    training = prepare(document, HERE.moved(data))
    if write_back:
        check_write_back(training.learner, file_of(document))
    if warm_start is not None:
        _warn(*take_weights(training.learner, Path(warm_start)))
    folder = training.new_folder(_path(run))
    model = _recorded(training, folder, on_epoch)
    if write_back:
        _warn(*model.write_back(file_of(document)).remarks)
    return model


@answered
def resume(
    run: str | Path,
    overrides: Sequence[str] = (),
    *,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Model:
    """Go on with a run that was stopped, from its newest checkpoint, to the same bits.

    `overrides` may change how long it is trained (`["train.epochs=20"]`), and no number of it; data
    lie where they lay, unless `data` or `data_root` say otherwise. `on_epoch` as in `train_run`. Of
    a run that is finished nothing is touched, which a Python warning says.

    Errors: FileError for what is no run, is being trained, or has no checkpoint; ModelFileError
    where none is whole, or where spec or data are others now; UsageError for fewer epochs than
    are done; those of `train_run`.
    """
    from nngraph.app.resume import resume as go_on
    from nngraph.app.resume import spec_of_run
    from nngraph.app.train import prepare

    folder = Path(run)
    document, place = spec_of_run(folder, overrides, _path(data_root))
    training = prepare(document, place.moved(data))
    found = go_on(training.learner, training.data, folder)
    _warn(*found.remarks)
    if found.finished is not None:
        _warn(_sentence(found.finished))
        learner, place = load_run(folder, overrides, _path(data_root))
        return Model(learner, place=place.moved(data), run=folder, history=found.position.history)
    return _recorded(training, folder, on_epoch, found)


def _recorded(
    training: Training,
    folder: Path,
    on_epoch: Callable[[Epoch], None] | None,
    resumed: Resumed | None = None,
) -> Model:
    from nngraph.app.train import Listener

    history = [] if resumed is None else list(resumed.position.history)

    def hear(epoch: Epoch) -> None:
        history.append(epoch)
        if on_epoch is not None:
            on_epoch(epoch)

    _, number = training.record(folder, Listener(epoch=hear, remark=_warn), resumed)
    if number:  # the run is saved; now the signal acts, as the calling program wants it to
        signal.raise_signal(number)
    return Model(training.learner, place=training.place, run=folder, history=history)


def _sentence(end: Finished) -> str:
    return f"{end.sentence}; to train it further: nngraph.resume('{end.run}', {[*end.further]})"


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)


def _warn(*remarks: str) -> None:
    for remark in remarks:
        warnings.warn(remark, stacklevel=3)
