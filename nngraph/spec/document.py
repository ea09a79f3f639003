"""A spec that was read: the validated vocabulary, its nodes and edges, and every place in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingType
from dataclasses import field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic, SourceFile, Span
from nngraph.records import Joined, dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import End, EndNumbers
from nngraph.spec.edges import PLAIN_EDGE, AnyEdge, DefaultEdge
from nngraph.spec.model import Spec, TrainSpec
from nngraph.spec.nodes import AnyNode

if TYPE_CHECKING:
    from nngraph.spec.columns import EdgeColumns
    from nngraph.spec.node_rows import NodeRows
    from nngraph.spec.search import SearchSpec

Indices: TypeAlias = NDArray[np.int32]


# ---- where an edge is written: as an arrow, in the long form, or as a row of a table


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


class EdgeWriting(Protocol):
    """How many edges are written, one a line."""

    def place(self, start: int) -> EdgePlace:
        """The places of the edge whose line begins at a character."""


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
        cells = tree.cells_of(self.source, self.start, self.stop)
        return cells[self.columns.index(str(keys[0]))].span


def _inside(options: tree.Tree | None, keys: tree.Path) -> Span | None:
    if options is None or not keys:
        return None
    if not isinstance(options, tree.Mapping):
        return tree.locate(options, keys[1:])[1].span if keys[0] in ("weight", "kind") else None
    if tree.child(options, keys[0]) is None:
        return None
    return tree.locate(options, keys)[1].span


# ---- what was read


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node and where it is written."""

    id: str
    node: AnyNode
    key: tree.Scalar
    value: tree.Tree

    @property
    def path(self) -> tree.Path:
        """Steps for `Document.span`."""
        return ("nodes", self.id)

    @property
    def span(self) -> Span:
        """Place of the id."""
        return self.key.span

    def span_of(self, *keys: str | int) -> Span:
        """Place of a value inside, e.g. `span_of("activation", "alpha")`, or of the id."""
        if keys and tree.child(self.value, keys[0]) is not None:
            return tree.locate(self.value, keys)[1].span
        return self.key.span


class EdgeEntry(NamedTuple):
    """One edge. Chains and comma lists have been taken apart.

    A plain tuple with places that are found when asked for: there may be a million.
    """

    id: str
    """`from->to`, or its own."""
    named: bool
    """Whether the id is its own."""
    source: End
    target: End
    weight: float | None
    """The number, where the edge has a number as its weight and no other option."""
    given: AnyEdge | None
    """Its options, where there are more than that number."""
    place: EdgePlace

    @property
    def options(self) -> AnyEdge:
        """Its options; kind None is the default of the target."""
        if self.given is not None:
            return self.given
        return PLAIN_EDGE if self.weight is None else DefaultEdge(weight=self.weight)

    def kind_into(self, target: AnyNode) -> str:
        """Its kind: as written, or the default into its target."""
        written = None if self.given is None else self.given.kind
        return target.default_edge if written is None else written

    @property
    def span(self) -> Span:
        """Place of the edge."""
        return self.place.span()

    @property
    def source_span(self) -> Span:
        """Place of the end it starts from."""
        return self.place.source_span()

    @property
    def target_span(self) -> Span:
        """Place of the end it leads to."""
        return self.place.target_span()

    def span_of(self, *keys: str | int) -> Span:
        """Place of an option's value, e.g. `span_of("weight", 0)`, or of the edge."""
        return self.place.span_of(keys)


