"""What a caller brings with names of columns: a data frame, a mapping, a sample typed by hand.

No library of frames is imported: an object that names its columns and gives each by its name is
one (pandas, polars, pyarrow), and so is a structured array of NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, Table, is_number
from nngraph.data.csv_file import MISSING
from nngraph.data.dataset import Port
from nngraph.errors import DataError, UsageError, diagnostic, join_words, suggest

TITLE = "the data frame"


def frame_names(given: Any) -> tuple[str, ...] | None:
    """The names of the columns of a frame; None for what has none, or only numbers them.

    >>> frame_names(np.zeros(2, [("height", float), ("city", object)])), frame_names([[1, 2]])
    (('height', 'city'), None)
    """
    if isinstance(given, np.ndarray):
        return None if given.dtype.names is None else tuple(given.dtype.names)
    if isinstance(given, Mapping) or not hasattr(given, "__getitem__"):
        return None
    names = getattr(given, "column_names", None)  # pyarrow, whose `columns` are the values
    names = getattr(given, "columns", None) if names is None else names
    if names is None or callable(names) or not isinstance(names, Iterable):
        return None
    found = tuple(names)
    return found if found and all(isinstance(name, str) for name in found) else None


def frame_table(given: Any, names: Sequence[str], title: str = TITLE) -> Table:
    """The columns of a frame, each read when it is asked for; all of them are its own inputs.

    Errors: DataError for two columns of one name.
    """
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DataError(diagnostic("E407:twice", name=name))
    return Table(title, tuple(names), lambda n: column_of(n, given[n]), own_inputs=tuple(names))


def column_of(name: str, cells: Any) -> Column:
    """A column of plain cells: numbers where every cell is one, else names.

    None, NaN and what is missing in a csv file have no value.

    Errors: DataError for cells of unlike shapes, for a single value, and for other kinds of values.
    """
    try:
        values = np.asarray(cells)
    except ValueError as error:
        raise DataError(diagnostic("E400:ragged", name=name)) from error
    if values.ndim == 0 or len(values) == 0:
        raise DataError(
            diagnostic("E400:no-rows" if values.ndim else "E400:single-value", name=name)
        )
    if values.dtype.kind in "US" or (values.dtype.kind == "O" and values.ndim == 1):
        return _column_of_cells(name, values.astype(object))
    if values.dtype.kind not in "biuf":
        raise DataError(diagnostic("E400:dtype", name=name, dtype=values.dtype))
    absent = np.isnan(values) if values.dtype.kind == "f" and values.ndim == 1 else np.zeros(1)
    return Column(name, values, missing=absent.astype(np.bool_) if absent.any() else None)


def _column_of_cells(name: str, cells: NDArray[np.object_]) -> Column:
    if cells.ndim != 1:
        raise DataError(diagnostic("E400:dtype", name=name, dtype="text"))
    absent = np.array([_is_absent(cell) for cell in cells], np.bool_)
    missing = absent if absent.any() else None
    present = cells[~absent]
    if all(is_number(str(cell)) for cell in present):
        values = np.full(len(cells), np.nan)
        values[~absent] = [float(cell) for cell in present]
        return Column(name, values, missing=missing)
    if all(isinstance(cell, bool | np.bool_) or not is_number(str(cell)) for cell in present):
        # str would make True of a truth that a file spells true: it is compared as it is
        return Column(name, np.where(absent, "", cells), missing=missing)
    return Column(name, np.array([str(cell) for cell in cells], object), missing=missing)


def _is_absent(cell: Any) -> bool:
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):  # those of pandas
        return True
    return cell in MISSING if isinstance(cell, str) else bool(cell != cell)


# ---- a mapping from names of inputs, or of the columns that they were learnt from


def known_names(ports: Sequence[Port]) -> tuple[str, ...]:
    """The names of the columns that the inputs were learnt from, where these are known."""
    return tuple(column.name for port in ports for column in port.named_columns)


def spread_rows(ports: Sequence[Port], given: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping with its rows of cells, an input's columns side by side, as columns by name.

    `x=[25, 4.2, yes, Bern]` for an input of four columns of which two hold names.

    Errors: UsageError for a row that has not a cell for each column.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        port = next((port for port in ports if port.name == name), None)
        cells = None if port is None else _rows_of_cells(port, value)
        if port is None or cells is None:
            found[name] = value
            continue
        found |= {c.name: cells[:, i] for i, c in enumerate(port.named_columns)}
    return found


def _rows_of_cells(port: Port, value: Any) -> NDArray[np.object_] | None:
    """The cells [n, columns] of an input of which some columns hold names, None for others."""
    columns = port.named_columns
    if not port.categories or not columns:
        return None
    try:
        cells = np.asarray(value, dtype=object)
    except ValueError:
        return None
    if cells.ndim == 1 and len(columns) == 1:
        cells = cells[:, None]
    if cells.shape[1:] == (len(columns),):
        return cells
    if cells.ndim == 2 and any(isinstance(cell, str) for cell in cells.flat):
        listed = join_words([f"'{column.name}'" for column in columns])
        told = diagnostic("E002:row", input=port.name, columns=listed, count=cells.shape[1])
        raise UsageError(told)
    return None


def mapping_table(ports: Sequence[Port], given: Mapping[str, Any], what: str) -> Table:
    """A mapping from names of columns as a table; every column is there, and no other.

    Errors: UsageError for names that are missing or unknown.
    """
    known = known_names(ports)
    inputs = [port.name for port in ports]
    listed = join_words([f"'{name}'" for name in known])
    for name in given:
        if name not in known and name not in inputs:
            help = f"{suggest(name, known)} the columns are {listed}".strip()
            told = diagnostic("E002:no-such-name", what=what, name=name, role="column", help=help)
            raise UsageError(told)
    wanted = [c.name for port in ports if port.name not in given for c in port.named_columns]
    if missing := [f"'{name}'" for name in wanted if name not in given]:
        names = f"column{'s' * (len(missing) > 1)} {join_words(missing)}"
        raise UsageError(diagnostic("E002:gives-nothing", what=what, names=names))
    return frame_table(given, tuple(given), what)


def refuse_words(ports: Sequence[Port], given: Mapping[str, Any]) -> None:
    """Refuse words that were typed for an input, or a column, of numbers. Errors: UsageError."""
    numbers = {c.name for port in ports for c in port.named_columns if c.categories is None}
    numbers |= {port.name for port in ports if not port.categories}
    for name, value in given.items():
        word = _first_word(value) if name in numbers else None
        if word is not None:
            raise UsageError(diagnostic("E002:given-number", name=name, got=f"'{word}'"))


def _first_word(value: Any) -> str | None:
    if isinstance(value, str):
        return None if value in MISSING else value
    words = map(_first_word, value if isinstance(value, Sequence) else ())
    return next((word for word in words if word is not None), None)
