"""How the marks of a plot are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nngraph.render.colours import AXIS, PAPER
from nngraph.render.drawing import coordinate, disc, path, rule, words
from nngraph.render.markup import Markup, join, tag
from nngraph.render.pixels import png_address
from nngraph.render.plot.axes import Axes
from nngraph.render.plot.marks import Dots, Ground, Mark, Point, Polyline, Ring

LABEL_STEP = 15.0  # between two names at the ends of lines


def mark_svg(mark: Mark, axes: Axes) -> Markup:
    """One mark within its axes."""
    match mark:
        case Ground():
            return _ground(mark, axes)
        case Polyline():
            return _line(mark, axes)
        case Dots():
            return _dots(mark, axes)
        case Ring():
            return _ring(mark, axes)


def _ground(ground: Ground, axes: Axes) -> Markup:
    return tag(
        "image",
        href=png_address(ground.pixels),
        x=coordinate(axes.x),
        y=coordinate(axes.y),
        width=coordinate(axes.width),
        height=coordinate(axes.height),
        preserveAspectRatio="none",
    )


def _dots(dots: Dots, axes: Axes) -> Markup:
    edge = {"stroke": "#ffffff"} if dots.edged else {}
    opacity = None if dots.opacity == 1 else f"{dots.opacity:g}"
    places = map(axes.place, dots.points)
    return join(
        disc(x, y, dots.radius, dots.colour, fill_opacity=opacity, **edge)
        for x, y in places
        if math.isfinite(x) and math.isfinite(y)
    )


def _ring(ring: Ring, axes: Axes) -> Markup:
    x, y = axes.place(ring.point)
    circle = tag(
        "circle",
        class_=f"{ring.colour.name}-line {PAPER.name}-fill",
        cx=coordinate(x),
        cy=coordinate(y),
        r="4.5",
        fill=PAPER.light,
        stroke=ring.colour.light,
        stroke_width="2",
    )
    return join(rule(x, y + 6, x, axes.floor, AXIS, dashes="2 3"), circle)


def _line(line: Polyline, axes: Axes) -> Markup:
    """The line in as many pieces as gaps ask for; a lonely point is a dot."""
    pieces = list(_pieces(thinned_points(line.points, int(axes.width)), axes))
    dots = [disc(*piece[0], 3.5, line.colour) for piece in pieces if len(piece) == 1]
    strokes = [
        "M" + " L".join(f"{coordinate(x)},{coordinate(y)}" for x, y in piece)
        for piece in pieces
        if len(piece) > 1
    ]
    if not strokes:
        return join(dots)
    return join(dots, path(" ".join(strokes), line.colour, line.width, line.dashes))


def _pieces(points: Sequence[Point], axes: Axes) -> Iterator[list[Point]]:
    piece: list[Point] = []
    for x, y in map(axes.place, points):
        if math.isfinite(x) and math.isfinite(y):
            piece.append((x, y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def thinned_points(points: Sequence[Point], columns: int) -> list[Point]:
    """At most about four points per column of pixels: first, lowest, highest, last.

    A hundred thousand epochs draw the same picture as all of them, in a file a person can open.
    """
    if len(points) <= 4 * columns:
        return list(points)
    kept: list[Point] = []
    for column in range(columns):
        start, stop = len(points) * column // columns, len(points) * (column + 1) // columns
        places = range(start, stop)
        finite = [place for place in places if math.isfinite(points[place][1])]
        wanted = {start, stop - 1}
        if finite:
            wanted |= {min(finite, key=lambda n: points[n][1])}
            wanted |= {max(finite, key=lambda n: points[n][1])}
        gap = next((place for place in places if not math.isfinite(points[place][1])), None)
        wanted |= set() if gap is None else {gap}
        kept += [points[place] for place in sorted(wanted)]
    return kept


def labels(lines: Sequence[Polyline], axes: Axes) -> Iterator[Markup]:
    """The names of lines at their ends, pushed apart where they would touch."""
    ends = []
    for line in lines:
        heights = [y for _, y in map(axes.place, line.points) if math.isfinite(y)]
        if line.label and heights:
            ends.append((heights[-1], line))
    ends.sort(key=lambda end: end[0])
    heights = [y for y, _ in ends]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + LABEL_STEP)
    overflow = max(0.0, max(heights, default=0.0) - axes.floor)
    for height, (_, line) in zip(heights, ends, strict=True):
        y = height - overflow + 4
        yield words(axes.right + 9, y, line.label, line.colour, 11.5, bold=True)
