"""Answers against what is true, for outputs that are numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.report.axes import LEFT, ROOM, Square, line, text
from nngraph.insight.report.gather import Story
from nngraph.insight.report.markup import Markup, join, tag
from nngraph.train.judging import answered_nodes, targets_of

MOST_POINTS = 800
MOST_PICTURES = 4  # units of a node that are drawn

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
    words = "A point per row; on the dashed line the answer is exact."
    return join(tag("p", words, class_="detail"), tag("figure", pictures))


def _square(name: str, true: Floats, came: Floats) -> Markup:
    good = np.isfinite(came) & np.isfinite(true)
    true, came = true[good], came[good]
    both = np.concatenate([true, came, [0.0]]) if not true.size else np.concatenate([true, came])
    low, high = float(both.min()), float(both.max())
    room = 0.05 * (high - low) or 0.5
    low, high = low - room, high + room

    square = Square((low, high), (low, high))
    ideal = line("ideal", square.across(low), square.down(low), *_corner(square, high))
    dots = [
        tag("circle", class_="dot", cx=f"{square.across(a):.1f}", cy=f"{square.down(b):.1f}", r="3")
        for a, b in zip(true.tolist(), came.tolist(), strict=True)
    ]
    name_ = text(LEFT + 8, ROOM + 16, name, "start")
    return square.svg(f"answers of {name} against what is true", "true", ideal, dots, name_)


def _corner(square: Square, high: float) -> tuple[float, float]:
    return square.across(high), square.down(high)
