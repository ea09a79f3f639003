"""Targets as the loss wants them: one-hot rows, 0 and 1, or numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.class_codes import class_codes, listed
from nngraph.data.columns import Column
from nngraph.data.matching import Match
from nngraph.data.values import fit_shape, numbers_of
from nngraph.errors import suggest

Codes = NDArray[np.int64]
AnyArray = NDArray[Any]


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


def _binary(match: Match) -> EncodedTarget:
    port, column = match.port, match.columns[0]
    if _is_one_column(match) and port.size > 1:
        return _as_one_hot(match)
    if _is_one_column(match) and (column.is_text or column.class_names is not None):
        codes, labels = class_codes(match, column, 2)
        return EncodedTarget(fit_shape(match, codes.astype(np.uint8)), labels, codes)
    values = fit_shape(match, numbers_of(match))
    fine = ((values == 0) | (values == 1)).reshape(len(values), -1).all(axis=1)
    if not fine.all():
        row = int(fine.argmin())
        bad = values[row].reshape(-1)
        bad = bad[(bad != 0) & (bad != 1)][0]
        match.fail(
            "E409:binary",
            row,
            target=port.name,
            hold=match.hold,
            value=bad,
            column=column.name,
        )
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
    fine = (np.abs(values) == 1).reshape(len(values), -1).all(axis=1)
    if not fine.all():
        row = int(fine.argmin())
        bad = values[row].reshape(-1)
        value = bad[np.abs(bad) != 1][0]
        match.fail("E409:signs", row, target=match.port.name, hold=match.hold, value=value)
    return EncodedTarget(fit_shape(match, values))


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
            column=column.name,
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
