"""Arrays of weights and biases into the text of the spec that they belong to.

Three steps: what several places share is written out, entries that make several edges and keys
that name several nodes become one line each, and then every value goes to its own place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.records import dataclass
from nngraph.spec.editing.editor import Editor
from nngraph.spec.editing.entries import WrittenEntry, entries_of, ids_of
from nngraph.spec.editing.flow import arrow, flow, flow_of, word
from nngraph.spec.editing.numbers import number_text
from nngraph.spec.editing.side_tables import SideTables
from nngraph.spec.editing.values import SLOPES_UNDER, ArrayFile, ValuePlacer, is_word
from nngraph.spec.editing.written import Written
from nngraph.spec.tree import Path as Steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_LINES = 100
"""Edges that one entry of `edges` is taken apart into; more go to a table."""

Values = Mapping[str, "NDArray[Any]"]
"""Arrays by weight id: EDGE_ID, NODE.bias, NODE.alpha."""


@dataclass(frozen=True)
class WrittenBack:
    """A spec with its values: the new text, the files beside it that it names, and the ids of
    values that no place of a spec can say."""

    text: str
    arrays: ArrayFile
    tables: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def write_back(
    text: str,
    values: Values,
    *,
    stem: str,
    folder: Path,
    free_name: Callable[[str], str],
    data_root: Path | None = None,
) -> WrittenBack:
    """Write values into a text that is a spec without mistakes. Nothing is written to the disk.

    Files of arrays and tables are called after `stem`, the name of the spec's file, or after the
    table that they replace; `free_name` turns such a name into that of a file that is not there.
    """
    tables = SideTables(folder, data_root, free_name, values)
    writer = _Writer(text, values, ArrayFile(free_name(f"{stem}.npz")), tables, f"{stem}.csv")
    writer.share_nothing()
    writer.take_apart_edges()
    writer.take_apart_nodes()
    writer.put_values()
    return WrittenBack(
        writer.editor.text(), writer.arrays, tables.written, tuple(sorted(writer.left))
    )


class _Writer:
    def __init__(
        self, text: str, values: Values, arrays: ArrayFile, tables: SideTables, table: str
    ) -> None:
        self.editor, self.table = Editor(text), table
        self.values, self.arrays, self.tables = values, arrays, tables
        self.left = set(values)
        self.own = _by_node(values)

    # ---- what changes

    def _changed_entries(self) -> list[WrittenEntry]:
        return [
            entry
            for entry in entries_of(self.editor.root)
            if entry.form == "table" or any(edge.id in self.values for edge in entry.edges)
        ]

    def _changed_nodes(self) -> list[tuple[int, Written, Written, tuple[str, ...]]]:
        """Number, key, value and ids of the keys of `nodes` of which a value is there."""
        section = self.editor.root.get("nodes")
        entries = [] if section is None else section.meant.entries
        found = [(k, key, value, ids_of(key)) for k, (key, value) in enumerate(entries)]
        return [one for one in found if not self.own.keys().isdisjoint(one[3])]

    # ---- first: nothing is shared any more

    def share_nothing(self) -> None:
        """Aliases of what changes, and on the way to it, are written out."""
        paths: list[Steps] = [path for e in self._changed_entries() for path in self._places(e)]
        for _, key, value, _ in self._changed_nodes():
            here: Steps = ("nodes", key.meant.text)
            under = ("bias", *SLOPES_UNDER)
            paths += [(*here, k) for k in under] if value.meant.kind == "mapping" else [here]
        if self.editor.root.get("nodes_file") is not None:
            paths.append(("nodes_file",))
        self.editor.write_out(paths)

    def _places(self, entry: WrittenEntry) -> list[Steps]:
        if entry.options is None:
            return [("edges", entry.index)]
        options = self.editor.at(entry.options)
        if options is not None and options.kind == "mapping":
            return [(*entry.options, "weight"), (*entry.options, "init")]
        return [entry.options]

    # ---- second: one line each

    def take_apart_edges(self) -> None:
        """Entries that make several edges become one each, or a table where they are many."""
        section = self.editor.root.get("edges")
        for entry in self._changed_entries():
            if len(entry.edges) < 2:
                continue
            assert section is not None
            assert entry.key is not None
            options = None if entry.options is None else self.editor.at(entry.options)
            if len(entry.edges) > MOST_LINES and self._as_table(section, entry, options):
                continue
            first, *others = entry.edges
            self.editor.replace(entry.key, arrow(first.arrow, is_flow=entry.key.is_flow))
            said = "" if options is None else f": {flow_of(options)}"
            lines = [arrow(e.arrow, is_flow=section.is_flow) + said for e in others]
            self.editor.add_lines(section, entry.index, lines)
        self.editor.settle()

    def _as_table(self, section: Written, entry: WrittenEntry, options: Written | None) -> bool:
        """Put all edges of an entry into a table, where that can say everything of them."""
        arrays = [self.values.get(edge.id) for edge in entry.edges]
        if not all(array is not None and array.size == 1 for array in arrays):
            return False
        if options is not None and not _says_only_how_it_starts(options):
            return False
        rows = [
            f"{edge.source},{edge.target},{number_text(array.reshape(-1)[0])}"
            for edge, array in zip(entry.edges, arrays, strict=True)
            if array is not None
        ]
        name = self.tables.add(self.table, "\n".join(["from,to,weight", *rows, ""]))
        self.left -= {edge.id for edge in entry.edges}
        self.editor.replace(section.items[entry.index], flow({"file": name}))
        return True

    def take_apart_nodes(self) -> None:
        """Keys that name several nodes become one each."""
        section = self.editor.root.get("nodes")
        for index, key, value, ids in self._changed_nodes():
            if len(ids) < 2:
                continue
            assert section is not None
            self.editor.replace(key, ids[0])
            lines = [f"{word(id_)}: {flow_of(value)}" for id_ in ids[1:]]
            self.editor.add_lines(section.meant, index, lines)
        self.editor.settle()

    # ---- third: every value

    def put_values(self) -> None:
        """Each value at its place. Now an entry is an edge, and a key is a node."""
        placer = ValuePlacer(self.editor, self.arrays)
        for entry in self._changed_entries():
            if entry.form == "table":
                self._put_table(entry)
                continue
            (edge,) = entry.edges
            options = None if entry.options is None else self.editor.at(entry.options)
            if entry.form == "long":
                assert options is not None
                placer.value_in(options, "weight", edge.id, self.values[edge.id])
            else:
                assert entry.key is not None
                placer.weight_behind_arrow(entry.key, options, edge.id, self.values[edge.id])
            self.left.discard(edge.id)
        for _, _, value, (node,) in self._changed_nodes():
            self._put_node(placer, node, value.meant)
        self._put_nodes_file()
        self.editor.settle()

    def _put_node(self, placer: ValuePlacer, node: str, written: Written) -> None:
        for name, array in self.own[node].items():
            if name == "bias":
                placer.bias_of(written, f"{node}.bias", array)
            elif _is_one_number(array) and any(written.get(key) for key in SLOPES_UNDER):
                placer.slope_of(written, name, number_text(array.reshape(-1)[0]))
            else:
                continue
            self.left.discard(f"{node}.{name}")

    def _put_table(self, entry: WrittenEntry) -> None:
        assert entry.options is not None
        file = self.editor.at(entry.options)
        assert file is not None
        is_new = file.text in self.tables.written  # just made of an entry with many edges
        changed = None if is_new else self.tables.edges(file.text)
        if changed is not None:
            self.editor.replace(file, word(changed.name))
            self.left -= changed.ids

    def _put_nodes_file(self) -> None:
        file = self.editor.at(("nodes_file",))
        changed = None if file is None else self.tables.nodes(file.text)
        if changed is not None and file is not None:
            self.editor.replace(file, word(changed.name))
            self.left -= changed.ids


def _by_node(values: Values) -> dict[str, dict[str, NDArray[Any]]]:
    """The values of each node by what they are, bias or a slope."""
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for id_, array in values.items():
        node, dot, name = id_.partition(".")
        if dot:
            found.setdefault(node, {})[name] = array
    return found


def _says_only_how_it_starts(options: Written) -> bool:
    """Whether options of an edge say no more than its first weight."""
    if options.kind == "mapping":
        return {key.meant.text for key, _ in options.entries} <= {"weight", "init"}
    return not is_word(options)


def _is_one_number(array: NDArray[Any]) -> bool:
    flat = array.reshape(-1)
    return bool(flat.size) and flat.tobytes() == flat[:1].tobytes() * flat.size
