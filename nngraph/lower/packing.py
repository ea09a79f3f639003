"""Many small arrays of weights in one leaf, each a named part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nngraph.ir import Array, Constant, PackedPart, Param, Value
from nngraph.lower.context import Lowering
from nngraph.lower.lowered import Weight
from nngraph.lower.neurons import is_trainable, owner_of_slopes, owner_of_units
from nngraph.lower.singles import connection_of_one, is_there
from nngraph.lower.weights import edge_mask, given_values, kind_of, make_leaf, owner_of
from nngraph.ops import Concat
from nngraph.records import Made, dataclass
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.document import Edges
from nngraph.spec.nodes import NeuronsNode, function_of
from nngraph.spec.weighted import WeightedEdge
from nngraph.words.inits import InitOptions

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Small:
    """An array that has no place yet, mostly of one number: the weight of an edge between two
    units, a neuron's bias, or what its activation learns."""

    id: str
    shape: tuple[int, ...]
    given: float | Array | None
    init: InitOptions | None
    trainable: bool
    entry: EdgeEntry | NodeEntry
    purpose: str
    mask: Array | None = None

    def lying(self, leaf: Param | Constant, part: PackedPart) -> Weight:
        """The weight that has found its place."""
        known = (self.id, leaf, self.shape, self.given, self.init, self.entry, self.purpose)
        return Weight(*known, part, self.mask)

    @property
    def first(self) -> float:
        """Its first value where that is given, NaN where it is drawn; 0 where it is masked."""
        if self.mask is not None and not self.mask.all():
            return 0.0
        assert not isinstance(self.given, np.ndarray)
        return np.nan if self.given is None else self.given


def single_weight(lowering: Lowering, edge: EdgeEntry) -> Small:
    """The weight of an edge between two units, that of its owner where it is shared."""
    owner, _ = owner_of(lowering, edge)
    if owner.given is None:
        return Small(owner.id, (1, 1), owner.weight, None, True, owner, "weight")
    options, kind = owner.given, kind_of(lowering, owner)
    assert isinstance(options, WeightedEdge)
    shape = connection_of_one(kind)
    given = _number(lowering, owner, options.weight, shape, "weight")
    if given is None and options.init is None and kind == "scale":
        given = 1.0
    mask = edge_mask(lowering, owner, shape)
    return Small(owner.id, shape, given, options.init, options.trainable, owner, "weight", mask)


def array_of(lowering: Lowering, edge: EdgeEntry, shape: tuple[int, int]) -> Small:
    """The array of an edge between few units, which shares it with none."""
    if shape == (1, 1):
        return single_weight(lowering, edge)
    if edge.given is None:
        return Small(edge.id, shape, edge.weight, None, True, edge, "weight")
    options = edge.given
    assert isinstance(options, WeightedEdge)
    given = given_values(lowering, edge, options.weight, shape, ("weight",))
    return Small(edge.id, shape, given, options.init, options.trainable, edge, "weight")


def single_bias(lowering: Lowering, node: str) -> Small | None:
    """The bias of a single neuron, that of its owner where it is shared, or None."""
    owner = owner_of_units(lowering, lowering.entry(node))
    model = owner.node
    if not isinstance(model, NeuronsNode) or not model.bias.present:
        return None
    if not lowering.neurons(node).bias.present:
        return None
    bias = model.bias
    given = _number(lowering, owner, bias.value, (1,), "bias")
    if given is None and bias.init is None:
        given = 0.0
    trainable = bias.trainable and model.trainable
    return Small(f"{owner.id}.bias", (1,), given, bias.init, trainable, owner, "bias")


def single_slopes(lowering: Lowering, node: str) -> list[Small]:
    """What the activation of a single neuron learns, its owner's where that is shared."""
    entry = lowering.entry(node)
    function = lowering.neurons(node).activation
    row = ACTIVATION_ROWS[function.kind]
    owner = owner_of_slopes(lowering, entry, function)
    its = function_of(owner.node)
    return [
        Small(
            f"{owner.id}.{option}",
            (1,),
            float(getattr(its, option)),
            None,
            is_trainable(owner.node),
            owner,
            option,
        )
        for option in row.learned
    ]


