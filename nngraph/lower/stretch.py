"""Single neurons as one instruction over index arrays, or as one product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nngraph.ir import Array, Constant, Part, TensorType, Value
from nngraph.lower.context import Lowering, origin
from nngraph.lower.gather import gather
from nngraph.lower.packing import Packing, Small, single_bias, single_weight
from nngraph.lower.singles import Block, Stretch, unit_of
from nngraph.lower.units import activate
from nngraph.lower.weights import make_leaf
from nngraph.ops import Add, MatMul, SliceAxis, word
from nngraph.ops.neurons import Functions, NeuronStretch
from nngraph.spec.activations import Activation


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
        indices = _indices(wiring, columns, x.type.sample_shape[0], slots)
        leaves = [_index_leaf(lowering, f"{name}:{key}", a) for key, a in indices.items()]
        states = lowering.builder(NeuronStretch(wiring.functions), x, w, *leaves)
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
class _Wiring:
    """Neurons in the order of computation; their edges and biases by the names of the weights."""

    order: list[str]
    segments: list[tuple[int, int, int]]
    functions: Functions
    edges: list[list[tuple[tuple[str, int], str]]]
    biases: list[str | None]
    inside: Mapping[str, int]

    @property
    def outside(self) -> list[tuple[str, int]]:
        """Units of other nodes, in the order in which they are first read."""
        units = (unit for edges in self.edges for unit, _ in edges)
        return list(dict.fromkeys(unit for unit in units if unit[0] not in self.inside))


def _wire(lowering: Lowering, nodes: Sequence[str], packing: Packing) -> _Wiring:
    edges: dict[str, list[tuple[tuple[str, int], str]]] = {}
    biases: dict[str, str | None] = {}
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
    order, segments, functions = _number(lowering, nodes)
    return _Wiring(
        order,
        segments,
        functions,
        [edges[node] for node in order],
        [biases[node] for node in order],
        {node: at for at, node in enumerate(order)},
    )


def _number(
    lowering: Lowering, nodes: Sequence[str]
) -> tuple[list[str], list[tuple[int, int, int]], Functions]:
    """Neurons by level and within it by function, so that segments are contiguous."""
    levels: dict[str, int] = {}
    known: dict[tuple[str, float], int] = {}
    keys: dict[str, tuple[int, int]] = {}
    for node in nodes:
        sources = (edge.source.node for edge in lowering.graph.incoming[node])
        levels[node] = 1 + max((levels.get(source, -1) for source in sources), default=-1)
        name = _function(lowering.neurons(node).activation)
        keys[node] = levels[node], known.setdefault(name, len(known))
    order = sorted(nodes, key=keys.__getitem__)
    segments: list[tuple[int, int, int]] = []
    for at, node in enumerate(order):
        if segments and keys[order[at - 1]] == keys[node]:
            segments[-1] = (segments[-1][0], at + 1, keys[node][1])
        else:
            segments.append((at, at + 1, keys[node][1]))
    return order, segments, tuple(known)


def _function(activation: Activation) -> tuple[str, float]:
    """The name of a function and its one option, as the kernels take it."""
    options = activation.model_dump(exclude={"kind"})
    return activation.kind, float(next(iter(options.values()), 0.0))


def _indices(
    wiring: _Wiring,
    columns: Mapping[tuple[str, int], int],
    width: int,
    slots: Mapping[str, int],
) -> dict[str, Array]:
    """The operands of the stretch; what they mean stands in `nngraph.kernels.neurons`."""
    sources = np.array(
        [
            width + wiring.inside[unit[0]] if unit[0] in wiring.inside else columns[unit]
            for edges in wiring.edges
            for unit, _ in edges
        ],
        np.int64,
    )
    units = width + len(wiring.order)
    return {
        "sources": sources,
        "slots": np.array([slots[id] for edges in wiring.edges for _, id in edges], np.int64),
        "offsets": np.cumsum([0, *map(len, wiring.edges)], dtype=np.int64),
        "biases": np.array([-1 if id is None else slots[id] for id in wiring.biases], np.int64),
        "segments": np.array(wiring.segments, np.int64),
        "out_edges": np.argsort(sources, kind="stable").astype(np.int64),
        "out_offsets": np.searchsorted(np.sort(sources), np.arange(units + 1)).astype(np.int64),
    }


def _index_leaf(lowering: Lowering, id: str, array: Array) -> Value:
    return lowering.builder.leaf(Constant(TensorType(array.shape, "int64"), id, array))


def _output(lowering: Lowering, node: str, z: tuple[Value, int], a: tuple[Value, int]) -> Value:
    """z of one neuron, [N, 1].

    Where a binary cross-entropy judges it, the sigmoid is taken outside, so that the two can be
    fused to the form that is exact however sure the neuron is.
    """
    with lowering.builder.at(origin(lowering.entry(node))):
        if node in lowering.judged and lowering.neurons(node).activation.kind == "sigmoid":
            return lowering.builder(word("sigmoid"), _column(lowering, *a))
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
        entry = lowering.entry(nodes[0])
        z = activate(lowering, entry, lowering.neurons(nodes[0]).activation, a, "activation")
    for at, node in enumerate(nodes):
        lowering.columns[node] = (z, at)
        lowering.values[node] = _output(lowering, node, (z, at), (a, at))


def _packed(
    lowering: Lowering, name: str, smalls: Mapping[int, Small], shape: tuple[int, ...]
) -> Value:
    """A leaf of this shape that holds single numbers at the given places of its flat form."""
    parts = {at: Part(small.id, at, small.shape) for at, small in smalls.items()}
    trainable = next(iter(smalls.values())).trainable
    leaf = make_leaf(lowering, name, shape, trainable, tuple(parts.values()))
    for at, small in smalls.items():
        lowering.owned[small.id] = small.owned(leaf, parts[at])
    return leaf
