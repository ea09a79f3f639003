"""`nngraph train SPEC`: train a network and write its run folder."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import (
    PARTS,
    chatter,
    figures_table,
    result,
    result_json,
    show_lints,
    warn,
)
from nngraph.cli.progress import Progress
from nngraph.diagnostics.wording import count
from nngraph.errors import NonFiniteError, UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.app.finished import Finished
    from nngraph.app.resume import Resumed
    from nngraph.app.train import Training
    from nngraph.app.write_back import WroteBack
    from nngraph.spec import Document
    from nngraph.train.data_files import DataPlace

MOST_GIVEN = 12  # numbers of a sample that is typed by hand


@click.command("train", short_help="Train a network with live progress; write a run folder.")
@click.argument("spec", required=False, type=PATH)
@click.option("-o", "--output", type=PATH, help="The run folder to write.")
@click.option(
    "--data",
    "data_file",
    type=PATH,
    help="A .csv or .npz file to train on, instead of the spec's data.",
)
@click.option(
    "--resume",
    metavar="RUN",
    type=PATH,
    help="Go on with a run that was stopped, from its newest checkpoint, to the same bits.",
)
@click.option(
    "--warm-start",
    is_flag=True,
    help="With --resume: begin a new run with the weights of that one, and nothing else of it.",
)
@click.option(
    "--show-schedule",
    is_flag=True,
    help="Show the learning rate of every epoch and stop; `-o FILE.svg` draws it.",
)
@click.option(
    "--write-back",
    is_flag=True,
    help="Write the trained weights into the file of the spec; all else in it stays as it is.",
)
@common_options
def command(
    spec: Path | None,
    output: Path | None,
    data_file: Path | None,
    resume: Path | None,
    warm_start: bool,
    show_schedule: bool,
    write_back: bool,
    options: Options,
) -> int:
    """Train a network with live progress.

    The run folder (runs/NAME-001, counting up) gets the spec, the weights, the figures of every
    epoch, checkpoints, the learning curves and a drawing. Ctrl-C ends after the running step and
    saves the run; `nngraph train --resume RUN` goes on with it. With --write-back the file is also
    the result: numbers of single neurons are written where they stand, arrays of layers to a .npz
    file that the edges name.
    """
    _refuse(spec, output, resume, warm_start)
    if write_back and spec is None:
        raise UsageError(diagnostic("E002:write-back-where"))
    from nngraph.app.train import prepare

    training = prepare(*_document(spec, resume, data_file, options))
    show_lints(training.lints)
    if show_schedule:
        from nngraph.cli import schedule_view

        return schedule_view.show_schedule(training, output, options)
    into = spec if write_back else None
    if into is not None:
        from nngraph.app.write_back import check_write_back

        check_write_back(training.learner, into)
    if resume is not None and not warm_start:
        return _go_on(training, resume, into, options)
    if resume is not None:
        _take_weights(training, resume)
    return _record(training, training.new_folder(output), into, options)


def _refuse(spec: Path | None, output: Path | None, resume: Path | None, warm_start: bool) -> None:
    """What cannot be meant."""
    if warm_start and resume is None:
        raise UsageError(diagnostic("E002:warm-start"))
    if resume is not None and not warm_start and output is not None:
        raise UsageError(diagnostic("E002:resume-elsewhere", run=resume))
    if spec is None and resume is None:
        raise UsageError(diagnostic("E002:train-what"))
    if spec is not None and spec.is_dir():
        key = "E002:train-run" if (spec / "spec.yaml").exists() else "E002:train-folder"
        raise UsageError(diagnostic(key, folder=spec))


def _document(
    spec: Path | None, resume: Path | None, data_file: Path | None, options: Options
) -> tuple[Document, DataPlace]:
    """The spec that is named, or else that of the run; and where the data lie."""
    from nngraph.app.preparing import with_seed
    from nngraph.app.resume import spec_of_run
    from nngraph.spec import read_spec
    from nngraph.train.data_files import HERE

    document, place = None, HERE
    overrides = with_seed(options.overrides, options.seed)
    if resume is not None:
        changes = overrides if spec is None else ()
        document, place = spec_of_run(resume, changes, options.data_root)
    if spec is not None:
        document = read_spec(spec, overrides, options.data_root)
    assert document is not None
    return document, place.moved(data_file)


def _go_on(training: Training, run: Path, into: Path | None, options: Options) -> int:
    """Train on from the newest checkpoint."""
    from nngraph.app.resume import resume

    found = resume(training.learner, training.data, run)
    for remark in found.remarks:
        warn(remark)
    if found.finished is not None:
        _say_finished(found.finished, options)
        if into is not None:
            from nngraph.app.write_back import write_back_run

            _say_written(write_back_run(run, into, options.data_root))
        return 0
    chatter(f"going on with {run} after {count(found.step, 'step')}")
    return _record(training, run, into, options, found)


def _say_finished(end: Finished, options: Options) -> None:
    """There is nothing to do: its figures, and what trains it further."""
    chatter(end.sentence)
    chatter(f"to train it further: {end.command}")
    _show(end.summary, end.run, options)


def _take_weights(training: Training, run: Path) -> None:
    from nngraph.app.resume import warm_start

    for remark in warm_start(training.learner, run):
        warn(remark)
    chatter(f"beginning with the weights of {run}")


def _record(
    training: Training,
    folder: Path,
    into: Path | None,
    options: Options,
    resumed: Resumed | None = None,
) -> int:
    """Train, show the progress, and tell what came of it; its weights go `into` a spec."""
    from nngraph.app.train import Listener

    done = 0 if resumed is None else resumed.position.epoch - 1
    with (
        Progress(training.epochs, training.rows, done) as progress,
        _compilations(training, progress),
        _leaving_a_word(folder),
    ):
        listener = Listener(progress.epoch, warn, progress.batch)
        summary, signal = training.record(folder, listener, resumed)
    if not signal:
        _tell(summary, folder, options)
        if into is not None:
            from nngraph.app.write_back import write_back_learner

            began_with = training.learner.document.source.text
            _say_written(write_back_learner(training.learner, into, began_with))
        if sys.stderr.isatty() and not options.as_json:
            _tell_what_is_next(training, folder)
        return 0
    with contextlib.suppress(OSError):  # a terminal that was hung up; the run is saved
        _tell(summary, folder, options)
        chatter(f"to go on: nngraph train --resume {shlex.quote(str(folder))}")
    return 128 + signal


def _say_written(wrote: WroteBack) -> None:
    """What became of the spec."""
    chatter(wrote.sentence)
    for remark in wrote.remarks:
        warn(remark)


def _compilations(
    training: Training, progress: Progress
) -> contextlib.AbstractContextManager[None]:
    """Say when kernels are compiled; without kernels nothing of them is imported."""
    if not training.learner.network.target.rows:
        return contextlib.nullcontext()
    from nngraph.kernels.compiled.jit import compilations_told

    return compilations_told(progress.compiling)


@contextlib.contextmanager
def _leaving_a_word(folder: Path) -> Iterator[None]:
    """Where numbers became non-finite, say that what was learnt before is not lost."""
    try:
        yield
    except NonFiniteError:
        chatter(f"the last checkpoint in {folder} is finite; other options can begin with it:")
        chatter(f"nngraph train --resume {shlex.quote(str(folder))} --warm-start -s ...")
        raise


def _tell_what_is_next(training: Training, run: Path) -> None:
    """Commands that can be typed as they stand."""
    name = shlex.quote(str(run))
    given = _something_given(training)
    chatter(f"next: nngraph report {name}")
    chatter(f"      nngraph render {name}")
    chatter(f"      nngraph predict {name} {given}")


def _something_given(training: Training) -> str:
    """What `predict` may be asked: a sample by hand where it is short, else a file."""
    from nngraph.train.ports import input_ports

    ports = input_ports(training.learner.network, training.learner.normalizers)
    if len(ports) == 1 and len(ports[0].shape) == 3:
        return "--input photo.png --resize"
    columns = [column for port in ports for column in port.named_columns]
    if all(port.named_columns for port in ports) and len(columns) <= MOST_GIVEN:
        from nngraph.insight.cells import input_cells, typed

        data = training.data
        first = input_cells(ports, data.normalizers, data.parts["train"], slice(0, 1))
        return f"--given {shlex.quote(typed(first))}"
    is_short = sum(port.size for port in ports) <= MOST_GIVEN
    if not is_short or any(len(port.shape) > 1 or port.categories for port in ports):
        return (
            "--input new.csv" if all(len(port.shape) < 2 for port in ports) else "--input new.npz"
        )
    zeros = [f"{port.name}={[0] * port.size if port.shape else 0}" for port in ports]
    return f"--given {shlex.quote(', '.join(zeros))}"


def _tell(summary: dict[str, Any], folder: Path, options: Options) -> None:
    word = "interrupted after" if summary["interrupted"] else "trained"
    epochs, steps = count(summary["epochs"], "epoch"), count(summary["steps"], "step")
    chatter(f"{word} {epochs} ({steps}) in {summary['seconds']:.2g} s; the run is in {folder}")
    _show(summary, folder, options)


def _show(summary: Mapping[str, Any], folder: Path, options: Options) -> None:
    if options.as_json:
        result_json({**summary, "run": str(folder)})
        return
    result(figures_table({part: summary[part] for part in PARTS if part in summary}))
