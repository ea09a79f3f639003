"""The graph of a network, its nodes in canonical order. It knows who is connected, and no shape.

It is built from a document, with every mistake of connection told in one run; ends, repeats and
names are checked in files of their own, cycles here, where the order is found.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from nngraph.errors import Diagnostic, Diagnostics, Note
from nngraph.graph.connections import check_ends, check_reach, check_repeats, lint_dead_ends
from nngraph.graph.names import (
    check_collisions,
    check_edge_shares,
    check_expectations,
    check_losses,
    check_node_shares,
    check_outputs,
)
from nngraph.records import dataclass
from nngraph.spec import Document, EdgeEntry, End
from nngraph.spec.read import collector_paused
from nngraph.spec.silence import unsilenced

if TYPE_CHECKING:
    import networkx as nx


def build_graph(document: Document) -> Graph:
    """The graph of a document.

    Errors: `SpecError` with all mistakes of connection, none told twice, none that another caused.
    """
    with collector_paused(len(document.source.text)):
        return _build(document, Diagnostics())


def _build(document: Document, found: Diagnostics) -> Graph:
    ends = check_ends(document, found)
    edges = ends.edges
    incoming = _by_node(document, edges, [edge.target.node for edge in edges])
    outgoing = _by_node(document, edges, [edge.source.node for edge in edges])
    check_repeats(edges, found)
    check_edge_shares(document, found)
    check_node_shares(document, found)
    rank = first_mentions(document, edges)
    order = canonical_order(rank, edges)
    if len(order) < len(rank):
        _check_cycles(rank, order, edges, outgoing, found)
    check_reach(document, incoming, outgoing, ends, found)
    check_outputs(document, found)
    check_expectations(document, found)
    outputs = document.spec.outputs or _default_outputs(document, order, outgoing)
    check_collisions(document, outputs, found)
    check_losses(document, outputs, found)
    found.raise_if_any()
    lint_dead_ends(document, order, outgoing, outputs, found)
    inputs = tuple(id for id in order if document.nodes[id].node.kind == "input")
    lints = unsilenced(found.lints) if found.lints else ()
    return Graph(document, order, incoming, outgoing, inputs, outputs, lints)


def _by_node(
    document: Document, edges: Iterable[EdgeEntry], nodes: Sequence[str]
) -> Mapping[str, tuple[EdgeEntry, ...]]:
    """The edges of each node, in order of mention."""
    lists: dict[str, list[EdgeEntry]] = {id: [] for id in document.nodes}
    for edge, node in zip(edges, nodes, strict=True):
        lists[node].append(edge)
    return {node: tuple(those) for node, those in lists.items()}


def _default_outputs(
    document: Document, order: Sequence[str], outgoing: Mapping[str, Sequence[EdgeEntry]]
) -> tuple[End, ...]:
    return tuple(
        End(id) for id in order if not outgoing[id] and document.nodes[id].node.kind != "input"
    )


# ---- the graph and its order


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes and edges without mistakes; nodes are named by their ids."""

    document: Document
    order: tuple[str, ...]
    """All nodes, topological, ties by first mention in `edges`."""
    incoming: Mapping[str, tuple[EdgeEntry, ...]]
    """The edges into each node, in order of mention."""
    outgoing: Mapping[str, tuple[EdgeEntry, ...]]
    """The edges out of each node, in order of mention."""
    inputs: tuple[str, ...]
    """The input nodes, in canonical order."""
    outputs: tuple[End, ...]
    """What the network returns: as the spec says, or the nodes without an outgoing edge."""
    lints: tuple[Diagnostic, ...] = ()
    """What is worth a look, silenced ones left out."""

    @cached_property
    def network(self) -> nx.MultiDiGraph[str]:
        """The same graph for networkx; an edge's key is its id, its data `{"edge": EdgeEntry}`."""
        edges = self.document.edges
        return network_of(self.order, edges)


def network_of(nodes: tuple[str, ...], edges: tuple[EdgeEntry, ...]) -> nx.MultiDiGraph[str]:
    """A networkx graph with an edge, keyed by id, for each entry."""
    import networkx as nx  # with all its algorithms; few commands need it

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    network.add_nodes_from(nodes)
    for edge in edges:
        network.add_edge(edge.source.node, edge.target.node, key=edge.id, edge=edge)
    return network


