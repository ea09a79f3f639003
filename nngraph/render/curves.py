"""Training curves as SVG: one panel per figure, one line per part of the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nngraph.render.escape import xml_text
from nngraph.render.history import Line, Panel, panels, thinned
from nngraph.render.marks import LIGHT, dark_rules, dot_mark, rule_mark, text_mark
from nngraph.render.ticks import integer_ticks, linear_ticks, log_ticks, tick_text
from nngraph.render.words import clip, number

PANEL_WIDTH, PANEL_HEIGHT = 470.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 112.0, 58.0, 44.0  # of a panel, around its axes
MARGIN, HEADER = 16.0, 44.0
LABEL_STEP = 15.0  # between two labels at the right
LOGARITHMIC_FROM = 50.0  # ratio of the largest to the smallest loss


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values lie on the paper: a box in pixels and what its sides stand for."""

    x: float
    y: float
    first: float
    last: float
    low: float
    high: float
    logarithmic: bool
    width: float = PANEL_WIDTH - LEFT - RIGHT
    height: float = PANEL_HEIGHT - TOP - BOTTOM

    def across(self, epoch: float) -> float:
        """Pixels from the left of an epoch."""
        if self.last <= self.first:
            return self.x + self.width / 2
        return self.x + self.width * (epoch - self.first) / (self.last - self.first)

    def down(self, value: float) -> float:
        """Pixels from the top of a value."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.y + self.height * (1 - (value - low) / (high - low))


def curves_svg(history: Sequence[Mapping[str, float]], *, title: str) -> str:
    """Loss and metrics per epoch as an SVG text; missing and non-finite values leave gaps.

    Rows look like {"epoch": 1, "train.loss": 0.7, "validation.accuracy": 0.9}; other keys are
    not drawn. The ring marks the best epoch on the validation part (or else the training part).
    """
    found = panels(history)
    columns = min(2, max(1, len(found)))
    rows = max(1, math.ceil(len(found) / columns))
    width = 2 * MARGIN + columns * PANEL_WIDTH
    height = HEADER + rows * PANEL_HEIGHT + MARGIN
    parts = [_open(width, height, title)]
    if not found:
        parts.append(text_mark(MARGIN + 6, HEADER + 40, "no epochs yet", "detail", 13))
    for index, panel in enumerate(found):
        left = MARGIN + (index % columns) * PANEL_WIDTH
        top = HEADER + (index // columns) * PANEL_HEIGHT
        parts += _panel(panel, left, top)
    return "\n".join([*parts, "</svg>", ""])


def _open(width: float, height: float, title: str) -> str:
    name = xml_text(clip(title, 60 if width < 600 else 110))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" class="nngraph-curves" role="img" \
width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" \
font-family="Helvetica,Arial,sans-serif" style="max-width:100%;height:auto">
<title>{name}</title>
<style>{_dark_style()}</style>
<rect class="paper-fill" width="{width:g}" height="{height:g}" fill="{LIGHT["paper"]}"/>
<text class="text-fill" x="{MARGIN + 6:g}" y="30" font-size="17" font-weight="bold" \
fill="{LIGHT["text"]}">{name}</text>"""


def _dark_style() -> str:
    """Rules that hold in this picture alone, even inside a page."""
    return f"@media (prefers-color-scheme:dark){{{dark_rules('nngraph-curves')}}}"


def _panel(panel: Panel, left: float, top: float) -> list[str]:
    axes = _axes(panel, left + LEFT, top + TOP)
    heading = panel.figure.replace("_", " ") + (" (log scale)" if axes.logarithmic else "")
    parts = [text_mark(axes.x, top + 22, clip(heading, 44), "text", 14, bold=True)]
    parts.append(text_mark(axes.x, top + 40, _summary(panel), "detail", 11.5))
    parts += _grid(axes)
    parts += [_curve(line, axes) for line in panel.lines]
    parts += _best_mark(panel, axes)
    return parts + _end_labels(panel, axes)


