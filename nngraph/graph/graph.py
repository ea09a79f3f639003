"""The graph of a network, its nodes in canonical order. It knows who is connected, and no shape."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from nngraph.errors import Diagnostic
from nngraph.spec import Document, EdgeEntry, End

LARGE = 5_000  # edges; from here on the order is computed on integers


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


def canonical_order(rank: dict[str, int], edges: Sequence[EdgeEntry]) -> tuple[str, ...]:
    """All nodes, sources before targets; those on a cycle or below one are left out."""
    if len(edges) < LARGE:
        return _networkx_order(rank, tuple(edges))
    return integer_order(rank, edges)


def _networkx_order(rank: dict[str, int], edges: tuple[EdgeEntry, ...]) -> tuple[str, ...]:
    network = network_of(tuple(rank), edges)
    order: list[str] = []
    # what was found before a cycle stops the sort is kept
    with suppress(nx.NetworkXUnfeasible):
        order.extend(nx.lexicographical_topological_sort(network, key=rank.__getitem__))
    return tuple(order)


def integer_order(rank: dict[str, int], edges: Iterable[EdgeEntry]) -> tuple[str, ...]:
    """The same order on lists of integers, for graphs of many edges."""
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
