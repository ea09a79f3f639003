"""The frame of a plot: where values lie on the paper, its lines, ticks and their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nngraph.render.colours import AXIS, DETAIL, GRID
from nngraph.render.drawing import rule, words
from nngraph.render.markup import Markup
from nngraph.render.plot.axis import Axis
from nngraph.render.plot.marks import Plot, Point
from nngraph.render.plot.ticks import tick_text

TICK = 4.0  # pixels


@dataclass(frozen=True, slots=True)
class Frame:
    """A box in pixels, and what its sides stand for."""

    x: float
    y: float
    width: float
    height: float
    horizontal: Axis
    vertical: Axis

    @staticmethod
    def of(plot: Plot, x: float, y: float, width: float, height: float) -> Frame:
        """The box of a plot, its upper left corner at (x, y)."""
        return Frame(x, y, width, height, plot.horizontal, plot.vertical)

    @property
    def right(self) -> float:
        """Pixels of the right side."""
        return self.x + self.width

    @property
    def floor(self) -> float:
        """Pixels of the lower side."""
        return self.y + self.height

    def place(self, point: Point) -> tuple[float, float]:
        """Pixels from the left and from the top; not finite where a point has no place."""
        across, up = self.horizontal.share(point[0]), self.vertical.share(point[1])
        return self.x + self.width * across, self.y + self.height * (1 - up)


def axes(frame: Frame, lines: str) -> Iterator[Markup]:
    """The lines of the grid, or ticks where there are none, with their numbers and names."""
    low, first = frame.vertical.low, frame.horizontal.low
    for value in frame.vertical.ticks:
        _, y = frame.place((first, value))
        if lines == "none":
            yield rule(frame.x - TICK, y, frame.x, y, AXIS)
        else:
            yield rule(frame.x, y, frame.right, y, GRID)
        yield words(frame.x - 8, y + 4, tick_text(value), DETAIL, anchor="end")
    for value in frame.horizontal.ticks:
        x, _ = frame.place((value, low))
        if lines == "both":
            yield rule(x, frame.y, x, frame.floor, GRID)
        yield rule(x, frame.floor, x, frame.floor + TICK, AXIS)
        yield words(x, frame.floor + 17, tick_text(value), DETAIL, anchor="middle")
    yield rule(frame.x, frame.floor, frame.right, frame.floor, AXIS)
    middle = frame.x + frame.width / 2
    yield words(middle, frame.floor + 34, frame.horizontal.name, DETAIL, anchor="middle")
    yield words(frame.x - 8, frame.y - 10, frame.vertical.name, DETAIL)
