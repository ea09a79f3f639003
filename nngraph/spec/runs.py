"""Long runs of plain lines in a text, `- x -> h: 0.5` or `h: {bias: 1}`: read at once, as columns.

The parser of YAML makes four events and more of such a line, and everything behind it an object of
each. Here the lines within a run are cut out of the text before it is parsed; the first and the
last one stay. If these two come out as neighbours in the list `edges` or the mapping `nodes`,
written in block style, then each line between them, which begins with the same dash or the same
indent, is an entry there too, and nothing else. Whatever is in doubt is parsed whole, in the
ordinary way, which also tells what is wrong.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeAlias, TypeVar

from nngraph.errors import Diagnostics, SourceFile, SpecError
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import EndNumbers
from nngraph.spec.columns import EdgeColumns, merged
from nngraph.spec.document import NodeEntry
from nngraph.spec.edge_lines import EdgeLines
from nngraph.spec.events import read_tree
from nngraph.spec.node_lines import NeuronLines, NodeLines, WrittenLines, joined
from nngraph.spec.node_rows import NodeRows, numbered

PIECE = 1 << 17  # characters that are looked at at once
SMALLEST = 1 << 12
_HEADING = re.compile(r"\w+:[ ]*\r?\n")
_NEXT_SECTION = re.compile(r"^[A-Za-z]", re.MULTILINE)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Plain edges and neurons that a tree leaves out, by the place of the entry (of its key) that
    they follow."""

    source: SourceFile
    edges: Mapping[int, EdgeColumns]
    nodes: Mapping[int, NeuronLines]

    def neurons(self) -> NodeRows | None:
        """All neurons that were left out; None if there are none."""
        if not self.nodes:
            return None
        lines = joined(list(self.nodes.values()))
        rows = numbered(lines.neurons.ids)
        assert rows is not None
        return NodeRows(WrittenLines(self.source), rows, lines.starts, lines.neurons)

    def ids_behind(self, written: Mapping[str, NodeEntry]) -> dict[str, Sequence[str]]:
        """Their ids, by the id of the node that they follow."""
        lines = ((id, self.nodes.get(entry.key.start)) for id, entry in written.items())
        return {id: found.neurons.ids for id, found in lines if found is not None}


def read_with_runs(
    source: SourceFile, numbers: EndNumbers, sections: Sequence[str], found: Diagnostics
) -> tuple[tree.Tree, Runs | None]:
    """The tree of a spec, and what is left out of it in some `sections`.

    Errors: as `read_tree`.
    """
    edges = _cuts(source, "edges", EdgeLines(source, numbers), _one) if "edges" in sections else []
    nodes = _cuts(source, "nodes", NodeLines(source), joined) if "nodes" in sections else []
    if numbered([id for cut in nodes for id in cut.lines.neurons.ids]) is None:
        nodes = []  # an id stands there twice
    cuts: list[AnyCut] = [*edges, *nodes]
    cuts.sort(key=lambda cut: cut.start)
    root = _shortened(source, cuts) if cuts else None
    if root is None:
        return read_tree(source, found), None
    return root, Runs(
        source,
        {cut.before: cut.lines for cut in edges},
        {cut.before: cut.lines for cut in nodes},
    )


def _one(pieces: Sequence[EdgeColumns]) -> EdgeColumns:
    (edges,) = merged(pieces)
    assert isinstance(edges, EdgeColumns)
    return edges


L = TypeVar("L", EdgeColumns, NeuronLines)


class _Reader(Protocol[L]):
    @property
    def entry(self) -> re.Pattern[str]: ...
    def read(self, start: int, stop: int, begin: str) -> L | None: ...
    def values(self, lines: L, start: int, stop: int) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Cut(Generic[L]):
    """Characters `start` to `stop` of a section are left out; `before` and `behind` are the places
    of the entries around them."""

    section: str
    start: int
    stop: int
    before: int
    behind: int
    lines: L
    values: int


AnyCut: TypeAlias = _Cut[EdgeColumns] | _Cut[NeuronLines]


