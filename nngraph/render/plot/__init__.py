"""One plot for everything that is drawn between two axes: data in, SVG out."""

from nngraph.render.plot.axis import Axis, axis_of, spans_decades
from nngraph.render.plot.chart import chart_svg, strip_svg
from nngraph.render.plot.marks import (
    Chart,
    Dots,
    Ground,
    LegendEntry,
    Mark,
    Plot,
    Point,
    Polyline,
    Ring,
)

__all__ = [
    "Axis",
    "Dots",
    "Chart",
    "Ground",
    "LegendEntry",
    "Polyline",
    "Mark",
    "Plot",
    "Point",
    "Ring",
    "axis_of",
    "chart_svg",
    "spans_decades",
    "strip_svg",
]