def _number(
    lowering: Lowering,
    entry: EdgeEntry | NodeEntry,
    written: object,
    shape: tuple[int, ...],
    key: str,
) -> float | None:
    if written is None or isinstance(written, float):
        return written
    values = given_values(lowering, entry, written, shape, (key,))
    return None if values is None else float(values if isinstance(values, float) else values.item())


class Packing:
    """The numbers of single neurons: trained ones in one vector, fixed ones in another.

    Each neuron has those of its edges, in order of mention, then its bias, then what its activation
    learns; `numbers` of them in all. A number that several share has the place of the first. All
    edges without a weight have one place together, that of a constant 1.
    """

    def __init__(self, lowering: Lowering, nodes: Sequence[str]) -> None:
        self.lowering = lowering
        graph, edges = lowering.graph, lowering.document.edges
        places = np.array([graph.places[node] for node in nodes], np.int64)
        first = graph.wires.offsets[places]
        self.counts = graph.wires.offsets[places + 1] - first
        biases = [single_bias(lowering, node) for node in nodes]
        learned = [single_slopes(lowering, node) for node in nodes]
        own = [len(slopes) + (b is not None) for b, slopes in zip(biases, learned, strict=True)]
        stops = np.cumsum(self.counts + np.array(own, np.int64))
        begins = stops - own - self.counts
        self.wires = ranges(first, self.counts)
        """By edge of these neurons its place among the wires of the graph, and"""
        self.of_edges = ranges(begins, self.counts)
        """its number."""
        self.smalls: dict[int, Small] = {}
        """All that are no plain edges, by number."""
        self.biases = self._enter([[b] if b is not None else [] for b in biases], begins)
        self.slopes = self._enter(learned, begins + [b is not None for b in biases])
        self.numbers = int(stops[-1])
        self.edges = np.full(self.numbers, -1, np.int32)
        self.edges[self.of_edges] = numbered = graph.wires.edges[self.wires]
        self.trained = np.ones(self.numbers, bool)
        self.trained[self.of_edges] = ~edges.fixed[numbered]
        self.is_one = np.zeros(self.numbers, bool)
        self.there = np.ones(len(numbered), bool)
        """Which edges are not masked."""
        for at in np.flatnonzero(edges.with_options[numbered]).tolist():
            self._enter_edge(at, edges[numbered[at]])
        for number, small in self.smalls.items():
            self.trained[number] = small.trainable
        of_nodes = np.repeat(np.arange(len(nodes)), self.counts)
        self.terms = np.bincount(of_nodes[self.there], minlength=len(nodes))
        """How many of them each neuron has."""

    def _enter_edge(self, at: int, edge: EdgeEntry) -> None:
        number = int(self.of_edges[at])
        if kind_of(self.lowering, edge) == "identity":
            self.is_one[number] = True
            return
        self.smalls[number] = single_weight(self.lowering, edge)
        self.there[at] = is_there(self.lowering, edge)

    def _enter(self, of_nodes: Sequence[Sequence[Small]], begins: Indices) -> list[list[int]]:
        """The numbers of what each neuron owns, behind those of its edges."""
        found: list[list[int]] = []
        for smalls, start in zip(of_nodes, (begins + self.counts).tolist(), strict=True):
            numbers = list(range(start, start + len(smalls)))
            self.smalls.update(zip(numbers, smalls, strict=True))
            found.append(numbers)
        return found

    def _first(self) -> Indices:
        """The first number that is the same as each: another only where something is shared."""
        own = np.arange(self.numbers)
        if not self.lowering.shared:
            return own
        edges, first = self.lowering.document.edges, dict[str, int]()
        for number, edge in enumerate(self.edges.tolist()):
            small = self.smalls.get(number)
            id = edges[edge].id if small is None else small.id
            own[number] = first.setdefault(id, number)
        return own

    def vector(self, name: str) -> tuple[Value, Indices, int]:
        """All numbers as one value, the place of each there, and how many it has."""
        first = self._first()
        is_first = first == np.arange(self.numbers)
        leaves: list[Value] = []
        places, count = np.zeros(self.numbers, np.int64), 0
        for id, which in ((name, self.trained), (f"{name}:fixed", ~self.trained)):
            numbers = np.flatnonzero(is_first & which & ~self.is_one)
            if len(numbers):
                places[numbers] = np.arange(count, count + len(numbers))
                leaves.append(self._leaf(id, numbers))
                count += len(numbers)
        if self.is_one.any():
            places[self.is_one] = count
            leaves.append(self._one(name))
            count += 1
        w = leaves[0] if len(leaves) == 1 else self.lowering.builder(Concat(0), *leaves)
        return w, places[first], count

    def _one(self, name: str) -> Value:
        type_ = self.lowering.type(1)
        return self.lowering.builder.leaf(Constant(type_, f"{name}:one", np.ones(1, type_.dtype)))

    def _leaf(self, name: str, numbers: Indices) -> Value:
        smalls = {
            at: small
            for at, number in enumerate(numbers.tolist())
            if (small := self.smalls.get(number)) is not None
        }
        edges = self.lowering.document.edges
        parts = PackedParts(edges, self.edges[numbers], smalls)
        is_trained = bool(self.trained[numbers[0]])
        leaf = make_leaf(self.lowering, name, (len(numbers),), is_trained, parts)
        packed = PackedWeights(parts, leaf)
        self.lowering.packed.append((len(self.lowering.weights), packed))
        return leaf


