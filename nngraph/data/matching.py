"""Which columns of a source go into which input or target, and their values in its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, DataPlaces, Table, is_number
from nngraph.data.dataset import Port
from nngraph.errors import DataError, Diagnostics, Span, diagnostic, join_words, suggest
from nngraph.records import dataclass
from nngraph.words.data_keys import DerivedTarget

Entry = str | tuple[str, ...] | DerivedTarget


@dataclass(frozen=True, eq=False)
class Match:
    """The columns of one port, the place that names them, and the value of a derived target."""

    port: Port
    columns: tuple[Column, ...]
    place: Span | None = None
    equals: float | str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def hold(self) -> str:
        """`shown` with its verb: "column 'a' holds", "columns 'a' and 'b' hold"."""
        return f"{self.shown} hold{'s' * (len(self.columns) == 1)}"

    @property
    def shown(self) -> str:
        """The columns as errors call them: "column 'label'" or "columns 'a' and 'b'"."""
        if len(self.columns) == 1:
            return self.columns[0].shown
        names = [f"'{name}'" for name in self.names]
        if len(names) > 6:
            names = [*names[:3], f"{len(names) - 4} more", names[-1]]
        return f"columns {join_words(names)}"

    @property
    def rows(self) -> int:
        """Number of samples."""
        return self.columns[0].rows

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a sample in the source; that of the port for several columns."""
        return self.columns[0].values.shape[1:] if len(self.columns) == 1 else self.port.shape

    def take(self, rows: NDArray[np.int64]) -> Match:
        """The same with only some rows."""
        return replace(self, columns=tuple(column.take(rows) for column in self.columns))

    def only(self, column: Column) -> Match:
        """The same with one of its columns."""
        return replace(self, columns=(column,))

    def fail(
        self,
        key: str,
        row: int | None = None,
        column: Column | None = None,
        /,
        **facts: object,
    ) -> NoReturn:
        """Raise a DataError at a row of a column where a file shows it, else where it is named."""
        column = column or self.columns[0]
        place = None if row is None else column.place(row)
        told = diagnostic(key, place or self.place, label="", notes=(), **facts)
        if row is not None and place is None and self.rows > 1:
            told = replace(told, message=f"{told.message} (row {row}, counted from 0)")
        raise DataError(told)


def match_port(
    port: Port,
    entry: Entry | None,
    table: Table,
    places: DataPlaces,
    *,
    alone: bool,
    taken: Sequence[str] = (),
) -> Match:
    """Find the columns of a port: its entry, its own name, or the source's own pair.

    The own pair is for a port that is `alone` in its role; `taken` are the targets' columns, which
    are no inputs then.

    Errors: DataError when there is no such column, or nothing under the port's name.
    """
    role = f"{port.role}s"
    if entry is not None:
        return _match_entry(port, entry, table, places)
    place = places.at("source") or places.at()
    for name in (port.name, *port.aliases):
        if (found := table.find(name)) is not None:
            return Match(port, (table.column(found),), place)
        if elements := table.elements(name):
            return Match(port, tuple(map(table.column, elements)), place)
    if alone and (own := _own(port, table, taken)):
        return Match(port, tuple(map(table.column, own)), place)
    raise DataError(
        diagnostic(
            "E407",
            place,
            label=suggest(port.name, table.names),
            source=table.title,
            role=port.role,
            name=port.name,
            offered=_listed(table),
            section=role,
            hint=f"{table.hint}, or " if table.hint else "",
        )
    )


def _own(port: Port, table: Table, taken: Sequence[str]) -> tuple[str, ...]:
    if port.role == "target":
        return () if table.own_target is None else (table.own_target,)
    return tuple(name for name in table.own_inputs if name not in taken)


def _match_entry(port: Port, entry: Entry, table: Table, places: DataPlaces) -> Match:
    path: tuple[str, str] = (f"{port.role}s", port.name)
    if isinstance(entry, DerivedTarget):
        column = match_named(entry.column, table, places.at(*path, "column"))
        return Match(port, (column,), places.at(*path), entry.equals)
    if isinstance(entry, str):
        return Match(port, (match_named(entry, table, places.at(*path)),), places.at(*path))
    found, columns = Diagnostics(DataError), []
    for i, name in enumerate(entry):
        with found.collecting():
            columns.append(match_named(name, table, places.at(*path, i)))
        if table.names.count(name) > 1:  # what is missing may be what the second was to be called
            break
    found.raise_if_any()
    return Match(port, tuple(columns), places.at(*path))


def match_named(name: str, table: Table, place: Span | None) -> Column:
    """The column of that name. Errors: DataError with what there is instead."""
    found = table.find(name)
    if found is None:
        raise DataError(
            diagnostic(
                "E407:column",
                place,
                label=suggest(name, (*table.names, *table.also)),
                source=table.title,
                name=name,
                offered=_listed(table),
                hint=table.hint or "write one of these names, or name the column so in the file",
            )
        )
    return table.column(found)


def _listed(table: Table) -> str:
    names = [f"'{name}'" for name in table.names]
    if len(names) > 12:
        names = [*names[:11], f"{len(names) - 11} more"]
    return join_words(names)


# ---- the values of matched columns: numbers without gaps, in the shape of their port


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
            column=column.shown,
            text=_text_in(column.values[row]),
        )
    if not allow_missing:
        check_missing(match, column)
    _check_finite_values(match, column, column.values)


def _text_in(value: Any) -> str:
    """The text of a cell, or the first text among the values of a row."""
    cells = np.atleast_1d(np.asarray(value, object)).reshape(-1)
    return next((str(cell) for cell in cells if not is_number(str(cell))), str(cells[0]))


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
        match.fail("E406", row, column, column=column.shown, value=value)


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
            given=list(given) or "one number",
            values=_values(int(np.prod(given))),
            remedy=help or _shape_help(match, list(given), list(port.shape)),
        )
    )


def _values(count: int) -> str:
    return f"{count:,} value{'s' * (count != 1)}"


def _shape_help(match: Match, given: list[int], wanted: list[int]) -> str:
    name = match.port.name
    if not given and match.columns[0].called:
        return "one sample is a row of its own: [[1, 2]], not [1, 2]"
    if len(given) == 3 and [*given[1:], given[0]] == wanted:
        return "images are [height, width, channels]; these have their channels first"
    if given[::-1] == wanted:
        return "the axes stand in the other order"
    if match.columns[0].called == "each picture" and len(wanted) == 3:
        height, width, channels = wanted
        way = f"write `size: [{height}, {width}]` and `channels: {channels}` under `data`"
        return f"{way}, or give '{name}' the shape {given}"
    if match.columns[0].called:
        return f"give {_values(match.port.size)} for each sample, in the shape {wanted}"
    if len(wanted) == 1 and len(given) < 2:
        columns = f"name {wanted[0]} column{'s' * (wanted[0] != 1)}"
        return f"{columns}, or give '{name}' the shape {given or [1]}"
    return f"give '{name}' the shape {given}, or bring as many values as it takes"
