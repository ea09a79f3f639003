"""CSV files: records, columns of numbers or names, and the place of each cell in error."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import NUMBER, Column, Table, is_number
from nngraph.data.csv_cells import cell_place
from nngraph.errors import DataError, Diagnostic, SourceFile, Span, diagnostic
from nngraph.files import read_bytes
from nngraph.records import dataclass
from nngraph.words.data_keys import Missing

MISSING = frozenset(("", "NA", "N/A", "NaN", "nan", "?"))


@dataclass(frozen=True, eq=False)
class CsvFile:
    """A CSV file in memory. `header_rows` is 1 where its first line names the columns."""

    source: SourceFile
    delimiter: str
    missing: Missing
    names: tuple[str, ...]
    header_rows: int
    is_named: bool = True

    @property
    def first(self) -> tuple[str, ...]:
        """The cells of the first line, which may be the header."""
        return tuple(_first_record(self.source, self.delimiter))

    @cached_property
    def numbers(self) -> NDArray[np.float64] | None:
        """All cells as float64[rows, columns] where the file holds finite numbers only."""
        lines = self.source.text.replace("\r\n", "\n")
        if '"' in lines or "\r" in lines:
            return None
        lines = lines.lstrip("\n")
        lines = lines.partition("\n")[2] if self.header_rows else lines
        if not lines.strip():
            return None
        try:
            table = np.loadtxt(io.StringIO(lines), delimiter=self.delimiter, comments=None, ndmin=2)
        except ValueError:
            return None
        fits = table.shape[1] == len(self.names) and bool(np.isfinite(table).all())
        return table if fits else None

    @cached_property
    def records(self) -> list[list[str]]:
        """The cells of each data row, as text without surrounding blanks."""
        records = _records(self.source, self.delimiter)[self.header_rows :]
        for row, record in enumerate(records):
            if len(record) != len(self.names):
                raise DataError(self._ragged(row, len(record)))
        return records

    def _ragged(self, row: int, cells: int) -> Diagnostic:
        return diagnostic(
            "E403:header" if self.header_rows else "E403",
            cell_place(self.source, self.delimiter, row + self.header_rows, None),
            cells=cells,
            columns=len(self.names),
            delimiter=self.delimiter,
        )

    def place(self, row: int, name: str) -> Span | None:
        """The place of one cell."""
        cell = self.names.index(name)
        return cell_place(self.source, self.delimiter, row + self.header_rows, cell)

    def column(self, name: str) -> Column:
        """One column: numbers where every cell is one, else names.

        Errors: DataError where two columns have this name, and for missing values.
        """
        index = self.names.index(name)
        if name in self.names[index + 1 :]:
            second = self.names.index(name, index + 1)
            place = cell_place(self.source, self.delimiter, 0, second)
            raise DataError(diagnostic("E407:twice", place, name=name))
        if self.numbers is not None:
            return Column(name, self.numbers[:, index], place=lambda row: self.place(row, name))
        cells = [record[index] for record in self.records]
        missing = np.array([cell in MISSING for cell in cells])
        if missing.any() and self.missing == "error":
            raise DataError(self._missing(int(missing.argmax()), name, int(missing.sum())))
        return Column(
            name, _values(cells, missing), None, missing, lambda row: self.place(row, name)
        )

    def _missing(self, row: int, name: str, count: int) -> Diagnostic:
        more = f", as in {count - 1} more rows" if count > 1 else ""
        return diagnostic("E405", self.place(row, name), column=name, more=more)


def _values(
    cells: list[str], missing: NDArray[np.bool_]
) -> NDArray[np.float64] | NDArray[np.object_]:
    present = [cell for cell in cells if cell not in MISSING]
    if all(map(NUMBER.fullmatch, present)):
        values = np.full(len(cells), np.nan)
        values[~missing] = [float(cell) for cell in present]
        return values
    return np.array(cells, dtype=object)


def open_csv(
    path: Path,
    header: bool | Sequence[str] = True,
    delimiter: str = ",",
    missing: Missing = "error",
    name: str | None = None,
) -> CsvFile:
    """Read a CSV file; `name` is what errors call it.

    Errors: FileError when it cannot be read; DataError when it is not UTF-8, empty, or its first
    row does not fit the names.
    """
    source = SourceFile(name or str(path), _decode(path, name or str(path)))
    first = _first_record(source, delimiter)
    if header is True:
        return CsvFile(source, delimiter, missing, _header(first), 1)
    names = tuple(f"c{i}" for i in range(len(first))) if header is False else tuple(header)
    return CsvFile(source, delimiter, missing, names, 0, is_named=header is not False)


ZIP = b"PK\x03\x04"  # how archives begin, and with them files of Excel and its like


def csv_table(file: CsvFile) -> Table:
    """The columns of a CSV file; its own pair is the last column and all the others."""
    count = len(file.records) if file.numbers is None else len(file.numbers)
    if count == 0:
        raise DataError(diagnostic("E402:rows", file=file.source.name))
    hint = ""
    if file.header_rows and any(map(is_number, file.names)):
        names = ", ".join(["NAME"] * min(len(file.names), 6))
        hint = "the first line holds numbers: if that is a row, write `header: false`, "
        hint += f"or give the names, `header: [{names}]`"
    if len(file.names) == 1 and (
        other := next((c for c in ",;\t|".replace(file.delimiter, "") if c in file.names[0]), "")
    ):
        hint = f"cells seem to be separated by {other!r}: write `delimiter: {json.dumps(other)}`"
    return Table(
        f"'{file.source.name}'",
        file.names,
        file.column,
        own_inputs=file.names,
        own_target=file.names[-1],
        hint=hint,
        is_named=file.is_named,
    )


def _decode(path: Path, name: str) -> str:
    content = read_bytes(path)
    if content.startswith(ZIP):
        raise DataError(diagnostic("E401:zip", file=name))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            diagnostic("E401:encoding", file=name, byte=content[error.start], line=line)
        ) from None


def _first_record(source: SourceFile, delimiter: str) -> list[str]:
    first = next(iter(_records(source, delimiter, at_most=1)), None)
    if first is None:
        raise DataError(diagnostic("E402", file=source.name))
    return first


def _records(source: SourceFile, delimiter: str, at_most: int | None = None) -> list[list[str]]:
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            cells = [cell.strip() for cell in record]
            if len(cells) > 1 or any(cells):
                records.append(cells)
            if len(records) == at_most:
                break
    except csv.Error as error:
        start = source.start_of(reader.line_num)
        place = Span(source, start, start + 1)
        raise DataError(diagnostic("E401:csv", place, reason=error)) from None
    return records


def _header(first: list[str]) -> tuple[str, ...]:
    return tuple(name or f"c{i}" for i, name in enumerate(first))
