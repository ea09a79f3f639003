"""The function that was learnt, where it can be seen whole: of one number, or of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part, apply_normalizers
from nngraph.insight.answers import unscaled_input, unscaled_target
from nngraph.insight.deciding import Decisions, decisions, middle_of
from nngraph.insight.report.gather import Story
from nngraph.records import dataclass
from nngraph.render.colours import SERIES, Colour, rgb, series
from nngraph.render.markup import Markup, join, tag
from nngraph.render.plot import (
    Axis,
    Chart,
    Dots,
    Ground,
    LegendEntry,
    Plot,
    Point,
    Polyline,
    axis_of,
    chart_svg,
)
from nngraph.render.words import clip_text
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports
from nngraph.train.supervision import Answered, answered_nodes, targets_of

Array = NDArray[Any]
Floats = NDArray[np.float64]
GRID = 110  # places along each side of a map
STEPS = 300  # places along a curve
SIDE = 320.0  # pixels of a plot
MOST_POINTS = 500
MANY, FEW = 3.6, 6.0  # radius of many points, and of up to 20
FAINT, STRONG = 0.08, 0.52  # how much colour a doubtful and a sure answer get on a map


@dataclass(frozen=True, eq=False)
class _Plane:
    """A network whose inputs are one or two numbers, and what it is compared with."""

    learner: Learner
    answered: Answered
    names: tuple[str, ...]
    inputs: tuple[tuple[str, int], ...]

    def raw(self, part: Part, rows: NDArray[np.int64]) -> Floats:
        """Inputs as they were before they were scaled: float64[n, numbers]."""
        columns = [
            unscaled_input(self.learner, name, part.inputs[name][rows].reshape(len(rows), size))
            for name, size in self.inputs
        ]
        return np.concatenate(columns, axis=1)

    def output(self, raw: Floats) -> Floats:
        """The judged node for raw inputs: [n, units], in the target's own scale."""
        given, start = {}, 0
        for name, size in self.inputs:
            shape = self.learner.network.lowered.shapes[name]
            given[name] = raw[:, start : start + size].reshape(len(raw), *shape)
            start += size
        scaled = apply_normalizers(self.learner.normalizers, given, self.learner.network.dtype)
        node = self.answered.node
        z = self.learner.outputs(scaled, [node])[node].reshape(len(raw), -1)
        return unscaled_target(self.learner, self.answered, z)


def learnt_section(story: Story) -> Markup | None:
    """A curve or a map; None for larger inputs, several outputs, or without data."""
    if story.examined is None:
        return None
    name, part = story.examined
    answered = answered_nodes(story.learner, part)
    plane = _plane(story.learner, answered[0]) if len(answered) == 1 else None
    if plane is None:
        return None
    rows = np.linspace(0, part.rows - 1, min(part.rows, MOST_POINTS)).round().astype(np.int64)
    t = targets_of(part, plane.answered)[rows].reshape(len(rows), -1)
    raw = plane.raw(part, rows)
    if not np.isfinite(raw).all():
        return None
    is_class = plane.answered.meaning != "values"
    if len(plane.names) == 2 and is_class:
        return _map(plane, raw, t, name)
    if len(plane.names) == 1 and t.shape[1] == 1:
        true = unscaled_target(story.learner, plane.answered, t)
        return _curve(plane, raw[:, 0], true[:, 0], name)
    return None


def _plane(learner: Learner, answered: Answered) -> _Plane | None:
    lowered = learner.network.lowered
    sizes = tuple((name, int(np.prod(lowered.shapes[name]))) for name in lowered.inputs)
    if sum(size for _, size in sizes) not in (1, 2):
        return None
    ports = input_ports(learner.network, learner.normalizers)
    names = [clip_text(name, 40) for port in ports for name in port.value_names]
    return _Plane(learner, answered, tuple(names), sizes)


def _curve(plane: _Plane, x: Floats, t: Floats, part: str) -> Markup | None:
    horizontal = axis_of(x.tolist(), plane.names[0])
    along = np.linspace(horizontal.low, horizontal.high, STEPS)
    z = plane.output(along[:, None])[:, 0]
    if not np.isfinite(z).all():
        return None
    vertical = axis_of([*z.tolist(), *t.tolist()], plane.answered.node)
    rows = Dots(_points(x, t), series("dot"), opacity=0.55)
    line = Polyline(_points(along, z), series("curve", 1))
    plot = Plot(horizontal, vertical, (rows, line), lines="both")
    label = f"{plane.answered.node} over {plane.names[0]}"
    text = f"The line is the network, the points are rows of the {part} part."
    return _figure(text, Chart(label, (plot,), width=SIDE, height=SIDE))


def _map(plane: _Plane, raw: Floats, t: Array, part: str) -> Markup | None:
    answered = plane.answered
    count = 2 if answered.meaning == "binary" else t.shape[1]
    if count > len(SERIES):
        return None
    horizontal, vertical = (axis_of(raw[:, k].tolist(), plane.names[k]) for k in (0, 1))
    true = decisions(answered, t)
    kinds = [_same_on_any_paper(series(f"class{k}", k)) for k in range(count)]
    ground = Ground(_ground(plane, horizontal, vertical, kinds))
    dots = [
        Dots(_points(*raw[true.codes == k].T), kind, FEW if len(raw) <= 20 else MANY, edged=True)
        for k, kind in enumerate(kinds)
    ]
    plot = Plot(horizontal, vertical, (ground, *dots), lines="none")
    named = zip(true.names, kinds, strict=True)
    keys = tuple(LegendEntry(clip_text(name, 30), kind, is_area=True) for name, kind in named)
    text = (
        f"The ground is the network's answer, the stronger the surer; the points are rows of the "
        f"{part} part in the colour of what is true."
    )
    label = f"{answered.node} over {plane.names[0]} (across) and {plane.names[1]} (up)"
    return _figure(text, Chart(label, (plot,), legend=keys, width=SIDE, height=SIDE))


def _ground(
    plane: _Plane, horizontal: Axis, vertical: Axis, kinds: Sequence[Colour]
) -> NDArray[np.uint8]:
    """The answers of a grid of places, each in the colour of its class, the paler the less sure."""
    across, up = (np.linspace(axis.low, axis.high, GRID) for axis in (horizontal, vertical))
    places = np.stack([grid.ravel() for grid in np.meshgrid(across, up[::-1])], axis=1)
    found = decisions(plane.answered, plane.output(places))
    colours = np.array([rgb(kind.light) for kind in kinds], np.float64)
    strength = FAINT + (STRONG - FAINT) * _sureness(plane.answered, found)[:, None]
    pixels = 255 * (1 - strength) + colours[found.codes] * strength
    return np.rint(pixels).astype(np.uint8).reshape(GRID, GRID, 3)


def _same_on_any_paper(colour: Colour) -> Colour:
    """For points on a ground that does not turn dark."""
    return replace(colour, dark=colour.light)


def _points(x: Floats, y: Floats) -> list[Point]:
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _figure(text: str, figure: Chart) -> Markup:
    return join(tag("p", text, class_="detail"), tag("figure", chart_svg(figure)))


def _sureness(answered: Answered, found: Decisions) -> Floats:
    """From 0 for a guess to 1."""
    least, most = 0.0, 1 - middle_of(answered)
    if answered.meaning == "classes":
        least, most = 1 / len(found.names), 1.0
    return np.clip((found.certainty - least) / (most - least), 0, 1)
