"""What a source gives: a table of named columns, each read when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Span

_INDEX = re.compile(r"\[(\d{1,9}(?:,\d{1,9})*)\]$", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

RowPlace = Callable[[int], Span | None]


def is_number(cell: str) -> bool:
    """Whether a cell of text is a decimal number, such as -1.5e3; not inf, nan, 1_000 or 0,7."""
    return NUMBER.fullmatch(cell) is not None


def nowhere(row: int) -> Span | None:
    """The place of a row that no text file holds."""
    return None


@dataclass(frozen=True, eq=False)
class Column:
    """One named array with a row per sample.

    Types: values [rows, ...] of numbers or bools, or of str objects [rows]; where `class_names` are
    given, the values are indices into them. `missing` marks rows without a value.
    """

    name: str
    values: NDArray[Any]
    class_names: tuple[str, ...] | None = None
    missing: NDArray[np.bool_] | None = None
    place: RowPlace = nowhere

    @property
    def rows(self) -> int:
        """Number of samples."""
        return len(self.values)

    @property
    def is_text(self) -> bool:
        """Whether the values are names, not numbers."""
        return self.values.dtype.kind in "OU"

    @cached_property
    def is_missing(self) -> NDArray[np.bool_]:
        """Which rows have no value, bool[rows]."""
        return np.zeros(self.rows, np.bool_) if self.missing is None else self.missing

    def take(self, rows: NDArray[np.int64]) -> Column:
        """The column of some rows, which keep their places."""
        missing = None if self.missing is None else self.missing[rows]
        return replace(
            self,
            values=self.values[rows],
            missing=missing,
            place=lambda row: self.place(int(rows[row])),
        )


@dataclass(frozen=True, eq=False)
class Table:
    """A source, opened: the names of its columns and the way to each.

    `own_inputs` and `own_target` are the source's own pair; `also` gives second names of columns;
    the last `own_test_rows` rows are the source's own test set.
    """

    title: str
    names: tuple[str, ...]
    column: Callable[[str], Column]
    own_inputs: tuple[str, ...] = ()
    own_target: str | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    own_test_rows: int = 0
    hint: str = ""  # what may be wrong when a name is not found

    def find(self, name: str) -> str | None:
        """The column's own name for one of its names, or None."""
        if name in self.names:
            return name
        return self.also.get(name)

    def elements(self, name: str) -> tuple[str, ...]:
        """The columns `name[0]`, `name[1]`, ... or `name[0,0]`, ... in the order of their
        indices."""
        found = {
            tuple(map(int, match[1].split(","))): column
            for column in self.names
            if column.startswith(f"{name}[") and (match := _INDEX.search(column))
        }
        return tuple(found[index] for index in sorted(found))


def table_of_arrays(title: str, columns: Mapping[str, Column], **more: Any) -> Table:
    """A table of columns that are in memory; `more` are the other fields of `Table`."""
    return Table(title, tuple(columns), columns.__getitem__, **more)
