"""Outputs for new data: read from a file, named by their classes, written to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.app.answer_columns import answer_columns
from nngraph.data import read_inputs, write_outputs
from nngraph.data.frames import refuse_words
from nngraph.data.picture_inputs import is_picture_set, pictures_at
from nngraph.spec.arrows import end_named
from nngraph.train.arrays import Predictor, input_arrays
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports, supervised

Array = NDArray[Any]
FILE_COLUMN = "file"  # of a csv file with predictions for pictures


def read_file(learner: Learner, file: Path, *, resize: bool = False) -> dict[str, Array]:
    """Raw inputs [n, *shape] by id from a .csv, .npz or .npy file, or from pictures.

    Errors: UsageError for another kind of file; DataError; FileError.
    """
    ports = input_ports(learner.network, learner.normalizers)
    return read_inputs(file, ports, learner.document.spec.data, resize=resize)


def files_read(file: Path) -> tuple[str, ...]:
    """The names of the pictures in a folder, or that a pattern names; () for a single file.

    Errors: UsageError where there are none.
    """
    if not is_picture_set(file) or file.is_file():
        return ()
    return tuple(picture.shown for picture in pictures_at(file))


def predict_file(
    learner: Learner, file: Path, nodes: Sequence[str] | None = None, *, resize: bool = False
) -> dict[str, Array]:
    """Values of nodes [n, *shape] by id (by default of the outputs) for the rows of a file.

    Errors: as `read_file`; UsageError for an unknown node.
    """
    return Predictor.of(learner).values(read_file(learner, file, resize=resize), nodes)


def predict_sample(
    learner: Learner, sample: Mapping[str, Any], nodes: Sequence[str] | None = None
) -> dict[str, Array]:
    """The same for one sample that was typed by hand, [1, *shape], by inputs or by columns.

    Errors: UsageError for names; DataError for shapes and values.
    """
    ports = input_ports(learner.network, learner.normalizers)
    refuse_words(ports, sample)
    given = {name: [value] for name, value in sample.items()}
    return Predictor.of(learner).values(input_arrays(ports, given, "--given"), nodes)


def classes_of(learner: Learner, outputs: Mapping[str, Array]) -> dict[str, list[str]]:
    """Output node -> the name of each row's class, where the node's units have names."""
    found = {}
    for node, values in outputs.items():
        labels = None if _says_several(learner, node) else learner.labels_of(node)
        if labels is not None and values.ndim == 2 and values.shape[1] == len(labels) > 1:
            found[node] = [labels[int(row.argmax())] for row in values]
        elif labels is not None and len(labels) == 2 and values[0].size == 1:
            found[node] = [labels[int(value > 0.5)] for value in values.ravel()]
    return found


def _says_several(learner: Learner, node: str) -> bool:
    """Whether it learnt several columns of yes and no, each unit for itself."""
    ids = {t.name for n, t in supervised(learner.network) if n == end_named(node).node}
    kinds = {t.name: t.kind for t in learner.network.lowered.targets}
    learnt = learner.normalizers.columns
    return any(kinds[id_] != "classes" and len(learnt.get(id_, ())) > 1 for id_ in ids)


def rows_not_finite(outputs: Mapping[str, Array]) -> dict[str, int]:
    """Output -> in how many rows it is infinite or no number, where it is so in some."""
    counts = {
        name: int((~np.isfinite(values)).reshape(len(values), -1).any(axis=1).sum())
        for name, values in outputs.items()
    }
    return {name: count for name, count in counts.items() if count}


def write_predictions(
    learner: Learner,
    path: Path,
    outputs: Mapping[str, Array],
    classes: Mapping[str, list[str]],
    files: Sequence[str] = (),
) -> int:
    """Write a .csv (by the names of columns and classes, and of the files that the samples lay in),
    .npz or .npy file; how many rows it has.

    Errors: UsageError for another ending; FileError.
    """
    if path.suffix.lower() == ".csv":
        named = {FILE_COLUMN: np.array(files)} if files else {}
        write_outputs(path, named | answer_columns(learner, outputs, classes))
    else:
        write_outputs(path, outputs)
    return len(next(iter(outputs.values())))
