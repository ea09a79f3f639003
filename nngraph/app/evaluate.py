"""Loss and metrics on parts of the data, or on all rows of another file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nngraph.data import DataSet, Part
from nngraph.train.data_files import load_rows
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.supervision import confusions, part_from


def chosen_parts(data: DataSet, name: str | None) -> dict[str, Part]:
    """The part of that name, or all that have rows. Errors: UsageError for one without rows."""
    return {part: part_of(data, part) for part in ([name] if name is not None else data.parts)}


def all_rows(learner: Learner, file: Path) -> Part:
    """All rows of a .csv or .npz file, scaled and encoded as the network has learnt it.

    Errors: UsageError for another ending; DataError; FileError.
    """
    return part_from(load_rows(learner, file))


def evaluate(
    learner: Learner, parts: Mapping[str, Part], *, answers: bool = False
) -> dict[str, dict[str, Any]]:
    """Loss and metrics by name, of each part.

    With `answers` a part also gets, under "confusion", the confusion matrix of each node that
    answers with a class (rows are what is true), with precision, recall and F1 of each class.

    Errors: UsageError without a loss; SpecError for metrics that cannot be told.
    """
    found: dict[str, dict[str, Any]] = {
        name: dict(learner.evaluate(rows_of(part))) for name, part in parts.items()
    }
    for name, part in parts.items() if answers else ():
        if matrices := confusions(learner, part):
            found[name]["confusion"] = {node: m.to_json() for node, m in matrices.items()}
    return found
