"""`nngraph compare RUN RUN...`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import JSON, PATH
from nngraph.cli.output import chatter, number, result, result_json, table
from nngraph.cli.theme import THEME
from nngraph.render.colours import Theme

if TYPE_CHECKING:
    from nngraph.insight.compare import Compared, Comparison

WIDEST = 24  # characters of a run's name or a value


@click.command("compare", short_help="Put runs side by side: figures, specs, curves.")
@click.argument("runs", metavar="RUN RUN...", nargs=-1, type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Write an .html page with tables and curves, or an .svg with the curves.",
)
@THEME
@JSON
def command(runs: tuple[Path, ...], output: Path | None, theme: Theme, as_json: bool) -> None:
    """Put runs side by side.

    Shown are the keys of their specs that differ, their final figures (* is the best), parameters
    and seconds. Nothing is computed anew: it is all read from the run folders.
    """
    from nngraph.app.compare import compare

    comparison = compare(*runs, output=output, theme=theme)
    if output is not None:
        chatter(f"wrote {output}")
    if as_json:
        result_json(comparison.to_json())
    else:
        result(_as_text(comparison))


def _as_text(comparison: Comparison) -> str:
    header = ["", *(_short(run.label) for run in comparison.runs)]
    blocks = [
        [_row(line) for line in lines]
        for lines in (comparison.differing, comparison.figures, comparison.facts)
        if lines
    ]
    rows = [row for block in blocks for row in (*block, [""] * len(header))]
    text = table(header, rows[:-1])
    return text if comparison.differing else f"{text}\n\nthe runs have the same spec"


def _row(line: Compared) -> list[str]:
    """A name and a value per run; a star at the best, a blank at the others, to keep the line."""
    tail = " " if line.best else ""
    cells = [_shown(v) + ("*" if k in line.best else tail) for k, v in enumerate(line.values)]
    return [line.name, *cells]


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return _short(value)
    return f"{value:,.0f}" if float(value).is_integer() else number(value, 5)


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
