"""The class of each row as a number, from names, labels or whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column
from nngraph.data.matching import Match, check_missing, numbers_of
from nngraph.errors import join_words, suggest

Codes = NDArray[np.int64]
AnyArray = NDArray[Any]


def class_codes(
    match: Match, column: Column, count: int | None
) -> tuple[Codes, tuple[str, ...] | None]:
    """The class of each row, from 0, and the names of the classes that the data bring along."""
    labels = match.port.labels
    check_missing(match, column)
    if column.class_names is not None:
        return _named_codes(match, column, count)
    if column.is_text:
        known = labels or tuple(sorted(set(column.values[~column.is_missing])))
        _check_count(match, known, count)
        return _codes_of_text(match, column, known), None if labels else known
    values = numbers_of(match).reshape(column.rows, -1)
    if labels and (texts := _texts(values[:, 0], labels)) is not None:
        return texts, None
    return _whole_codes(match, values, count).reshape(column.values.shape), None


def _named_codes(
    match: Match, column: Column, count: int | None
) -> tuple[Codes, tuple[str, ...] | None]:
    names, labels = column.class_names or (), match.port.labels
    _check_count(match, names, count)
    codes = column.values.astype(np.int64)
    if labels is None:
        return codes, names
    if set(labels) != set(names):
        match.fail(
            "E409:labels",
            target=match.port.name,
            labels=listed(labels),
            column=column.shown,
            names=listed(names),
        )
    return np.array([labels.index(name) for name in names])[codes], None


def _check_count(match: Match, names: tuple[str, ...], count: int | None) -> None:
    if count is None or len(names) == count:
        return
    match.fail(
        "E409:count",
        target=match.port.name,
        count=count,
        columns=match.shown,
        found=len(names),
        names=listed(names),
    )


def _codes_of_text(match: Match, column: Column, known: tuple[str, ...]) -> Codes:
    index = {name: i for i, name in enumerate(known)}
    codes = np.array([index.get(name, -1) for name in column.values], np.int64)
    if (codes < 0).any():
        row = int((codes < 0).argmax())
        name = column.values[row]
        match.fail(
            "E409:label",
            row,
            name=name,
            target=match.port.name,
            labels=listed(known),
            help=suggest(name, known),
        )
    return codes


def _texts(values: AnyArray, labels: tuple[str, ...]) -> Codes | None:
    """Numbers that are themselves labels, such as 1, 2, 3 with `labels: ["1", "2", "3"]`."""
    distinct, inverse = np.unique(values, return_inverse=True)
    names = [str(int(v)) if v == np.floor(v) else repr(float(v)) for v in distinct]
    if not set(names) <= set(labels):
        return None
    return np.array([labels.index(name) for name in names])[inverse]


def _whole_codes(match: Match, values: AnyArray, count: int | None) -> Codes:
    whole = (values == np.floor(values)) if values.dtype.kind == "f" else np.ones_like(values, bool)
    fine = (whole & (values >= 0) & ((count is None) | (values < (count or 1)))).all(axis=1)
    if not fine.all():
        row = int(fine.argmin())
        upto = "" if count is None else f" to {count - 1}"
        match.fail(
            "E409",
            row,
            target=match.port.name,
            upto=upto,
            columns=match.shown,
            value=values[row].reshape(-1)[0],
        )
    return values.astype(np.int64)


def listed(names: tuple[str, ...]) -> str:
    """Names of classes for a message, the first eleven of many."""
    shown = [f"'{name}'" for name in names]
    if len(shown) > 12:
        shown = [*shown[:11], f"{len(shown) - 11} more"]
    return join_words(shown)
