"""Weights of classes that only the data can tell: by the names of classes, or balanced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Values
from nngraph.errors import Diagnostics, SpecError, join_words, suggest
from nngraph.lower import LossTarget
from nngraph.network import Network
from nngraph.spec import Document
from nngraph.train.ports import Labels

CHUNK_ROWS = 4096


def class_weights(
    network: Network, targets: Mapping[str, Values], labels: Labels
) -> dict[int, tuple[float, ...]]:
    """Term of the loss, by its place -> a weight for each class, in the order of the units; of the
    terms that give no list of them.

    `targets` are those of the training part, `labels` the names of their classes in the data. By
    name: 1 for a class that is not named. Balanced: rows / (classes * rows of the class), so that
    all classes count alike and their mean over the rows is 1; 1 for a class without rows.

    Errors: SpecError, at its place, for the name of a class that there is not.
    """
    found: dict[int, tuple[float, ...]] = {}
    problems = Diagnostics(SpecError)
    for place, loss in enumerate(network.document.spec.loss):
        written = getattr(loss, "class_weights", None)
        target = _target_of(network, loss.node, loss.target)
        if written is None or isinstance(written, tuple) or target.name not in targets:
            continue
        if isinstance(written, Mapping):
            found[place] = _by_name(network, place, target, written, labels, problems)
        else:
            found[place] = balanced(targets[target.name])
    problems.raise_if_any()
    return found


def _target_of(network: Network, node: str | None, target: str | None) -> LossTarget:
    name = target or node or network.graph.outputs[0].node
    (found,) = (one for one in network.lowered.targets if one.name == name)
    return found


def balanced(targets: Values) -> tuple[float, ...]:
    """rows / (classes * rows of the class), from rows of probabilities [n, ..., classes].

    >>> balanced(np.array([[1, 0], [1, 0], [1, 0], [0, 1]]))
    (0.6666666666666666, 2.0)
    """
    counts: NDArray[np.float64] = np.zeros(targets.shape[-1])
    for start in range(0, len(targets), CHUNK_ROWS):
        rows = targets[start : start + CHUNK_ROWS]
        counts += rows.reshape(-1, len(counts)).sum(axis=0, dtype=np.float64)
    total = counts.sum()
    return tuple(float(total / (len(counts) * n)) if n > 0 else 1.0 for n in counts)


def _by_name(
    network: Network,
    place: int,
    target: LossTarget,
    written: Mapping[str, float],
    labels: Labels,
    problems: Diagnostics,
) -> tuple[float, ...]:
    names = target.labels or labels.get(target.name) or tuple(map(str, range(target.classes)))
    for name in written:
        if name not in names:
            problems.tell(
                "E244:class",
                network.document.loss_span(place, "class_weights", name),
                label=suggest(name, names),
                name=name,
                target=target.name,
                names=join_words([f"'{known}'" for known in names[:12]]),
            )
    return tuple(float(written.get(name, 1.0)) for name in names)


def with_class_weights(document: Document, weights: Mapping[int, tuple[float, ...]]) -> Document:
    """The same spec with these lists of weights in the terms of its loss."""
    if not weights:
        return document
    terms = [
        term.model_copy(update={"class_weights": weights[place]}) if place in weights else term
        for place, term in enumerate(document.spec.loss)
    ]
    loss = type(document.spec.loss)(terms)
    return replace(document, spec=document.spec.model_copy(update={"loss": loss}))
