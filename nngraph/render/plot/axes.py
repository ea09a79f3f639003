"""The axes of a plot: where values lie on the paper, its lines, ticks and their names."""

from __future__ import annotations

from collections.abc import Iterator

from nngraph.records import dataclass
from nngraph.render.colours import AXIS, DETAIL, GRID
from nngraph.render.drawing import rule, words
from nngraph.render.markup import Markup
from nngraph.render.plot.axis import Axis
from nngraph.render.plot.marks import Plot, Point
from nngraph.render.plot.ticks import tick_text

TICK = 4.0  # pixels


@dataclass(frozen=True, slots=True)
class Axes:
    """A box in pixels, and what its sides stand for."""

    x: float
    y: float
    width: float
    height: float
    horizontal: Axis
    vertical: Axis

    @staticmethod
    def of(plot: Plot, x: float, y: float, width: float, height: float) -> Axes:
        """The box of a plot, its upper left corner at (x, y)."""
        return Axes(x, y, width, height, plot.horizontal, plot.vertical)

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


def grid(axes: Axes, lines: str) -> Iterator[Markup]:
    """The lines of the grid, or ticks where there are none, with their numbers and names."""
    low, first = axes.vertical.low, axes.horizontal.low
    for value in axes.vertical.ticks:
        _, y = axes.place((first, value))
        if lines == "none":
            yield rule(axes.x - TICK, y, axes.x, y, AXIS)
        else:
            yield rule(axes.x, y, axes.right, y, GRID)
        yield words(axes.x - 8, y + 4, tick_text(value), DETAIL, anchor="end")
    for value in axes.horizontal.ticks:
        x, _ = axes.place((value, low))
        if lines == "both":
            yield rule(x, axes.y, x, axes.floor, GRID)
        yield rule(x, axes.floor, x, axes.floor + TICK, AXIS)
        yield words(x, axes.floor + 17, tick_text(value), DETAIL, anchor="middle")
    yield rule(axes.x, axes.floor, axes.right, axes.floor, AXIS)
    middle = axes.x + axes.width / 2
    yield words(middle, axes.floor + 34, axes.horizontal.name, DETAIL, anchor="middle")
    yield words(axes.x - 8, axes.y - 10, axes.vertical.name, DETAIL)
