"""Lines of plain edges, `- x -> h: 0.5`, read many at once."""

from __future__ import annotations

import re

import numpy as np

from nngraph.errors import SourceFile
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import EndError, EndNumbers
from nngraph.spec.cells import Letters, Numbering, Places
from nngraph.spec.columns import EdgeColumns
from nngraph.spec.decimals import read_numbers
from nngraph.spec.document import ArrowPlace

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


class EdgeLines:
    """Reads lines of the section `edges`."""

    entry = re.compile(r"[ ]*-[ ]")
    """What the entries of the section begin with."""

    def __init__(self, source: SourceFile, ends: EndNumbers) -> None:
        self.text, self.ends = source.text, ends
        self.writing = _Lines(source)
        self.numbering = Numbering(ends.read)

    def read(self, start: int, stop: int, dash: str) -> EdgeColumns | None:
        """The edges of whole lines that begin with `dash`; None where one is not plain."""
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
