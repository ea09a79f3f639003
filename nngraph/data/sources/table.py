"""Columns written into the spec itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, DataPlaces, Table
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import DataError, Diagnostic, Note, diagnostic
from nngraph.words.own_data import TableData

Cell = float | str | tuple[float, ...]


def _open(spec: TableData, around: Surroundings) -> Table:
    """The own pair is the last column and all the others.

    Errors: DataError when columns differ in length or in the kind of their cells.
    """
    columns, places = spec.columns, around.places
    first, *others = columns
    for name in others:
        if len(columns[name]) != len(columns[first]):
            raise DataError(_unlike_columns(columns, first, name, places))
    names = tuple(columns)
    return Table(
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
    return diagnostic(
        "E411:columns",
        places.at("columns", name),
        notes=(Note(span, f"'{first}' is here"),) if span is not None else (),
        name=name,
        values=len(columns[name]),
        first=first,
        its_values=len(columns[first]),
    )


def _table_column(name: str, cells: Sequence[Cell], places: DataPlaces) -> Column:
    form = _form(cells[0])
    for row, cell in enumerate(cells):
        if _form(cell) != form:
            raise DataError(
                diagnostic(
                    "E404:mixed",
                    places.at("columns", name, row),
                    column=name,
                    form=form,
                    other=_form(cell),
                )
            )
    values: NDArray[Any] = np.array(cells, dtype=object if form == "names" else np.float64)
    return Column(name, values, place=lambda row: places.at("columns", name, row))


def _form(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return f"lists of {len(cell)}"
    return "names" if isinstance(cell, str) else "numbers"


TABLE = Opener(TableData, _open)
