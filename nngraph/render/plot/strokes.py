"""How the marks of a plot are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nngraph.render.colours import AXIS, PAPER
from nngraph.render.drawing import dot, path, pixels, rule, words
from nngraph.render.markup import Markup, join, tag
from nngraph.render.pixels import png_address
from nngraph.render.plot.frame import Frame
from nngraph.render.plot.marks import Dots, Ground, Line, Mark, Point, Ring

LABEL_STEP = 15.0  # between two names at the ends of lines


def drawn(mark: Mark, frame: Frame) -> Markup:
    """One mark within its frame."""
    match mark:
        case Ground():
            return _ground(mark, frame)
        case Line():
            return _line(mark, frame)
        case Dots():
            return _dots(mark, frame)
        case Ring():
            return _ring(mark, frame)


def _ground(ground: Ground, frame: Frame) -> Markup:
    return tag(
        "image",
        href=png_address(ground.pixels),
        x=pixels(frame.x),
        y=pixels(frame.y),
        width=pixels(frame.width),
        height=pixels(frame.height),
        preserveAspectRatio="none",
    )


def _dots(dots: Dots, frame: Frame) -> Markup:
    edge = {"stroke": "#ffffff"} if dots.edged else {}
    opacity = None if dots.opacity == 1 else f"{dots.opacity:g}"
    places = map(frame.place, dots.points)
    return join(
        dot(x, y, dots.radius, dots.colour, fill_opacity=opacity, **edge)
        for x, y in places
        if math.isfinite(x) and math.isfinite(y)
    )


def _ring(ring: Ring, frame: Frame) -> Markup:
    x, y = frame.place(ring.point)
    circle = tag(
        "circle",
        class_=f"{ring.colour.name}-line {PAPER.name}-fill",
        cx=pixels(x),
        cy=pixels(y),
        r="4.5",
        fill=PAPER.light,
        stroke=ring.colour.light,
        stroke_width="2",
    )
    return join(rule(x, y + 6, x, frame.floor, AXIS, dashes="2 3"), circle)


def _line(line: Line, frame: Frame) -> Markup:
    """The line in as many pieces as gaps ask for; a lonely point is a dot."""
    pieces = list(_pieces(thinned(line.points, int(frame.width)), frame))
    dots = [dot(*piece[0], 3.5, line.colour) for piece in pieces if len(piece) == 1]
    strokes = [
        "M" + " L".join(f"{pixels(x)},{pixels(y)}" for x, y in piece)
        for piece in pieces
        if len(piece) > 1
    ]
    if not strokes:
        return join(dots)
    return join(dots, path(" ".join(strokes), line.colour, line.width, line.dashes))


def _pieces(points: Sequence[Point], frame: Frame) -> Iterator[list[Point]]:
    piece: list[Point] = []
    for x, y in map(frame.place, points):
        if math.isfinite(x) and math.isfinite(y):
            piece.append((x, y))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def thinned(points: Sequence[Point], columns: int) -> list[Point]:
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


def labels(lines: Sequence[Line], frame: Frame) -> Iterator[Markup]:
    """The names of lines at their ends, pushed apart where they would touch."""
    ends = []
    for line in lines:
        heights = [y for _, y in map(frame.place, line.points) if math.isfinite(y)]
        if line.label and heights:
            ends.append((heights[-1], line))
    ends.sort(key=lambda end: end[0])
    heights = [y for y, _ in ends]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + LABEL_STEP)
    overflow = max(0.0, max(heights, default=0.0) - frame.floor)
    for height, (_, line) in zip(heights, ends, strict=True):
        y = height - overflow + 4
        yield words(frame.right + 9, y, line.label, line.colour, 11.5, bold=True)
