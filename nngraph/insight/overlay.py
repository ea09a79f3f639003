"""Learning curves of several runs in one picture: a panel per figure, a line per run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nngraph.insight.colours import COLOURS
from nngraph.insight.compare import RunFacts
from nngraph.insight.report.markup import Markup, join, tag
from nngraph.render.curves import LOGARITHMIC_FROM, Axes
from nngraph.render.history import Line, panels, thinned
from nngraph.render.ticks import integer_ticks, linear_ticks, log_ticks, tick_text
from nngraph.render.words import clip

PANEL_WIDTH, PANEL_HEIGHT = 490.0, 300.0
LEFT, TOP, WIDTH, HEIGHT = 58.0, 40.0, 400.0, 206.0
LEGEND_ROW = 22.0
MARGIN = 16.0
DASHES = (None, "7 4", "2 3")  # once the colours are used up
INK = {"paper": ("#ffffff", "#14171c"), "text": ("#1b2230", "#eceff4")}
INK |= {"detail": ("#5a6372", "#a9b1be"), "grid": ("#e3e6eb", "#2a2f38")}


@dataclass(frozen=True)
class _Curve:
    """One run's line of a figure."""

    run: int
    line: Line


def overlay_svg(runs: Sequence[RunFacts]) -> Markup:
    """The picture as SVG, for itself or inside a page.

    Of each figure the validation part is shown where a run has one, else the training part.
    """
    figures = _figures(runs)
    columns = min(2, max(1, len(figures)))
    rows = math.ceil(len(figures) / columns)
    legend = MARGIN + LEGEND_ROW * len(runs)
    width = 2 * MARGIN + columns * PANEL_WIDTH
    height = legend + rows * PANEL_HEIGHT + MARGIN
    drawn = [
        _panel(
            name,
            curves,
            MARGIN + (place % columns) * PANEL_WIDTH,
            legend + (place // columns) * PANEL_HEIGHT,
        )
        for place, (name, curves) in enumerate(figures.items())
    ]
    return tag(
        "svg",
        tag("title", "learning curves of " + ", ".join(clip(run.label, 40) for run in runs)),
        tag("style", Markup(_style())),
        tag("rect", class_="paper", width=f"{width:g}", height=f"{height:g}"),
        [_legend(place, run.label) for place, run in enumerate(runs)],
        drawn,
        xmlns="http://www.w3.org/2000/svg",
        class_="nngraph-overlay",
        role="img",
        width=f"{width:g}",
        height=f"{height:g}",
        viewBox=f"0 0 {width:g} {height:g}",
        font_family="Helvetica,Arial,sans-serif",
        style="max-width:100%;height:auto",
    )


def _style() -> str:
    """Light first; dark where the reader wants it. No more than this picture is touched."""
    light, dark = _rules(0), _rules(1)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _rules(theme: int) -> str:
    root = ".nngraph-overlay"
    rules = [f"{root} .{n}{{fill:{c[theme]}}}" for n, c in INK.items() if n != "grid"]
    rules.append(f"{root} .grid{{stroke:{INK['grid'][theme]}}}")
    rules += [
        f"{root} .run{k}{{stroke:{colour[theme]};fill:none}}{root} .dot{k}{{fill:{colour[theme]}}}"
        for k, colour in enumerate(COLOURS)
    ]
    return "".join(rules)


def _figures(runs: Sequence[RunFacts]) -> dict[str, list[_Curve]]:
    found: dict[str, list[_Curve]] = {}
    for place, run in enumerate(runs):
        for panel in panels(run.history):
            found.setdefault(panel.figure, []).append(_Curve(place, panel.judged))
    return found


def _legend(place: int, label: str) -> Markup:
    y = MARGIN + LEGEND_ROW * place + 8
    line = _stroke(place, f"M{MARGIN + LEFT:g},{y:g} h34")
    return join(line, _text(MARGIN + LEFT + 44, y + 4, clip(label, 90), "text", "start", 13))


def _stroke(run: int, path: str) -> Markup:
    dashes = DASHES[run // len(COLOURS) % len(DASHES)]
    return tag(
        "path",
        class_=f"run{run % len(COLOURS)}",
        d=path,
        stroke_width="2",
        stroke_linejoin="round",
        stroke_linecap="round",
        stroke_dasharray=dashes,
    )


def _panel(name: str, curves: Sequence[_Curve], left: float, top: float) -> Markup:
    axes = _axes(name, curves, left + LEFT, top + TOP)
    parts = dict.fromkeys(curve.line.part for curve in curves)
    heading = f"{name.replace('_', ' ')} ({' or '.join(parts)})"
    heading += ", log scale" if axes.logarithmic else ""
    lines = [_line(curve, axes) for curve in curves]
    return join(_text(axes.x, top + 24, clip(heading, 60), "text", "start", 14), _grid(axes), lines)


def _axes(name: str, curves: Sequence[_Curve], x: float, y: float) -> Axes:
    epochs = [epoch for curve in curves for epoch, _ in curve.line.points] or [1.0]
    values = [value for curve in curves for _, value in curve.line.finite] or [0.0, 1.0]
    first, last, low, high = min(epochs), max(epochs), min(values), max(values)
    if low > 0 and high / low >= LOGARITHMIC_FROM:
        return Axes(x, y, first, last, low / 1.15, high * 1.15, True, WIDTH, HEIGHT)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 0.5
    return Axes(x, y, first, last, low - room, high + room, False, WIDTH, HEIGHT)


def _grid(axes: Axes) -> Markup:
    ticks = log_ticks if axes.logarithmic else linear_ticks
    right, floor = axes.x + axes.width, axes.y + axes.height
    parts = []
    for value in ticks(axes.low, axes.high):
        y = axes.down(value)
        parts.append(_rule(axes.x, y, right, y))
        parts.append(_text(axes.x - 8, y + 4, tick_text(value), "detail", "end"))
    for epoch in integer_ticks(math.ceil(axes.first), math.floor(axes.last)):
        x = axes.across(epoch)
        parts.append(_rule(x, floor, x, floor + 4))
        parts.append(_text(x, floor + 18, f"{epoch:,}", "detail", "middle"))
    parts.append(_text(axes.x + axes.width / 2, floor + 35, "epoch", "detail", "middle"))
    return join(_rule(axes.x, floor, right, floor), parts)


def _line(curve: _Curve, axes: Axes) -> Markup:
    """The line, broken where a value is not finite; a single point is a dot."""
    pieces: list[list[str]] = [[]]
    for epoch, value in thinned(curve.line, int(axes.width)):
        if math.isfinite(value) and (value > 0 or not axes.logarithmic):
            pieces[-1].append(f"{axes.across(epoch):.2f},{axes.down(value):.2f}")
        elif pieces[-1]:
            pieces.append([])
    drawn = []
    for piece in pieces:
        if len(piece) == 1:
            x, _, y = piece[0].partition(",")
            dot = f"dot{curve.run % len(COLOURS)}"
            drawn.append(tag("circle", class_=dot, cx=x, cy=y, r="3.5"))
        elif piece:
            drawn.append(_stroke(curve.run, "M" + " L".join(piece)))
    return join(drawn)


def _rule(x1: float, y1: float, x2: float, y2: float) -> Markup:
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return tag("line", class_="grid", **{key: f"{value:.2f}" for key, value in places.items()})


def _text(x: float, y: float, text: str, kind: str, anchor: str, size: float = 11) -> Markup:
    place = {"x": f"{x:.2f}", "y": f"{y:.2f}", "text_anchor": anchor, "font_size": f"{size:g}"}
    return tag("text", text, class_=kind, **place)
