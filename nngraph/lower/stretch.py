"""Single neurons as one instruction over index arrays, or as one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nngraph.ir import PackedPart, Value
from nngraph.kernels.wiring import Function, Wiring
from nngraph.lower.context import Lowering, origin
from nngraph.lower.gather import gather
from nngraph.lower.neurons import activate
from nngraph.lower.packing import Packing, Small, single_bias, single_slopes, single_weight
from nngraph.lower.singles import Block, Stretch, unit_of
from nngraph.lower.weights import make_leaf
from nngraph.ops import Add, MatMul, SliceAxis
from nngraph.ops.neurons import NeuronStretch
from nngraph.ops.word import op_for
from nngraph.records import dataclass
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode
from nngraph.words.aggregates import AGGREGATES


def lower_stretch(lowering: Lowering, stretch: Stretch, name: str) -> None:
    """z of all neurons of a stretch; those below a mistake are left out."""
    nodes = _sound(lowering, stretch.nodes)
    if not nodes:
        return
    with lowering.builder.at(*(origin(lowering.entry(node)) for node in nodes)):
        packing = Packing(lowering, name)
        wiring = _wire(lowering, nodes, packing)
        w, slots = packing.vector()
        x, columns = gather(lowering, wiring.outside, exact=False)
        numbered = _numbered(wiring, columns, x.type.sample_shape[0], slots)
        states = lowering.builder(NeuronStretch(numbered), x, w)
    for at, node in enumerate(wiring.order):
        lowering.columns[node] = (states, at)
        lowering.values[node] = _output(lowering, node, (states, at), (states, at + len(nodes)))


def _sound(lowering: Lowering, nodes: Sequence[str]) -> list[str]:
    """The neurons that no mistake above has poisoned."""
    inside, sound = set(nodes), set[str]()
    for node in nodes:
        sources = (edge.source.node for edge in lowering.graph.incoming[node])
        if all(s in sound if s in inside else s in lowering.values for s in sources):
            sound.add(node)
    return [node for node in nodes if node in sound]


@dataclass(frozen=True, slots=True)
class _Named:
    """Neurons in the order of computation; edges, biases, slopes by the names of the weights."""

    order: list[str]
    segments: list[tuple[int, int, int]]
    functions: tuple[Function, ...]
    edges: list[list[tuple[tuple[str, int], str]]]
    biases: list[str | None]
    slopes: list[list[str]]
    inside: Mapping[str, int]

    @property
    def outside(self) -> list[tuple[str, int]]:
        """Units of other nodes, in the order in which they are first read."""
        units = (unit for edges in self.edges for unit, _ in edges)
        return list(dict.fromkeys(unit for unit in units if unit[0] not in self.inside))


def _wire(lowering: Lowering, nodes: Sequence[str], packing: Packing) -> _Named:
    edges: dict[str, list[tuple[tuple[str, int], str]]] = {}
    biases: dict[str, str | None] = {}
    slopes: dict[str, list[str]] = {}
    for node in nodes:
        edges[node] = []
        for edge in lowering.graph.incoming[node]:
            weight = single_weight(lowering, edge)
            packing.add(weight)
            edges[node].append((unit_of(edge), weight.id))
        bias = single_bias(lowering, node)
        if bias is not None:
            packing.add(bias)
        biases[node] = None if bias is None else bias.id
        learned = single_slopes(lowering, node)
        for slope in learned:
            packing.add(slope)
        slopes[node] = [slope.id for slope in learned]
    order, segments, functions = _number(lowering, nodes)
    return _Named(
        order,
        segments,
        functions,
        [edges[node] for node in order],
        [biases[node] for node in order],
        [slopes[node] for node in order],
        {node: at for at, node in enumerate(order)},
    )


def _number(
    lowering: Lowering, nodes: Sequence[str]
) -> tuple[list[str], list[tuple[int, int, int]], tuple[Function, ...]]:
    """Neurons by level and within it by function, so that segments are contiguous.

    Where terms are not summed, the neurons of a segment also have equally many of them.
    """
    levels: dict[str, int] = {}
    known: dict[Function, int] = {}
    keys: dict[str, tuple[int, int, int]] = {}
    for node in nodes:
        edges = lowering.graph.incoming[node]
        levels[node] = 1 + max((levels.get(e.source.node, -1) for e in edges), default=-1)
        function = _function(lowering.neurons(node))
        many = 0 if AGGREGATES[function[0]].is_sum else len(edges)
        keys[node] = levels[node], known.setdefault(function, len(known)), many
    order = sorted(nodes, key=keys.__getitem__)
    segments: list[tuple[int, int, int]] = []
    for at, node in enumerate(order):
        if segments and keys[order[at - 1]] == keys[node]:
            segments[-1] = (segments[-1][0], at + 1, keys[node][1])
        else:
            segments.append((at, at + 1, keys[node][1]))
    return order, segments, tuple(known)


def _function(node: NeuronsNode) -> Function:
    """The names of an aggregate and an activation, and the numbers of the latter."""
    activation = node.activation
    values = ACTIVATION_ROWS[activation.kind].values_of(activation)
    return node.aggregate, activation.kind, values


def _numbered(
    named: _Named,
    columns: Mapping[tuple[str, int], int],
    width: int,
    slots: Mapping[str, int],
) -> Wiring:
    """The wiring with numbers in place of names."""
    sources = [
        width + named.inside[unit[0]] if unit[0] in named.inside else columns[unit]
        for edges in named.edges
        for unit, _ in edges
    ]
    most = max(map(len, named.slopes))
    slopes = [[slots[id] for id in ids] + [-1] * (most - len(ids)) for ids in named.slopes]
    biases = [-1 if id is None else slots[id] for id in named.biases]
    return Wiring(
        width,
        len(slots),
        named.functions,
        np.array(sources, np.int64),
        np.array([slots[id] for edges in named.edges for _, id in edges], np.int64),
        np.cumsum([0, *map(len, named.edges)], dtype=np.int64),
        np.array(biases, np.int64),
        np.array(slopes, np.int64).reshape(len(biases), most),
        tuple(named.segments),
    )


def _output(lowering: Lowering, node: str, z: tuple[Value, int], a: tuple[Value, int]) -> Value:
    """z of one neuron, [N, 1].

    Where its loss is exact with its activation, this is taken outside, so that the two can be
    fused to the form that is exact however sure the neuron is.
    """
    with lowering.builder.at(origin(lowering.entry(node))):
        if node in lowering.exact:
            function = lowering.neurons(node).activation
            row = ACTIVATION_ROWS[function.kind]
            return lowering.builder(op_for(row, row.values_of(function)), _column(lowering, *a))
        return _column(lowering, *z)


def _column(lowering: Lowering, values: Value, at: int) -> Value:
    return lowering.builder(SliceAxis(1, at, at + 1), values)


def lower_block(lowering: Lowering, block: Block, name: str) -> None:
    """Single neurons that all read the same units, as one product; nothing below a mistake."""
    nodes, builder = block.nodes, lowering.builder
    edges = {node: lowering.graph.incoming[node] for node in nodes}
    if any(edge.source.node not in lowering.values for edge in edges[nodes[0]]):
        return
    with builder.at(*(origin(lowering.entry(node)) for node in nodes)):
        x, columns = gather(lowering, map(unit_of, edges[nodes[0]]), exact=True)
        weights = {
            columns[unit_of(edge)] * len(nodes) + at: single_weight(lowering, edge)
            for at, node in enumerate(nodes)
            for edge in edges[node]
        }
        a = builder(MatMul(), x, _packed(lowering, name, weights, (len(columns), len(nodes))))
        biases = {at: single_bias(lowering, node) for at, node in enumerate(nodes)}
        own = {at: bias for at, bias in biases.items() if bias is not None}
        if own:
            lowering.bias_of[name] = f"{name}:bias"
            a = builder(Add(), a, _packed(lowering, f"{name}:bias", own, (len(nodes),)))
        learned = list(zip(*(single_slopes(lowering, node) for node in nodes), strict=True))
        slopes = [
            _packed(lowering, f"{name}:{k}", dict(enumerate(smalls)), (len(nodes),))
            for k, smalls in enumerate(learned)
        ]
        z = activate(
            lowering,
            lowering.entry(nodes[0]),
            lowering.neurons(nodes[0]).activation,
            a,
            "activation",
            slopes,
        )
    for at, node in enumerate(nodes):
        lowering.columns[node] = (z, at)
        lowering.values[node] = _output(lowering, node, (z, at), (a, at))


def _packed(
    lowering: Lowering, name: str, smalls: Mapping[int, Small], shape: tuple[int, ...]
) -> Value:
    """A leaf of this shape that holds single numbers at the given places of its flat form."""
    parts = {at: PackedPart(small.id, at, small.shape) for at, small in smalls.items()}
    trainable = next(iter(smalls.values())).trainable
    leaf = make_leaf(lowering, name, shape, trainable, tuple(parts.values()))
    for at, small in smalls.items():
        lowering.weights[small.id] = small.lying(leaf, parts[at])
    return leaf
