"""A chart as SVG: plots in rows, each with its axes, under a heading and a legend."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nngraph.render.colours import AXIS, DETAIL, TEXT, Colour
from nngraph.render.drawing import block, paper, rule, words
from nngraph.render.markup import Markup, join
from nngraph.render.plot.axes import Axes, grid
from nngraph.render.plot.legend import LEGEND_ROW, legend, legend_rows
from nngraph.render.plot.marks import Chart, Plot, Polyline, colours_of
from nngraph.render.plot.strokes import labels, mark_svg
from nngraph.render.words import clip_text

COLUMNS = 2
MARGIN, HEADING, NOTE = 16.0, 44.0, 44.0
LINE = 18.0  # of what is written over a plot
LEFT, BOTTOM = 58.0, 44.0  # beside and below a plot: numbers and names
EDGE, LABELLED = 24.0, 112.0  # right of it: nothing, or the names of lines


def chart_svg(chart: Chart) -> Markup:
    """The chart, light or dark as its reader wants it; for itself or inside a page."""
    above = max(map(_above, chart.plots), default=0.0)
    wide = LEFT + chart.width + (LABELLED if any(map(_has_labels, chart.plots)) else EDGE)
    tall = above + chart.height + BOTTOM
    columns = min(COLUMNS, max(1, len(chart.plots)))
    width = 2 * MARGIN + columns * wide
    heading = HEADING if chart.heading else 0.0
    keys = list(legend_rows(chart.legend, width - 2 * MARGIN - LEFT))
    top = heading + (MARGIN / 2 + LEGEND_ROW * len(keys) if keys else 0.0)
    plots = []
    for place, plot in enumerate(chart.plots):
        row, column = divmod(place, columns)
        x, y = MARGIN + column * wide + LEFT, top + row * tall + above
        plots.append(_plot(plot, Axes.of(plot, x, y, chart.width, chart.height)))
    rows = math.ceil(len(chart.plots) / columns)
    height = top + (rows * tall if rows else NOTE) + MARGIN
    return paper(
        chart.title,
        width,
        height,
        colours_of(chart),
        _heading(chart.heading, width),
        legend(keys, MARGIN + LEFT, heading + MARGIN / 2),
        plots or words(MARGIN + 6, top + NOTE - 12, chart.note, DETAIL, 13),
    )


def strip_svg(
    title: str, bars: Iterable[tuple[float, Colour] | None], width: float, height: float
) -> Markup:
    """Bars beside each other and nothing else, each a share of the height from 0 to 1 and its
    colour, or None for a gap; the lowest bar can still be seen."""
    bars = list(bars)
    step = width / max(1, len(bars))
    gap = min(1.0, 0.25 * step)
    drawn_bars = []
    for place, bar in enumerate(bars):
        if bar is not None:
            tall = max(1.0, min(1.0, max(0.0, bar[0])) * height)
            left = place * step
            drawn_bars.append(block(left, height - tall, step - gap, tall, bar[1]))
    colours = dict.fromkeys(bar[1] for bar in bars if bar is not None)
    return paper(
        title, width, height + 1, colours, rule(0, height, width, height, AXIS), drawn_bars
    )


def _has_labels(plot: Plot) -> bool:
    return any(isinstance(mark, Polyline) and mark.label for mark in plot.marks)


def _above(plot: Plot) -> float:
    """Room over the axes, for what is written there."""
    lines = [text for text in (plot.heading, plot.detail, plot.vertical.name) if text]
    edge = 14.0 if not lines else 8.0 if lines == [plot.vertical.name] else 22.0
    return edge + LINE * len(lines)


def _heading(text: str, width: float) -> Markup | None:
    if not text:
        return None
    return words(MARGIN + 6, 30, clip_text(text, 60 if width < 600 else 110), TEXT, 17, bold=True)


def _plot(plot: Plot, axes: Axes) -> Markup:
    """What is written over the axes, the axes, and the marks in their order."""
    top = axes.y - _above(plot)
    return join(
        words(axes.x, top + 22, clip_text(plot.heading, 60), TEXT, 14, bold=True),
        words(axes.x, top + 22 + LINE * bool(plot.heading), plot.detail, DETAIL, 11.5),
        grid(axes, plot.lines),
        (mark_svg(mark, axes) for mark in plot.marks),
        labels([mark for mark in plot.marks if isinstance(mark, Polyline)], axes),
    )
