"""Answers beside what is true: which class was taken for which, and which rows cost most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part, Values
from nngraph.records import dataclass
from nngraph.train.feed import Array, Feed, Rows
from nngraph.train.learner import Learner, rows_of
from nngraph.train.metrics import Confusion, confusion
from nngraph.train.ports import supervised, supervised_end

Meaning = Literal["classes", "binary", "values"]
CHUNK = 4096  # rows whose outputs are held at a time
MOST_CLASSES = 1000  # of a confusion matrix
MOST_LOSSES = 20_000  # rows that are judged one by one
LOOKED_AT = 512  # rows that tell whether numbers are classes


@dataclass(frozen=True, slots=True)
class Answered:
    """A node that a loss judges: with which target, and what its numbers mean.

    `node` is its id, or names the units of it that are judged: "h[1]". `labels` name the classes
    (or no and yes), where names are known. `middle` is where yes begins.
    """

    node: str
    target: str
    meaning: Meaning
    labels: tuple[str, ...] | None
    middle: float | None = None


def part_from(rows: Rows) -> Part:
    """Rows that are laid out for a network already, as a part of a data set."""
    return Part(rows.inputs, rows.targets, np.arange(rows.count))


def answered_nodes(learner: Learner, part: Part) -> tuple[Answered, ...]:
    """The nodes that are judged; whether plain numbers are classes is told from the rows."""
    found = []
    for node, target in supervised(learner.network):
        t = _targets(part, target.name)[:LOOKED_AT]
        meaning = _meaning(target.kind, t)
        name = str(supervised_end(learner.network, node))
        labels = target.labels or learner.labels.get(target.name) or learner.labels_of(name)
        middle = 0.0 if t.size and t.min() < 0 else target.middle
        size = {"classes": t.shape[-1] if len(t.shape) > 1 else 1, "binary": 2}.get(meaning)
        names = labels if labels is not None and len(labels) == size else None
        found.append(Answered(name, target.name, meaning, names, middle))
    return tuple(found)


def _targets(part: Part, name: str) -> Values:
    """The rows of a target, or of the input node that is its own target."""
    return part.targets[name] if name in part.targets else part.inputs[name]


def targets_of(part: Part, answered: Answered) -> Values:
    """What a node is compared with, [n, *shape]."""
    return _targets(part, answered.target)


def _meaning(kind: str, t: Array) -> Meaning:
    if kind == "classes" or (t.ndim > 1 and t.shape[-1] > 1 and _is_one_hot(t)):
        return "classes"
    if np.isin(t, (0, 1)).all() or np.isin(t, (-1, 1)).all():  # grey pixels are no yes or no
        return "binary"
    return "values"


def _is_one_hot(t: Array) -> bool:
    return bool(np.isin(t, (0, 1)).all() and (t.sum(axis=-1) == 1).all())


def confusions(learner: Learner, part: Part) -> dict[str, Confusion]:
    """By node, for those that answer with a class, or with yes or no, each of one unit."""
    wanted = [answered for answered in answered_nodes(learner, part) if _countable(answered, part)]
    if not wanted:
        return {}
    counts: dict[str, list[Confusion]] = {answered.node: [] for answered in wanted}
    for rows, outputs in _outputs(learner, part, [answered.node for answered in wanted]):
        for answered in wanted:
            t = targets_of(part, answered)[rows]
            z = outputs[answered.node].reshape(t.shape)
            is_class = answered.meaning == "classes"
            found = confusion(z, t, answered.labels, classes=is_class, middle=answered.middle)
            counts[answered.node].append(found)
    return {
        node: Confusion(np.sum([c.counts for c in found], axis=0), found[0].labels)
        for node, found in counts.items()
    }


def _countable(answered: Answered, part: Part) -> bool:
    t = targets_of(part, answered)
    if answered.meaning == "classes":
        return bool(t.shape[-1] <= MOST_CLASSES)
    return answered.meaning == "binary" and (len(t.shape) == 1 or t.shape[-1] == 1)


def _outputs(
    learner: Learner, part: Part, nodes: list[str]
) -> Iterator[tuple[slice, dict[str, Array]]]:
    for start in range(0, part.rows, CHUNK):
        rows = slice(start, start + CHUNK)
        inputs = {name: array[rows] for name, array in part.inputs.items()}
        yield rows, learner.outputs(inputs, nodes)


def losses_by_row(learner: Learner, part: Part) -> NDArray[np.float64]:
    """The loss of each row alone, of the first 20,000: float64[n]."""
    count = min(part.rows, MOST_LOSSES)
    losses = np.empty(count)
    with learner.executable.threads():
        step = learner.executable.evaluation(1)
        feed = Feed(rows_of(part), step)
        for row in range(count):
            feed.load(step, np.array([row]))
            step.run()
            losses[row] = step.loss
    return losses
