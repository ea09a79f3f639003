"""The function that was learnt, where it can be seen whole: of one number, or of two."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.data.picture_files import encode_png
from nngraph.insight.colours import COLOURS
from nngraph.insight.report.axes import LEFT, ROOM, Square
from nngraph.insight.report.gather import Story
from nngraph.insight.report.markup import Markup, join, tag
from nngraph.render.words import clip
from nngraph.train import Network
from nngraph.train.judging import Answered, answered_nodes, targets_of

Array = NDArray[Any]
Floats = NDArray[np.float64]
GRID = 110  # places along each side of a map
STEPS = 300  # places along a curve
MOST_POINTS = 500
FAINT, STRONG = 0.08, 0.52  # how much colour a doubtful and a sure answer get on a map


@dataclass(frozen=True, eq=False)
class _Plane:
    """A network whose inputs are one or two numbers, and what it is compared with."""

    network: Network
    answered: Answered
    names: tuple[str, ...]
    inputs: tuple[tuple[str, int], ...]

    def raw(self, part: Part, rows: NDArray[np.int64]) -> Floats:
        """Inputs as they were before they were scaled: float64[n, numbers]."""
        columns = []
        for name, size in self.inputs:
            values = part.inputs[name][rows].reshape(len(rows), size).astype(np.float64)
            learnt = self.network.normalizers.inputs.get(name)
            columns.append(values if learnt is None else learnt.invert(values))
        return np.concatenate(columns, axis=1)

    def output(self, raw: Floats) -> Floats:
        """The judged node for raw inputs: [n, units], in the target's own scale."""
        given, start = {}, 0
        for name, size in self.inputs:
            values = raw[:, start : start + size]
            start += size
            learnt = self.network.normalizers.inputs.get(name)
            values = values if learnt is None else learnt.apply(values)
            shape = self.network.compiled.lowered.shapes[name]
            given[name] = values.reshape(len(raw), *shape).astype(self.network.compiled.dtype)
        node = self.answered.node
        z = self.network.outputs(given, [node])[node].reshape(len(raw), -1)
        return self.unscaled(z)

    def unscaled(self, values: Array) -> Floats:
        """Values of node or target in the scale of the data."""
        scale = self.network.normalizers.targets.get(self.answered.target)
        plain = scale is None or scale.kind == "none"
        return values.astype(np.float64) if plain or scale is None else scale.invert(values)


def learnt_section(story: Story) -> Markup | None:
    """A curve or a map; None for larger inputs, several outputs, or without data."""
    if story.judged is None:
        return None
    name, part = story.judged
    answered = answered_nodes(story.network, part)
    plane = _plane(story.network, answered[0]) if len(answered) == 1 else None
    if plane is None:
        return None
    t = targets_of(part, plane.answered).reshape(part.rows, -1)
    rows = np.linspace(0, part.rows - 1, min(part.rows, MOST_POINTS)).round().astype(np.int64)
    raw = plane.raw(part, rows)
    if not np.isfinite(raw).all():
        return None
    is_class = plane.answered.meaning != "values"
    if len(plane.names) == 2 and is_class:
        return _map(plane, raw, t[rows], name)
    if len(plane.names) == 1 and t.shape[1] == 1:
        return _curve(plane, raw[:, 0], plane.unscaled(t[rows])[:, 0], name)
    return None


def _plane(network: Network, answered: Answered) -> _Plane | None:
    lowered = network.compiled.lowered
    sizes = tuple((name, int(np.prod(lowered.shapes[name]))) for name in lowered.inputs)
    if sum(size for _, size in sizes) not in (1, 2):
        return None
    names = [n if size == 1 else f"{n}[{k}]" for n, size in sizes for k in range(size)]
    return _Plane(network, answered, tuple(names), sizes)


