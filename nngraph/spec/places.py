"""Where an edge is written: as an arrow, in the long form, or as a row of a table."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from nngraph.errors import SourceFile, Span
from nngraph.spec import tree


class EdgePlace(Protocol):
    """The places of one edge, found when asked for."""

    def span(self) -> Span:
        """The edge."""

    def source_span(self) -> Span:
        """The end it starts from."""

    def target_span(self) -> Span:
        """The end it leads to."""

    def span_of(self, keys: tree.Path) -> Span:
        """The value of an option, or the edge."""


class ArrowPlace(NamedTuple):
    """`x -> h: value`: characters of the text, and the value behind it."""

    text: tree.Scalar
    source_start: int
    source_stop: int
    target_start: int
    target_stop: int
    options: tree.Tree | None = None

    def span(self) -> Span:
        """From the start of the source to the end of the target."""
        return self.text.part(self.source_start, self.target_stop)

    def source_span(self) -> Span:
        """The source."""
        return self.text.part(self.source_start, self.source_stop)

    def target_span(self) -> Span:
        """The target."""
        return self.text.part(self.target_start, self.target_stop)

    def span_of(self, keys: tree.Path) -> Span:
        """The value of an option, or the edge."""
        return _inside(self.options, keys) or self.span()


class LongPlace(NamedTuple):
    """`{from: x, to: h, ...}`."""

    source: tree.Scalar
    target: tree.Scalar
    options: tree.Tree

    def span(self) -> Span:
        """The whole mapping, on its first line."""
        start = self.options.start
        stop = max(self.source.end, self.target.end)
        if self.source.source is self.options.source:
            return Span(self.options.source, start, max(stop, start + 1))
        return self.source.span

    def source_span(self) -> Span:
        """The value of `from`."""
        return self.source.span

    def target_span(self) -> Span:
        """The value of `to`."""
        return self.target.span

    def span_of(self, keys: tree.Path) -> Span:
        """The value of an option, or the edge."""
        return _inside(self.options, keys) or self.span()


class RowPlace(NamedTuple):
    """A row of a CSV file; `columns` says which cell is which."""

    source: SourceFile
    start: int
    stop: int
    columns: tuple[str, ...]

    def span(self) -> Span:
        """The row."""
        return Span(self.source, self.start, self.stop)

    def source_span(self) -> Span:
        """The cell under `from`."""
        return self.span_of(("from",))

    def target_span(self) -> Span:
        """The cell under `to`."""
        return self.span_of(("to",))

    def span_of(self, keys: tree.Path) -> Span:
        """The cell under a heading, or the row."""
        if not keys or keys[0] not in self.columns:
            return self.span()
        cells = cells_of(self.source, self.start, self.stop)
        return cells[self.columns.index(str(keys[0]))].span


def cells_of(source: SourceFile, start: int, stop: int) -> list[tree.Scalar]:
    """The cells of one line of a CSV file, white space around them left out."""
    cells: list[tree.Scalar] = []
    at = start
    for cell in source.text[start:stop].split(","):
        text = cell.strip()
        begin = at + len(cell) - len(cell.lstrip())
        end = begin + len(text)
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1].strip()
        cells.append(tree.Scalar(text, True, source, begin, end))
        at += len(cell) + 1
    return cells


def _inside(options: tree.Tree | None, keys: tree.Path) -> Span | None:
    if options is None or not keys:
        return None
    if not isinstance(options, tree.Mapping):
        return tree.locate(options, keys[1:])[1].span if keys[0] in ("weight", "kind") else None
    if tree.child(options, keys[0]) is None:
        return None
    return tree.locate(options, keys)[1].span