class Edges(Joined[EdgeEntry]):
    """All edges of a document in the order in which they are written.

    `runs` are edges that were read one by one, which alone have options or ids of their own, and
    between them many plain ones in columns, made as they are asked for.
    """

    runs: tuple[tuple[EdgeEntry, ...] | EdgeColumns, ...]

    def __init__(
        self, runs: Iterable[tuple[EdgeEntry, ...] | EdgeColumns], ends: EndNumbers
    ) -> None:
        super().__init__(runs)
        self.ends = ends

    @property
    def columns(self) -> tuple[EdgeColumns, ...]:
        """The runs of plain edges."""
        return tuple(run for run in self.runs if not isinstance(run, tuple))

    @property
    def named(self) -> NDArray[np.bool_]:
        """Which edges have an id of their own."""
        return self._asked(lambda edge: edge.named, lambda run: np.zeros(len(run), bool))

    @property
    def with_options(self) -> NDArray[np.bool_]:
        """Which edges say more than a weight, or that they are not trained, in columns."""
        return self._asked(
            lambda edge: edge.given is not None, lambda run: np.zeros(len(run), bool)
        )

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which edges in columns are not trained; what others say stands in their options."""
        return self._asked(lambda edge: False, lambda run: run.fixed)

    def _asked(
        self,
        of_entry: Callable[[EdgeEntry], bool],
        of_columns: Callable[[EdgeColumns], NDArray[np.bool_]],
    ) -> NDArray[np.bool_]:
        found = [
            np.fromiter(map(of_entry, run), bool) if isinstance(run, tuple) else of_columns(run)
            for run in self.runs
        ]
        return np.concatenate([*found, np.zeros(0, bool)])

    @cached_property
    def numbers(self) -> tuple[Indices, Indices]:
        """Of every edge the numbers, among `ends`, of where it starts and of where it leads."""
        pairs = [self._numbers_of(run) for run in self.runs]
        if len(pairs) == 1:
            return pairs[0]
        none = np.zeros(0, np.int32)
        sources, targets = zip(*pairs, (none, none), strict=True)
        return np.concatenate(sources), np.concatenate(targets)

    def _numbers_of(self, run: tuple[EdgeEntry, ...] | EdgeColumns) -> tuple[Indices, Indices]:
        if not isinstance(run, tuple):
            return run.sources, run.targets
        number = self.ends.number
        pairs = np.array([(number(edge.source), number(edge.target)) for edge in run], np.int32)
        return pairs[:, 0], pairs[:, 1]

    @property
    def weights(self) -> NDArray[np.float64]:
        """The number that each edge gives as its weight, in columns or without options, or NaN."""
        parts = [
            [edge.weight for edge in run] if isinstance(run, tuple) else run.weights
            for run in self.runs
        ]
        return np.concatenate([*(np.array(part, np.float64) for part in parts), np.zeros(0)])


@dataclass(frozen=True)
class Document:
    """A spec, its text and its places.

    Files that it names lie in `folder`, or in `data_root` where there is one. `arrays`, by
    `FileWeight.name`, are there already: the spec of a run needs no file of weights. `rows` are
    plain neurons as columns: among `nodes` too, and sharing nothing.
    """

    source: SourceFile
    folder: Path
    spec: Spec
    nodes: MappingType[str, NodeEntry]
    edges: Edges
    root: tree.Tree
    lints: tuple[Diagnostic, ...] = field(default=())
    data_root: Path | None = None
    arrays: MappingType[str, NDArray[Any]] = field(default_factory=dict)
    rows: tuple[NodeRows, ...] = ()
    search: SearchSpec | None = None
    weighs_samples: bool = False
    """Whether samples count unlike each other in the loss, though the spec names no column."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Document:
        """Itself: nothing of it changes."""
        return self

    @cached_property
    def written_nodes(self) -> MappingType[str, NodeEntry]:
        """All nodes but `rows`."""
        if not self.rows:
            return self.nodes
        others = set(chain.from_iterable(self.rows))
        return {id: self.nodes[id] for id in self.nodes if id not in others}

    @property
    def name(self) -> str:
        """The spec's name, or else its file's without the ending."""
        stem = Path(self.source.name).stem
        return (
            self.spec.name or "".join(c if c.isalnum() else "-" for c in stem).strip("-") or "net"
        )

    def to_train(self, seed: int = 0) -> Document:
        """The same spec with the defaults of `train`, and this seed, where it has no such
        section."""
        if self.spec.train is not None:
            return self
        spec = self.spec.model_copy(update={"train": TrainSpec(seed=seed)})
        return replace(self, spec=spec)

    def span(self, *path: str | int) -> Span:
        """Place of the value at `path`, or of the nearest thing around it that is written."""
        return self._at(path)[1].span

    def key_span(self, *path: str | int) -> Span:
        """Place of the key at `path`; where there is none, of the value."""
        key, value = self._at(path)
        return key.span if key is not None else value.span

    def loss_span(self, index: int, *keys: str) -> Span:
        """Place of a value in term `index` of the loss, however the loss is written."""
        written = tree.locate(self.root, ("loss",))[1]
        where = (index,) if isinstance(written, tree.Sequence) else ()
        return self.span("loss", *where, *keys)

    def _at(self, path: tree.Path) -> tuple[tree.Scalar | None, tree.Tree]:
        if len(path) >= 2 and path[0] == "nodes" and path[1] in self.nodes:
            entry = self.nodes[str(path[1])]
            return _descend(entry.key, entry.value, path[2:])
        return _descend(None, self.root, path)


def _descend(
    key: tree.Scalar | None, value: tree.Tree, path: tree.Path
) -> tuple[tree.Scalar | None, tree.Tree]:
    for step in path:
        found = tree.child(value, step)
        if found is None:
            break
        key, value = found
    return key, value