def _axes(panel: Panel, x: float, y: float) -> Axes:
    epochs = [epoch for line in panel.lines for epoch, _ in line.points]
    values = [value for line in panel.lines for _, value in line.finite] or [0.0, 1.0]
    low, high = min(values), max(values)
    first, last = min(epochs), max(epochs)
    falling = not panel.is_rising
    if falling and low > 0 and high / low >= LOGARITHMIC_FROM:
        return Axes(x, y, first, last, low / 1.15, high * 1.15, logarithmic=True)
    room = 0.06 * (high - low)
    if first == last or not room:
        room = 0.1 * max(abs(low), abs(high)) or 0.5
    bottom = low - room
    if falling and low >= 0:
        bottom = max(0.0, bottom) if low > 0.3 * high else 0.0
    top = high + room
    if panel.is_rising and high <= 1:
        top = min(top, 1.0)
    return Axes(x, y, first, last, bottom, top, logarithmic=False)


def _summary(panel: Panel) -> str:
    line, best = panel.judged, panel.best
    if best is None:
        return "no finite values"
    epoch, value = best
    last = line.finite[-1][1]
    return f"{line.part}: best {number(value, 4)} at epoch {epoch:g}, final {number(last, 4)}"


def _grid(axes: Axes) -> list[str]:
    values = log_ticks if axes.logarithmic else linear_ticks
    right, floor = axes.x + axes.width, axes.y + axes.height
    parts = []
    for value in values(axes.low, axes.high):
        y = axes.down(value)
        parts.append(rule_mark(axes.x, y, right, y, "grid"))
        parts.append(text_mark(axes.x - 8, y + 4, tick_text(value), "detail", 11, anchor="end"))
    parts.append(rule_mark(axes.x, floor, right, floor, "axis"))
    for epoch in integer_ticks(math.ceil(axes.first), math.floor(axes.last)):
        x = axes.across(epoch)
        parts.append(rule_mark(x, floor, x, floor + 4, "axis"))
        parts.append(text_mark(x, floor + 17, f"{epoch:,}", "detail", 11, anchor="middle"))
    middle = axes.x + axes.width / 2
    return [*parts, text_mark(middle, floor + 34, "epoch", "detail", 11, anchor="middle")]


def _curve(line: Line, axes: Axes) -> str:
    """The line in as many pieces as gaps ask for; a lonely point is a dot."""
    colour = LIGHT[line.part]
    strokes: list[str] = []
    dots: list[str] = []
    for piece in _pieces(thinned(line, int(axes.width))):
        places = [f"{axes.across(e):.2f},{axes.down(v):.2f}" for e, v in piece]
        if len(places) == 1:
            x, _, y = places[0].partition(",")
            dots.append(dot_mark(x, y, 3.5, line.part))
        else:
            strokes.append(f"M{' L'.join(places)}")
    parts = dots
    if strokes:
        parts.append(
            f'<path class="{line.part}-line" d="{" ".join(strokes)}" fill="none" '
            f'stroke="{colour}" stroke-width="{1.6 if line.part == "train" else 2.2}" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
    return "\n".join(parts)


def _pieces(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _best_mark(panel: Panel, axes: Axes) -> list[str]:
    if panel.best is None:
        return []
    epoch, value = panel.best
    x, y = axes.across(epoch), axes.down(value)
    part = panel.judged.part
    rule = rule_mark(x, y + 6, x, axes.y + axes.height, "axis", dashes="2 3")
    return [
        rule,
        f'<circle class="{part}-line paper-fill" cx="{x:.2f}" cy="{y:.2f}" r="4.5" '
        f'fill="{LIGHT["paper"]}" stroke="{LIGHT[part]}" stroke-width="2"/>',
    ]


def _end_labels(panel: Panel, axes: Axes) -> list[str]:
    """Name and final value at the end of each line, pushed apart where they would touch."""
    ends = [(axes.down(line.finite[-1][1]), line) for line in panel.lines if line.finite]
    ends.sort(key=lambda end: end[0])
    heights = [y for y, _ in ends]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + LABEL_STEP)
    overflow = max(0.0, max(heights, default=0.0) - (axes.y + axes.height))
    labels = []
    for height, (_, line) in zip(heights, ends, strict=True):
        text = f"{line.part} {number(line.finite[-1][1], 4)}"
        left = axes.x + axes.width + 9
        labels.append(text_mark(left, height - overflow + 4, text, line.part, 11.5, bold=True))
    return labels
