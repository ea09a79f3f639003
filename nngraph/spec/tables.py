"""Side files: `{file: edges.csv}` and `nodes_file: neurons.csv`, each cell with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.errors import Diagnostics, FileError, SourceFile, Span, join_words
from nngraph.files import read_text, resolve_inside
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import End, EndError, EndNumbers, read_end
from nngraph.spec.document import EdgeEntry, RowPlace
from nngraph.spec.edges import DefaultEdge
from nngraph.spec.nearest import nearest
from nngraph.spec.nodes import enter
from nngraph.spec.tree import number_meant, resolve, truth_meant

if TYPE_CHECKING:
    from nngraph.spec.columns import Run
    from nngraph.spec.node_rows import NodeRows

_LINE = re.compile(r"[^\r\n]+")
_BREAK = re.compile(r"\r\n|\r|\n")
EDGE_COLUMNS = ("from", "to", "weight", "trainable")
NODE_COLUMNS = ("id", "activation", "bias", "aggregate")


@dataclass(frozen=True)
class TableReader:
    """Reads the CSV files that a spec names, all inside its folder or the second one."""

    folder: Path
    found: Diagnostics
    data_root: Path | None = None

    def open(self, name: tree.Tree) -> SourceFile | None:
        """The file's text, or None after adding why it cannot be read."""
        if not isinstance(name, tree.Scalar) or not isinstance(name.value, str):
            self.found.tell("E106:file", name.span)
            return None
        try:
            path = resolve_inside(self.folder, name.text, self.data_root)
        except FileError as error:
            first = error.diagnostics[0]
            self.found.tell("E114", name.span, problem=first.message, help=first.help)
            return None
        try:
            return SourceFile(name.text, read_text(path))
        except FileError as error:
            placed = (replace(d, span=name.span) for d in error.diagnostics)
            self.found.keep(FileError(*placed))
        return None

    def nodes(self, name: tree.Tree, nodes: tree.Mapping, *, as_rows: bool) -> NodeRows | None:
        """A neuron for each row: in columns, or, where a row is unusual, added to `nodes`."""
        from nngraph.spec.node_rows import node_of_cells, read_rows  # few specs have side files

        source = self.open(name)
        columns = self._header(source, NODE_COLUMNS, ("id",)) if source is not None else None
        if source is None or columns is None:
            return None
        start = _first_row(source)
        if as_rows and (rows := read_rows(source, start, columns, nodes.entries)) is not None:
            return rows
        for span in _rows(source, start, len(source.text)):
            cells = tree.cells_of(source, *span)
            if self._fits(cells, columns, source, *span):
                key, value = node_of_cells(source, columns, cells, span, self.found)
                enter(nodes, key, value, self.found)
        return None

    def edges(self, name: tree.Tree, ends: EndNumbers) -> list[Run]:
        """An edge for each row: as columns, but for pieces in which something is unusual."""
        from nngraph.spec.columns import merged  # few specs have side files
        from nngraph.spec.edge_rows import EdgeTable

        source = self.open(name)
        required = ("from", "to", "weight")
        columns = self._header(source, EDGE_COLUMNS, required) if source is not None else None
        if source is None or columns is None:
            return []
        one_by_one, together = (
            _EdgeRows(source, columns, self.found),
            EdgeTable(source, columns, ends),
        )
        runs: list[Run] = []
        for start, stop in _pieces(source):
            many = together.read(start, stop)
            if many is not None:
                runs.append(many)
                continue
            rows = (one_by_one.read(*row) for row in _rows(source, start, stop))
            runs.append(tuple(edge for edge in rows if edge is not None))
        return merged(runs)

    def _header(
        self, source: SourceFile, known: tuple[str, ...], required: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """The names of the columns, from the first line."""
        wanted = ",".join(known)
        first = _LINE.search(source.text)
        start, stop = first.span() if first is not None else (0, 0)
        if first is None:
            self.found.tell("E140:empty", Span(source, 0, 0), columns=wanted)
            return None
        cells = tree.cells_of(source, start, stop)
        names = [cell.text for cell in cells]
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            place = Span(source, start, max(start + 1, stop))
            self.found.tell("E140:commas", place, columns=wanted)
            return None
        good = True
        for index, cell in enumerate(cells):
            if cell.text not in known:
                key, label = "E140:unknown", nearest(cell.text, known, self.found)
            elif cell.text in names[:index]:
                key, label = "E140:twice", ""
            else:
                continue
            good = False
            place = Span(source, cell.start, max(cell.end, cell.start + 1))
            self.found.tell(key, place, label=label, column=cell.text, columns=wanted)
        missing = [name for name in required if name not in names]
        if good and missing:
            words = join_words([f"'{name}'" for name in missing])
            lacking = "E140:missing" if len(missing) == 1 else "E140:several-missing"
            place = Span(source, start, max(start + 1, stop))
            self.found.tell(lacking, place, missing=words, columns=wanted)
        return tuple(names) if good and not missing else None

    def _fits(
        self,
        cells: list[tree.Scalar],
        columns: tuple[str, ...],
        source: SourceFile,
        start: int,
        stop: int,
    ) -> bool:
        if len(cells) == len(columns):
            return True
        _tell_ragged(len(cells), columns, Span(source, start, stop), self.found)
        return False


class _EdgeRows:
    """Turns rows into edges; ends that come again are read once."""

    def __init__(self, source: SourceFile, columns: tuple[str, ...], found: Diagnostics) -> None:
        self.source, self.columns, self.found = source, columns, found
        self.at = [columns.index(name) for name in ("from", "to", "weight")]
        self.trainable = columns.index("trainable") if "trainable" in columns else None
        self.ends: dict[str, End] = {}

    def read(self, start: int, stop: int) -> EdgeEntry | None:
        """The edge of one row, or None after adding what is wrong with it."""
        cells = self.source.text[start:stop].split(",")
        place = RowPlace(self.source, start, stop, self.columns)
        if len(cells) != len(self.columns):
            _tell_ragged(len(cells), self.columns, place.span(), self.found)
            return None
        source = self._end(cells[self.at[0]], "from", place)
        target = self._end(cells[self.at[1]], "to", place)
        weight = self._weight(cells[self.at[2]], place)
        trainable = True
        if self.trainable is not None:
            trainable = self._truth(cells[self.trainable], place)
        if source is None or target is None or weight is None:
            return None
        given = None if trainable else DefaultEdge(weight=weight, trainable=False)
        return EdgeEntry(f"{source}->{target}", False, source, target, weight, given, place)

    def _end(self, cell: str, column: str, place: RowPlace) -> End | None:
        end = self.ends.get(cell)
        if end is not None:
            return end
        try:
            end = self.ends[cell] = read_end(bare(cell))
        except EndError as error:
            cells = tree.cells_of(place.source, place.start, place.stop)
            span = cells[self.columns.index(column)].part(error.start, error.stop)
            self.found.tell("E141:end", _wide(span), problem=error.message, help=error.help)
        return end

    def _weight(self, cell: str, place: RowPlace) -> float | None:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and "_" not in cell:
            return value
        text = bare(cell)
        number = resolve(text)
        if isinstance(number, int | float) and not isinstance(number, bool):
            if math.isfinite(number):
                return float(number)
            key, shown = "E141:finite", text[:40]
        else:
            key, shown = "E141:number", f"'{text[:40]}'" if text else "an empty cell"
        mended = number_meant(text)
        label = f"write `{mended}`" if mended else ""
        self.found.tell(key, _wide(place.span_of(("weight",))), label=label, got=shown)
        return None

    def _truth(self, cell: str, place: RowPlace) -> bool:
        text = bare(cell)
        if text in ("true", "false", ""):
            return text != "false"
        mended = truth_meant(text) or {"1": "true", "0": "false"}.get(text, "")
        label = f"write `{mended}`" if mended else ""
        span = _wide(place.span_of(("trainable",)))
        self.found.tell("E141:trainable", span, label=label, got=text[:40])
        return True


# ---- one row after the other


def _tell_ragged(cells: int, columns: tuple[str, ...], row: Span, found: Diagnostics) -> None:
    found.tell("E141", row, cells=cells, columns=len(columns), names=",".join(columns))


def bare(cell: str) -> str:
    """A cell without white space and quotes around it."""
    text = cell.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].strip()
    return text


def _wide(span: Span) -> Span:
    """At least one character, so that an empty cell can be pointed at."""
    return Span(span.source, span.start, max(span.end, span.start + 1))


def _first_row(source: SourceFile) -> int:
    """Where the line below the header begins."""
    header = _LINE.search(source.text)
    assert header is not None
    below = _BREAK.match(source.text, header.end())
    return below.end() if below is not None else header.end()


def _rows(source: SourceFile, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Start and end of each line of a part of the text that is not blank."""
    for line in _LINE.finditer(source.text, start, stop):
        if not line[0].isspace():
            yield line.span()


PIECE = 1 << 17  # characters that are read at once


def _pieces(source: SourceFile) -> Iterator[tuple[int, int]]:
    """Start and end of pieces of whole lines, below the header."""
    text, start = source.text, _first_row(source)
    while start < len(text):
        stop = text.find("\n", start + PIECE) + 1 or len(text)
        yield start, stop
        start = stop
