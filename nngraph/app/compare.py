"""Runs side by side, as data and as a page."""

from __future__ import annotations

from pathlib import Path

from nngraph.errors import UsageError, diagnostic
from nngraph.files import write_atomically
from nngraph.insight.compare import Comparison, compare_runs
from nngraph.insight.compare_page import compare_html
from nngraph.insight.overlay import overlay_svg
from nngraph.render.colours import Theme, in_theme

ENDINGS = (".html", ".htm", ".svg")


def compare(
    *runs: str | Path, output: str | Path | None = None, theme: Theme = "auto"
) -> Comparison:
    """Put run folders side by side: what differs in their specs, their figures, the best of each.

    Nothing is computed anew. `output` gets a page with tables and curves (.html), or the curves
    alone (.svg), light, dark or as the reader prefers.

    Errors: UsageError for fewer than two runs, one named twice, another ending of `output`;
    FileError for what is no run.
    """
    path = None if output is None else Path(output)
    if path is not None and path.suffix.lower() not in ENDINGS:
        raise UsageError(diagnostic("E002:comparison-file", file=path.name))
    comparison = compare_runs([Path(run) for run in runs])
    if path is not None:
        write_atomically(path, in_theme(_page(comparison, path.suffix.lower()), theme).encode())
    return comparison


def _page(comparison: Comparison, ending: str) -> str:
    return f"{overlay_svg(comparison.runs)}\n" if ending == ".svg" else compare_html(comparison)
