"""A search as a picture: figures over trials and over each value, values side by side, importance.

Every repeat is drawn, so that how often a set of values fails can be seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from nngraph.insight.search_values import ValueAxis, value_axes
from nngraph.records import dataclass
from nngraph.render.colours import AXIS, DETAIL, GRID, TEXT, Colour, series
from nngraph.render.drawing import block, disc, paper, path, rule, words
from nngraph.render.markup import Content, Markup, join
from nngraph.render.plot.axes import Axes, grid
from nngraph.render.plot.axis import Axis, axis_of, spans_decades
from nngraph.render.plot.ticks import tick_text
from nngraph.render.words import clip_text, number, percent

DONE, STOPPED, BEST = series("done", 0), series("stopped", 7), series("best", 1)
WIDTH, MARGIN = 900.0, 16.0
LEFT, BOTTOM, HEAD = 62.0, 46.0, 40.0  # of a panel, around what lies between its axes
TALL, SMALL = 200.0, 150.0
LAST = 80.0  # right of the last of the upright axes
SMALL_COLUMNS = 3
MOST_VALUES = 9  # paths with a panel of their own
SPREAD = 0.35  # of the room of a choice, over which its dots are spread
LETTER = 6.2  # pixels of a letter in a name under an axis


@dataclass(frozen=True)
class Dot:
    """A trial: its values by path, the figure that counts, those of its repeats."""

    number: int
    texts: Mapping[str, str]
    figure: float
    figures: tuple[float, ...]
    is_stopped: bool


@dataclass(frozen=True)
class Searching:
    """What there is to draw. `axes` says of each path its choices, or whether its numbers lie on a
    logarithmic scale; `importances` may be empty. `ranking` has the numbers of the trials that came
    to their end, the best first."""

    name: str
    way: str
    figure: str
    rises: bool
    dots: Sequence[Dot]
    axes: Mapping[str, tuple[str, ...] | bool]
    importances: Mapping[str, float]
    ranking: Sequence[int]

    @property
    def done(self) -> list[Dot]:
        """The trials that came to their end, the best first."""
        dots = {dot.number: dot for dot in self.dots}
        return [dots[number] for number in self.ranking if number in dots]


def search_svg(found: Searching) -> Markup:
    """The whole picture, light or dark as its reader wants it."""
    title = f"{found.name}: search by {found.way}"
    if not any(math.isfinite(dot.figure) for dot in found.dots):
        return paper(title, WIDTH, 90, (), _heading(title), words(22, 62, "no trial yet", DETAIL))
    values = value_axes(found.axes, [dot.texts for dot in found.dots])
    vertical = _figure_axis(found)
    parts: list[Content] = [_heading(title)]
    y = HEAD
    parts += [_over_trials(found, vertical, y), _importance(found, y)]
    y += HEAD + TALL + BOTTOM
    shown = values[:MOST_VALUES]
    columns = min(SMALL_COLUMNS, max(2, len(shown)))
    wide = (WIDTH - 2 * MARGIN) / columns
    for place, axis in enumerate(shown):
        row, column = divmod(place, columns)
        top = y + row * (HEAD + SMALL + BOTTOM)
        parts.append(_over_values(found, vertical, axis, MARGIN + column * wide, top, wide))
    y += math.ceil(len(shown) / columns) * (HEAD + SMALL + BOTTOM)
    if len(values) > 1:
        parts.append(_side_by_side(found, vertical, values, y))
        y += HEAD + TALL + BOTTOM
    return paper(title, WIDTH, y + MARGIN, (DONE, STOPPED, BEST), parts)


def _heading(title: str) -> Markup:
    return words(MARGIN + 6, 30, clip_text(title, 90), TEXT, 17, bold=True)


def _figure_axis(found: Searching) -> Axis:
    every = [dot.figure for dot in found.dots] + [value for _, value in _repeats(found)]
    values = [value for value in every if math.isfinite(value)]
    low, high = min(values), max(values)
    if not found.rises and spans_decades(low, high):
        return Axis(low / 1.3, high * 1.3, logarithmic=True)
    axis = axis_of(values)
    if found.rises and high <= 1:
        return Axis(axis.low, max(1.0, high) + 0.04 * (max(1.0, high) - axis.low))
    return axis


def _titled(x: float, y: float, heading: str, detail: str) -> Markup:
    return join(
        words(x, y + 16, clip_text(heading, 46), TEXT, 13, bold=True),
        words(x, y + 32, clip_text(detail, 60), DETAIL, 11),
    )


# ---- figures over trials


def _over_trials(found: Searching, vertical: Axis, y: float) -> Markup:
    last = max(dot.number for dot in found.dots)
    wide = (WIDTH if not found.importances else 0.62 * WIDTH) - 2 * MARGIN - LEFT
    horizontal = Axis(-0.5, max(last, 1) + 0.5, "trial", whole=True)
    axes = Axes(MARGIN + LEFT, y + HEAD, wide, TALL, horizontal, vertical)
    best = found.done[0] if found.done else None
    detail = "" if best is None else f"best {number(best.figure, 4)} in trial {best.number}"
    return join(
        _titled(MARGIN + LEFT, y, found.figure, detail),
        grid(axes, "across"),
        _key(axes, found),
        (_dot(axes, dot.number, value, DONE, 1.8, 0.5) for dot, value in _repeats(found)),
        (_whole(axes, dot.number, dot, best) for dot in found.dots),
        _frontier(found, axes),
    )


def _key(axes: Axes, found: Searching) -> Markup:
    """What the dots are, over the right end of their panel."""
    entries = [(BEST, 5.0, "best")]
    if any(dot.is_stopped for dot in found.dots):
        entries.append((STOPPED, 3.2, "stopped early"))
    if any(len(dot.figures) > 1 for dot in found.dots):
        entries.append((DONE, 1.8, "one training"))
    entries.append((DONE, 3.2, "trial"))
    x, parts = axes.right, []
    for colour, radius, text in entries:
        x -= LETTER * len(text)
        parts.append(words(x, axes.y - 8, text, DETAIL))
        parts.append(disc(x - 9, axes.y - 12, radius, colour))
        x -= 30
    return join(parts)


def _repeats(found: Searching) -> Iterator[tuple[Dot, float]]:
    """Each single training, where a trial has several."""
    return ((dot, value) for dot in found.dots if len(dot.figures) > 1 for value in dot.figures)


def _whole(axes: Axes, across: float, dot: Dot, best: Dot | None) -> Markup:
    """The figure that counts."""
    if dot is best:
        return _dot(axes, across, dot.figure, BEST, 5.0)
    return _dot(axes, across, dot.figure, STOPPED if dot.is_stopped else DONE, 3.2)


def _dot(
    axes: Axes, across: float, up: float, colour: Colour, radius: float, opacity: float = 1.0
) -> Markup:
    x, y = axes.place((across, up))
    if not (math.isfinite(x) and math.isfinite(y)):
        return Markup()
    return disc(x, y, radius, colour, fill_opacity=None if opacity == 1 else f"{opacity:g}")


def _frontier(found: Searching, axes: Axes) -> Markup:
    """The best figure so far."""
    pieces, best = [], None
    for dot in sorted(found.done, key=lambda dot: dot.number):
        if not math.isfinite(dot.figure):
            continue
        if best is None or (dot.figure > best if found.rises else dot.figure < best):
            x, y = axes.place((dot.number, dot.figure))
            pieces.append(f"M{x:.1f},{y:.1f}" if best is None else f"H{x:.1f}V{y:.1f}")
            best = dot.figure
    if best is None:
        return Markup()
    return path("".join([*pieces, f"H{axes.right:.1f}"]), BEST, 1.4)


# ---- what matters


def _importance(found: Searching, y: float) -> Markup | None:
    if not found.importances:
        return None
    left = 0.62 * WIDTH + MARGIN
    wide = WIDTH - MARGIN - left
    ranked = sorted(found.importances.items(), key=lambda pair: -pair[1])[:MOST_VALUES]
    parts = [_titled(left, y, "importance", "of what tells good trials from others (PED-ANOVA)")]
    step = min(34.0, TALL / max(1, len(ranked)))
    for place, (name, share) in enumerate(ranked):
        top = y + HEAD + 6 + place * step
        parts.append(words(left, top + 9, clip_text(name, 44), TEXT, 11))
        parts.append(block(left, top + 13, max(1.0, share * (wide - 46)), 8, DONE))
        beside = left + max(1.0, share * (wide - 46)) + 6
        parts.append(words(beside, top + 21, percent(share), DETAIL, 11))
    return join(parts)


# ---- figures over each value


def _over_values(
    found: Searching, vertical: Axis, values: ValueAxis, x: float, y: float, wide: float
) -> Markup:
    """The figure of every training over one of its values."""
    axes = Axes(x + LEFT, y + HEAD, wide - LEFT - MARGIN, SMALL, Axis(0.0, 1.0), vertical)
    best = found.done[0] if found.done else None
    parts = [
        _titled(x + LEFT, y, values.name, ""),
        _across(axes),
        _ticks(values, axes),
    ]
    seen: dict[str, int] = {}
    for dot in found.dots:
        text = dot.texts[values.name]
        for value in dot.figures if len(dot.figures) > 1 else ():
            seen[text] = seen.get(text, 0) + 1
            aside = _aside(seen[text]) * SPREAD * values.room
            parts.append(_dot(axes, values.share(text) + aside, value, DONE, 2.2, 0.45))
    for dot in found.dots:
        parts.append(_whole(axes, values.share(dot.texts[values.name]), dot, best))
    return join(parts, _counts(found, values, axes))


def _across(axes: Axes) -> Markup:
    """The grid of the figures alone; values have ticks of their own."""
    parts = []
    for value in axes.vertical.ticks:
        _, y = axes.place((0.0, value))
        parts.append(rule(axes.x, y, axes.right, y, GRID))
        parts.append(words(axes.x - 8, y + 4, tick_text(value), DETAIL, anchor="end"))
    return join(parts, rule(axes.x, axes.floor, axes.right, axes.floor, AXIS))


def _aside(number: int) -> float:
    """Places from -1 to 1 that keep apart, one after the other (the golden ratio)."""
    return 2 * ((number * 0.6180339887498949) % 1.0) - 1


def _ticks(values: ValueAxis, axes: Axes) -> Markup:
    parts = []
    room = axes.width / max(1, len(values.ticks))
    for share, text in values.ticks:
        x = axes.x + axes.width * share
        parts.append(rule(x, axes.floor, x, axes.floor + 4, AXIS))
        shown = clip_text(text, max(3, int(room / LETTER)))
        parts.append(words(x, axes.floor + 17, shown, DETAIL, anchor="middle"))
    return join(parts)


def _counts(found: Searching, values: ValueAxis, axes: Axes) -> Markup | None:
    """Over each choice how many trainings come as far as the best of all: where an accuracy can be
    reached or not, that is the rate of failure."""
    every = [value for dot in found.dots for value in dot.figures]
    ends = [dot for dot in found.dots if len(dot.figures) > 2]
    if not ends or not found.rises or every.count(max(every)) < 2 or not values.is_discrete:
        return None
    parts = []
    for share, text in values.ticks:
        here = [v for dot in found.dots if dot.texts[values.name] == text for v in dot.figures]
        if here:
            said = f"{here.count(max(every))} of {len(here)}"
            parts.append(
                words(axes.x + axes.width * share, axes.y - 4, said, TEXT, anchor="middle")
            )
    return join(parts)


# ---- all values of a trial, side by side


def _side_by_side(
    found: Searching, vertical: Axis, values: Sequence[ValueAxis], y: float
) -> Markup:
    """A line for each trial through all of its values, up to its figure; the best in colour."""
    top, left = y + HEAD, MARGIN + LEFT
    step = (WIDTH - left - MARGIN - LAST) / len(values)
    finite = [dot for dot in found.done if math.isfinite(dot.figure)]
    good = finite[: max(1, len(finite) // 10)]
    parts = [_titled(left, y, "values side by side", "the best tenth of the trials in colour")]
    names = [axis.name for axis in values]
    for dot in reversed(finite):
        shares = [axis.share(dot.texts[axis.name]) for axis in values]
        shares.append(vertical.share(dot.figure))
        places = [(left + k * step, top + TALL * (1 - s)) for k, s in enumerate(shares)]
        line = "L".join(f"{px:.1f},{py:.1f}" for px, py in places)
        is_good = dot in good
        parts.append(path(f"M{line}", BEST if is_good else AXIS, 2.2 if is_good else 0.7))
    for k, axis in enumerate(values):
        parts += _upright(left + k * step, top, [(s, t) for s, t in axis.ticks], names[k], step)
    ticks = [(vertical.share(value), number(value)) for value in vertical.ticks]
    parts += _upright(left + len(values) * step, top, ticks, found.figure, LAST + 2 * MARGIN)
    return join(parts)


def _upright(
    x: float, top: float, ticks: Sequence[tuple[float, str]], name: str, room: float
) -> Iterator[Markup]:
    yield rule(x, top, x, top + TALL, AXIS)
    for share, text in ticks:
        y = top + TALL * (1 - share)
        yield rule(x - 3, y, x + 3, y, AXIS)
        yield words(x + 6, y + 4, clip_text(text, max(4, int(room / 2 / LETTER))), DETAIL)
    short = ".".join(name.split(".")[-2:])
    letters = int(min(room, 2 * (MARGIN + LEFT)) / LETTER)
    yield words(x, top + TALL + 20, clip_text(short, max(4, letters)), TEXT, anchor="middle")
