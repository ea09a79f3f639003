"""Plain neurons as columns: a model and its places are made when a node is asked for.

They are rows of a side file, or lines `h: {activation: tanh, bias: 0.5}` of a long run in a spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Protocol

import numpy as np

from nngraph.errors import Diagnostics, SourceFile, Span, SpecError
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import RESERVED_IDS
from nngraph.spec.cells import Letters, cells_by_column
from nngraph.spec.document import Indices, NodeEntry
from nngraph.spec.events import read_tree
from nngraph.spec.neuron_words import Neurons, neurons_of
from nngraph.spec.nodes import AnyNode, NeuronsNode

_LINE = re.compile(r"[^\r\n]+")


class NodeWriting(Protocol):
    """How many neurons are written, one a line."""

    def read(self, start: int) -> tuple[tree.Scalar, tree.Mapping]:
        """The id, and what else the line says that begins at a character."""


class NodeRows(Mapping[str, NodeEntry]):
    """Neurons by id, in the order of their lines."""

    def __init__(
        self, writing: NodeWriting, rows: Mapping[str, int], starts: Indices, neurons: Neurons
    ) -> None:
        self.writing, self._rows, self._starts = writing, rows, starts
        self._kinds, self._models, self._biases = neurons.kinds, neurons.models, neurons.biases
        self._made: dict[str, NodeEntry] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __contains__(self, id: object) -> bool:
        return id in self._rows

    def __getitem__(self, id: str) -> NodeEntry:
        made = self._made.get(id)
        if made is None:
            made = self._made[id] = self._entry(id, self._rows[id])
        return made

    def beyond(self, least: float) -> Iterator[tuple[Span, float]]:
        """Biases that reach a number, and their places."""
        ids = list(self._rows)
        for row in np.flatnonzero(np.abs(self._biases) >= least).tolist():
            yield self[ids[row]].span_of("bias"), float(self._biases[row])

    def _entry(self, id: str, row: int) -> NodeEntry:
        model: NeuronsNode = self._models[self._kinds[row]]
        if not np.isnan(self._biases[row]):
            bias = model.bias.model_copy(update={"value": float(self._biases[row])})
            model = model.model_copy(update={"bias": bias})
        key, value = self.writing.read(int(self._starts[row]))
        return NodeEntry(id, model, key, value)


@dataclass(frozen=True, slots=True)
class TableRows:
    """Neurons that are rows of a table."""

    source: SourceFile
    columns: tuple[str, ...]

    def read(self, start: int) -> tuple[tree.Scalar, tree.Mapping]:
        """The id, and what else the row says that begins at a character."""
        line = _LINE.match(self.source.text, start)
        assert line is not None
        cells = tree.cells_of(self.source, *line.span())
        return node_of_cells(self.source, self.columns, cells, line.span(), Diagnostics())


def node_of_cells(
    source: SourceFile,
    columns: Sequence[str],
    cells: Sequence[tree.Scalar],
    span: tuple[int, int],
    found: Diagnostics,
) -> tuple[tree.Scalar, tree.Mapping]:
    """The id and what else a row says of a neuron; empty cells say nothing, and one that begins
    with `{` is a mapping."""
    named = dict(zip(columns, cells, strict=True))
    key = named.pop("id")
    node = tree.Mapping(source, *span)
    for column, cell in named.items():
        if cell.text:
            value = _mapping(cell, found) if cell.text[0] == "{" else cell
            node.entries[column] = (tree.Scalar(column, True, source, cell.start, cell.end), value)
    return key, node


def _mapping(cell: tree.Scalar, found: Diagnostics) -> tree.Tree:
    """The mapping that is written in a cell, its places those of the table."""
    inside = Diagnostics()
    try:
        value = read_tree(SourceFile(cell.source.name, cell.text), inside)
    except SpecError as error:
        inside.keep(error)
        value = cell
    if inside.errors:
        problem = inside.errors[0].message
        found.tell("E141:mapping", cell.span, problem=problem)
        return tree.Mapping(cell.source, cell.start, cell.end)
    begin = cell.source.text.find(cell.text, cell.start, cell.end)
    for name, node in tree.walk(value):
        for part in (node,) if name is None else (name, node):
            part.source = cell.source
            if begin >= 0:
                part.start, part.end = begin + part.start, begin + part.end
            else:  # with quotes of its own: the cell is the place
                part.start, part.end = cell.start, cell.end
    return value


def read_rows(
    source: SourceFile, start: int, columns: tuple[str, ...], known: Mapping[str, object]
) -> NodeRows | None:
    """All rows from a character on; None where one is unusual or wrong, or its id is known."""
    text = source.text[start:]
    if any(mark in text for mark in '" \t') or not text.strip():
        return None
    letters = Letters.of(text if text.endswith("\n") else f"{text}\n")
    if letters is None or text.count("\r") != text.count("\r\n"):
        return None
    cells = cells_by_column(letters, len(columns))
    if cells is None:
        return None
    starts, stops = cells
    named = {name: (starts[:, at], stops[:, at]) for at, name in enumerate(columns)}
    neurons = neurons_of(letters, named)
    rows = None if neurons is None else numbered(neurons.ids)
    if neurons is None or rows is None or not rows.keys().isdisjoint(known):
        return None
    at = (start + starts[:, 0]).astype(np.int32)
    return NodeRows(TableRows(source, columns), rows, at, neurons)


def numbered(ids: Sequence[str]) -> dict[str, int] | None:
    """The rows of ids; None where one is reserved or stands there twice."""
    rows = dict(zip(ids, range(len(ids)), strict=True))
    return rows if len(rows) == len(ids) and RESERVED_IDS.isdisjoint(rows) else None


class Nodes(Mapping[str, NodeEntry]):
    """All nodes: those that are written one by one, and plain neurons in columns."""

    def __init__(
        self,
        written: Mapping[str, NodeEntry],
        rows: Sequence[NodeRows],
        runs: Mapping[str, Sequence[str]],
    ) -> None:
        """`runs` are neurons of the file itself by the node that they follow; others come last."""
        self.written, self.rows = written, rows
        placed = [id for first in written for id in (first, *runs.get(first, ()))]
        self._order = [*placed, *chain.from_iterable(rows[bool(runs) :])]

    def __getitem__(self, id: str) -> NodeEntry:
        found = self.written.get(id)
        if found is not None:
            return found
        return next((rows[id] for rows in self.rows if id in rows), None) or self._missing(id)

    def _missing(self, id: str) -> NodeEntry:
        raise KeyError(id)

    def __contains__(self, id: object) -> bool:
        return id in self.written or any(id in rows for rows in self.rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)


class Models(Mapping[str, AnyNode]):
    """The models of nodes by id."""

    def __init__(self, nodes: Mapping[str, NodeEntry]) -> None:
        self.nodes = nodes

    def __getitem__(self, id: str) -> AnyNode:
        return self.nodes[id].node

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)
