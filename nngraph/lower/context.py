"""What the parts of lowering share while a graph becomes a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from nngraph.errors import Diagnostic, Diagnostics, Note, Span, diagnostic
from nngraph.graph import Graph
from nngraph.ir import BATCH, Array, Builder, DType, Given, Input, Origin, State, TensorType, Value
from nngraph.lower.lowered import NeuronGroup, Weight
from nngraph.records import dataclass
from nngraph.spec import Document, EdgeEntry, NodeEntry
from nngraph.spec.nodes import NeuronsNode

if TYPE_CHECKING:
    from nngraph.lower.packing import PackedWeights


class Mistake(Exception):
    """A mistake of the user, on its way to the node that it poisons."""

    def __init__(
        self,
        key: str,
        span: Span | None,
        /,
        *,
        label: str = "",
        notes: Iterable[Note] = (),
        **facts: object,
    ) -> None:
        self.diagnostic = diagnostic(key, span, label=label, notes=notes, **facts)
        super().__init__(self.diagnostic.message)


class Unavailable(Exception):
    """Something above is wrong and has been told; nothing more is said here."""


@dataclass
class Lowering:
    """A program under construction, and where everything of the graph is in it.

    `values` holds z of each node that could be lowered; a node that is missing is unavailable.
    """

    graph: Graph
    training: bool
    builder: Builder = field(default_factory=Builder)
    problems: Diagnostics = field(default_factory=Diagnostics)
    values: dict[str, Value] = field(default_factory=dict)
    columns: dict[str, tuple[Value, int]] = field(default_factory=dict)
    """Where z of a single neuron lies within the values of many."""
    exact: frozenset[str] = frozenset()
    """Nodes with a loss that is exact with their activation."""
    inputs: dict[str, Input] = field(default_factory=dict)
    weights: dict[str, Weight] = field(default_factory=dict)
    """Arrays of weights by their name in files, in the order in which they were met."""
    packed: list[tuple[int, PackedWeights]] = field(default_factory=list)
    """The weights of single neurons, each with the number of `weights` that were met before."""
    singles: frozenset[str] = frozenset()
    """Nodes that are single neurons."""
    files: dict[str, Array] = field(default_factory=dict)
    """Arrays from files that the spec names, by `FileWeight.name`."""
    masks: dict[str, Array | None] = field(default_factory=dict)
    """Masks by edge, once they are read."""
    masked: dict[str, Value] = field(default_factory=dict)
    """Weights times their own masks, by the name of the weight."""
    first_user: dict[str, EdgeEntry | NodeEntry] = field(default_factory=dict)
    """The edge or node that met a weight first, and so fixed its shape."""
    given: dict[Given, Input] = field(default_factory=dict)
    """Leaves that whoever runs the program feeds: step, first_row, per_sample, sample_weight."""
    updates: list[tuple[State, Value]] = field(default_factory=list)
    """Running statistics and what a training step makes of them."""
    bias_of: dict[str, str] = field(default_factory=dict)
    """For the leaf of a matrix, that of the bias that is added to its product."""
    grouped: list[NeuronGroup] = field(default_factory=list)
    """What single neurons and edges between single units became."""
    told: set[Diagnostic] = field(default_factory=set)
    asked: bool = False
    """Whether a node asked if the network is training, and so would be another one there."""

    def __post_init__(self) -> None:
        edges = (getattr(edge.given, "share", None) for edge in self.document.edges.alone)
        nodes = (
            getattr(entry.node, "share", None) for entry in self.document.written_nodes.values()
        )
        owners = {share.edge for share in edges if share is not None}
        self.shared = frozenset(owners.union(share for share in nodes if share is not None))
        """Ids of edges and nodes whose weights others use too."""

    @cached_property
    def edges(self) -> dict[str, EdgeEntry]:
        """Edges by id."""
        return {edge.id: edge for edge in self.document.edges}

    @property
    def document(self) -> Document:
        """The file."""
        return self.graph.document

    @property
    def dtype(self) -> DType:
        """The dtype of all data and weights."""
        return self.document.spec.dtype

    def is_training(self) -> bool:
        """Whether the program is one that trains, for a node that differs there."""
        self.asked = True
        return self.training

    def entry(self, node: str) -> NodeEntry:
        """A node as it is written."""
        return self.document.nodes[node]

    def neurons(self, node: str) -> NeuronsNode:
        """The model of a node that is known to be neurons."""
        model = self.entry(node).node
        assert isinstance(model, NeuronsNode)
        return model

    def value(self, node: str) -> Value:
        """z of a node. Errors: Poisoned."""
        if node not in self.values:
            raise Unavailable(node)
        return self.values[node]

    def shape(self, node: str) -> tuple[int, ...]:
        """Shape of a node per sample. Errors: Poisoned."""
        return self.value(node).type.sample_shape

    def type(self, *shape: int | str) -> TensorType:
        """A type of this network's dtype."""
        return TensorType(shape, self.dtype)

    def batch(self, shape: Sequence[int]) -> TensorType:
        """The type of rows of this shape."""
        return TensorType((BATCH, *shape), self.dtype)

    def report(self, mistake: Mistake) -> None:
        """Keep a mistake for the end of the stage; one of a whole comma list is told once."""
        if mistake.diagnostic not in self.told:
            self.told.add(mistake.diagnostic)
            self.problems.errors.append(mistake.diagnostic)

    def weight_value(self, weight: Weight) -> Value:
        """What stands for a weight, its own mask applied."""
        return self.masked.get(weight.id, weight.leaf)

    def feed(self, given: Given, type_: TensorType) -> Value:
        """A leaf that whoever runs the program feeds, made at its first use."""
        if given not in self.given:
            self.given[given] = self.builder.leaf(Input.of(given, type_))
        return self.given[given]


