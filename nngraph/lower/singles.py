"""Which nodes are single neurons that can be lowered together, and in what order.

A single neuron has one unit, applies an elementwise function, and each of its edges is one
connection: it leaves exactly one unit, and has one weight, none (identity), or is masked. Whatever
is unusual about a node, or might be a mistake, makes it an ordinary node, which is lowered alone
and tells its mistakes.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.lower.context import Lowering
from nngraph.lower.weights import fits, kind_of, mask_of
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.edges import IdentityEdge
from nngraph.spec.nodes import ConstantNode, InputNode, NeuronsNode
from nngraph.spec.weighted import WeightedEdge
from nngraph.spec.weights import shape_of
from nngraph.words.aggregates import AGGREGATES

Unit: TypeAlias = tuple[str, int]
"""A node and the number of one of its units."""

ROUNDS = 4  # attempts to keep shared weights within one stretch


@dataclass(frozen=True, slots=True)
class Stretch:
    """Single neurons that one instruction computes, in canonical order."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Single neurons that all read the same units, and so are one product, in canonical order."""

    nodes: tuple[str, ...]


Step: TypeAlias = str | Stretch | Block


def unit_of(edge: EdgeEntry) -> Unit:
    """The unit that an edge of a single neuron leaves."""
    return edge.source.node, edge.source.start or 0


def single_neurons(lowering: Lowering) -> set[str]:
    """All single neurons of the graph."""
    order, wires = lowering.graph.order, lowering.graph.wires
    fit, there = _unit_edges(lowering)
    is_wide = np.bincount(wires.targets[~fit], minlength=len(order)) > 0
    has_input = np.bincount(wires.targets[there], minlength=len(order)) > 0
    return {
        node
        for node, fits in zip(order, (has_input & ~is_wide).tolist(), strict=True)
        if fits and _is_single(lowering, lowering.entry(node).node)
    }


def _unusual(lowering: Lowering) -> set[str]:
    """Nodes with an edge that is no dense weight, or that has a mask."""
    edges = lowering.document.edges
    return {
        edges[at].target.node
        for at in np.flatnonzero(edges.with_options).tolist()
        if not is_plain(lowering, edges[at])
    }


def _is_single(lowering: Lowering, model: object) -> bool:
    if not isinstance(model, NeuronsNode) or model.units != 1:
        return False
    if not AGGREGATES[model.aggregate].reduction:
        return False
    is_number = _is_number(model.bias.value, (1,))
    return is_number and not ACTIVATION_ROWS[model.activation.kind].over_last_axis


def _is_number(value: object, shape: tuple[int, ...]) -> bool:
    """Whether what a file gives for an array of this shape, which has one element, is nothing or
    one number; not for arrays of files, which may not be there."""
    if isinstance(value, tuple):
        return fits(shape_of(value), shape)
    return value is None or isinstance(value, float)


Flags: TypeAlias = NDArray[np.bool_]


def _unit_edges(lowering: Lowering) -> tuple[Flags, Flags]:
    """Which edges, in the order of `wires`, are one connection between two units, and which are
    there, not masked."""
    wires, edges = lowering.graph.wires, lowering.document.edges
    ends = edges.ends.known
    first = np.array([-1 if end.start is None else end.start for end in ends], np.int64)
    last = np.array([-1 if end.stop is None else end.stop for end in ends], np.int64)
    width = _widths(lowering)[wires.sources]
    start, stop = first[wires.starts], last[wires.starts]
    of_one = np.where(start < 0, width == 1, (stop == start + 1) & (stop <= width))
    fit: Flags = of_one & np.isin(last[wires.stops], (-1, 1))
    there = np.ones_like(fit)
    for at in np.flatnonzero(fit & edges.with_options[wires.edges]).tolist():
        edge = edges[wires.edges[at]]
        is_simple = is_plain(lowering, edge)
        fit[at] = is_simple or is_connection(lowering, edge)
        there[at] = is_simple or (fit[at] and is_there(lowering, edge))
    return fit, there


def is_plain(lowering: Lowering, edge: EdgeEntry) -> bool:
    """Whether the options of an edge are those of one dense weight without a mask."""
    options = edge.given
    if not isinstance(options, WeightedEdge) or kind_of(lowering, edge) != "dense":
        return False
    owner = options if options.share is None else lowering.edges[options.share.edge].given
    is_masked = options.mask is not None or getattr(owner, "mask", None) is not None
    return _is_number(options.weight, (1, 1)) and not is_masked


def is_connection(lowering: Lowering, edge: EdgeEntry) -> bool:
    """Whether the options of an edge between two units are those of one connection."""
    kind, options = kind_of(lowering, edge), edge.given
    if kind == "identity":
        return isinstance(options, IdentityEdge)
    if kind not in ("dense", "scale") or not isinstance(options, WeightedEdge):
        return False
    if options.share is not None:
        owner = lowering.edges[options.share.edge]
        if kind == "scale" or kind_of(lowering, owner) != "dense":
            return False
    shape = connection_of_one(kind)
    is_number = _is_number(options.weight, shape) and _is_number(options.mask, shape)
    return is_number and bool(np.isin(np.array(options.mask or 1.0), (0, 1)).all())


