"""Predictions as columns of a table: what the answer is called, then how probable each class is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import names_of_elements
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.arrows import end_named
from nngraph.spec.nodes import named_function
from nngraph.train.learner import Learner
from nngraph.train.ports import supervised

Array = NDArray[Any]
PREFIXES = {"p": "p_", "ln p": "log_p_", None: "score_"}
"""What stands before the name of a class, by what the values of its node are."""


def answer_columns(
    learner: Learner, outputs: Mapping[str, Array], classes: Mapping[str, list[str]]
) -> dict[str, Array]:
    """Outputs [n, ...] as columns [n] by name.

    Of a node with classes: the class of each row, under the name of the column that it was learnt
    from, and p_CLASS for each (log_p_ of logarithms, score_ of what is no probability); classes
    that are whole numbers are called by them: p_0, p_1. A number too has the name of its column.
    Several outputs put their id before what several of them have: NODE.p_CLASS.
    """
    found: dict[str, Array] = {}
    for node, values in outputs.items():
        prefix = f"{node}." if len(outputs) > 1 else ""
        for name, column in _of_node(learner, node, values, classes.get(node), prefix):
            found[name if name not in found else f"{node}.{name}"] = column
    return found


def _of_node(
    learner: Learner, node: str, values: Array, classes: list[str] | None, prefix: str
) -> Iterator[tuple[str, Array]]:
    flat, target = values.reshape(len(values), -1), target_column(learner, node)
    labels = learner.labels_of(node) or ()
    if classes is not None:
        yield target or node, np.array(classes)
        labels = labels[-1:] if flat.shape[1] == 1 else labels
    elif not labels and values.ndim == 2 and _has_numbered_classes(learner, node, values.shape[1]):
        yield target or node, values.argmax(axis=1)
        labels = tuple(map(str, range(values.shape[1])))
    if len(labels) == flat.shape[1] > 0:
        kind = named_function(learner.document.nodes[end_named(node).node].node)
        row = ACTIVATION_ROWS.get(kind) if kind is not None else None
        before = prefix + PREFIXES[row.gives if row is not None else None]
        names = [before + label for label in labels]
    elif flat.shape[1] == 1 and target is not None and _is_number(learner, node):
        names = [target]
    else:
        names = list(names_of_elements(node, values.shape[1:]))
    yield from zip(names, flat.T, strict=True)


def target_column(learner: Learner, node: str) -> str | None:
    """The name of the column that a node, or units of one, learnt to tell; None where nobody named
    it."""
    name = _target(learner, node)
    if name is None:
        return None
    columns = learner.normalizers.columns.get(name, ())
    if len(columns) > 1:
        return None
    return columns[0].name if columns and columns[0].is_single else name


def _target(learner: Learner, node: str) -> str | None:
    own = end_named(node).node
    targets = [target.name for judged, target in supervised(learner.network) if judged == own]
    return targets[0] if len(targets) == 1 else None


def _has_numbered_classes(learner: Learner, node: str, units: int) -> bool:
    """Whether it was learnt from classes that are whole numbers, a unit for each from 0."""
    name = _target(learner, node)
    found = {target.name: target for target in learner.network.lowered.targets}.get(name or "")
    return found is not None and found.kind == "classes" and found.classes == units > 1


def _is_number(learner: Learner, node: str) -> bool:
    """Whether it was learnt from a column of numbers, not of yes or no."""
    name = _target(learner, node)
    kinds = {target.name: target.kind for target in learner.network.lowered.targets}
    return name in learner.normalizers.columns and kinds.get(name or "") == "values"
