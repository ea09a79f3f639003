"""The values of matched columns: numbers without gaps, in the shape of their port."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, is_number
from nngraph.data.matching import Match
from nngraph.errors import DataError, Diagnostics, diagnostic


def numbers_of(match: Match, allow_missing: bool = False) -> NDArray[Any]:
    """The columns of a match as one array of finite numbers [n, ...], several side by side.

    Errors: DataError for names, missing and non-finite values, at their cell; columns of unlike
    length.
    """
    found = Diagnostics(DataError)
    for column in match.columns:
        with found.collecting():
            _check_numbers(match, column, allow_missing)
    found.raise_if_any()
    if len(match.columns) == 1:
        return match.columns[0].values
    check_columns_alike(match)
    return np.concatenate([c.values.reshape(c.rows, -1) for c in match.columns], axis=1)


def check_columns_alike(match: Match) -> None:
    """Raise a DataError where columns side by side differ in length."""
    for column in match.columns:
        if column.rows != match.rows:
            match.fail(
                "E411",
                name=column.name,
                rows=column.rows,
                first=match.columns[0].name,
                its_rows=match.rows,
            )


def _check_numbers(match: Match, column: Column, allow_missing: bool) -> None:
    if column.is_text:
        row = next((i for i, cell in enumerate(column.values) if not is_number(str(cell))), 0)
        match.fail(
            "E404",
            row,
            column,
            role=match.port.role,
            name=match.port.name,
            column=column.name,
            text=column.values[row],
        )
    if not allow_missing:
        check_missing(match, column)
    _check_finite_values(match, column, column.values)


def check_missing(match: Match, column: Column) -> None:
    """Raise a DataError at the first row without a value."""
    if not column.is_missing.any():
        return
    key = "E405:target" if match.port.role == "target" else "E405:drop"
    match.fail(key, int(column.is_missing.argmax()), column, column=column.name)


def _check_finite_values(match: Match, column: Column, values: NDArray[Any]) -> None:
    """Raise a DataError at the first value that is neither finite nor marked as missing."""
    if values.dtype.kind != "f":
        return
    finite = np.isfinite(values).reshape(len(values), -1).all(axis=1) | column.is_missing
    if not finite.all():
        row = int(finite.argmin())
        bad = values[row].reshape(-1)
        value = bad[~np.isfinite(bad)][0]
        match.fail("E406", row, column, column=column.name, value=value)


def fit_shape(match: Match, values: NDArray[Any], help: str = "") -> NDArray[Any]:
    """The values of a port's size in the port's shape [n, *shape].

    A vector may be folded into an image and an image unrolled into a vector; axes of length 1 may
    come and go. Anything else would mix up the axes.

    Errors: DataError that names both sides.
    """
    port, given = match.port, values.shape[1:]
    if given == port.shape:
        return values
    there, wanted = ([d for d in shape if d != 1] for shape in (given, port.shape))
    if there == wanted or (values[:1].size == port.size and min(len(there), len(wanted)) <= 1):
        return values.reshape(len(values), *port.shape)
    raise DataError(
        diagnostic(
            "E408",
            match.place,
            role=port.role,
            name=port.name,
            shape=list(port.shape),
            size=_values(port.size),
            hold=match.hold,
            given=list(given),
            values=_values(int(np.prod(given))),
            remedy=help or _shape_help(list(given), list(port.shape)),
        )
    )


def _values(count: int) -> str:
    return f"{count:,} value{'s' * (count != 1)}"


def _shape_help(given: list[int], wanted: list[int]) -> str:
    if len(given) == 3 and [*given[1:], given[0]] == wanted:
        return "images are [height, width, channels]; these have their channels first"
    if given[::-1] == wanted:
        return "the axes stand in the other order"
    return ""
