"""Training curves as SVG: one plot per figure, one line per part of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nngraph.insight.history import Curve, Panel, panels
from nngraph.render.colours import series
from nngraph.render.markup import Markup
from nngraph.render.plot import (
    Axis,
    Chart,
    Mark,
    Plot,
    Polyline,
    Ring,
    axis_of,
    chart_svg,
    spans_decades,
)
from nngraph.render.words import clip_text, number
from nngraph.words.metrics import is_rising

COLOURS = {"train": series("train", 0), "validation": series("validation", 1)}
COLOURS |= {"test": series("test", 3)}
ROOM = 0.06


def curves_svg(
    history: Sequence[Mapping[str, float]], *, title: str, heading: bool = True
) -> Markup:
    """Loss and metrics per epoch; missing and non-finite values leave gaps.

    Rows look like {"epoch": 1, "train.loss": 0.7, "validation.accuracy": 0.9}; other keys are
    not drawn. The ring marks the best epoch on the validation part (or else the training part).
    """
    plots = tuple(_plot(panel) for panel in panels(history))
    return chart_svg(Chart(title, plots, title if heading else "", note="no epochs yet"))


def _plot(panel: Panel) -> Plot:
    vertical = figure_axis(panel.figure, panel.lines)
    marks: list[Mark] = [_line(curve) for curve in panel.lines]
    if panel.best is not None:
        marks.append(Ring(panel.best, COLOURS[panel.deciding.part]))
    scale = " (log scale)" if vertical.logarithmic else ""
    heading = f"{clip_text(panel.figure.replace('_', ' '), 44)}{scale}"
    return Plot(epoch_axis(panel.lines), vertical, tuple(marks), heading, _summary(panel))


def _line(curve: Curve) -> Polyline:
    label = f"{curve.part} {number(curve.finite[-1][1], 4)}" if curve.finite else ""
    width = 1.6 if curve.part == "train" else 2.2
    return Polyline(curve.points, COLOURS[curve.part], width, label=label)


def _summary(panel: Panel) -> str:
    if panel.best is None:
        return "no finite values"
    epoch, value = panel.best
    deciding, last = panel.deciding.part, panel.deciding.finite[-1][1]
    return f"{deciding}: best {number(value, 4)} at epoch {epoch:g}, final {number(last, 4)}"


def epoch_axis(curves: Iterable[Curve]) -> Axis:
    """All epochs of some curves."""
    epochs = [epoch for curve in curves for epoch, _ in curve.points]
    return Axis(min(epochs), max(epochs), "epoch", whole=True)


def figure_axis(figure: str, curves: Iterable[Curve]) -> Axis:
    """Losses and errors from 0 or over decades, what rises at most to 1 where it stays below."""
    values = [value for curve in curves for _, value in curve.finite] or [0.0, 1.0]
    low, high = min(values), max(values)
    rising = is_rising(figure)
    if not rising and spans_decades(low, high):
        return Axis(low / 1.15, high * 1.15, logarithmic=True)
    axis = axis_of(values, room=ROOM)
    bottom, top = axis.low, axis.high
    if not rising and low >= 0:
        bottom = max(0.0, bottom) if low > 0.3 * high else 0.0
    if rising and high <= 1:
        top = min(top, 1.0)
    return Axis(bottom, top)
