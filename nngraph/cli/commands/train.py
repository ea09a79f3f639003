"""`nngraph train SPEC`: train a network and write its run folder."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import DATA_ROOT, Options, common_options
from nngraph.cli.output import chatter, count, number, result, result_json, show_lints, table, warn
from nngraph.cli.progress import Progress
from nngraph.errors import Diagnostic, NonFiniteError, UsageError

if TYPE_CHECKING:
    from nngraph.data import DataSet
    from nngraph.spec import Document
    from nngraph.train import DataPlace, Epoch, Network, Position

PARTS = ("train", "validation", "test")


@click.command("train", short_help="Train a network with live progress; write a run folder.")
@click.argument("spec", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The run folder to write.")
@click.option(
    "--data",
    "data_file",
    type=click.Path(path_type=Path),
    help="A .csv or .npz file to train on, instead of the spec's data.",
)
@DATA_ROOT
@click.option(
    "--resume",
    metavar="RUN",
    type=click.Path(path_type=Path),
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
@common_options
def command(
    spec: Path | None,
    output: Path | None,
    data_file: Path | None,
    resume: Path | None,
    warm_start: bool,
    show_schedule: bool,
    options: Options,
) -> int:
    """Train a network with live progress.

    The run folder (runs/NAME-001, counting up) gets the spec, the weights, the figures of every
    epoch, checkpoints, the learning curves and a drawing. Ctrl-C ends after the running step and
    saves the run; `nngraph train --resume RUN` goes on with it.
    """
    _refuse(spec, output, resume, warm_start)
    if options.seed is not None:
        options = replace(options, overrides=(*options.overrides, f"train.seed={options.seed}"))
    from nngraph.train import DataPlace

    document, place = _document(spec, resume, options)
    if data_file is not None or options.data_root is not None:
        place = DataPlace(data_file or place.file, options.data_root or place.root)
    network, data = _prepare(document, place)
    if show_schedule:
        from nngraph.cli import schedule_view

        return schedule_view.show_schedule(network, data.parts["train"].rows, output, options)
    if resume is not None and not warm_start:
        return _go_on(network, data, place, resume, options)
    if resume is not None:
        _take_weights(network, resume)
    return _run(network, data, place, output, options)


def _refuse(spec: Path | None, output: Path | None, resume: Path | None, warm_start: bool) -> None:
    """What cannot be meant."""
    if warm_start and resume is None:
        raise UsageError("--warm-start says what to take of a run: add --resume RUN")
    if resume is not None and not warm_start and output is not None:
        message = f"-o names a new folder, but the run goes on in its own, '{resume}'"
        advice = "leave -o out; with --warm-start a new run begins"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    if spec is None and resume is None:
        advice = "to go on with a run: nngraph train --resume RUN"
        message = "name the spec to train"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    if spec is not None and spec.is_dir():
        message = f"'{spec}' is a folder; training starts from a spec"
        advice = f"to go on with a run: nngraph train --resume {spec}"
        if (spec / "spec.yaml").exists():
            advice += f"; to train it anew: nngraph train {spec / 'spec.yaml'}"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))


def _document(
    spec: Path | None, resume: Path | None, options: Options
) -> tuple[Document, DataPlace]:
    """The spec that is named, or else that of the run; and where the data of the run lie."""
    from nngraph.spec import read_spec
    from nngraph.train import HERE, spec_of_run

    document, place = None, HERE
    if resume is not None:
        document, place = spec_of_run(resume, options.overrides if spec is None else ())
    if spec is not None:
        document = read_spec(spec, options.overrides)
    assert document is not None
    return document, place


def _prepare(document: Document, place: DataPlace) -> tuple[Network, DataSet]:
    """Everything that can be wrong is found before a folder is made."""
    from nngraph.insight.lints import lints_of
    from nngraph.train import Network, check_monitor, figure_names, load_data, metric_plans

    network = Network.start(document).with_training()
    plans = metric_plans(network.compiled)
    data = load_data(network, place)
    network.compiled.check_memory(network.settings(data.parts["train"].rows).batch_size)
    nodes = network.compiled.output_nodes
    check_monitor(network.document, figure_names(plans, nodes, "validation" in data.parts))
    show_lints(lints_of(network.compiled))
    return network, data


def _go_on(
    network: Network, data: DataSet, place: DataPlace, folder: Path, options: Options
) -> int:
    """Train on from the newest checkpoint."""
    from nngraph.train import resume

    found = resume(network, data, folder)
    for remark in found.remarks:
        warn(remark)
    chatter(f"going on with {folder} after {count(found.step, 'step')}")
    return _record(network, data, place, folder, options, found.position)


def _take_weights(network: Network, run: Path) -> None:
    from nngraph.train import warm_start

    for remark in warm_start(network, run):
        warn(remark)
    chatter(f"beginning with the weights of {run}")


def _run(
    network: Network, data: DataSet, place: DataPlace, output: Path | None, options: Options
) -> int:
    from nngraph.train import new_folder

    folder = new_folder(network.document.name, output)
    return _record(network, data, place, folder, options, None)


def _record(
    network: Network,
    data: DataSet,
    place: DataPlace,
    folder: Path,
    options: Options,
    position: Position | None,
) -> int:
    """Train, show the progress, and tell what came of it."""
    from nngraph.insight.drawings import draw_run
    from nngraph.train import Observer, Statistics, record_training, rows_of

    rows = data.parts["train"].rows

    def draw(history: Sequence[Epoch]) -> None:
        if word := draw_run(folder, network, history):
            warn(word)

    epochs = network.settings(rows).epochs
    statistics = Statistics(network, rows_of(data.parts["train"]), folder, epochs)
    done = 0 if position is None else position.epoch - 1
    with Progress(epochs, rows, done) as progress:

        def see(epoch: Epoch) -> None:
            progress.epoch(epoch)
            statistics.epoch(epoch)

        observer = Observer(progress.batch, see, draw)
        with _leaving_a_word(folder):
            summary, signal = record_training(
                network, data, folder, place=place, observer=observer, position=position
            )
    if not signal:
        _tell(summary, folder, options)
        return 0
    with contextlib.suppress(OSError):  # a terminal that was hung up; the run is saved
        _tell(summary, folder, options)
        chatter(f"to go on: nngraph train --resume {shlex.quote(str(folder))}")
    return 128 + signal


@contextlib.contextmanager
def _leaving_a_word(folder: Path) -> Iterator[None]:
    """Where numbers became non-finite, say that what was learnt before is not lost."""
    try:
        yield
    except NonFiniteError:
        chatter(f"the last checkpoint in {folder} is finite; other options can begin with it:")
        chatter(f"nngraph train --resume {shlex.quote(str(folder))} --warm-start -s ...")
        raise


def _tell(summary: dict[str, Any], folder: Path, options: Options) -> None:
    word = "interrupted after" if summary["interrupted"] else "trained"
    epochs, steps = count(summary["epochs"], "epoch"), count(summary["steps"], "step")
    chatter(f"{word} {epochs} ({steps}) in {summary['seconds']:.2g} s; the run is in {folder}")
    if options.as_json:
        result_json({**summary, "run": str(folder)})
        return
    result(figures_table({part: summary[part] for part in PARTS if part in summary}))


def figures_table(parts: dict[str, dict[str, float]]) -> str:
    """Figures of each part, one line a part."""
    names = list(dict.fromkeys(name for figures in parts.values() for name in figures))
    rows = [[part, *(number(figures[name]) for name in names)] for part, figures in parts.items()]
    return table(["", *names], rows)
