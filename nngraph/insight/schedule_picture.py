"""The learning rate over a training, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.render.colours import series
from nngraph.render.markup import Markup
from nngraph.render.plot import Axis, Chart, Plot, Polyline, chart_svg, spans_decades
from nngraph.train.schedules import Rates
from nngraph.words.schedules import FigureSchedule


def schedule_svg(rates: Rates, *, title: str) -> Markup:
    """The rate of every step as an SVG text; below, the epochs.

    A curve that follows a figure is drawn as if every epoch brought progress, and says so.
    """
    curve = rates.curve()
    vertical = _vertical(rates, curve)
    scale = "epochs (rates on a log scale)" if vertical.logarithmic else "epochs"
    horizontal = Axis(0.0, float(rates.epochs), scale, most=8)
    plot = Plot(horizontal, vertical, (_line(rates, curve),), detail=_caption(rates, curve))
    return chart_svg(Chart(title, (plot,), title, width=540, height=208))


def schedule_table(rates: Rates) -> list[tuple[int, float, float]]:
    """One row per epoch: its number, the rate of its first and of its last step."""
    rows, each = [], rates.steps_per_epoch
    for epoch in range(rates.epochs):
        first = epoch * each
        rows.append((epoch + 1, rates.at(first), rates.at(first + each - 1)))
    return rows


def _vertical(rates: Rates, curve: Sequence[float]) -> Axis:
    low, high = min(curve), max(curve)
    if rates.schedule.by_factors and spans_decades(low, high):
        return Axis(low / 1.2, high * 1.2, logarithmic=True)
    return Axis(0.0, high * 1.08)


def _caption(rates: Rates, curve: Sequence[float]) -> str:
    kind = rates.schedule.kind.replace("_", " ")
    text = f"{kind}: {curve[0]:.3g} at first, {max(curve):.3g} at most, {curve[-1]:.3g} at last"
    if rates.warm_steps:
        text += f"; {rates.warm_steps} of {rates.steps} steps warm up"
    follows = isinstance(rates.schedule, FigureSchedule)
    return text + ("; falls where progress ends" if follows else "")


def _line(rates: Rates, curve: Sequence[float]) -> Polyline:
    """Each step holds its rate until the next one."""
    each = rates.steps_per_epoch
    points = [(edge / each, rate) for k, rate in enumerate(curve) for edge in (k, k + 1)]
    return Polyline(points, series("train"))
