"""Inputs from columns: numbers as they are, names as one-hot rows over their categories.

The categories of a column are the names that it holds, sorted, when the network first meets it;
afterwards they are those that were stored, and another name is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, is_number
from nngraph.data.matching import Match
from nngraph.data.values import check_columns_alike, check_missing, fit_shape, numbers_of
from nngraph.errors import join_words, suggest

AnyArray = NDArray[Any]
Categories = Mapping[str, tuple[str, ...]]
"""Column -> its categories, in the order of their places."""

MOST = 1000  # categories of one column; more are probably names of single rows


def categories_of(match: Match) -> dict[str, tuple[str, ...]]:
    """The categories of each column of names; columns of numbers have none.

    Errors: DataError for a column that mixes names and numbers, at the first that is no number.
    """
    stored = match.port.categories
    found: dict[str, tuple[str, ...]] = {}
    for column in match.columns:
        if stored is not None and column.name in stored:
            found[column.name] = stored[column.name]
        elif column.class_names is not None:
            found[column.name] = column.class_names
        elif column.is_text and stored is None and not _holds_numbers(column):
            found[column.name] = _distinct(match, column)
    return found


def input_values(match: Match, allow_missing: bool = False) -> AnyArray:
    """The values of an input [n, *shape]; where `allow_missing`, NaN for missing ones.

    Errors: DataError at the cell that is no number, or none of the categories; both sides named
    where sizes do not fit.
    """
    categories = categories_of(match)
    if not categories:
        return fit_shape(match, numbers_of(match, allow_missing))
    check_columns_alike(match)
    pieces = [
        _one_hot(match, column, categories[column.name], allow_missing)
        if column.name in categories
        else numbers_of(match.only(column), allow_missing).reshape(column.rows, -1)
        for column in match.columns
    ]
    help = join_words(
        [f"'{name}' is one of {len(names)} names" for name, names in categories.items()]
    )
    return fit_shape(match, np.concatenate(pieces, axis=1), help=f"{help}: one value for each")


def _holds_numbers(column: Column) -> bool:
    """Whether a column of text holds a number: then its names are mistakes, not categories."""
    present = column.values[~column.is_missing]
    return any(is_number(str(cell)) for cell in present)


def _distinct(match: Match, column: Column) -> tuple[str, ...]:
    names = tuple(sorted({str(cell) for cell in column.values[~column.is_missing]}))
    if len(names) > MOST:
        match.fail("E404:categories", column=column.name, count=len(names), most=MOST)
    return names


def _one_hot(
    match: Match, column: Column, names: tuple[str, ...], allow_missing: bool
) -> NDArray[np.float64]:
    """One-hot rows [n, categories]; a missing one is NaN, and becomes the mean of the others."""
    if not allow_missing:
        check_missing(match, column)
    codes = _codes(match, column, names)
    rows = np.zeros((column.rows, len(names)))
    rows[np.arange(column.rows), codes] = 1.0
    rows[column.is_missing] = np.nan
    return rows


def _codes(match: Match, column: Column, names: tuple[str, ...]) -> NDArray[np.int64]:
    own = column.class_names
    cells = column.values if own is None else np.array(own, object)[column.values]
    index = {name: code for code, name in enumerate(names)}
    codes = np.array([index.get(str(cell), -1) for cell in cells], np.int64)
    unknown = (codes < 0) & ~column.is_missing
    if unknown.any():
        row = int(unknown.argmax())
        shown = [f"'{name}'" for name in names[:12]]
        shown += [f"{len(names) - 12} more"] if len(names) > 12 else []
        match.fail(
            "E409:category",
            row,
            column,
            name=cells[row],
            column=column.name,
            known=join_words(shown),
            help=suggest(str(cells[row]), names),
        )
    return codes
