"""Single neurons as one instruction over index arrays, or as one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nngraph.ir import Value
from nngraph.kernels.wiring import Function, Wiring
from nngraph.lower.context import Lowering, origin
from nngraph.lower.gather import gather
from nngraph.lower.lowered import NeuronGroup
from nngraph.lower.neurons import activate
from nngraph.lower.packing import (
    Packing,
    packed,
    ranges,
    single_bias,
    single_slopes,
    single_weight,
)
from nngraph.lower.singles import Block, Stretch, Unit, unit_of
from nngraph.ops import Add, MatMul, SliceAxis
from nngraph.ops.neurons import NeuronStretch
from nngraph.ops.word import op_for
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode
from nngraph.words.aggregates import AGGREGATES


def lower_stretch(lowering: Lowering, stretch: Stretch, name: str) -> None:
    """z of all neurons of a stretch; those below a mistake are left out."""
    nodes = _sound(lowering, stretch.nodes)
    if not nodes:
        return
    with lowering.builder.at(*(origin(lowering.entry(node)) for node in nodes)):
        packing = Packing(lowering, nodes)
        w, slots, size = packing.vector(name)
        order, segments, functions, levels = _number(lowering, nodes, packing)
        ordered = _Ordered(lowering, [nodes[k] for k in order], packing, order)
        x, columns = gather(lowering, ordered.outside, exact=False)
        sources = ordered.sources(columns, x.type.sample_shape[0])
        most = max(map(len, packing.slopes))
        slopes = [[slots[k] for k in packing.slopes[at]] for at in order]
        wiring = Wiring(
            x.type.sample_shape[0],
            size,
            functions,
            sources,
            slots[packing.of_edges[ordered.edges]],
            np.concatenate([[0], np.cumsum(packing.terms[order])]),
            np.array([slots[own[0]] if (own := packing.biases[at]) else -1 for at in order]),
            np.array([s + [-1] * (most - len(s)) for s in slopes], np.int64).reshape(
                len(order), most
            ),
            tuple(segments),
        )
        states = lowering.builder(NeuronStretch(wiring), x, w)
    group = NeuronGroup("stretch", tuple(ordered.nodes), wiring.edges, levels, len(segments))
    lowering.grouped.append(group)
    for at, node in enumerate(ordered.nodes):
        lowering.columns[node] = (states, at)
        lowering.values[node] = _output(lowering, node, (states, at), (states, at + len(nodes)))


def _sound(lowering: Lowering, nodes: Sequence[str]) -> list[str]:
    """The neurons that no mistake above has poisoned."""
    if not lowering.problems.errors:
        return list(nodes)
    inside, sound = set(nodes), set[str]()
    for node in nodes:
        sources = (edge.source.node for edge in lowering.graph.incoming[node])
        if all(s in sound if s in inside else s in lowering.values for s in sources):
            sound.add(node)
    return [node for node in nodes if node in sound]


class _Ordered:
    """Neurons in the order of computation, and the units that their edges leave."""

    def __init__(
        self, lowering: Lowering, nodes: list[str], packing: Packing, order: Sequence[int]
    ) -> None:
        graph = lowering.graph
        starts = np.cumsum(packing.counts) - packing.counts
        self.nodes = nodes
        every = ranges(starts[order], packing.counts[order])
        self.edges = every[packing.there[every]]
        """Places of the edges that are there among those of the packing."""
        wires = packing.wires[self.edges]
        place = np.full(len(graph.order), -1, np.int64)
        place[[graph.places[node] for node in nodes]] = np.arange(len(nodes))
        self._inside = place[graph.wires.sources[wires]]
        self._starts = graph.wires.starts[wires]
        self._ends = lowering.document.edges.ends.known

    @property
    def outside(self) -> list[Unit]:
        """Units of other nodes, in the order in which they are first read."""
        read, first = np.unique(self._starts[self._inside < 0], return_index=True)
        ends = (self._ends[end] for end in read[np.argsort(first)].tolist())
        return list(dict.fromkeys((end.node, end.start or 0) for end in ends))

    def sources(self, columns: Mapping[Unit, int], width: int) -> NDArray[np.int64]:
        """The unit that each edge leaves: columns first, then the neurons."""
        column = np.zeros(len(self._ends), np.int64)
        for end in np.unique(self._starts[self._inside < 0]).tolist():
            column[end] = columns[self._ends[end].node, self._ends[end].start or 0]
        return np.where(self._inside < 0, column[self._starts], width + self._inside)


def _number(
    lowering: Lowering, nodes: Sequence[str], packing: Packing
) -> tuple[list[int], list[tuple[int, int, int]], tuple[Function, ...], int]:
    """Places of neurons by level, within it by function and by how many terms they have.

    Then the segments, their functions, and how many levels there are. A segment has one function.
    Where terms are not summed, it also has equally many of them.
    """
    graph = lowering.graph
    sources, offsets = graph.wires.sources.tolist(), graph.wires.offsets.tolist()
    levels = [-1] * len(graph.order)
    known: dict[Function, int] = {}
    keys: list[tuple[int, int, int]] = []
    for node, terms in zip(nodes, packing.terms.tolist(), strict=True):
        place = graph.places[node]
        start, stop = offsets[place], offsets[place + 1]
        levels[place] = 1 + max(levels[source] for source in sources[start:stop])
        function = _function(lowering.neurons(node))
        keys.append((levels[place], known.setdefault(function, len(known)), terms))
    order = sorted(range(len(nodes)), key=keys.__getitem__)
    are_sums = [AGGREGATES[aggregate].is_sum for aggregate, *_ in known]
    segments: list[tuple[int, int, int]] = []
    before: tuple[int, ...] = ()
    for at, node_at in enumerate(order):
        which = keys[node_at][1]
        key = keys[node_at][:2] if are_sums[which] else keys[node_at]
        if key == before:
            segments[-1] = (segments[-1][0], at + 1, which)
        else:
            segments.append((at, at + 1, which))
        before = key
    return order, segments, tuple(known), 1 + keys[order[-1]][0]


def _function(node: NeuronsNode) -> Function:
    """The names of an aggregate and an activation, and the numbers of the latter."""
    activation = node.activation
    values = ACTIVATION_ROWS[activation.kind].values_of(activation)
    return node.aggregate, activation.kind, values


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
    count = sum(map(len, edges.values()))
    lowering.grouped.append(NeuronGroup("product", tuple(nodes), count))
    with builder.at(*(origin(lowering.entry(node)) for node in nodes)):
        x, columns = gather(lowering, map(unit_of, edges[nodes[0]]), exact=True)
        weights = {
            columns[unit_of(edge)] * len(nodes) + at: single_weight(lowering, edge)
            for at, node in enumerate(nodes)
            for edge in edges[node]
        }
        a = builder(MatMul(), x, packed(lowering, name, weights, (len(columns), len(nodes))))
        biases = {at: single_bias(lowering, node) for at, node in enumerate(nodes)}
        own = {at: bias for at, bias in biases.items() if bias is not None}
        if own:
            lowering.bias_of[name] = f"{name}:bias"
            a = builder(Add(), a, packed(lowering, f"{name}:bias", own, (len(nodes),)))
        learned = list(zip(*(single_slopes(lowering, node) for node in nodes), strict=True))
        slopes = [
            packed(lowering, f"{name}:{k}", dict(enumerate(smalls)), (len(nodes),))
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
