"""The `edges` section: entries of all forms to edges, chains and comma lists taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from nngraph.errors import Diagnostics, Span
from nngraph.spec import tree
from nngraph.spec.arrows import (
    End,
    EndError,
    EndNumbers,
    pairs_of,
    plain_ends,
    read_chain,
    read_end,
)
from nngraph.spec.document import ArrowPlace, EdgeEntry, EdgePlace, Edges, LongPlace
from nngraph.spec.edges import PLAIN_EDGE, AnyEdge, DefaultEdge
from nngraph.spec.explain import misspelt
from nngraph.spec.options import as_mapping, plain_weight, validate_options, with_kernel
from nngraph.spec.tables import TableReader

if TYPE_CHECKING:
    from nngraph.spec.columns import EdgeColumns, Run
    from nngraph.spec.runs import Runs

MOST_COMMA_EDGES = 1_000_000
LONGEST_ENTRY = 100  # characters that are written out as an example


class EdgeReader:
    """Reads entries one after the other; what is wrong goes to `found`."""

    def __init__(
        self,
        tables: TableReader,
        found: Diagnostics,
        numbers: EndNumbers,
        runs: Runs | None,
    ) -> None:
        """`runs` hold edges that were read before."""
        self.tables, self.found = tables, found
        self.numbers = numbers
        self.plain: Mapping[int, EdgeColumns] = {} if runs is None else runs.edges
        self.runs: list[Run] = []
        self.edges: list[EdgeEntry] = []  # since the last run
        self.ends: dict[str, End] = {}

    def read(self, section: tree.Tree) -> Edges:
        """All edges, in the order in which they are written."""
        if not isinstance(section, tree.Sequence):
            self._refuse_section(section)
        elif not self._too_many(section):
            self._read_items(section)
        return Edges([*self.runs, tuple(self.edges)], self.numbers)

    def _read_items(self, section: tree.Sequence) -> None:
        for item in section.items:
            self._read_item(item)
            if self.plain and (run := self.plain.get(item.start)) is not None:
                self._add_runs([run])

    def _read_item(self, item: tree.Tree) -> None:
        if not self._plain_entry(item):
            if isinstance(item, tree.Scalar):
                if item.value is not None:  # else told already
                    self._arrow(item, None)
            elif isinstance(item, tree.Mapping):
                self._mapping(item)
            else:
                self._refuse_list(item)

    def _add_runs(self, runs: Iterable[Run]) -> None:
        self.runs += [tuple(self.edges), *runs]
        self.edges = []

    def _too_many(self, section: tree.Sequence) -> bool:
        """Comma lists multiply: `x1, ..., x1000 -> h1, ..., h1000` are a million edges."""
        made = 0
        commas = section.source.text.count(",", section.start, section.end)
        if commas * commas < MOST_COMMA_EDGES:
            return False
        for item in section.items:
            key = item if isinstance(item, tree.Scalar) else None
            if isinstance(item, tree.Mapping) and len(item.entries) == 1:
                key = next(iter(item.entries.values()))[0]
            if key is None or "," not in key.text:
                continue
            widths = [part.count(",") + 1 for part in key.text.split("->")]
            made += sum(one * other for one, other in pairwise(widths))
            if made > MOST_COMMA_EDGES:
                self.found.tell("E111:commas", key.span, most=MOST_COMMA_EDGES)
                return True
        return False

    def _refuse_section(self, section: tree.Tree) -> None:
        text, place = "", _first_key(section)
        if isinstance(section, tree.Mapping):
            text, (_, value) = next(iter(section.entries.items()), ("x -> h", (None, None)))
            if "->" not in text and isinstance(value, tree.Scalar):
                text = f"{text} -> {value.text}"
        elif isinstance(section, tree.Scalar) and section.text:
            written = section.source.text[section.start : section.end]
            text, place = written if section.plain else section.text, section.span
        entry = _entry_meant(text)
        self.found.tell("E106:edges", place, label=f"write `- {entry}`" if entry else "")

    def _refuse_list(self, item: tree.Sequence) -> None:
        words = [part.text for part in item.items if isinstance(part, tree.Scalar)]
        if words:
            self.found.tell("E128:entry", item.span, names=", ".join(words))
        else:
            self.found.tell("E128:empty", item.span)

    def _mapping(self, item: tree.Mapping) -> None:
        keys = list(item.entries)
        arrows = [key for key in keys if "->" in key]
        if len(keys) == 1 and not {"from", "to", "file"} & item.entries.keys():
            key, value = item.entries[keys[0]]
            if not self._split_units(item, key, value):
                self._arrow(key, value)
        elif arrows:
            self._refuse_beside(item, arrows)
        elif "file" in item.entries and "from" not in item.entries:
            self._table(item)
        elif "from" in item.entries or "to" in item.entries:
            self._long_form(item)
        elif keys and not any(self._split_units(item, *item.entries[key]) for key in keys):
            self.found.tell("E120:keys", _first_key(item))
        elif not keys:
            self.found.tell("E120:empty", item.span)

    def _split_units(self, item: tree.Mapping, key: tree.Scalar, value: tree.Tree) -> bool:
        """`x[0: 3] -> h`: the space behind the ':' makes YAML see a key and a value."""
        if key.text.count("[") <= key.text.count("]") or not isinstance(value, tree.Scalar):
            return False
        place = Span(key.source, key.start, max(key.end, value.end))
        self.found.tell("E124:space", place, start=key.text, stop=value.text)
        return True

    def _refuse_beside(self, item: tree.Mapping, arrows: list[str]) -> None:
        if len(arrows) > 1:
            self.found.tell("E123:two", item.entries[arrows[1]][0].span)
            return
        key, value = item.entries[arrows[0]]
        others = [name for name in item.entries if name != arrows[0]]
        inner = "" if not isinstance(value, tree.Scalar) else f"weight: {value.text}, "
        if isinstance(value, tree.Scalar) and isinstance(value.value, str):
            inner = f"kind: {value.text}, "
        place = item.entries[others[0]][0].span
        self.found.tell("E123", place, key=others[0], arrow=key.text, inner=inner)

    def _arrow(self, key: tree.Scalar, value: tree.Tree | None) -> None:
        if isinstance(value, tree.Mapping):
            value = with_kernel(value)
        weight = plain_weight(value) if value is not None else None
        chain = read_chain(key, self.ends, self.found)
        pairs = pairs_of(chain) if chain is not None else []
        options = None
        if value is not None and weight is None:
            subject = f"edge '{key.text.strip()}'"
            options = validate_options(as_mapping(value), subject, len(pairs), self.found)
        if chain is None or (value is not None and weight is None and options is None):
            return
        for source, target in pairs:
            place = ArrowPlace(key, source.start, source.stop, target.start, target.stop, value)
            self._add(source.end, target.end, weight, options, place)

    def _plain_entry(self, item: tree.Tree) -> bool:
        """The fast road for `x -> h` and `x -> h: 0.7`; False for every other entry."""
        key, value, weight = item, None, None
        if type(item) is tree.Mapping:
            if len(item.entries) != 1:
                return False
            ((key, value),) = item.entries.values()
            weight = plain_weight(value)
            if weight is None:
                return False
        if type(key) is not tree.Scalar:
            return False
        text = key.text
        ends = plain_ends(text)
        if ends is None or "\n" in key.source.text[key.start : key.end]:
            return False
        source, target = ends
        place = ArrowPlace(key, 0, len(source), len(text) - len(target), len(text), value)
        id = f"{source}->{target}"
        self.edges.append(
            EdgeEntry(id, False, self._whole(source), self._whole(target), weight, None, place)
        )
        return True

    def _whole(self, node: str) -> End:
        end = self.ends.get(node)
        if end is None:
            end = self.ends[node] = End(node)
        return end

    def _add(
        self,
        source: End,
        target: End,
        weight: float | None,
        options: AnyEdge | None,
        place: EdgePlace,
    ) -> None:
        self.edges.append(make_edge(source, target, weight, options, place))

    def _long_form(self, item: tree.Mapping) -> None:
        ends = [self._end_of(item, key) for key in ("from", "to")]
        subject = " -> ".join(_shown(item, key) for key in ("from", "to"))
        item = with_kernel(item)
        options = validate_options(item, f"edge '{subject}'", 1, self.found)
        source, target = ends
        if source is None or target is None or options is None:
            return
        place = LongPlace(source[0], target[0], item)
        self._add(source[1], target[1], None, options, place)

    def _end_of(self, item: tree.Mapping, key: str) -> tuple[tree.Scalar, End] | None:
        value = item.get(key)
        if value is None and misspelt(key, item.entries):
            return None
        if value is None:
            self.found.tell("E105:end", _first_key(item), key=key)
            return None
        if not isinstance(value, tree.Scalar):
            self.found.tell("E106:end", value.span, key=key)
            return None
        if value.value is None:  # told already
            return None
        try:
            return value, read_end(value.text)
        except EndError as error:
            place = value.part(error.start, error.stop)
            self.found.tell("E126", place, problem=error.message, help=error.help)
            return None

    def _table(self, item: tree.Mapping) -> None:
        for key, _ in item.entries.values():
            if key.text != "file":
                self.found.tell("E104:file", key.span, key=key.text)
                return
        self._add_runs(self.tables.edges(item.entries["file"][1], self.numbers))


def make_edge(
    source: End,
    target: End,
    weight: float | None,
    options: AnyEdge | None,
    place: EdgePlace,
) -> EdgeEntry:
    """An edge with the id it was given, or else named by its ends."""
    own = options.id if options is not None else None
    if isinstance(options, DefaultEdge):
        if isinstance(options.weight, float) and options == DefaultEdge(weight=options.weight):
            weight, options = options.weight, None
        elif options == PLAIN_EDGE:
            options = None
    id = own if own is not None else f"{source}->{target}"
    return EdgeEntry(id, own is not None, source, target, weight, options, place)


def _entry_meant(text: str) -> str:
    """The first entry of a text that stands in place of the list, or "" where none can be meant.

    >>> [_entry_meant(text) for text in ("x -> y", "-x -> y", "-x -> y\\n-y -> z", "x, -> y")]
    ['x -> y', 'x -> y', 'x -> y', '']
    """
    first = text.partition("\n")[0].strip()
    entry = first.removeprefix("-").strip()  # `-x`: a space is missing, not a second '-'
    if "->" not in entry or len(entry) > LONGEST_ENTRY:
        return ""
    try:
        for end in re.split("->|,", entry):
            read_end(end.strip())
    except EndError:
        return ""
    return entry


def _shown(item: tree.Mapping, key: str) -> str:
    value = item.get(key)
    return value.text if isinstance(value, tree.Scalar) else "?"


def _first_key(section: tree.Tree) -> Span:
    if isinstance(section, tree.Mapping) and section.entries:
        return next(iter(section.entries.values()))[0].span
    return section.span
