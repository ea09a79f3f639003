"""What went on at each node while it learnt: one row a node, one strip of bars a measure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nngraph.insight.report.findings import (
    MANY_DEAD,
    MOSTLY_SATURATED,
    VANISHED,
    hidden_nodes,
    relative_gradients,
)
from nngraph.insight.report.gather import Story
from nngraph.records import dataclass
from nngraph.render.colours import Colour, series
from nngraph.render.markup import Markup, join, tag
from nngraph.render.plot import strip_svg
from nngraph.render.words import clip_text, number, percent
from nngraph.spec.nodes import named_function
from nngraph.train.learner import Learner

STRIP_WIDTH, STRIP_HEIGHT = 116.0, 30.0
PLAIN, FLAGGED = series("bar", 0), series("flagged", 1)
DECADES = 6.0  # of a logarithmic strip; what is smaller still is the lowest bar


@dataclass(frozen=True, slots=True)
class Measure:
    """One column: how a value is drawn (height from 0 to 1) and when it is bad.

    `judge` gets node and value of an epoch.
    """

    key: str
    title: str
    explained: str
    height: Callable[[float], float]
    shown: Callable[[float], str]
    is_bad: Callable[[str, float], bool]


def inside(story: Story) -> Markup | None:
    """The section, None where nothing was recorded."""
    rows = story.statistics
    nodes = list(dict.fromkeys(node for row in rows for node in row["nodes"]))
    nodes = [node for node in nodes if node in story.learner.document.nodes]
    if not rows or not nodes:
        return None
    history = {node: [_numbers(row["nodes"].get(node, {})) for row in rows] for node in nodes}
    measures = [m for m in _measures(story, history) if _has(history, m.key)]
    first, last = rows[0]["epoch"], rows[-1]["epoch"]
    return join(
        tag(
            "p",
            f"Each bar is one look after an epoch, from {first} (left) to {last} (right), at the "
            "same 128 rows of the training part or fewer; bars of a column share one scale, so "
            "that nodes can be compared. The number is the last value. Orange says: look here.",
            class_="detail",
        ),
        tag("div", _table(story.learner, history, measures), class_="wide"),
        [tag("p", tag("b", m.title), f": {m.explained}", class_="detail") for m in measures],
    )


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    numbers = {
        key: math.nan if value is None else float(value)
        for key, value in values.items()
        if value is None or isinstance(value, int | float)
    }
    flat = numbers.get("dead", numbers.get("saturated"))
    return numbers if flat is None else {**numbers, "flat": flat}


def _has(history: Mapping[str, Sequence[Mapping[str, float]]], key: str) -> bool:
    return any(key in values for rows in history.values() for values in rows)


def _measures(
    story: Story, history: Mapping[str, Sequence[Mapping[str, float]]]
) -> tuple[Measure, ...]:
    hidden = hidden_nodes(story.learner)
    relative = relative_gradients(story)

    flat_from = {
        node: MANY_DEAD if "dead" in rows[-1] else MOSTLY_SATURATED
        for node, rows in history.items()
    }

    def vanished(node: str, value: float) -> bool:
        return not math.isfinite(value) or relative.get(node, 1.0) < VANISHED

    return (
        Measure(
            "gradient",
            "gradient",
            "root mean square of dL/dW over the weights into the node, on a logarithmic scale of "
            f"{DECADES:g} decades. Much lower bars in early nodes are a vanishing gradient, "
            "bars that shoot up an exploding one.",
            _logarithmic(_all(history, "gradient")),
            _short,
            vanished,
        ),
        Measure(
            "weight",
            "weights",
            "root mean square of the weights into the node.",
            _linear(_all(history, "weight")),
            _short,
            lambda node, value: not math.isfinite(value),
        ),
        Measure(
            "deviation",
            "spread of z",
            "how much the outputs differ from row to row: the standard deviation of each "
            "unit, as a root mean square. At 0 the node says the same whatever it sees.",
            _linear(_all(history, "deviation")),
            _short,
            lambda node, value: not value > 0,
        ),
        Measure(
            "flat",
            "dead or saturated",
            "of relu, the share of units that give 0 for every row: such a unit passes no gradient "
            "and does not come back by itself. Of sigmoid and tanh, the share of outputs where "
            "they are almost flat: good at the output of a classifier that is sure, but inside it "
            "stops the learning of what lies before.",
            lambda value: value,
            percent,
            lambda node, value: node in hidden and value >= flat_from.get(node, 1.0),
        ),
    )


def _all(history: Mapping[str, Sequence[Mapping[str, float]]], key: str) -> list[float]:
    found = [values[key] for rows in history.values() for values in rows if key in values]
    return [value for value in found if math.isfinite(value)]


def _logarithmic(values: Sequence[float]) -> Callable[[float], float]:
    top = math.log10(max([v for v in values if v > 0], default=1.0))

    def height(value: float) -> float:
        return max(0.0, 1 - (top - math.log10(value)) / DECADES) if value > 0 else 0.0

    return height


def _linear(values: Sequence[float]) -> Callable[[float], float]:
    top = max(values, default=0.0) or 1.0
    return lambda value: value / top


def _short(value: float) -> str:
    return number(value, 2)


def _table(
    learner: Learner,
    history: Mapping[str, Sequence[Mapping[str, float]]],
    measures: Sequence[Measure],
) -> Markup:
    heads = [tag("th", m.title, scope="col", colspan="2") for m in measures]
    rows = [
        tag(
            "tr",
            tag("th", clip_text(node, 28), tag("small", _what(learner, node)), scope="row"),
            [_cells(node, history[node], measure) for measure in measures],
        )
        for node in history
    ]
    head = tag("thead", tag("tr", tag("th", "node", scope="col", class_="left"), heads))
    return tag("table", head, tag("tbody", rows), class_="strips")


def _what(learner: Learner, node: str) -> str:
    model = learner.document.nodes[node].node
    kind = named_function(model) or model.kind
    shape = learner.network.lowered.shapes[node]
    return f"{kind}, {'×'.join(map(str, shape)) or '1'}"


def _cells(node: str, rows: Sequence[Mapping[str, float]], measure: Measure) -> Markup:
    values = [row.get(measure.key) for row in rows]
    last = values[-1]
    if all(value is None for value in values):
        return join(tag("td"), tag("td"))
    shown = "" if last is None else measure.shown(last)
    bad = last is not None and measure.is_bad(node, last)
    label = f"{measure.title} of {node}: {shown} at the end"
    return join(
        tag("td", _strip(node, values, measure, label), class_="bars"),
        tag("td", shown, class_="last warn-text" if bad else "last"),
    )


def _strip(node: str, values: Sequence[float | None], measure: Measure, label: str) -> Markup:
    bars = [None if value is None else _bar(value, measure, node) for value in values]
    return strip_svg(label, bars, STRIP_WIDTH, STRIP_HEIGHT)


def _bar(value: float, measure: Measure, node: str) -> tuple[float, Colour]:
    height = measure.height(value) if math.isfinite(value) else 1.0
    return height, FLAGGED if measure.is_bad(node, value) else PLAIN