# ---- canonical order: topological, ties by first mention


def first_mentions(document: Document, edges: Iterable[EdgeEntry]) -> dict[str, int]:
    """Rank of each node: by its first mention in `edges`, then in `outputs` and `loss`.

    Nodes that nothing mentions come last; a graph without mistakes has none.
    """
    nodes = document.nodes
    rank: dict[str, int] = {}
    for edge in edges:
        for end in (edge.source.node, edge.target.node):
            if end not in rank:
                rank[end] = len(rank)
    later = [end.node for end in document.spec.outputs or ()]
    later += [name for loss in document.spec.loss for name in (loss.node, loss.target) if name]
    for name in (*later, *nodes):
        if name in nodes and name not in rank:
            rank[name] = len(rank)
    return rank


def canonical_order(rank: Mapping[str, int], edges: Iterable[EdgeEntry]) -> tuple[str, ...]:
    """All nodes, sources before targets; those on a cycle or below one are left out.

    Of the nodes whose sources stand already, that of the lowest rank comes next.
    """
    targets: list[list[int]] = [[] for _ in rank]
    waiting = [0] * len(rank)
    for edge in edges:
        target = rank[edge.target.node]
        targets[rank[edge.source.node]].append(target)
        waiting[target] += 1
    ready = [node for node, count in enumerate(waiting) if count == 0]
    names = list(rank)
    order: list[str] = []
    while ready:
        node = heapq.heappop(ready)
        order.append(names[node])
        for target in targets[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, target)
    return tuple(order)


# ---- cycles: one per knot of nodes that reach each other, printed with each edge's place


SHOWN = 12  # nodes of a cycle that are printed


def _check_cycles(
    rank: Mapping[str, int],
    ordered: Sequence[str],
    edges: Sequence[EdgeEntry],
    outgoing: Mapping[str, Sequence[EdgeEntry]],
    found: Diagnostics,
) -> None:
    """Tell a shortest cycle for each knot among the nodes that could not be ordered."""
    import networkx as nx  # a graph without a cycle needs none of it

    left = rank.keys() - set(ordered)
    inner = [edge for edge in edges if edge.source.node in left and edge.target.node in left]
    network = network_of(tuple(sorted(left, key=rank.__getitem__)), tuple(inner))
    knots = [set(knot) for knot in nx.strongly_connected_components(network)]
    starts = {min(knot, key=rank.__getitem__): knot for knot in knots}
    for start in sorted(starts, key=rank.__getitem__):
        cycle = _shortest_cycle(start, starts[start], outgoing)
        if cycle:
            _tell(cycle, found)


def _shortest_cycle(
    start: str, knot: set[str], outgoing: Mapping[str, Sequence[EdgeEntry]]
) -> list[EdgeEntry]:
    """The edges of a shortest cycle through `start` inside the knot, or none."""
    reached_by: dict[str, EdgeEntry] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for edge in outgoing[node]:
            target = edge.target.node
            if target == start:
                return _way_back(start, edge, reached_by)
            if target in knot and target not in reached_by:
                reached_by[target] = edge
                waiting.append(target)
    return []


def _way_back(start: str, last: EdgeEntry, reached_by: Mapping[str, EdgeEntry]) -> list[EdgeEntry]:
    cycle = [last]
    while cycle[-1].source.node != start:
        cycle.append(reached_by[cycle[-1].source.node])
    return cycle[::-1]


def _tell(cycle: list[EdgeEntry], found: Diagnostics) -> None:
    names = [edge.source.node for edge in cycle]
    if len(names) > SHOWN:
        between = len(names) - SHOWN
        names = [*names[: SHOWN // 2], f"... {between} more ...", *names[-SHOWN // 2 :]]
    printed = " -> ".join([*names, cycle[0].source.node])
    others = cycle[:-1] if len(cycle) <= SHOWN else cycle[: SHOWN - 1]
    notes = [Note(edge.span, f"{edge.source} -> {edge.target}") for edge in others]
    found.tell("E204", cycle[-1].span, notes=notes, cycle=printed)
