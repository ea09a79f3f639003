"""Inputs and targets out of their columns: numbers as they are, names as one-hot rows or 0 and 1.

The categories of a column of an input are the names that it holds, sorted, when the network first
meets it; afterwards they are those that were stored, and another name is an error. Targets become
what the loss wants: one-hot rows, 0 and 1, or numbers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.class_codes import class_codes, listed
from nngraph.data.columns import Column, is_number
from nngraph.data.matching import Match, check_columns_alike, check_missing, fit_shape, numbers_of
from nngraph.errors import join_words, suggest
from nngraph.records import dataclass

Codes = NDArray[np.int64]
AnyArray = NDArray[Any]

# ---- inputs


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
        _category_rows(match, column, categories[column.name], allow_missing)
        if column.name in categories
        else numbers_of(match.only(column), allow_missing).reshape(column.rows, -1)
        for column in match.columns
    ]
    values = np.concatenate(pieces, axis=1)
    return fit_shape(match, values, help=_category_help(match, categories, values.shape[1]))


def _category_help(match: Match, categories: Mapping[str, tuple[str, ...]], width: int) -> str:
    """Why names take more than one value, and what to do."""
    for name, known in categories.items():
        points = [cell.replace(",", ".", 1) for cell in known]
        if all(map(is_number, points)):  # decimals with a comma
            return f"'{known[0]}' of '{name}' is read as a name: write the number as {points[0]}"
    said = join_words([f"'{name}' is one of {len(k)} names" for name, k in categories.items()])
    out = f"take '{next(iter(categories))}' out where it is the target"
    return f"{said}: one value for each; {out}, or give '{match.port.name}' the shape [{width}]"


def _holds_numbers(column: Column) -> bool:
    """Whether a column of text holds a number: then its names are mistakes, not categories."""
    present = column.values[~column.is_missing]
    return any(is_number(str(cell)) for cell in present)


def _distinct(match: Match, column: Column) -> tuple[str, ...]:
    names = tuple(sorted({str(cell) for cell in column.values[~column.is_missing]}))
    if len(names) > MOST:
        match.fail("E404:categories", column=column.name, count=len(names), most=MOST)
    return names


def _category_rows(
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


def _codes(match: Match, column: Column, names: tuple[str, ...]) -> Codes:
    own = column.class_names
    cells = column.values if own is None else np.array(own, object)[column.values]
    if cells.dtype.kind == "f":
        cells = np.array([f"{cell:g}" for cell in cells], object)
    index: dict[object, int] = {name: code for code, name in enumerate(names)}
    for name, truth in itertools.product(names, (True, False)):
        if name.lower() == str(truth).lower():  # what a file spells true, True or TRUE
            index[truth] = index[name]
    keys = (cell if isinstance(cell, bool | np.bool_) else str(cell) for cell in cells)
    codes = np.array([index.get(key, -1) for key in keys], np.int64)
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
            column=column.shown,
            known=join_words(shown),
            help=suggest(str(cells[row]), names),
        )
    return codes


# ---- targets


@dataclass(frozen=True, eq=False)
class EncodedTarget:
    """An encoded target [n, ...]; `labels` are names found in the data, `classes` the class of
    each row, where it has one."""

    values: AnyArray
    labels: tuple[str, ...] | None = None
    classes: Codes | None = None


def encode_target(match: Match) -> EncodedTarget:
    """A target from its columns, by the kind of its port.

    Errors: DataError for values that are no classes, names that are unknown, shapes that do not
    fit.
    """
    if match.equals is not None:
        return _derived(match)
    match match.port.kind:
        case "classes":
            return _classes(match)
        case "binary":
            return _shares(match)
        case "yes_or_no":
            return _binary(match)
        case "signs":
            return _signs(match)
        case _:
            return _numbers(match)


def _derived(match: Match) -> EncodedTarget:
    codes = _holds(match, match.columns[0]).astype(np.int64)
    values = _one_hot(codes, 2) if match.port.kind == "classes" else codes.astype(np.uint8)
    return EncodedTarget(fit_shape(match, values), classes=codes)


def _holds(match: Match, column: Column) -> NDArray[np.bool_]:
    """Where a column holds the value of a derived target; it must do so somewhere."""
    equals, names = match.equals, column.class_names
    if isinstance(equals, str) and (names is not None or column.is_text):
        known = names if names is not None else tuple(sorted(set(column.values)))
        if equals not in known:
            match.fail(
                "E409:never-name",
                column=column.name,
                name=equals,
                known=listed(known),
                help=suggest(equals, known),
            )
        wanted: Any = equals if names is None else names.index(equals)
        return np.asarray(column.values == wanted, np.bool_)
    if isinstance(equals, str) or column.is_text:
        key = "E409:equals-name" if isinstance(equals, str) else "E409:equals-number"
        shown = repr(equals) if isinstance(equals, str) else f"{equals:g}"
        match.fail(key, column=column.name, equals=shown)
    found = np.asarray(numbers_of(match) == equals, np.bool_)
    if not found.any():
        match.fail("E409:never", column=column.name, number=equals)
    return found


def _classes(match: Match) -> EncodedTarget:
    port, column = match.port, match.columns[0]
    lead = port.shape[:-1]
    count = port.classes or (port.shape[-1] if port.shape else None)
    per_sample = sum(math.prod(c.values.shape[1:]) for c in match.columns)
    if count is not None and per_sample == math.prod(lead) * count and count > 1:
        rows = _check_one_hot(match, numbers_of(match).reshape(-1, *lead, count))
        return EncodedTarget(rows, classes=None if lead else rows.argmax(axis=-1))
    if per_sample != math.prod(lead):
        fit_shape(match, numbers_of(match))
        match.fail("E408:target", columns=match.shown, target=port.name)
    codes, labels = class_codes(match, column, count)
    codes = codes.reshape(-1, *lead)
    width = count or len(labels or ()) or int(codes.max()) + 1
    return EncodedTarget(_one_hot(codes, width), labels, None if lead else codes)


def _check_one_hot(match: Match, rows: AnyArray) -> AnyArray:
    flat = rows.reshape(len(rows), -1, rows.shape[-1]).astype(np.float64)
    fine = ((flat >= 0).all(axis=2) & (np.abs(flat.sum(axis=2) - 1.0) <= 1e-4)).all(axis=1)
    if not fine.all():
        match.fail("E409:probabilities", int(fine.argmin()), target=match.port.name)
    return rows


def _one_hot(codes: Codes, classes: int) -> NDArray[np.uint8]:
    rows = np.zeros((codes.size, classes), np.uint8)
    rows[np.arange(codes.size), codes.reshape(-1)] = 1
    return rows.reshape(*codes.shape, classes)


def _shares(match: Match) -> EncodedTarget:
    """How much of yes, from 0 to 1; the 0 and 1 of plain answers are classes too."""
    column = match.columns[0]
    is_named = column.is_text or column.class_names is not None
    if _is_one_column(match) and (is_named or match.port.size > 1):
        return _binary(match)
    values = numbers_of(match)
    if ((values == 0) | (values == 1)).all():
        return _binary(match)
    _check_each(match, "E409:shares", values, (values >= 0) & (values <= 1), column=column.name)
    return EncodedTarget(fit_shape(match, values))


def _binary(match: Match) -> EncodedTarget:
    """0 and 1."""
    port, column = match.port, match.columns[0]
    if _is_one_column(match) and port.size > 1:
        return _as_one_hot(match)
    if _is_one_column(match) and (column.is_text or column.class_names is not None):
        codes, labels = class_codes(match, column, 2)
        return EncodedTarget(fit_shape(match, codes.astype(np.uint8)), labels, codes)
    values = fit_shape(match, numbers_of(match))
    _check_each(match, "E409:binary", values, (values == 0) | (values == 1), column=column.name)
    classes = values.reshape(-1).astype(np.int64) if port.size == 1 else None
    return EncodedTarget(values, None, classes)


def _signs(match: Match) -> EncodedTarget:
    """0 and 1, or -1 and 1, one of the two throughout."""
    column = match.columns[0]
    is_named = column.is_text or column.class_names is not None
    if _is_one_column(match) and (is_named or match.port.size > 1):
        return _binary(match)
    values = numbers_of(match)
    if not (values < 0).any():
        return _binary(match)
    _check_each(match, "E409:signs", values, np.abs(values) == 1)
    return EncodedTarget(fit_shape(match, values))


def _check_each(
    match: Match, key: str, values: AnyArray, is_fine: NDArray[np.bool_], **facts: str
) -> None:
    """Every value is one that the loss takes. Errors: DataError at the first row with another."""
    fine = is_fine.reshape(len(values), -1).all(axis=1)
    if fine.all():
        return
    row = int(fine.argmin())
    (value, *_) = values[row][~is_fine[row]].reshape(-1)
    match.fail(key, row, target=match.port.name, hold=match.hold, value=value, **facts)


def _numbers(match: Match) -> EncodedTarget:
    port, column = match.port, match.columns[0]
    if _is_one_column(match) and port.size > 1:
        return _as_one_hot(match)
    names = column.class_names
    if names is not None and len(names) == 2:
        return _binary(match)
    if names is not None:
        match.fail(
            "E408:classes",
            target=port.name,
            column=column.shown,
            count=len(names),
            names=listed(names),
        )
    if column.is_text and _is_one_column(match) and len(set(column.values)) == 2:
        return _binary(match)
    return EncodedTarget(fit_shape(match, numbers_of(match)))


def _is_one_column(match: Match) -> bool:
    return len(match.columns) == 1 and math.prod(match.columns[0].values.shape[1:]) == 1


def _as_one_hot(match: Match) -> EncodedTarget:
    """One class per row for a target of several numbers, e.g. a squared error over ten units."""
    codes, labels = class_codes(match, match.columns[0], match.port.size)
    return EncodedTarget(fit_shape(match, _one_hot(codes, match.port.size)), labels, codes)
