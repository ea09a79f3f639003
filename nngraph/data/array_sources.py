"""Sources that hold arrays already: the table in the spec, and npz files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.offers import Column, Offer, RowPlace
from nngraph.data.places import DataPlaces
from nngraph.errors import DataError, Diagnostic, ModelFileError, Note
from nngraph.files import array_names, read_array

Cell = float | str | tuple[float, ...]


def table_offer(columns: Mapping[str, Sequence[Cell]], places: DataPlaces) -> Offer:
    """The columns written into a spec; its own pair is the last column and all the others.

    Errors: DataError when columns differ in length or in the kind of their cells.
    """
    first, *others = columns
    for name in others:
        if len(columns[name]) != len(columns[first]):
            raise DataError(_unlike_columns(columns, first, name, places))
    names = tuple(columns)
    return Offer(
        "the table",
        names,
        lambda name: _table_column(name, columns[name], places),
        own_inputs=names,
        own_target=names[-1],
    )


def _unlike_columns(
    columns: Mapping[str, Sequence[Cell]], first: str, name: str, places: DataPlaces
) -> Diagnostic:
    span = places.at("columns", first)
    return Diagnostic(
        "E411",
        f"column '{name}' has {len(columns[name])} values, but '{first}' has {len(columns[first])}",
        places.at("columns", name),
        notes=(Note(span, f"'{first}' is here"),) if span is not None else (),
        help="every column has one value per sample",
    )


def _table_column(name: str, cells: Sequence[Cell], places: DataPlaces) -> Column:
    form = _form(cells[0])
    for row, cell in enumerate(cells):
        if _form(cell) != form:
            raise DataError(
                Diagnostic(
                    "E404",
                    f"column '{name}' mixes {form} and {_form(cell)}",
                    places.at("columns", name, row),
                )
            )
    values: NDArray[Any] = np.array(cells, dtype=object if form == "names" else np.float64)
    return Column(name, values, place=lambda row: places.at("columns", name, row))


def _form(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return f"lists of {len(cell)}"
    return "names" if isinstance(cell, str) else "numbers"


def npz_offer(path: Path, shown: str, place: RowPlace) -> Offer:
    """The arrays of an npz file, each loaded when it is used; its own pair is `x` and `y`.

    Errors: FileError when it cannot be read; DataError when it is damaged or holds pickles.
    """
    names = _as_data(lambda: array_names(path), path, shown, place)
    if not names:
        raise DataError(Diagnostic("E402", f"'{shown}' holds no arrays", place(0)))

    def column(name: str) -> Column:
        values = _as_data(lambda: read_array(path, name), path, shown, place)
        return array_column(name, values, shown, place)

    has_pair = {"x", "y"} <= set(names)
    return Offer(
        f"'{shown}'",
        names,
        column,
        own_inputs=("x",) if has_pair else (),
        own_target="y" if has_pair else None,
    )


def array_column(name: str, values: NDArray[Any], shown: str, place: RowPlace) -> Column:
    """An array of a file as a column: numbers, bools or names with a row per sample.

    Errors: DataError for other kinds of values, for scalars and empty arrays.
    """
    if values.dtype.kind not in "biufUS":
        raise DataError(
            Diagnostic(
                "E413",
                f"array '{name}' of '{shown}' holds values of type {values.dtype}, not numbers",
                place(0),
                help="save it as float32, float64 or integers",
            )
        )
    if values.ndim == 0 or len(values) == 0:
        what = "is a single value" if values.ndim == 0 else "has no rows"
        message = f"array '{name}' of '{shown}' {what}; the first axis counts the samples"
        raise DataError(Diagnostic("E402", message, place(0)))
    if values.dtype.kind in "US":
        values = values.astype(np.str_).astype(object)
    return Column(name, values, place=place)


def _as_data(read: Callable[[], Any], path: Path, shown: str, place: RowPlace) -> Any:
    try:
        return read()
    except ModelFileError as error:
        cause = error.diagnostics[0]
        message = cause.message.replace(f"'{path}'", f"'{shown}'")
        raise DataError(Diagnostic("E401", message, place(0), help=cause.help)) from error
