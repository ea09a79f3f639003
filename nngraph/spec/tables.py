"""Side files: `{file: edges.csv}` and `nodes_file: neurons.csv`, each cell with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

from nngraph.errors import Diagnostics, FileError, SourceFile, Span, join_words
from nngraph.files import read_text, resolve_inside
from nngraph.spec import tree
from nngraph.spec.document import EdgeEntry
from nngraph.spec.edges import DefaultEdge
from nngraph.spec.ends import End, EndError, read_end
from nngraph.spec.nearest import nearest
from nngraph.spec.nodes_section import enter
from nngraph.spec.places import RowPlace, cells_of
from nngraph.spec.scalars import number_meant, resolve, truth_meant

_LINE = re.compile(r"[^\r\n]+")
EDGE_COLUMNS = ("from", "to", "weight", "trainable")
NODE_COLUMNS = ("id", "activation", "bias", "aggregate")


class TableReader:
    """Reads the CSV files that a spec names, all inside its folder."""

    def __init__(self, folder: Path, found: Diagnostics) -> None:
        self.folder, self.found = folder, found

    def open(self, name: tree.Tree) -> SourceFile | None:
        """The file's text, or None after adding why it may not be read.

        Errors: `FileError` with the place in the spec where it cannot be read.
        """
        if not isinstance(name, tree.Scalar) or not isinstance(name.value, str):
            self.found.error("E106", "a file is named by text", name.span, help="e.g. edges.csv")
            return None
        try:
            path = resolve_inside(self.folder, name.text)
        except FileError as error:
            first = error.diagnostics[0]
            self.found.error("E114", first.message, name.span, help=first.help)
            return None
        try:
            text = read_text(path)
        except FileError as error:
            first = error.diagnostics[0]
            raise FileError(
                *(type(first)(d.code, d.message, name.span, help=d.help) for d in error.diagnostics)
            ) from error
        return SourceFile(name.text, text)

    def nodes(self, name: tree.Tree, nodes: tree.Mapping) -> None:
        """Add a neuron to `nodes` for each row."""
        source = self.open(name)
        columns = self._header(source, NODE_COLUMNS, ("id",)) if source is not None else None
        if source is None or columns is None:
            return
        for start, stop in _rows(source):
            cells = cells_of(source, start, stop)
            if not self._fits(cells, columns, source, start, stop):
                continue
            named = dict(zip(columns, cells, strict=True))
            key = named.pop("id")
            node = tree.Mapping(source, start, stop)
            for column, cell in named.items():
                if cell.text:
                    heading = tree.Scalar(column, True, source, cell.start, cell.end)
                    node.entries[column] = (heading, cell)
            enter(nodes, key, node, self.found)

    def edges(self, name: tree.Tree) -> list[EdgeEntry]:
        """An edge for each row."""
        source = self.open(name)
        required = ("from", "to", "weight")
        columns = self._header(source, EDGE_COLUMNS, required) if source is not None else None
        if source is None or columns is None:
            return []
        reader = _EdgeRows(source, columns, self.found)
        return [
            edge for start, stop in _rows(source) if (edge := reader.read(start, stop)) is not None
        ]

    def _header(
        self, source: SourceFile, known: tuple[str, ...], required: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """The names of the columns, from the first line."""
        wanted = ",".join(known)
        first = _LINE.search(source.text)
        start, stop = first.span() if first is not None else (0, 0)
        if first is None:
            self.found.error(
                "E140", "the file is empty", Span(source, 0, 0), label=f"write `{wanted}`"
            )
            return None
        cells = cells_of(source, start, stop)
        names = [cell.text for cell in cells]
        if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
            self.found.error(
                "E140",
                "the columns are not separated by commas",
                Span(source, start, max(start + 1, stop)),
                label=f"write `{wanted}`",
            )
            return None
        good = True
        for index, cell in enumerate(cells):
            if cell.text not in known:
                problem = f"unknown column '{cell.text}'"
                label = nearest(cell.text, known, self.found)
            elif cell.text in names[:index]:
                problem, label = f"the column '{cell.text}' stands here twice", ""
            else:
                continue
            good = False
            place = Span(source, cell.start, max(cell.end, cell.start + 1))
            self.found.error(
                "E140", problem, place, label=label, help=f"the first line is `{wanted}`"
            )
        missing = [name for name in required if name not in names]
        if good and missing:
            words = join_words([f"'{name}'" for name in missing])
            self.found.error(
                "E140",
                f"the column{'s' * (len(missing) > 1)} {words} "
                f"{'are' if len(missing) > 1 else 'is'} missing",
                Span(source, start, max(start + 1, stop)),
                help=f"the first line is `{wanted}`",
            )
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
        self.found.error(
            "E141",
            f"{len(cells)} cell{'s' * (len(cells) != 1)} in this row, "
            f"{len(columns)} column{'s' * (len(columns) != 1)} in the header",
            Span(source, start, stop),
            help=f"the columns are {','.join(columns)}",
        )
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
            self.found.error(
                "E141",
                f"{len(cells)} cell{'s' * (len(cells) != 1)} in this row, "
                f"{len(self.columns)} columns in the header",
                place.span(),
                help=f"the columns are {','.join(self.columns)}",
            )
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
            end = self.ends[cell] = read_end(_bare(cell))
        except EndError as error:
            cells = cells_of(place.source, place.start, place.stop)
            span = cells[self.columns.index(column)].part(error.start, error.stop)
            self.found.error("E141", error.message, _wide(span), help=error.help)
        return end

    def _weight(self, cell: str, place: RowPlace) -> float | None:
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and "_" not in cell:
            return value
        text = _bare(cell)
        number = resolve(text)
        if isinstance(number, int | float) and not isinstance(number, bool):
            if math.isfinite(number):
                return float(number)
            problem = f"the weight must be a finite number, not {text[:40]}"
        else:
            shown = f"'{text[:40]}'" if text else "an empty cell"
            problem = f"the weight must be a number, not {shown}"
        mended = number_meant(text)
        self.found.error(
            "E141",
            problem,
            _wide(place.span_of(("weight",))),
            label=f"write `{mended}`" if mended else "",
        )
        return None

    def _truth(self, cell: str, place: RowPlace) -> bool:
        text = _bare(cell)
        if text in ("true", "false", ""):
            return text != "false"
        mended = truth_meant(text) or {"1": "true", "0": "false"}.get(text, "")
        self.found.error(
            "E141",
            f"'trainable' must be true or false, not '{text[:40]}'",
            _wide(place.span_of(("trainable",))),
            label=f"write `{mended}`" if mended else "",
        )
        return True


def _bare(cell: str) -> str:
    text = cell.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].strip()
    return text


def _wide(span: Span) -> Span:
    """At least one character, so that an empty cell can be pointed at."""
    return Span(span.source, span.start, max(span.end, span.start + 1))


def _rows(source: SourceFile) -> Iterator[tuple[int, int]]:
    """Start and end of each line below the header that is not blank."""
    lines = _LINE.finditer(source.text)
    next(lines, None)
    for line in lines:
        if not line[0].isspace():
            yield line.span()
