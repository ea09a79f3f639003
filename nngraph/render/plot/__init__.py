"""One plot for everything that is drawn between two axes: data in, SVG out."""

from nngraph.render.plot.axis import Axis, axis_of, spans_decades
from nngraph.render.plot.figure import figure_svg, strip_svg
from nngraph.render.plot.marks import Dots, Figure, Ground, Key, Line, Mark, Plot, Point, Ring

__all__ = [
    "Axis",
    "Dots",
    "Figure",
    "Ground",
    "Key",
    "Line",
    "Mark",
    "Plot",
    "Point",
    "Ring",
    "axis_of",
    "figure_svg",
    "spans_decades",
    "strip_svg",
]
