"""`nngraph report RUN [-o report.html]`: tell of a run in one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import DATA_ROOT, Options, common_options
from nngraph.cli.output import chatter, result_json, size
from nngraph.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from nngraph.insight.report import Story

NAME = "report.html"


@click.command("report", short_help="Write a report about a run: one HTML file.")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help=f"The file to write; by default {NAME} in the run folder.",
)
@click.option(
    "--tensorboard",
    "events",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Also write the figures of every epoch as TensorBoard event files into FOLDER.",
)
@DATA_ROOT
@common_options
def command(run: Path, output: Path | None, events: Path | None, options: Options) -> None:
    """Write a report about a run.

    One HTML file that needs no network and no script: learning curves, final figures, what was
    taken for what, the worst examples, gradients and activations of every node over the epochs,
    the picture of the network, the spec and the environment.
    """
    _refuse(run, options)
    from nngraph.files import write_atomically
    from nngraph.insight.report import read_story, report_html

    path = output if output is not None else run / NAME
    if path.suffix.lower() not in (".html", ".htm"):
        message = f"a report is an HTML file, and '{path.name}' has another ending"
        advice = f"-o {path.with_suffix('.html').name}"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    story = read_story(run, options.overrides, options.data_root)
    content = report_html(story).encode()
    write_atomically(path, content)
    if events is not None:
        _write_events(story, events)
    if options.as_json:
        result_json({"file": str(path), "bytes": len(content)})
    else:
        chatter(f"wrote {path} ({size(len(content))})")


def _write_events(story: Story, folder: Path) -> None:
    """FOLDER/RUN/PART/events...: the parts of the data are what TensorBoard calls runs."""
    from nngraph.files import write_atomically
    from nngraph.insight.events import events_by_part
    from nngraph.train.run_folder import RESOLVED

    started = (story.folder / RESOLVED).stat().st_mtime  # written just before the first step
    for part, content in events_by_part(story.history, started).items():
        place = folder / story.folder.resolve().name / part
        place.mkdir(parents=True, exist_ok=True)
        write_atomically(place / f"events.out.tfevents.{int(started)}.nngraph", content)
    chatter(f"wrote event files below {folder}; to look: tensorboard --logdir {folder}")


def _refuse(run: Path, options: Options) -> None:
    if run.is_file():
        message = f"'{run}' is a file; a report tells of a run folder"
        advice = f"train it first: nngraph train {run}"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    if options.seed is not None:
        raise UsageError("--seed decides first weights and order; a run has been trained already")
