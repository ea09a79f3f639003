"""Where a cell of a CSV text stands; only looked up when there is something to tell about it."""

from __future__ import annotations

from collections.abc import Iterator

from nngraph.errors import SourceFile, Span


def cell_place(source: SourceFile, delimiter: str, record: int, cell: int | None) -> Span | None:
    """The place of one cell, or of the whole record; both count from 0, blank lines not at all."""
    for number, cells in enumerate(_records(source.text, delimiter)):
        if number == record:
            start, end = (cells[0][0], cells[-1][1]) if cell is None else cells[cell]
            return Span(source, start, end)
    return None


def _records(text: str, delimiter: str) -> Iterator[list[tuple[int, int]]]:
    """Start and end of each cell, record by record, by the same rules as Python's csv module."""
    at = 0
    while at < len(text):
        cells, at = _record(text, at, delimiter)
        if len(cells) > 1 or text[slice(*cells[0])].strip() not in ("", '""'):
            yield cells


def _record(text: str, at: int, delimiter: str) -> tuple[list[tuple[int, int]], int]:
    cells: list[tuple[int, int]] = []
    while True:
        start, at = at, _end_of_cell(text, at, delimiter)
        cells.append((start, at))
        if text[at : at + 1] != delimiter:
            break
        at += 1
    return cells, at + (2 if text[at : at + 2] == "\r\n" else 1)


def _end_of_cell(text: str, at: int, delimiter: str) -> int:
    if text[at : at + 1] == '"':
        at += 1
        while at < len(text) and (text[at] != '"' or text[at + 1 : at + 2] == '"'):
            at += 1 if text[at] != '"' else 2
        at += 1
    ends = (delimiter, "\n", "\r")
    while at < len(text) and text[at] not in ends:
        at += 1
    return min(at, len(text))
