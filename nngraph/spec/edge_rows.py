"""Rows of a table of edges, read many at once."""

from __future__ import annotations

import re

import numpy as np

from nngraph.errors import SourceFile
from nngraph.records import dataclass
from nngraph.spec.arrows import EndError, EndNumbers
from nngraph.spec.cells import Letters, Numbering, cells_by_column, one_of
from nngraph.spec.columns import EdgeColumns
from nngraph.spec.decimals import read_numbers
from nngraph.spec.document import RowPlace
from nngraph.spec.tables import bare

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Edges that are rows of a table."""

    source: SourceFile
    columns: tuple[str, ...]

    def place(self, start: int) -> RowPlace:
        """The places of the edge whose row begins at a character."""
        row = _LINE.match(self.source.text, start)
        assert row is not None
        return RowPlace(self.source, start, row.end(), self.columns)


class EdgeTable:
    """Reads many ordinary rows at once."""

    def __init__(self, source: SourceFile, columns: tuple[str, ...], ends: EndNumbers) -> None:
        self.ends, self.writing = ends, _Rows(source, columns)
        self.numbering = Numbering(lambda cells: ends.read(list(map(bare, cells))))
        self.truths = one_of({"": False, "true": False, "false": True})

    def read(self, start: int, stop: int) -> EdgeColumns | None:
        """The edges of whole lines; None where a row is blank, quoted, ragged or wrong."""
        text, names = self.writing.source.text[start:stop], self.writing.columns
        letters = Letters.of(text if text.endswith("\n") else f"{text}\n")
        if letters is None or text.count("\r") != text.count("\r\n"):
            return None
        cells = cells_by_column(letters, len(names))
        if cells is None:
            return None
        rows = (start + cells[0][:, 0]).astype(np.int32)
        column = {name: (cells[0][:, at], cells[1][:, at]) for at, name in enumerate(names)}
        try:
            return EdgeColumns(
                self.ends,
                self.writing,
                self.numbering.numbers(letters, *column["from"]),
                self.numbering.numbers(letters, *column["to"]),
                rows,
                read_numbers(letters, *column["weight"]),
                self.truths.numbers(letters, *column["trainable"]).astype(bool)
                if "trainable" in column
                else np.zeros(len(rows), bool),
            )
        except (EndError, ValueError, KeyError):
            return None