T = TypeVar("T")


def every(
    lowering: Lowering, edges: Sequence[EdgeEntry], lower: Callable[[EdgeEntry], T]
) -> list[T]:
    """`lower` of each edge; the mistakes of all of them are told. Errors: Poisoned."""
    results: list[T] = []
    for edge in edges:
        try:
            with lowering.problems.collecting():  # a file that cannot be read
                results.append(lower(edge))
        except Mistake as mistake:
            lowering.report(mistake)
        except Unavailable:
            continue
    if len(results) < len(edges):
        raise Unavailable
    return results


def origin(entry: NodeEntry | EdgeEntry) -> Origin:
    """The origin of instructions that a node or an edge makes."""
    return Origin(entry.id, entry.span)


def shape_text(shape: Sequence[int]) -> str:
    """How a shape is written in messages.

    >>> shape_text((4, 3)), shape_text(())
    ('[4, 3]', 'a scalar')
    """
    return f"[{', '.join(map(str, shape))}]" if shape else "a scalar"


def unlike_shapes(
    entry: NodeEntry, one: EdgeEntry, there: str, other: EdgeEntry, here: str
) -> Mistake:
    """Two edges into a neurons node give shapes that cannot be added."""
    return Mistake(
        "E220",
        other.span,
        notes=(Note(one.span, f"gives {there}"),),
        node=entry.id,
        one=one.id,
        there=there,
        other=other.id,
        here=here,
    )


def has_shape(lowering: Lowering, node: str) -> Note:
    """The place of a node and its shape, the other side of a mismatch."""
    shape = lowering.shape(node)
    kind = f"has shape {shape_text(shape)}" if shape else "is a scalar"
    return Note(lowering.entry(node).span, f"'{node}' {kind}")


def plural(count: int, word: str) -> str:
    """A count and its word.

    >>> plural(1, "unit"), plural(3, "unit")
    ('1 unit', '3 units')
    """
    return f"{count} {word}{'' if count == 1 else 's'}"
