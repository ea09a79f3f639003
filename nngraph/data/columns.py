"""What a source gives: a table of named columns, each read when it is asked for.

Where something is wrong with them is shown in the file of a row, or in the `data` section.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import CapacityError, DataError, FileError, Span
from nngraph.records import dataclass

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
    given, the values are indices into them. `missing` marks rows without a value. `value_names` are
    the names of the values of a row, where the source has them. `called` is how errors call what is
    no column of a table.
    """

    name: str
    values: NDArray[Any]
    class_names: tuple[str, ...] | None = None
    missing: NDArray[np.bool_] | None = None
    place: RowPlace = nowhere
    value_names: tuple[str, ...] = ()
    called: str = ""

    @property
    def shown(self) -> str:
        """As errors call it: "column 'height'", or what its user gave."""
        return self.called or f"column '{self.name}'"

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


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as the network learnt it: the one description for whoever names its values.

    `shape` is that of one row, () for a single value. `categories` are the names that a column of
    names held, in the order of their one-hot places, None for numbers. `missing` counts the rows
    that had no value. The scale of each value is that of the input or target which it is part of.
    """

    name: str
    shape: tuple[int, ...] = ()
    categories: tuple[str, ...] | None = None
    missing: int = 0

    @property
    def width(self) -> int:
        """How many values of a sample it gives."""
        return math.prod(self.shape) if self.categories is None else len(self.categories)

    @property
    def is_single(self) -> bool:
        """Whether a row of it is one number or one name, not an array."""
        return math.prod(self.shape) == 1

    @property
    def value_names(self) -> tuple[str, ...]:
        """A name for each value that it gives.

        >>> ColumnFacts("height").value_names, ColumnFacts("city", (), ("Bern", "Rome")).value_names
        (('height',), ('city=Bern', 'city=Rome'))
        """
        if self.categories is not None:
            return tuple(f"{self.name}={category}" for category in self.categories)
        return (self.name,) if self.is_single else tuple(names_of_elements(self.name, self.shape))

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON file, without what is as usual."""
        known = None if self.categories is None else list(self.categories)
        facts = {"shape": list(self.shape), "categories": known, "missing": self.missing}
        return {"name": self.name, **{k: v for k, v in facts.items() if v not in ([], None, 0)}}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> ColumnFacts:
        """What `to_json` wrote."""
        known = stored.get("categories")
        return ColumnFacts(
            str(stored["name"]),
            tuple(map(int, stored.get("shape", ()))),
            None if known is None else tuple(map(str, known)),
            int(stored.get("missing", 0)),
        )


def facts_of(
    column: Column, categories: tuple[str, ...] | None = None, missing: int = 0
) -> tuple[ColumnFacts, ...]:
    """The facts of a column; of each of its values where the source names them."""
    if column.value_names:
        return tuple(ColumnFacts(name) for name in column.value_names)
    return (ColumnFacts(column.name, column.values.shape[1:], categories, missing),)


def names_of_elements(name: str, shape: tuple[int, ...]) -> Iterator[str]:
    """Names of the values of one sample of a shape.

    >>> list(names_of_elements("y", (2,))), list(names_of_elements("y", ()))
    (['y[0]', 'y[1]'], ['y'])
    """
    if not shape:
        yield name
        return
    for index in itertools.product(*map(range, shape)):
        yield f"{name}[{','.join(map(str, index))}]"


@dataclass(frozen=True, eq=False)
class Table:
    """A source, opened: the names of its columns and the way to each.

    `own_inputs` and `own_target` are the source's own pair; `also` gives second names of columns;
    the last `own_test_rows` rows are the source's own test set. `is_named` tells whether somebody
    gave the columns their names, or they are numbered here.
    """

    title: str
    names: tuple[str, ...]
    column: Callable[[str], Column]
    own_inputs: tuple[str, ...] = ()
    own_target: str | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    own_test_rows: int = 0
    hint: str = ""  # what may be wrong when a name is not found
    is_named: bool = True

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


# ---- places in the `data` section of the spec, where there is a spec


COMMAND_LINE = "-s"  # the name of the source of a value that an override gave


@dataclass(frozen=True)
class DataPlaces:
    """Looks up places below `data`; every place is None without a spec."""

    span: Callable[..., Span] | None = None
    key_span: Callable[..., Span] | None = None

    def at(self, *path: str | int) -> Span | None:
        """The place of a value, e.g. at("inputs", "x")."""
        return None if self.span is None else self.span("data", *path)

    def is_from_command_line(self, *path: str | int) -> bool:
        """Whether a value was given with `-s`, not by the file itself, whatever its name."""
        if self.span is None:
            return False
        source = self.span("data", *path).source
        return source.name == COMMAND_LINE and source is not self.span().source

    def key_at(self, *path: str | int) -> Span | None:
        """The place of a key, or of its value where keys cannot be looked up."""
        return self.at(*path) if self.key_span is None else self.key_span("data", *path)

    @contextmanager
    def standing_in(self, *path: str | int) -> Iterator[None]:
        """Errors without a place of their own get that of a value."""
        try:
            yield
        except (DataError, CapacityError) as error:
            place = self.at(*path)
            told = (replace(d, span=d.span or place) for d in error.diagnostics)
            raise type(error)(*told, hidden=error.hidden) from error

    def file_error(self, error: FileError, *path: str | int) -> FileError:
        """The same error, at the place where the spec names the file."""
        place = self.at(*path)
        return FileError(*(replace(d, span=d.span or place) for d in error.diagnostics))
