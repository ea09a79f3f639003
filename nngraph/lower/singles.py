"""Which nodes are single neurons that can be lowered together, and in what order.

A single neuron has one unit, applies an elementwise function, and each of its edges leaves
exactly one unit. Whatever is unusual about a node, or might be a mistake, makes it an ordinary
node, which is lowered alone and tells its mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from nngraph.lower.context import Lowering
from nngraph.lower.weights import kind_of
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import InputNode, NeuronsNode
from nngraph.spec.weighted import WeightedEdge
from nngraph.spec.weights import FileWeight, shape_of

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
    return {
        node
        for node in lowering.graph.order
        if _is_single(lowering, lowering.entry(node).node)
        and all(_is_unit_edge(lowering, edge) for edge in lowering.graph.incoming[node])
    }


def _is_single(lowering: Lowering, model: object) -> bool:
    if not isinstance(model, NeuronsNode) or model.units != 1:
        return False
    value = model.bias.value
    plain = value is None or isinstance(value, float) or _is_one(value)
    return plain and not ACTIVATION_ROWS[model.activation.kind].over_last_axis


def _is_one(value: object) -> bool:
    """Whether nested lists hold a single number; not for files, which may not be there."""
    return isinstance(value, tuple) and set(shape_of(value)) == {1}


def _is_unit_edge(lowering: Lowering, edge: EdgeEntry) -> bool:
    if edge.given is not None and not _is_plain(lowering, edge):
        return False
    start, stop = edge.source.start, edge.source.stop
    width = _width(lowering, edge.source.node)
    if start is None or stop is None:
        fits = width == 1
    else:
        fits = stop == start + 1 and width is not None and stop <= width
    return fits and edge.target.stop in (None, 1)


def _is_plain(lowering: Lowering, edge: EdgeEntry) -> bool:
    """Whether the options of an edge are those of one dense weight."""
    options = edge.given
    if not isinstance(options, WeightedEdge) or kind_of(lowering, edge) != "dense":
        return False
    weight = options.weight
    known = weight is None or isinstance(weight, float) or _is_one(weight)
    return known and not isinstance(weight, FileWeight) and options.mask is None


def _width(lowering: Lowering, node: str) -> int | None:
    """How many units a node has, where that is certain before lowering it."""
    model = lowering.entry(node).node
    if isinstance(model, InputNode):
        return (model.shape or (1,))[0] if len(model.shape) < 2 else None
    if not isinstance(model, NeuronsNode):
        return None
    edges = lowering.graph.incoming[node]
    # identity and scale edges alone could bring an image
    return model.units if any(kind_of(lowering, e) == "dense" for e in edges) else None


def sharing(lowering: Lowering) -> list[tuple[str, str]]:
    """Pairs of nodes that have an array in common, because of an edge or of their own `share`."""
    pairs = [
        (edge.target.node, lowering.edges[edge.given.share.edge].target.node)
        for edge in lowering.document.edges.entries
        if isinstance(edge.given, WeightedEdge) and edge.given.share is not None
    ]
    for id, entry in lowering.document.nodes.items():
        share = getattr(entry.node, "share", None)
        if share is not None:
            pairs.append((id, share))
    return pairs


def schedule(lowering: Lowering) -> list[Step]:
    """What is lowered one after the other: nodes, blocks and stretches."""
    singles = single_neurons(lowering)
    if not singles:
        return list(lowering.graph.order)
    pairs = sharing(lowering)
    blocks = _find_blocks(lowering, singles.difference(*pairs) if pairs else singles)
    singles -= blocks.keys()
    for attempt in range(ROUNDS + 1):
        phases = _phases(lowering, singles)
        torn = {
            node
            for pair in pairs
            if not singles.issuperset(pair)
            or phases[pair[0]] != phases[pair[1]]
            or attempt == ROUNDS
            for node in pair
        }
        if singles.isdisjoint(torn):
            break
        singles -= torn
    return _in_order(lowering, singles, blocks, phases)


def _phases(lowering: Lowering, singles: set[str]) -> dict[str, int]:
    """How many stretches a node needs before it; that of a single neuron is its own number.

    Single neurons of one phase never reach each other through other nodes, so they can be
    computed at once.
    """
    phases: dict[str, int] = {}
    for node in lowering.graph.order:
        is_single = node in singles
        phase = 0
        for edge in lowering.graph.incoming[node]:
            source = edge.source.node
            phase = max(phase, phases[source] + (is_single and source not in singles))
        phases[node] = phase
    return phases


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


def _find_blocks(lowering: Lowering, nodes: Iterable[str]) -> dict[str, Block]:
    """Groups of single neurons that read exactly the same units, by node.

    Members do not reach each other: what one reads, all read.
    """
    nodes = set(nodes)
    groups: dict[object, list[str]] = {}
    for node in lowering.graph.order:
        if node in nodes and (alike := _likeness(lowering, node)) is not None:
            groups.setdefault(alike, []).append(node)
    blocks: dict[str, Block] = {}
    for members in groups.values():
        edges = len(lowering.graph.incoming[members[0]])
        if min(edges, len(members)) >= LEAST_SIDE and edges * len(members) >= LEAST_EDGES:
            block = Block(tuple(members))
            blocks.update(dict.fromkeys(members, block))
    return blocks


def _likeness(lowering: Lowering, node: str) -> object:
    """What the members of a block agree in; None for a node that cannot be in one."""
    edges = lowering.graph.incoming[node]
    if len(edges) < LEAST_SIDE:
        return None
    units = frozenset(unit_of(edge) for edge in edges)
    trained = {getattr(edge.given, "trainable", True) for edge in edges}
    if len(units) < len(edges) or len(trained) > 1:
        return None
    model = lowering.neurons(node)
    if model.aggregate != "sum":
        return None
    bias = model.bias.present and (model.bias.trainable and model.trainable, True)
    learns = bool(ACTIVATION_ROWS[model.activation.kind].learned) and model.trainable
    return units, trained.pop(), bias, model.activation, learns
