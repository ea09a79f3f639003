"""`nngraph report RUN [-o report.html]`: tell of a run in one HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import chatter, result_json, size
from nngraph.cli.theme import THEME
from nngraph.errors import UsageError, diagnostic
from nngraph.render.colours import Theme

NAME = "report.html"
STUDY = "study.json"  # what a folder of `tune` holds and a run does not


@click.command("report", short_help="Write a report about a run: one HTML file.")
@click.argument("run", metavar="RUN", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help=f"The file to write; by default {NAME} in the run folder.",
)
@click.option(
    "--tensorboard",
    "events",
    metavar="FOLDER",
    type=PATH,
    help="Also write the figures of every epoch as TensorBoard event files into FOLDER.",
)
@THEME
@common_options
def command(
    run: Path, output: Path | None, events: Path | None, theme: Theme, options: Options
) -> None:
    """Write a report about a run, or about a study of 'nngraph tune'.

    One HTML file that needs no network and no script: learning curves, final figures, what was
    taken for what, the worst examples, gradients and activations of every node over the epochs,
    the picture of the network, the spec and the environment.
    """
    _refuse(run, options)
    from nngraph.app.report import check_page_name, write_events, write_report
    from nngraph.insight.report import read_story

    path = output if output is not None else run / NAME
    check_page_name(path)
    if (run / STUDY).exists():
        _of_study(run, path, events, theme, options)
        return
    story = read_story(run, options.overrides, options.data_root)
    written = write_report(story, path, theme)
    if events is not None:
        write_events(story, events)
        chatter(f"wrote event files below {events}; to look:")
        chatter(f"tensorboard --logdir {events}")
    _tell(path, written, options)


def _of_study(study: Path, path: Path, events: Path | None, theme: Theme, options: Options) -> None:
    """A study has no epochs, and its spec stays as it is."""
    from nngraph.search.study import needs_optuna

    if events is not None or options.overrides:
        raise UsageError(diagnostic("E002:report-of-study", study=study))
    needs_optuna()
    from nngraph.search.report import write_study_report
    from nngraph.search.session import Session

    session = Session.open(None, study=study, data_root=options.data_root)
    _tell(path, write_study_report(session.trials, path, theme), options)


def _tell(path: Path, written: int, options: Options) -> None:
    if options.as_json:
        result_json({"file": str(path), "bytes": written})
    else:
        chatter(f"wrote {path} ({size(written)})")


def _refuse(run: Path, options: Options) -> None:
    if run.is_file():
        raise UsageError(diagnostic("E002:report-of-file", file=run))
    if options.seed is not None:
        raise UsageError(diagnostic("E002:seed"))
