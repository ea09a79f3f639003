"""CSV files with one sample a line: those that are learnt from, and those of `predict`."""

from __future__ import annotations

from pathlib import Path

from nngraph.data.columns import Table, is_number
from nngraph.data.csv_file import csv_table, open_csv
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import FileError
from nngraph.words.data_keys import DerivedTarget, Missing
from nngraph.words.own_data import CsvData
from nngraph.words.sources import DataSpec


def _open(spec: CsvData, around: Surroundings) -> Table:
    path = around.path(spec.path, "path")
    try:
        file = open_csv(path, spec.header, spec.delimiter, spec.missing, name=spec.path)
    except FileError as error:
        raise around.places.file_error(error, "path") from error
    return csv_table(file)


CSV = Opener(CsvData, _open)


def csv_inputs(path: Path, spec: DataSpec | None, missing: Missing) -> Table:
    """A csv file, with or without a header, whatever the file was that was learnt from."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    if isinstance(spec, CsvData):
        delimiter = spec.delimiter
    first = open_csv(path, False, delimiter, missing, name=path.name).first
    header = _header(first, spec)
    return csv_table(open_csv(path, header, delimiter, missing, name=path.name))


def _header(first: tuple[str, ...], spec: DataSpec | None) -> bool | tuple[str, ...]:
    """Whether the first line names the columns, or the names that the spec has for them."""
    if not isinstance(spec, CsvData) or spec.header is True:
        return not all(map(is_number, first))
    if spec.header is False:
        return set(first) <= {f"c{i}" for i in range(10_000)}
    return set(first) <= set(spec.header) or _names_for(first, spec, spec.header)


def _names_for(first: tuple[str, ...], spec: CsvData, names: tuple[str, ...]) -> tuple[str, ...]:
    """The spec's own names: all, or where the file has so many columns, those of no target."""
    targets = {
        column
        for entry in spec.targets.values()
        for column in (
            (entry,) if isinstance(entry, str) else entry if isinstance(entry, tuple) else ()
        )
    }
    targets |= {e.column for e in spec.targets.values() if isinstance(e, DerivedTarget)}
    targets |= {names[-1]} if not targets else set()
    others = tuple(name for name in names if name not in targets)
    return others if len(first) == len(others) else names
