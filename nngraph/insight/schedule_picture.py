"""The learning rate over a training, as a picture and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nngraph.render.curves import Axes
from nngraph.render.escape import xml_text
from nngraph.render.marks import LIGHT, dark_rules, rule_mark, text_mark
from nngraph.render.ticks import linear_ticks, log_ticks, tick_text
from nngraph.train.schedules import Rates

WIDTH, HEIGHT = 640.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 76.0, 24.0, 62.0, 50.0
LOGARITHMIC_FROM = 50.0  # ratio of the highest to the lowest rate
MOST_POINTS = 1200


def schedule_svg(rates: Rates, *, title: str) -> str:
    """The rate of every step as an SVG text; below, the epochs.

    The curve of a plateau is drawn as if every epoch brought progress, and says so.
    """
    curve = rates.curve()
    axes = _axes(rates, curve)
    name = xml_text(title)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nngraph-schedule" role="img" '
        f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'font-family="Helvetica,Arial,sans-serif" style="max-width:100%;height:auto">',
        f"<title>{name}</title>",
        f"<style>@media (prefers-color-scheme:dark){{{dark_rules('nngraph-schedule')}}}</style>",
        f'<rect class="paper-fill" width="{WIDTH:g}" height="{HEIGHT:g}" fill="{LIGHT["paper"]}"/>',
        text_mark(LEFT, 26, title, "text", 16, bold=True),
        text_mark(LEFT, 46, _caption(rates, curve), "detail", 12),
        *_grid(axes),
        _line(rates, curve, axes),
    ]
    return "\n".join([*parts, "</svg>", ""])


def schedule_table(rates: Rates) -> list[tuple[int, float, float]]:
    """One row per epoch: its number, the rate of its first and of its last step."""
    rows, each = [], rates.steps_per_epoch
    for epoch in range(rates.epochs):
        first = epoch * each
        rows.append((epoch + 1, rates.at(first), rates.at(first + each - 1)))
    return rows


def _axes(rates: Rates, curve: Sequence[float]) -> Axes:
    low, high = min(curve), max(curve)
    geometric = rates.schedule.kind in ("step", "exponential")
    logarithmic = geometric and low > 0 and high / low >= LOGARITHMIC_FROM
    bottom, top = (low / 1.2, high * 1.2) if logarithmic else (0.0, high * 1.08)
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return Axes(LEFT, TOP, 0.0, float(rates.epochs), bottom, top, logarithmic, width, height)


def _caption(rates: Rates, curve: Sequence[float]) -> str:
    kind = rates.schedule.kind.replace("_", " ")
    text = f"{kind}: {curve[0]:.3g} at first, {max(curve):.3g} at most, {curve[-1]:.3g} at last"
    if rates.warm_steps:
        text += f"; {rates.warm_steps} of {rates.steps} steps warm up"
    return text + ("; falls where progress ends" if rates.schedule.kind == "plateau" else "")


def _grid(axes: Axes) -> list[str]:
    ticks = log_ticks if axes.logarithmic else linear_ticks
    right, floor = axes.x + axes.width, axes.y + axes.height
    parts = []
    for value in ticks(axes.low, axes.high):
        y = axes.down(value)
        parts.append(rule_mark(axes.x, y, right, y, "grid"))
        parts.append(text_mark(axes.x - 8, y + 4, tick_text(value), "detail", 11, anchor="end"))
    parts.append(rule_mark(axes.x, floor, right, floor, "axis"))
    for epoch in linear_ticks(0.0, axes.last, 8):
        x = axes.across(epoch)
        parts.append(rule_mark(x, floor, x, floor + 4, "axis"))
        parts.append(text_mark(x, floor + 17, tick_text(epoch), "detail", 11, anchor="middle"))
    middle = axes.x + axes.width / 2
    scale = "epochs (rates on a log scale)" if axes.logarithmic else "epochs"
    return [*parts, text_mark(middle, floor + 36, scale, "detail", 11, anchor="middle")]


def _line(rates: Rates, curve: Sequence[float], axes: Axes) -> str:
    """Each step holds its rate until the next one; of very many, some stand for all."""
    stride = math.ceil(len(curve) / MOST_POINTS)
    places = []
    for step in sorted({*range(0, len(curve), stride), len(curve) - 1}):
        y = axes.down(curve[step])
        for edge in (step, step + 1) if stride == 1 else (step,):
            places.append(f"{axes.across(edge / rates.steps_per_epoch):.2f},{y:.2f}")
    return (
        f'<path class="train-line" d="M{" L".join(places)}" fill="none" '
        f'stroke="{LIGHT["train"]}" stroke-width="2" stroke-linejoin="round"/>'
    )
