"""Answers against what is true, for outputs that are numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.report.gather import Story
from nngraph.insight.report.markup import Markup, join, tag
from nngraph.render.ticks import linear_ticks, tick_text
from nngraph.train.judging import answered_nodes, targets_of

MOST_POINTS = 800
MOST_PICTURES = 4  # units of a node that are drawn
SIDE, LEFT, BOTTOM, ROOM = 300.0, 56.0, 40.0, 10.0

Floats = NDArray[np.float64]


def scatter_section(story: Story) -> Markup | None:
    """One square per unit; None where no output is a plain number."""
    if story.judged is None:
        return None
    _, part = story.judged
    pictures = []
    for answered in answered_nodes(story.network, part):
        t = targets_of(part, answered)
        if answered.meaning != "values" or t[0].size > MOST_PICTURES:
            continue
        rows = np.linspace(0, part.rows - 1, min(part.rows, MOST_POINTS)).round().astype(int)
        inputs = {name: array[rows] for name, array in part.inputs.items()}
        z = story.network.outputs(inputs, [answered.node])[answered.node].reshape(t[rows].shape)
        scale = story.network.normalizers.targets.get(answered.target)
        both = (t[rows], z)
        if scale is not None and scale.kind != "none":
            both = (scale.invert(both[0]), scale.invert(both[1]))
        true, came = (a.reshape(len(rows), -1).astype(np.float64) for a in both)
        for unit in range(true.shape[1]):
            name = answered.node if true.shape[1] == 1 else f"{answered.node}[{unit}]"
            pictures.append(_square(name, true[:, unit], came[:, unit]))
    if not pictures:
        return None
    text = "A point per row; on the dashed line the answer is exact."
    return join(tag("p", text, class_="detail"), tag("figure", pictures))


def _square(name: str, true: Floats, came: Floats) -> Markup:
    good = np.isfinite(came) & np.isfinite(true)
    true, came = true[good], came[good]
    both = np.concatenate([true, came, [0.0]]) if not true.size else np.concatenate([true, came])
    low, high = float(both.min()), float(both.max())
    room = 0.05 * (high - low) or 0.5
    low, high = low - room, high + room

    def across(value: float) -> float:
        return LEFT + SIDE * (value - low) / (high - low)

    def down(value: float) -> float:
        return ROOM + SIDE * (high - value) / (high - low)

    parts = [_line("ideal", across(low), down(low), across(high), down(high))]
    for tick in linear_ticks(low, high):
        x, y = across(tick), down(tick)
        parts.append(_line("base", x, ROOM, x, ROOM + SIDE))
        parts.append(_line("base", LEFT, y, LEFT + SIDE, y))
        parts.append(_text(x, ROOM + SIDE + 16, tick_text(tick), "middle"))
        parts.append(_text(LEFT - 6, y + 4, tick_text(tick), "end"))
    parts += [
        tag("circle", class_="dot", cx=f"{across(a):.1f}", cy=f"{down(b):.1f}", r="3")
        for a, b in zip(true.tolist(), came.tolist(), strict=True)
    ]
    parts.append(_text(LEFT + SIDE / 2, ROOM + SIDE + 34, "true", "middle"))
    parts.append(_text(LEFT + 8, ROOM + 16, name, "start"))
    width, height = LEFT + SIDE + ROOM, ROOM + SIDE + BOTTOM
    return tag(
        "svg",
        tag("title", f"answers of {name} against what is true"),
        parts,
        width=f"{width:g}",
        height=f"{height:g}",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
    )


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return tag("line", class_=kind, **{key: f"{value:.1f}" for key, value in places.items()})


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return tag("text", text, class_="axis", x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
