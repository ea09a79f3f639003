"""`nngraph evaluate SPEC|RUN`: loss and metrics on a part of the data."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import PARTS, figures_table, result, result_json
from nngraph.cli.subject import SUBJECT, open_with_weights
from nngraph.errors import UsageError, diagnostic


@click.command("evaluate", short_help="Compute the loss and the metrics on any part of the data.")
@SUBJECT
@click.option("--part", type=click.Choice(PARTS), help="Only this part; by default every one.")
@click.option(
    "--data",
    "data_file",
    type=PATH,
    help="A .csv or .npz file instead of the data of the spec or run; all its rows are used.",
)
@INITIAL
@common_options
def command(
    subject: Path, part: str | None, data_file: Path | None, initial: bool, options: Options
) -> None:
    """Compute the loss and the metrics with the weights of a run (or a spec that gives them all).

    Nothing is random here: dropout and its like are switched off. With --json each part of the
    data also gets its confusion matrix (rows are what is true, columns the answers), with
    precision, recall and F1 of each class, where the network answers with a class.
    """
    model = open_with_weights(subject, options, initial=initial)
    from nngraph.app.evaluate import all_rows, chosen_parts, evaluate

    if data_file is not None:
        _refuse_both(part)
        parts = {data_file.name: all_rows(model.learner, data_file)}
    else:
        parts = chosen_parts(model.data, part)
    figures = evaluate(model.learner, parts, answers=options.as_json)
    if options.as_json:
        result_json(figures)
    else:
        result(figures_table(figures))


def _refuse_both(part: str | None) -> None:
    if part is not None:
        raise UsageError(diagnostic("E002:part-and-data"))
