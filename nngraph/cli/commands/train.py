"""`nngraph train SPEC`: train a network and write its run folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import DATA_ROOT, Options, common_options
from nngraph.cli.output import chatter, count, number, result, result_json, show_lints, table, warn
from nngraph.cli.progress import Progress
from nngraph.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from nngraph.data import DataSet
    from nngraph.train import DataPlace, Epoch, Network

PARTS = ("train", "validation", "test")


@click.command("train", short_help="Train a network with live progress; write a run folder.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The run folder to write.")
@click.option(
    "--data",
    "data_file",
    type=click.Path(path_type=Path),
    help="A .csv or .npz file to train on, instead of the spec's data.",
)
@DATA_ROOT
@click.option("--resume", metavar="RUN", hidden=True, help="Not available in nngraph 0.1.")
@common_options
def command(
    spec: Path, output: Path | None, data_file: Path | None, resume: str | None, options: Options
) -> int:
    """Train a network with live progress.

    The run folder (runs/NAME-001, counting up) gets the spec, the weights, the figures of every
    epoch, the learning curves and a drawing. Ctrl-C ends after the running step and keeps what
    was learnt.
    """
    _refuse(spec, resume)
    if options.seed is not None:
        options = replace(options, overrides=(*options.overrides, f"train.seed={options.seed}"))
    from nngraph.train import DataPlace

    place = DataPlace(data_file, options.data_root)
    network, data = _prepare(spec, place, options)
    return _run(network, data, place, output, options)


def _refuse(spec: Path, resume: str | None) -> None:
    if resume is not None:
        raise UsageError("'--resume' (continuing a run) is not available in nngraph 0.1")
    if spec.is_dir():
        message = f"'{spec}' is a folder; training starts from a spec"
        advice = f"to train it anew: nngraph train {spec / 'spec.yaml'}"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))


def _prepare(spec: Path, place: DataPlace, options: Options) -> tuple[Network, DataSet]:
    """Everything that can be wrong is found before a folder is made."""
    from nngraph.insight.lints import lints_of
    from nngraph.spec import read_spec
    from nngraph.train import Network, load_data, metric_plans

    network = Network.start(read_spec(spec, options.overrides)).with_training()
    metric_plans(network.compiled)
    data = load_data(network, place)
    network.compiled.check_memory(network.settings(data.parts["train"].rows).batch_size)
    show_lints(lints_of(network.compiled))
    return network, data


def _run(
    network: Network, data: DataSet, place: DataPlace, output: Path | None, options: Options
) -> int:
    from nngraph.insight.drawings import draw_run
    from nngraph.train import Observer, Statistics, new_folder, record_training, rows_of

    folder = new_folder(network.document.name, output)
    rows = data.parts["train"].rows

    def draw(history: Sequence[Epoch]) -> None:
        if word := draw_run(folder, network, history):
            warn(word)

    epochs = network.settings(rows).epochs
    statistics = Statistics(network, rows_of(data.parts["train"]), folder, epochs)
    with Progress(epochs, rows) as progress:

        def see(epoch: Epoch) -> None:
            progress.epoch(epoch)
            statistics.epoch(epoch)

        observer = Observer(progress.batch, see, draw)
        summary, signal = record_training(network, data, folder, place=place, observer=observer)
    _tell(summary, folder, options)
    return 128 + signal if signal else 0


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
