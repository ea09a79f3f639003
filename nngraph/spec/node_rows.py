"""Neurons of a side file as columns: a model and its places are made when a node is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from nngraph.errors import SourceFile, Span
from nngraph.spec import tree
from nngraph.spec.arrows import IDS, RESERVED_IDS
from nngraph.spec.document import Indices, NodeEntry
from nngraph.spec.nodes import AnyNode, NeuronsNode

_LINE = re.compile(r"[^\r\n]+")
_NUMBER = "#"  # in place of the bias, where it is a number
_TRUTHS = ("", "true", "false")


class NodeRows(Mapping[str, NodeEntry]):
    """Neurons by id, in the order of their rows."""

    def __init__(
        self,
        source: SourceFile,
        columns: tuple[str, ...],
        rows: Mapping[str, int],
        starts: Indices,
        kinds: Indices,
        models: Sequence[NeuronsNode],
        biases: NDArray[np.float64],
    ) -> None:
        self.source, self.columns = source, columns
        self._rows, self._starts = rows, starts
        self._kinds, self._models, self._biases = kinds, models, biases
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
        model = self._models[self._kinds[row]]
        if not np.isnan(self._biases[row]):
            bias = model.bias.model_copy(update={"value": float(self._biases[row])})
            model = model.model_copy(update={"bias": bias})
        line = _LINE.match(self.source.text, int(self._starts[row]))
        assert line is not None
        cells = tree.cells_of(self.source, *line.span())
        key, value = node_of_cells(self.source, self.columns, cells, line.span())
        return NodeEntry(id, model, key, value)


def node_of_cells(
    source: SourceFile,
    columns: Sequence[str],
    cells: Sequence[tree.Scalar],
    span: tuple[int, int],
) -> tuple[tree.Scalar, tree.Mapping]:
    """The id and what else a row says of a neuron; empty cells say nothing."""
    named = dict(zip(columns, cells, strict=True))
    key = named.pop("id")
    node = tree.Mapping(source, *span)
    for column, cell in named.items():
        if cell.text:
            node.entries[column] = (tree.Scalar(column, True, source, cell.start, cell.end), cell)
    return key, node


def read_rows(
    source: SourceFile, start: int, columns: tuple[str, ...], known: Mapping[str, Any]
) -> NodeRows | None:
    """All rows from a character on; None where one is unusual or wrong, or its id is known."""
    text = source.text[start:]
    if not text.isascii() or any(mark in text for mark in '" \t') or not text.strip():
        return None
    if text.count("\r") != text.count("\r\n"):
        return None
    breaks = line_ends(text, len(columns))
    if breaks is None:
        return None
    cells = text.replace("\r", "").removesuffix("\n").replace("\n", ",").split(",")
    column = {name: cells[at :: len(columns)] for at, name in enumerate(columns)}
    nothing = [""] * len(breaks)
    ids = column["id"]
    rows = dict(zip(ids, range(len(ids)), strict=True))
    is_new = len(rows) == len(ids) and not RESERVED_IDS & rows.keys() and not rows.keys() & known
    if not is_new or not IDS.fullmatch("\n".join(ids) + "\n"):
        return None
    words = [column.get(name, nothing) for name in ("activation", "bias", "aggregate")]
    found: dict[tuple[str, str, str], int] = {}
    kinds = np.fromiter(
        (
            found.setdefault((f, b if b in _TRUTHS else _NUMBER, g), len(found))
            for f, b, g in zip(*words, strict=True)
        ),
        np.int32,
    )
    models = [_model(*kind) for kind in found]
    biases = _biases(words[1])
    good = [model for model in models if model is not None]
    if len(good) < len(models) or biases is None:
        return None
    starts = np.concatenate([[start], start + 1 + breaks[:-1]]).astype(np.int32)
    return NodeRows(source, columns, rows, starts, kinds, good, biases)


def line_ends(text: str, width: int) -> NDArray[np.int64] | None:
    """Where the lines of an ASCII text end, if each has `width` cells."""
    written = text if text.endswith("\n") else f"{text}\n"
    letters = np.frombuffer(written.encode("ascii"), np.uint8)
    is_break = letters == ord("\n")
    marks = np.flatnonzero(is_break | (letters == ord(",")))
    if len(marks) % width:
        return None
    rows = is_break[marks].reshape(-1, width)
    is_regular = bool(rows[:, -1].all()) and not rows[:, :-1].any()
    return marks[width - 1 :: width] if is_regular else None


def _model(activation: str, bias: str, aggregate: str) -> NeuronsNode | None:
    """The neuron that words describe, its bias 0 where it is a number; None for wrong ones."""
    words = {"activation": activation, "aggregate": aggregate}
    given: dict[str, Any] = {key: tree.resolve(word) for key, word in words.items() if word}
    if bias:
        given["bias"] = 0.0 if bias == _NUMBER else bias == "true"
    try:
        return NeuronsNode.model_validate(given)
    except ValidationError:
        return None


def _biases(words: Sequence[str]) -> NDArray[np.float64] | None:
    """The numbers among them, NaN for the others; None where one is no number."""
    try:
        biases = np.fromiter(
            (np.nan if word in _TRUTHS else _number(word) for word in words), np.float64
        )
    except ValueError:
        return None
    return biases


def _number(word: str) -> float:
    """A number as YAML knows it. Errors: ValueError."""
    number = float(word)
    if "_" in word or number - number != 0 or len(word) > tree.LONGEST_NUMBER:
        raise ValueError(word)
    return number


class Nodes(Mapping[str, NodeEntry]):
    """All nodes: those that are written one by one, then the rows of a side file."""

    def __init__(self, written: Mapping[str, NodeEntry], rows: NodeRows) -> None:
        self.written, self.rows = written, rows

    def __getitem__(self, id: str) -> NodeEntry:
        found = self.written.get(id)
        return self.rows[id] if found is None else found

    def __contains__(self, id: object) -> bool:
        return id in self.written or id in self.rows

    def __iter__(self) -> Iterator[str]:
        yield from self.written
        yield from self.rows

    def __len__(self) -> int:
        return len(self.written) + len(self.rows)


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
