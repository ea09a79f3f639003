"""What is drawn in a plot, as data: lines, points, the best of a line, a ground, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.render.colours import Colour
from nngraph.render.plot.axis import Axis

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through points, broken where one is not finite; a lonely point is a dot.

    `label` is written at its right end.
    """

    points: Sequence[Point]
    colour: Colour
    width: float = 2.0
    dashes: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Points of one colour; `edged` have a light edge, to be seen on a coloured ground."""

    points: Sequence[Point]
    colour: Colour
    radius: float = 3.0
    opacity: float = 1.0
    edged: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring around one point, with a dashed line down to the axis."""

    point: Point
    colour: Colour


@dataclass(frozen=True, eq=False, slots=True)
class Ground:
    """A picture uint8[h, w, 3] that fills the plot."""

    pixels: NDArray[np.uint8]


Mark: TypeAlias = "Polyline | Dots | Ring | Ground"


@dataclass(frozen=True, slots=True)
class Plot:
    """Marks between two axes, under a heading and a line of detail.

    `lines` are those of the grid: across for values over time, both for points in a plane, none
    where a ground would hide them.
    """

    horizontal: Axis
    vertical: Axis
    marks: tuple[Mark, ...]
    heading: str = ""
    detail: str = ""
    lines: Literal["across", "both", "none"] = "across"


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A line of the legend: a piece of a line, or with `is_area` a patch of colour."""

    text: str
    colour: Colour
    dashes: str | None = None
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Plots of one size, two in a row, under a heading and a legend.

    `title` names the picture to those who do not see it; `note` stands where there are no plots;
    `width` and `height` are the pixels of what lies between the axes.
    """

    title: str
    plots: tuple[Plot, ...]
    heading: str = ""
    legend: tuple[LegendEntry, ...] = ()
    note: str = ""
    width: float = 300.0
    height: float = 198.0


def colours_of(chart: Chart) -> list[Colour]:
    """The colours of a chart's marks and keys."""
    marks = [mark for plot in chart.plots for mark in plot.marks]
    used = [mark.colour for mark in marks if not isinstance(mark, Ground)]
    return used + [key.colour for key in chart.legend]