def ranges(starts: Indices, counts: Indices) -> Indices:
    """start, start + 1, ..., as many as `counts` says, one range behind the other.

    >>> ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    stops = np.cumsum(counts)
    return np.arange(stops[-1] if len(stops) else 0) + np.repeat(starts - stops + counts, counts)


@dataclass(frozen=True, slots=True, eq=False)
class PackedParts(Made[PackedPart]):
    """The names of many single numbers in one leaf, made when they are asked for.

    The k-th is the weight of edge `numbers[k]`, or what `smalls` says.
    """

    edges: Edges
    numbers: NDArray[np.int32]
    smalls: Mapping[int, Small]

    def __len__(self) -> int:
        return len(self.numbers)

    def make(self, at: int) -> PackedPart:
        """The name of one."""
        small = self.small(at)
        return PackedPart(small.id, at, small.shape)

    def small(self, at: int) -> Small:
        """What is known of one."""
        if (small := self.smalls.get(at)) is not None:
            return small
        edge = self.edges[self.numbers[at]]
        trainable = getattr(edge.given, "trainable", True)
        weight = edge.weight
        return Small(edge.id, (1, 1), weight, None, trainable, edge, "weight")


@dataclass(frozen=True, slots=True, eq=False)
class PackedWeights(Made[Weight]):
    """The weights of one leaf that holds many single numbers, made when they are asked for."""

    parts: PackedParts
    leaf: Param | Constant
    decide: Callable[[Weight], Weight] | None = None
    """What the whole graph decides of a weight."""

    def __len__(self) -> int:
        return len(self.parts)

    def make(self, at: int) -> Weight:
        """One weight."""
        small = self.parts.small(at)
        weight = small.lying(self.leaf, PackedPart(small.id, at, small.shape))
        return weight if self.decide is None else self.decide(weight)

    @property
    def with_options(self) -> Iterator[Weight]:
        """All but those of plain edges."""
        return (self[at] for at in self.parts.smalls)

    @property
    def given(self) -> NDArray[np.float64]:
        """The first values that the file gives, NaN for those that are drawn."""
        given = self.parts.edges.weights[self.parts.numbers]
        for at, small in self.parts.smalls.items():
            given[at] = small.first
        return given

    @property
    def named(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The id and the shape of each."""
        edges, smalls = self.parts.edges, self.parts.smalls
        ends = list(map(str, edges.ends.known))
        sources, targets = (numbers[self.parts.numbers].tolist() for numbers in edges.numbers)
        for at, (source, target) in enumerate(zip(sources, targets, strict=True)):
            small = smalls.get(at)
            if small is None:
                yield f"{ends[source]}->{ends[target]}", (1, 1)
            else:
                yield small.id, small.shape


def packed(
    lowering: Lowering, name: str, smalls: Mapping[int, Small], shape: tuple[int, ...]
) -> Value:
    """A leaf of this shape that holds single numbers at the given places of its flat form."""
    parts = {at: PackedPart(small.id, at, small.shape) for at, small in smalls.items()}
    trainable = next(iter(smalls.values())).trainable
    leaf = make_leaf(lowering, name, shape, trainable, tuple(parts.values()))
    for at, small in smalls.items():
        lowering.weights[small.id] = small.lying(leaf, parts[at])
    return leaf