def _curve(plane: _Plane, x: Floats, t: Floats, part: str) -> Markup | None:
    low, high = _with_room(x)
    along = np.linspace(low, high, STEPS)
    z = plane.output(along[:, None])[:, 0]
    if not np.isfinite(z).all():
        return None
    square = Square((low, high), _with_room(np.concatenate([z, t])))
    path = " L".join(
        f"{square.across(a):.1f},{square.down(b):.1f}" for a, b in zip(along, z, strict=True)
    )
    dots = [
        tag("circle", class_="dot", cx=f"{square.across(a):.1f}", cy=f"{square.down(b):.1f}", r="3")
        for a, b in zip(x.tolist(), t.tolist(), strict=True)
    ]
    label = f"{plane.answered.node} over {plane.names[0]}"
    text = f"The line is the network, the points are rows of the {part} part."
    drawing = square.svg(label, plane.names[0], dots, tag("path", class_="curve", d=f"M{path}"))
    return join(tag("p", text, class_="detail"), tag("figure", drawing))


def _map(plane: _Plane, raw: Floats, t: Array, part: str) -> Markup | None:
    across, down = _with_room(raw[:, 0]), _with_room(raw[:, 1])
    square = Square(across, down)
    grid_x, grid_y = np.meshgrid(np.linspace(*across, GRID), np.linspace(*down, GRID)[::-1])
    answers, sure = _classes(
        plane, plane.output(np.stack([grid_x.ravel(), grid_y.ravel()], axis=1))
    )
    true, _ = _classes(plane, t.astype(np.float64))
    classes = 2 if plane.answered.meaning == "binary" else t.shape[1]
    if classes > len(COLOURS):
        return None
    colours = np.array([_rgb(light) for light, _ in COLOURS[:classes]], np.float64)
    strength = (FAINT + (STRONG - FAINT) * sure)[:, None]
    pixels = 255 * (1 - strength) + colours[answers] * strength
    content = encode_png(np.rint(pixels).astype(np.uint8).reshape(GRID, GRID, 3))
    image = tag(
        "image",
        href=f"data:image/png;base64,{base64.b64encode(content).decode()}",
        x=f"{LEFT:g}",
        y=f"{ROOM:g}",
        width=f"{square.side:g}",
        height=f"{square.side:g}",
        preserveAspectRatio="none",
    )
    points = [
        tag(
            "circle",
            class_="point",
            cx=f"{square.across(a):.1f}",
            cy=f"{square.down(b):.1f}",
            r="3.6",
            fill=COLOURS[k][0],
        )
        for (a, b), k in zip(raw.tolist(), true.tolist(), strict=True)
    ]
    names = plane.answered.labels or (
        ("no", "yes") if plane.answered.meaning == "binary" else [str(k) for k in range(classes)]
    )
    key = [
        join(tag("span", class_="swatch", style=f"background:{COLOURS[k][0]}"), clip(names[k], 30))
        for k in range(classes)
    ]
    text = (
        f"The ground is the network's answer, the stronger the surer; the points are rows of the "
        f"{part} part in the colour of what is true."
    )
    label = f"{plane.answered.node} over {plane.names[0]} (across) and {plane.names[1]} (up)"
    drawing = square.svg(
        label, f"{plane.names[0]} →, ↑ {plane.names[1]}", image, points, grid=False
    )
    return join(tag("p", text, key, class_="detail"), tag("figure", drawing))


def _classes(plane: _Plane, z: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The answer of each row, and how sure it is, from 0 to 1."""
    if plane.answered.meaning == "classes":
        best = z.argmax(axis=1)
        top = np.take_along_axis(z, best[:, None], axis=1)[:, 0]
        chance = 1 / z.shape[1]
        return best, np.clip((top - chance) / (1 - chance), 0, 1)
    middle = 0.5 if plane.answered.middle is None else plane.answered.middle
    distance = z[:, 0] - middle
    return (distance > 0).astype(np.int64), np.clip(np.abs(distance) / (1 - middle), 0, 1)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[k : k + 2], 16) for k in (1, 3, 5))


def _with_room(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room