def _cuts(
    source: SourceFile, section: str, reader: _Reader[L], join: Callable[[Sequence[L]], L]
) -> list[_Cut[L]]:
    """The runs of plain lines in a section."""
    pieces: _Pieces[L] = _Pieces(source.text, section, reader)
    cuts = []
    for run in _neighbours(pieces):
        lines = join(run)
        if len(lines) < 3:
            continue
        first, start, stop = (int(lines.starts[at]) for at in (0, 1, -1))
        depth = len(pieces.begin)
        values = reader.values(lines.inner, start, stop)
        cuts.append(_Cut(section, start, stop, first + depth, stop + depth, lines.inner, values))
    return cuts


def _neighbours(pieces: _Pieces[L]) -> Iterator[list[L]]:
    """Pieces of plain lines, those together that follow each other."""
    run: list[L] = []
    for piece in pieces.read():
        if piece is not None:
            run.append(piece)
        elif run:
            yield run
            run = []
    if run:
        yield run


class _Pieces(Generic[L]):
    """Reads a section piece by piece."""

    def __init__(self, text: str, section: str, reader: _Reader[L]) -> None:
        self.text = text
        self.reader: _Reader[L] = reader
        self.start = _first_entry(text, section)
        found = reader.entry.match(text, self.start)
        self.begin = "" if found is None else found[0]
        self.is_done = found is None

    def read(self) -> Iterator[L | None]:
        """The lines of each piece; None where one is not plain."""
        start = self.start
        while start < len(self.text) and not self.is_done:
            stop = self.text.find("\n", start + PIECE) + 1 or len(self.text)
            yield from self._pieces(start, stop)
            start = stop

    def _pieces(self, start: int, stop: int) -> Iterator[L | None]:
        """Some lines at once; halves of them where one line is not plain."""
        text = self.text
        lines = None
        if text.startswith(self.begin, start) and text[stop - 1] == "\n":
            lines = self.reader.read(start, stop, self.begin)
        middle = text.find("\n", (start + stop) // 2) + 1
        if lines is not None or stop - start < SMALLEST or not start < middle < stop:
            self.is_done = lines is None and bool(_NEXT_SECTION.search(text, start, stop))
            yield lines
            return
        yield from self._pieces(start, middle)
        if not self.is_done:
            yield from self._pieces(middle, stop)


def _first_entry(text: str, section: str) -> int:
    """Where the line behind `section:` begins; the end of the text, where there is none."""
    at = 0 if text.startswith(f"{section}:") else text.find(f"\n{section}:") + 1
    found = _HEADING.match(text, at)
    return len(text) if found is None else found.end()


# ---- the tree of the text without them


def _shortened(source: SourceFile, cuts: Sequence[AnyCut]) -> tree.Tree | None:
    """The tree, its places those of the whole text; None where the text is in doubt."""
    kept: list[str] = []
    at = 0
    for cut in cuts:
        kept.append(source.text[at : cut.start])
        at = cut.stop
    text = "".join([*kept, source.text[at:]])
    found = Diagnostics()
    try:
        root = read_tree(source, found, text=text, values=sum(cut.values for cut in cuts))
    except SpecError:
        return None
    if found.errors or found.lints or not isinstance(root, tree.Mapping):
        return None
    _move(root, cuts)
    return root if all(_holds(root, section, cuts) for section in ("nodes", "edges")) else None


def _move(root: tree.Mapping, cuts: Sequence[AnyCut]) -> None:
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


def _holds(root: tree.Mapping, name: str, cuts: Sequence[AnyCut]) -> bool:
    """Whether the entries around each cut of a section are neighbours there, in block style."""
    chosen = [cut for cut in cuts if cut.section == name]
    if not chosen:
        return True
    section = root.get(name)
    if section is None or section.source.text[section.start] in "[{":
        return False
    starts: list[int] = []
    if isinstance(section, tree.Sequence) and name == "edges":
        starts = [item.start for item in section.items]
    elif isinstance(section, tree.Mapping) and name == "nodes":
        starts = [key.start for key, _ in section.entries.values()]
    place = {start: number for number, start in enumerate(starts)}
    return all(
        cut.before in place and place.get(cut.behind) == place[cut.before] + 1 for cut in chosen
    )
