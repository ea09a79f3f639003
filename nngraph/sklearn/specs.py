"""The spec of an estimator: the user's, with the sizes that only the data know, or a usual one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from nngraph.errors import UsageError, diagnostic
from nngraph.spec import Document, open_spec
from nngraph.spec.nodes import InputNode, NeuronsNode

Spec: TypeAlias = str | Path | Mapping[str, Any]

_TRAIN = {"epochs": 200, "batch_size": 200, "optimizer": {"kind": "adam", "learning_rate": 0.001}}
_HIDDEN = {"units": 100, "activation": "relu"}

CLASSIFIER: Spec = {
    "nngraph": 1,
    "dtype": "float64",
    "name": "classifier",
    "nodes": {"x": "input", "hidden": _HIDDEN, "y": {"activation": "softmax"}},
    "edges": ["x -> hidden -> y"],
    "loss": "cross_entropy",
    "train": _TRAIN,
}
REGRESSOR: Spec = {
    "nngraph": 1,
    "dtype": "float64",
    "name": "regressor",
    "nodes": {"x": "input", "hidden": _HIDDEN, "y": {}},
    "edges": ["x -> hidden -> y"],
    "loss": "mean_squared_error",
    "train": _TRAIN,
}
TRANSFORMER: Spec = {
    "nngraph": 1,
    "dtype": "float64",
    "name": "autoencoder",
    "nodes": {"x": "input", "code": {"units": 2, "activation": "tanh"}, "again": {}},
    "edges": ["x -> code -> again"],
    "loss": {"kind": "mean_squared_error", "target": "x"},
    "train": _TRAIN,
}
"""What is trained where no spec is given: sizes, steps and digits are those of the
MLP of scikit-learn."""


def fitting(spec: Spec, overrides: tuple[str, ...], features: int, outputs: int) -> Document:
    """The document of a spec in which the shape of the only input, and the units of the only output
    or of what learns the input again, are those of the data, where it does not say them.

    Errors: SpecError; UsageError for inputs that do not take so many columns together.
    """
    written = open_spec(spec, overrides)
    sizes = []
    inputs = _of_kind(written, InputNode)
    if len(inputs) == 1 and "shape" not in written.nodes[inputs[0]].node.model_fields_set:
        sizes.append(f"nodes.{inputs[0]}.shape={features}")
    unsized = [
        id_
        for id_ in _outputs(written)
        if isinstance(written.nodes[id_].node, NeuronsNode)
        and "units" not in written.nodes[id_].node.model_fields_set
    ]
    if len(unsized) == 1 and outputs > 1:
        sizes.append(f"nodes.{unsized[0]}.units={outputs}")
    document = open_spec(spec, (*overrides, *sizes)) if sizes else written
    taken = [math.prod(_shape(document, id_)) for id_ in inputs]
    if sum(taken) != features:
        raise UsageError(diagnostic("E002:columns", inputs=sum(taken), features=features))
    return document


def input_shapes(document: Document) -> dict[str, tuple[int, ...]]:
    """The shape of a sample of each input, in the order of the file."""
    return {id_: _shape(document, id_) for id_ in _of_kind(document, InputNode)}


def _shape(document: Document, id_: str) -> tuple[int, ...]:
    node = document.nodes[id_].node
    assert isinstance(node, InputNode)
    return tuple(node.shape)


def _of_kind(document: Document, kind: type[InputNode]) -> list[str]:
    return [id_ for id_, entry in document.nodes.items() if isinstance(entry.node, kind)]


def _outputs(document: Document) -> list[str]:
    """The nodes from which nothing goes on, or those that the file names."""
    named = document.spec.outputs
    if named:
        return [end.node for end in named]
    left = {edge.source.node for edge in document.edges}
    return [id_ for id_ in document.nodes if id_ not in left]
