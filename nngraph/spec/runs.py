"""Long runs of plain edges in a text, `- x -> h: 0.5` one a line: read at once, as columns.

The parser of YAML makes four events of such a line, and everything behind it an object of each.
Here the lines within a run are cut out of the text before it is parsed; the first and the last one
stay. If these two come out as neighbours in the list `edges`, written in block style, then each
line between them, which begins with the same dash, is an entry of that list too, and nothing else.
Whatever is in doubt is parsed whole, in the ordinary way, which also tells what is wrong.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import numpy as np

from nngraph.errors import Diagnostics, SourceFile, SpecError
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import EndError, EndNumbers, read_end
from nngraph.spec.columns import EdgeColumns, merged
from nngraph.spec.document import ArrowPlace
from nngraph.spec.events import read_tree

PIECE = 1 << 17  # characters that are looked at at once
SMALLEST = 1 << 12
_SECTION = re.compile(r"^edges:[ ]*\r?\n", re.MULTILINE)
_NEXT_SECTION = re.compile(r"^[A-Za-z]", re.MULTILINE)
_DASH = re.compile(r"^[ ]*-[ ]", re.MULTILINE)
_ENTRY = re.compile(
    r"[ ]*-[ ]+(?P<key>(\S+?)[ ]*->[ ]*(\S+?))(?::[ ]+(?P<value>\S+))?[ ]*\r?$", re.M
)


def read_with_runs(
    source: SourceFile, numbers: EndNumbers, found: Diagnostics
) -> tuple[tree.Tree, Mapping[int, EdgeColumns]]:
    """The tree of a spec, and the plain edges that are left out of it, by the place of the entry
    that they follow.

    Errors: as `read_tree`.
    """
    cuts = _cuts(source, numbers)
    root = _shortened(source, cuts) if cuts else None
    if root is not None:
        return root, {cut.before: cut.edges for cut in cuts}
    return read_tree(source, found), {}


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Characters `start` to `stop` are left out; `before` and `behind` are the places of the
    entries around them."""

    start: int
    stop: int
    before: int
    behind: int
    edges: EdgeColumns


def _cuts(source: SourceFile, numbers: EndNumbers) -> list[_Cut]:
    """The runs of plain edges in the section `edges`."""
    pieces = _Pieces(source, numbers)
    cuts: list[_Cut] = []
    for run in _neighbours(pieces):
        (edges,) = merged(run)
        assert isinstance(edges, EdgeColumns)
        if len(edges) < 3:
            continue
        first, start, stop = (int(edges.starts[at]) for at in (0, 1, -1))
        depth = len(pieces.dash)
        cuts.append(_Cut(start, stop, first + depth, stop + depth, edges.inner))
    return cuts


def _neighbours(pieces: _Pieces) -> Iterator[list[EdgeColumns]]:
    """Pieces of plain edges, those together that follow each other."""
    run: list[EdgeColumns] = []
    for piece in pieces.read():
        if piece is not None:
            run.append(piece)
        elif run:
            yield run
            run = []
    if run:
        yield run


# ---- pieces of the text


@dataclass(frozen=True, slots=True)
class _Lines:
    """Edges that are lines of a list."""

    source: SourceFile

    def place(self, start: int) -> ArrowPlace:
        """The places of the edge whose line begins at a character."""
        line = _ENTRY.match(self.source.text, start)
        assert line is not None
        key = tree.Scalar(line["key"], True, self.source, *line.span("key"))
        value = None
        if line["value"] is not None:
            value = tree.Scalar(line["value"], True, self.source, *line.span("value"))
        at = line.start("key")
        (start, stop), (begin, end) = line.span(2), line.span(3)
        return ArrowPlace(key, start - at, stop - at, begin - at, end - at, value)


class _Sources(dict[str, int]):
    """The numbers of ends, by their text."""

    def __init__(self, numbers: EndNumbers) -> None:
        super().__init__()
        self.numbers = numbers

    def __missing__(self, text: str) -> int:
        number = self[text] = self.numbers.number(read_end(text))
        return number


class _BeforeColon(_Sources):
    """The numbers of ends, by their text with a colon behind it."""

    def __missing__(self, text: str) -> int:
        if not text.endswith(":"):
            raise KeyError(text)
        number = self[text] = self.numbers.number(read_end(text[:-1]))
        return number