def connection_of_one(kind: str) -> tuple[int, ...]:
    """The shape of the array of an edge from one unit to one unit."""
    return (1,) if kind == "scale" else (1, 1)


def is_there(lowering: Lowering, edge: EdgeEntry) -> bool:
    """Whether one connection is not masked, by its own mask or that of the array it shares."""
    mask = mask_of(lowering, edge, connection_of_one(kind_of(lowering, edge)))
    return mask is None or bool(mask.all())


BEYOND_MACHINES = 2**62
"""Units that no memory holds, which is told later; a number that still fits into 64 bits."""


def _widths(lowering: Lowering) -> NDArray[np.int64]:
    """How many units each node has, where that is certain before lowering it; else -1."""
    wires, edges = lowering.graph.wires, lowering.document.edges
    is_plain = ~edges.with_options[wires.edges]
    has_plain = np.zeros(len(lowering.graph.order), bool)
    has_plain[wires.targets[is_plain]] = True
    widths: dict[str, int] = {}
    for node, plain in zip(lowering.graph.order, has_plain.tolist(), strict=True):
        widths[node] = min(_width(lowering, node, plain, widths), BEYOND_MACHINES)
    return np.array(list(widths.values()), np.int64)


def _width(lowering: Lowering, node: str, has_plain: bool, widths: Mapping[str, int]) -> int:
    model = lowering.entry(node).node
    if isinstance(model, InputNode | ConstantNode):
        return (model.shape or (1,))[0] if len(model.shape) < 2 else -1
    if not isinstance(model, NeuronsNode):
        return -1
    # identity and scale edges alone bring an image where their source is one
    is_row = has_plain or any(
        kind_of(lowering, edge) == "dense" or widths[edge.source.node] >= 0
        for edge in lowering.graph.incoming[node]
    )
    return model.units if is_row else -1


def sharing(lowering: Lowering) -> list[tuple[str, str]]:
    """Pairs of nodes that have an array in common, because of an edge or of their own `share`."""
    pairs = [
        (edge.target.node, lowering.edges[edge.given.share.edge].target.node)
        for edge in lowering.document.edges.alone
        if isinstance(edge.given, WeightedEdge) and edge.given.share is not None
    ]
    for id, entry in lowering.document.written_nodes.items():
        share = getattr(entry.node, "share", None)
        if share is not None:
            pairs.append((id, share))
    return pairs


def schedule(lowering: Lowering) -> list[Step]:
    """What is lowered one after the other: nodes, blocks and stretches."""
    singles = single_neurons(lowering)
    lowering.singles = frozenset(singles)
    if not singles:
        return list(lowering.graph.order)
    pairs = sharing(lowering)
    alone = singles.difference(_unusual(lowering), *pairs)
    blocks = _find_blocks(lowering, alone)
    singles -= blocks.keys()
    layers = _find_layers(lowering, singles) if singles <= alone else {}
    singles -= layers.keys()
    blocks |= layers
    for _ in range(ROUNDS):
        phases = _phases(lowering, singles)
        torn = {
            node
            for pair in pairs
            if not singles.issuperset(pair) or phases[pair[0]] != phases[pair[1]]
            for node in pair
        }
        if singles.isdisjoint(torn):
            return _in_order(lowering, singles, blocks, phases)
        singles -= torn
    singles = singles.difference(*pairs)  # each attempt tore others apart
    return _in_order(lowering, singles, blocks, _phases(lowering, singles))


def _phases(lowering: Lowering, singles: set[str]) -> dict[str, int]:
    """How many stretches a node needs before it; that of a single neuron is its own number.

    Single neurons of one phase never reach each other through other nodes, so they can be
    computed at once.
    """
    graph = lowering.graph
    sources, offsets = graph.wires.sources.tolist(), graph.wires.offsets.tolist()
    is_single = [node in singles for node in graph.order]
    phases: list[int] = []
    for node, single in enumerate(is_single):
        phase = 0
        for source in sources[offsets[node] : offsets[node + 1]]:
            phase = max(phase, phases[source] + (single and not is_single[source]))
        phases.append(phase)
    return dict(zip(graph.order, phases, strict=True))


def _in_order(
    lowering: Lowering, singles: set[str], blocks: Mapping[str, Block], phases: Mapping[str, int]
) -> list[Step]:
    last = max(phases.values())
    stretches: list[list[str]] = [[] for _ in range(last + 1)]
    others: list[list[Step]] = [[] for _ in range(last + 1)]
    for node in lowering.graph.order:
        if node in singles:
            stretches[phases[node]].append(node)
        elif node not in blocks:
            others[phases[node]].append(node)
        elif blocks[node].nodes[0] == node:
            others[phases[node]].append(blocks[node])
    steps: list[Step] = []
    for together, rest in zip(stretches, others, strict=True):
        if together:
            steps.append(Stretch(tuple(together)))
        steps += rest
    return steps


