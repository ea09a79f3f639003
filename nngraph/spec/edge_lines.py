"""Lines of plain edges, `- x -> h: 0.5`, read many at once; those of a run, too, which write out
every option: `- {from: x, to: h, weight: 0.5, trainable: true, ...}`."""

from __future__ import annotations

import re

import numpy as np

from nngraph.errors import SourceFile
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import ID, EndError, EndNumbers
from nngraph.spec.cells import Letters, Numbering, Places, are_alike, cells_by_column
from nngraph.spec.columns import EdgeColumns
from nngraph.spec.decimals import read_numbers
from nngraph.spec.document import ArrowPlace, LongPlace

_LINE = re.compile(
    r"[ ]*-[ ]+(?P<key>(\S+?)[ ]*->[ ]*(\S+?))(?::[ ]+(?P<value>\S+))?[ ]*\r?$", re.M
)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Edges that are lines of a list."""

    source: SourceFile

    def place(self, start: int) -> ArrowPlace:
        """The places of the edge whose line begins at a character."""
        line = _LINE.match(self.source.text, start)
        assert line is not None
        key = tree.Scalar(line["key"], True, self.source, *line.span("key"))
        value = None
        if line["value"] is not None:
            value = tree.Scalar(line["value"], True, self.source, *line.span("value"))
        at = line.start("key")
        (start, stop), (begin, end) = line.span(2), line.span(3)
        return ArrowPlace(key, start - at, stop - at, begin - at, end - at, value)


_PART = re.compile(r"(?P<key>\w+): (?P<value>\"[^\"]*\"|[^,}\s]+)")


@dataclass(frozen=True, slots=True)
class _LongLines:
    """Edges that are mappings, one a line."""

    source: SourceFile

    def place(self, start: int) -> LongPlace:
        """The places of the edge whose line begins at a character."""
        opening = self.source.text.index("{", start)
        closing = self.source.text.index("}", opening) + 1
        options = tree.Mapping(self.source, opening, closing)
        for part in _PART.finditer(self.source.text, opening, closing):
            key = tree.Scalar(part["key"], True, self.source, *part.span("key"))
            text = part["value"]
            is_plain = text[0] != '"'
            written = text if is_plain else text[1:-1]
            value = tree.Scalar(written, is_plain, self.source, *part.span("value"))
            options.entries[key.text] = (key, value)
        source, target = options.entries["from"][1], options.entries["to"][1]
        assert isinstance(source, tree.Scalar)
        assert isinstance(target, tree.Scalar)
        return LongPlace(source, target, options)


class EdgeLines:
    """Reads lines of the section `edges`, all in one of the two forms."""

    entry = re.compile(r"[ ]*-[ ]")
    """What the entries of the section begin with."""

    def __init__(self, source: SourceFile, ends: EndNumbers) -> None:
        self.text, self.ends = source.text, ends
        self.writing = _Lines(source)
        self.numbering = Numbering(ends.read)
        self.in_mappings = Numbering(lambda words: ends.read(list(map(_end_in_braces, words))))
        self.long_writing = _LongLines(source)
        self.is_long: bool | None = None

    def read(self, start: int, stop: int, dash: str) -> EdgeColumns | None:
        """The edges of whole lines that begin with `dash`; None where one is not plain."""
        is_long = self.text.startswith("{from: ", start + len(dash))
        if is_long is not (self.is_long if self.is_long is not None else is_long):
            return None
        edges = (self._mappings if is_long else self._arrows)(start, stop, dash)
        self.is_long = is_long if edges is not None else self.is_long
        return edges

    def values(self, edges: EdgeColumns, start: int, stop: int) -> int:
        """How many values of YAML the lines of these edges are, from one character to another."""
        if self.is_long:
            return 3 * len(edges) + 2 * self.text.count(",", start, stop)
        return len(edges) + 2 * int((~np.isnan(edges.weights)).sum())

    def _mappings(self, start: int, stop: int, dash: str) -> EdgeColumns | None:
        text = self.text[start:stop]
        letters = Letters.of(text) if text.count("\r") == text.count("\r\n") else None
        first = text[: text.find("\n")]
        cells = None if letters is None else cells_by_column(letters, first.count(",") + 1)
        if letters is None or cells is None:
            return None
        starts, stops = cells
        count = len(starts)
        if not (letters.codes[stops[:, -1] - 1] == ord("}")).all():
            return None
        stops[:, -1] -= 1
        columns: dict[str, tuple[Places, Places]] = {}
        for at, cell in enumerate(letters.slices(starts[0], stops[0])):
            name, colon, _ = cell.partition(": ")
            head = f"{name}{colon}"
            begins = starts[:, at] + len(head)
            key = name.removeprefix(f"{dash}{{") if at == 0 else name.removeprefix(" ")
            is_short = bool((begins >= stops[:, at]).any())
            if is_short or key in columns or not are_alike(letters, starts[:, at], begins):
                return None
            columns[key] = begins, stops[:, at]
        if list(columns)[:2] != ["from", "to"] or not columns.keys() <= _LONG_KEYS:
            return None
        if any(_only(letters, *columns[key]) != _SAID[key] for key in columns.keys() & _SAID):
            return None
        try:
            weights = np.full(count, np.nan)
            if "weight" in columns:
                begins, ends = columns["weight"]
                if int((ends - begins).max()) > tree.LONGEST_NUMBER:
                    return None
                weights = read_numbers(letters, begins, ends)
            sources = self.in_mappings.numbers(letters, *columns["from"])
            targets = self.in_mappings.numbers(letters, *columns["to"])
        except (EndError, ValueError):
            return None
        at_lines = (start + starts[:, 0]).astype(np.int32)
        fixed = np.zeros(count, bool)
        return EdgeColumns(self.ends, self.long_writing, sources, targets, at_lines, weights, fixed)

    def _arrows(self, start: int, stop: int, dash: str) -> EdgeColumns | None:
        text = self.text[start:stop]
        count = text.count("\n")
        if text.count(f"\n{dash}") != count - 1 or text.count("\r") != text.count("\r\n"):
            return None
        letters = None if "\t" in text else Letters.of(text.replace("->", " -> "))
        if letters is None:
            return None
        words = _words(letters, count)
        if words is None:
            return None
        starts, stops = words
        try:
            weights = np.full(count, np.nan)
            if len(starts) == 5:
                if int((stops[4] - starts[4]).max()) > tree.LONGEST_NUMBER:
                    return None
                weights = read_numbers(letters, starts[4], stops[4])
            sources = self.numbering.numbers(letters, starts[1], stops[1])
            targets = self.numbering.numbers(letters, starts[3], stops[3])
        except (EndError, ValueError):
            return None
        breaks = np.flatnonzero(np.frombuffer(text.encode("ascii"), np.uint8) == ord("\n"))
        at = np.concatenate([[start], start + 1 + breaks[:-1]]).astype(np.int32)
        fixed = np.zeros(count, bool)
        return EdgeColumns(self.ends, self.writing, sources, targets, at, weights, fixed)


_SAID = {
    "trainable": "true",
    "learning_rate_scale": "1.0",
    "weight_decay_scale": "1.0",
}
"""What lines in the long form may say besides: the defaults."""
_LONG_KEYS = {"from", "to", "weight", *_SAID}
_QUOTED = re.compile(r'"([A-Za-z0-9_\[\]:]+)"')


def _only(letters: Letters, starts: Places, stops: Places) -> str:
    """The word that all of these are, "" if they differ."""
    word = letters.text[starts[0] : stops[0]]
    return word if are_alike(letters, starts, stops) else ""


def _end_in_braces(word: str) -> str:
    """The end that a word says, which has to be quoted there where it names units.

    Errors: ValueError for other words.
    """
    if quoted := _QUOTED.fullmatch(word):
        return quoted[1]
    if not ID.fullmatch(word):
        raise ValueError(word)
    return word


def _words(letters: Letters, lines: int) -> tuple[Places, Places] | None:
    """Where the words of each line start and stop, [word, line]: dash, source, arrow, target, and
    a weight if there is a colon behind the target. None where lines are not like that."""
    codes = letters.codes
    is_blank = codes <= ord(" ")
    edges = np.flatnonzero(np.diff(is_blank, prepend=True))
    many, rest = divmod(len(edges), 2 * lines)
    if rest or many not in (4, 5):
        return None
    starts, stops = edges[::2].reshape(lines, many).T, edges[1::2].reshape(lines, many).T
    breaks = np.flatnonzero(codes == ord("\n"))
    is_inside = bool((starts[0, 1:] > breaks[:-1]).all() and (stops[-1] <= breaks).all())
    is_dash = bool((codes[starts[0]] == ord("-")).all() and (stops[0] - starts[0] == 1).all())
    is_arrow = bool((codes[starts[2]] == ord("-")).all() and (stops[2] - starts[2] == 2).all())
    if not (is_inside and is_dash and is_arrow and (codes[stops[2] - 1] == ord(">")).all()):
        return None
    if many == 5:
        if not (codes[stops[3] - 1] == ord(":")).all():
            return None
        stops[3] -= 1
    return starts, stops
