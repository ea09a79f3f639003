"""Answers against what is true, for outputs that are numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.answers import answers, unscaled_target
from nngraph.insight.report.gather import Story
from nngraph.render.colours import DETAIL, series
from nngraph.render.markup import Markup, join, tag
from nngraph.render.plot import Chart, Dots, Plot, Polyline, axis_of, chart_svg
from nngraph.render.words import clip_text
from nngraph.spec import End
from nngraph.spec.arrows import end_named
from nngraph.train.supervision import answered_nodes, targets_of

MOST_POINTS = 800
MOST_PICTURES = 4  # units of a node that are drawn

Floats = NDArray[np.float64]


def scatter_section(story: Story) -> Markup | None:
    """One square per unit; None where no output is a plain number."""
    if story.examined is None:
        return None
    _, part = story.examined
    pictures = []
    for answered in answered_nodes(story.learner, part):
        t = targets_of(part, answered)
        if answered.meaning != "values" or t[0].size > MOST_PICTURES:
            continue
        rows = np.linspace(0, part.rows - 1, min(part.rows, MOST_POINTS)).round().astype(int)
        both = (t[rows], answers(story.learner, part, answered, rows))
        true, came = (
            unscaled_target(story.learner, answered, v).reshape(len(rows), -1) for v in both
        )
        for unit in range(true.shape[1]):
            name = answered.node if true.shape[1] == 1 else _unit(answered.node, unit)
            pictures.append(_square(name, true[:, unit], came[:, unit]))
    if not pictures:
        return None
    words = "A point per row; on the dashed line the answer is exact."
    return join(tag("p", words, class_="detail"), tag("figure", pictures))


def _unit(name: str, unit: int) -> str:
    """One of the units of a node, or of those that a name means: the second of "h[1:3]" is h[2]."""
    end = end_named(name)
    first = (end.start or 0) + unit
    return str(End(end.node, first, first + 1))


def _square(name: str, true: Floats, came: Floats) -> Markup:
    points = list(zip(true.tolist(), came.tolist(), strict=True))
    axis = axis_of([value for pair in points if np.isfinite(pair).all() for value in pair])
    ends = [(axis.low, axis.low), (axis.high, axis.high)]
    marks = (
        Polyline(ends, replace(DETAIL, name="ideal"), 1.0, "4 3"),
        Dots(points, series("dot"), opacity=0.55),
    )
    across, up = replace(axis, name="true"), replace(axis, name=f"{clip_text(name, 30)} answered")
    plot = Plot(across, up, marks, lines="both")
    title = f"answers of {name} against what is true"
    return chart_svg(Chart(title, (plot,), width=320, height=320))