LEAST_SIDE = 4
LEAST_EDGES = 64
"""From here on a dense product is clearly faster than gathering edge by edge."""


MOST_LAYERS = 8
MOST_NEURONS = 256
"""More products than these cost more calls than the levels of a stretch; wider layers are blocks
anyway."""


def _find_layers(lowering: Lowering, singles: Set[str]) -> dict[str, Block]:
    """Blocks of any size, where these neurons are but a few layers: by node, or nothing.

    Each layer is complete, and what it reads lies side by side: it is of one node, of inputs, or
    another layer.
    """
    if len(singles) > MOST_NEURONS:
        return {}
    groups: dict[object, list[str]] = {}
    units, trained = unit_codes(lowering), trained_edges(lowering)
    offsets = lowering.graph.wires.offsets
    for number, node in enumerate(lowering.graph.order):
        if node in singles:
            some = slice(offsets[number], offsets[number + 1])
            alike = _likeness(lowering, node, units[some].tolist(), trained[some].tolist())
            groups.setdefault(alike, []).append(node)
    if None in groups or len(groups) > MOST_LAYERS:
        return {}
    layers = [frozenset(members) for members in groups.values()]
    if not all(_reads_side_by_side(lowering, first, layers) for first, *_ in groups.values()):
        return {}
    blocks = (Block(tuple(members)) for members in groups.values())
    return {node: block for block in blocks for node in block.nodes}


def _reads_side_by_side(lowering: Lowering, node: str, layers: Sequence[Set[str]]) -> bool:
    units = [unit_of(edge) for edge in lowering.graph.incoming[node]]
    sources, numbers = {source for source, _ in units}, [number for _, number in units]
    if len(sources) == 1:
        return max(numbers) - min(numbers) < len(numbers)
    inputs = all(isinstance(lowering.entry(source).node, InputNode) for source in sources)
    return inputs or sources in layers


def _find_blocks(lowering: Lowering, nodes: Iterable[str]) -> dict[str, Block]:
    """Groups of single neurons that read exactly the same units, by node.

    Members do not reach each other: what one reads, all read.
    """
    nodes, wires = set(nodes), lowering.graph.wires
    units = unit_codes(lowering).tolist()
    trained = trained_edges(lowering).tolist()
    offsets = wires.offsets.tolist()
    groups: dict[object, list[str]] = {}
    for number, node in enumerate(lowering.graph.order):
        start, stop = offsets[number], offsets[number + 1]
        if node not in nodes or stop - start < LEAST_SIDE:
            continue
        alike = _likeness(lowering, node, units[start:stop], trained[start:stop])
        if alike is not None:
            groups.setdefault(alike, []).append(node)
    blocks: dict[str, Block] = {}
    for members in groups.values():
        edges = len(lowering.graph.incoming[members[0]]) if len(members) >= LEAST_SIDE else 0
        if min(edges, len(members)) >= LEAST_SIDE and edges * len(members) >= LEAST_EDGES:
            block = Block(tuple(members))
            blocks.update(dict.fromkeys(members, block))
    return blocks


def unit_codes(lowering: Lowering) -> NDArray[np.int64]:
    """A number for the unit that each single edge of `wires` leaves: that of its first end, for
    `h` and `h[0]` may be the same."""
    ends = lowering.document.edges.ends.known
    number: dict[Unit, int] = {}
    codes = [number.setdefault((end.node, end.start or 0), at) for at, end in enumerate(ends)]
    return np.array(codes, np.int64)[lowering.graph.wires.starts]


def trained_edges(lowering: Lowering) -> NDArray[np.bool_]:
    """Which edges of `wires` have a trained weight, where they have one."""
    wires, edges = lowering.graph.wires, lowering.document.edges
    trained = ~edges.fixed[wires.edges]
    for at in np.flatnonzero(edges.with_options[wires.edges]).tolist():
        trained[at] = getattr(edges[wires.edges[at]].given, "trainable", True)
    return trained


def _likeness(
    lowering: Lowering, node: str, units: Sequence[int], trained: Sequence[bool]
) -> object:
    """What the members of a block agree in; None for a node that cannot be in one."""
    read = tuple(sorted(units))
    if any(map(operator.eq, read, read[1:])) or any(trained) != all(trained):
        return None
    model = lowering.neurons(node)
    if model.aggregate != "sum":
        return None
    bias = model.bias.present and (model.bias.trainable and model.trainable, True)
    learns = bool(ACTIVATION_ROWS[model.activation.kind].learned) and model.trainable
    return read, trained[0], bias, model.activation, learns
