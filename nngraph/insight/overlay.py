"""Learning curves of several runs in one picture: a plot per figure, a line per run."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.insight.compare import RunFacts
from nngraph.insight.curves import epoch_axis, figure_axis
from nngraph.insight.history import Curve, panels
from nngraph.render.colours import SERIES, Colour, series
from nngraph.render.markup import Markup
from nngraph.render.plot import Chart, LegendEntry, Plot, Polyline, chart_svg
from nngraph.render.words import clip_text

DASHES = (None, "7 4", "2 3")  # once the colours are used up


def overlay_svg(runs: Sequence[RunFacts]) -> Markup:
    """The picture as SVG, for itself or inside a page.

    Of each figure the validation part is shown where a run has one, else the training part.
    """
    found: dict[str, list[tuple[int, Curve]]] = {}
    for place, run in enumerate(runs):
        for panel in panels(run.history):
            found.setdefault(panel.figure, []).append((place, panel.deciding))
    plots = tuple(_plot(figure, curves) for figure, curves in found.items())
    legend = tuple(LegendEntry(run.label, _colour(k), _dashes(k)) for k, run in enumerate(runs))
    title = "learning curves of " + ", ".join(clip_text(run.label, 40) for run in runs)
    return chart_svg(Chart(title, plots, legend=legend, width=400, height=206))


def _plot(figure: str, curves: Sequence[tuple[int, Curve]]) -> Plot:
    lines = [curve for _, curve in curves]
    vertical = figure_axis(figure, lines)
    parts = " or ".join(dict.fromkeys(curve.part for curve in lines))
    scale = ", log scale" if vertical.logarithmic else ""
    marks = tuple(Polyline(curve.points, _colour(k), dashes=_dashes(k)) for k, curve in curves)
    heading = f"{clip_text(figure.replace('_', ' '), 40)} ({parts}){scale}"
    return Plot(epoch_axis(lines), vertical, marks, heading)


def _colour(run: int) -> Colour:
    return series(f"run{run % len(SERIES)}", run)


def _dashes(run: int) -> str | None:
    return DASHES[run // len(SERIES) % len(DASHES)]