class _Pieces:
    """Reads the section `edges` piece by piece."""

    def __init__(self, source: SourceFile, numbers: EndNumbers) -> None:
        self.text, self.numbers = source.text, numbers
        self.writing = _Lines(source)
        self.dash = "- "
        self.is_done = False
        self._ends, self._ends_before_colon = _Sources(numbers), _BeforeColon(numbers)

    def read(self) -> Iterator[EdgeColumns | None]:
        """The edges of each piece of whole lines; None where one is not plain."""
        section = _SECTION.search(self.text)
        start = section.end() if section is not None else len(self.text)
        if first := _DASH.match(self.text, start):
            self.dash = first[0]
        while start < len(self.text):
            stop = self.text.find("\n", start + PIECE) + 1 or len(self.text)
            yield from self._pieces(start, stop)
            if self.is_done:
                return
            start = stop

    def _pieces(self, start: int, stop: int) -> Iterator[EdgeColumns | None]:
        """The edges of some lines; of halves of them where one line is not plain."""
        edges = self._edges(start, stop)
        middle = self.text.find("\n", (start + stop) // 2) + 1
        if edges is not None or stop - start < SMALLEST or not start < middle < stop:
            self.is_done = edges is None and bool(_NEXT_SECTION.search(self.text, start, stop))
            yield edges
            return
        yield from self._pieces(start, middle)
        if not self.is_done:
            yield from self._pieces(middle, stop)

    def _edges(self, start: int, stop: int) -> EdgeColumns | None:
        text = self.text[start:stop]
        lines = text.count("\n")
        if not (text.startswith(self.dash) and text.endswith("\n")):
            return None
        if text.count(f"\n{self.dash}") != lines - 1 or not _is_simple(text):
            return None
        words = text.replace("->", " -> ").split()
        many, rest = divmod(len(words), lines)
        if rest or many not in (4, 5):
            return None
        if set(words[::many]) != {"-"} or set(words[2::many]) != {"->"}:
            return None
        ends = self._ends_before_colon if many == 5 else self._ends
        try:
            sources = np.fromiter(map(self._ends.__getitem__, words[1::many]), np.int32)
            targets = np.fromiter(map(ends.__getitem__, words[3::many]), np.int32)
            weights = _weights(words[4::5]) if many == 5 else np.full(lines, np.nan)
        except (EndError, KeyError, ValueError):
            return None
        breaks = np.flatnonzero(np.frombuffer(text.encode("ascii"), np.uint8) == ord("\n"))
        starts = np.concatenate([[start], start + 1 + breaks[:-1]]).astype(np.int32)
        fixed = np.zeros(lines, bool)
        return EdgeColumns(self.numbers, self.writing, sources, targets, starts, weights, fixed)


def _is_simple(text: str) -> bool:
    """Whether there is nothing in a text that makes words of YAML differ from words."""
    is_ascii = text.isascii() and "\t" not in text
    return is_ascii and text.count("\r") == text.count("\r\n")


def _weights(words: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Numbers as YAML knows them. Errors: ValueError for others."""
    weights = np.fromiter(map(float, words), np.float64)
    if not np.isfinite(weights).all() or max(map(len, words)) > tree.LONGEST_NUMBER:
        raise ValueError
    if any("_" in word for word in words):  # float() takes it, YAML does not
        raise ValueError
    return weights


# ---- the tree of the text without them


def _shortened(source: SourceFile, cuts: Sequence[_Cut]) -> tree.Tree | None:
    """The tree, its places those of the whole text; None where the text is in doubt."""
    kept: list[str] = []
    at = 0
    for cut in cuts:
        kept.append(source.text[at : cut.start])
        at = cut.stop
    text = "".join([*kept, source.text[at:]])
    left_out = sum(len(cut.edges) + 2 * int((~np.isnan(cut.edges.weights)).sum()) for cut in cuts)
    found = Diagnostics()
    try:
        root = read_tree(source, found, text=text, values=left_out)
    except SpecError:
        return None
    if found.errors or found.lints or not isinstance(root, tree.Mapping):
        return None
    _move(root, cuts)
    return root if _holds(root, cuts) else None


def _move(root: tree.Mapping, cuts: Sequence[_Cut]) -> None:
    """Let all places be those of the whole text."""
    before = [0, *accumulate(cut.stop - cut.start for cut in cuts)]
    stops = [cut.start - gone for cut, gone in zip(cuts, before, strict=False)]

    def moved(place: int) -> int:
        return place + before[bisect.bisect_right(stops, place)]

    seen: set[int] = set()

    def move(node: tree.Tree) -> None:
        if id(node) not in seen:
            seen.add(id(node))
            node.start, node.end = moved(node.start), moved(node.end)

    for key, section in root.entries.values():
        move(key)
        if section.end >= stops[0]:
            for name, node in tree.walk(section):
                move(node)
                if name is not None:
                    move(name)
    root.end = moved(root.end)


def _holds(root: tree.Mapping, cuts: Sequence[_Cut]) -> bool:
    """Whether the entries around each cut are neighbours in the list `edges`, in block style."""
    section = root.get("edges")
    if not isinstance(section, tree.Sequence):
        return False
    if section.source.text[section.start : section.start + 1] != "-":
        return False
    place = {item.start: number for number, item in enumerate(section.items)}
    return all(
        cut.before in place and place.get(cut.behind) == place[cut.before] + 1 for cut in cuts
    )
