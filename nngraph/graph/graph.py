"""The graph of a network, its nodes in canonical order. It knows who is connected, and no shape.

It is built from a document, with every mistake of connection told in one run; ends, repeats, names
and cycles are checked in files of their own. Nodes and edges are integers here: an edge is made as
an object where a message, or a layer, asks for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic, Diagnostics
from nngraph.graph.connections import Ends, check_ends, check_reach, check_repeats, lint_dead_ends
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
from nngraph.spec.document import Indices
from nngraph.spec.read import collector_paused
from nngraph.spec.silence import unsilenced

if TYPE_CHECKING:
    import networkx as nx


def build_graph(document: Document) -> Graph:
    """The graph of a document.

    Errors: `SpecError` with all mistakes of connection, none told twice, none that another caused.
    """
    with collector_paused():
        return _build(document, Diagnostics())


def _build(document: Document, found: Diagnostics) -> Graph:
    ends = check_ends(document, found)
    incoming = EdgesByNode(ends, ends.targets)
    outgoing = EdgesByNode(ends, ends.sources)
    check_repeats(ends, found)
    check_edge_shares(document, found)
    check_node_shares(document, found)
    mentions = first_mentions(document, ends)
    names, order = list(ends.number), canonical_order(mentions, ends)
    if len(order) < len(names):
        _check_cycles(mentions, order, ends, outgoing, found)
    check_reach(document, ends, found)
    check_outputs(document, found)
    check_expectations(document, found)
    is_read = np.zeros(len(names), bool)
    is_read[ends.sources] = True
    dead_ends = [names[node] for node in order[~is_read[order]].tolist()]
    inputs = tuple(names[node] for node in order[ends.is_input[order]].tolist())
    unread = set(inputs)
    outputs = document.spec.outputs or tuple(End(id) for id in dead_ends if id not in unread)
    check_collisions(document, outputs, found)
    check_losses(document, outputs, found)
    found.raise_if_any()
    lint_dead_ends(document, dead_ends, outputs, found)
    lints = unsilenced(found.lints) if found.lints else ()
    ordered = tuple(names[node] for node in order.tolist())
    return Graph(document, ordered, incoming, outgoing, inputs, outputs, lints)


# ---- the graph and its order


class EdgesByNode(Mapping[str, tuple[EdgeEntry, ...]]):
    """The edges at one of the ends of each node, in order of mention, made when asked for."""

    def __init__(self, ends: Ends, nodes: Indices) -> None:
        """`nodes[k]` is the node of the k-th good edge."""
        self._number, self._edges = ends.number, ends.edges
        self._good, self._nodes = ends.good, nodes
        self._made: dict[str, tuple[EdgeEntry, ...]] = {}

    @cached_property
    def _order(self) -> Indices:
        """The edges, node by node."""
        return self._good[np.argsort(self._nodes, kind="stable")]

    @cached_property
    def _stops(self) -> NDArray[np.int64]:
        many = np.bincount(self._nodes, minlength=len(self._number))
        return np.concatenate([[0], np.cumsum(many)])

    def __getitem__(self, id: str) -> tuple[EdgeEntry, ...]:
        made = self._made.get(id)
        if made is None:
            node = self._number[id]
            numbers = self._order[self._stops[node] : self._stops[node + 1]].tolist()
            made = self._made[id] = tuple([self._edges[k] for k in numbers])
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._number)

    def __len__(self) -> int:
        return len(self._number)


@dataclass(frozen=True, eq=False)
class Wires:
    """Edges as columns, by the node that they enter, in order of mention within a node.

    Nodes have the numbers of their places in canonical order; the edges into node j are those from
    `offsets[j]` to `offsets[j + 1]`.
    """

    edges: Indices
    """Numbers among the edges of the document."""
    starts: Indices
    """Numbers of the ends, among those of the document, where they start, and"""
    stops: Indices
    """where they lead."""
    sources: Indices
    """Nodes that they leave, and"""
    targets: Indices
    """enter."""
    offsets: NDArray[np.int64]


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
    def places(self) -> Mapping[str, int]:
        """The place of each node in canonical order."""
        return {id: place for place, id in enumerate(self.order)}

    @cached_property
    def wires(self) -> Wires:
        """All edges as columns."""
        number, edges = self.places, self.document.edges
        starts, stops = edges.numbers
        node = np.array([number.get(end.node, -1) for end in edges.ends.known], np.int32)
        order = np.argsort(node[stops], kind="stable").astype(np.int32)
        targets = node[stops][order]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(targets, minlength=len(number)))])
        return Wires(order, starts[order], stops[order], node[starts][order], targets, offsets)

    @cached_property
    def network(self) -> nx.MultiDiGraph[str]:
        """The same graph for networkx; an edge's key is its id, its data `{"edge": EdgeEntry}`."""
        import networkx as nx  # with all its algorithms; few commands need it

        network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        network.add_nodes_from(self.order)
        for edge in self.document.edges:
            network.add_edge(edge.source.node, edge.target.node, key=edge.id, edge=edge)
        return network


# ---- canonical order: topological, ties by first mention


def first_mentions(document: Document, ends: Ends) -> Indices:
    """All nodes, by their first mention in `edges`, then in `outputs` and `loss`.

    Nodes that nothing mentions come last; a graph without mistakes has none.
    """
    spec, count = document.spec, len(ends.number)
    later = [end.node for end in spec.outputs or ()]
    later += [name for loss in spec.loss for name in (loss.node, loss.target) if name]
    named = [ends.number[name] for name in later if name in ends.number]
    in_edges = np.stack([ends.sources, ends.targets], axis=1).reshape(-1)
    mentions = np.concatenate([in_edges, np.array(named, np.int32), np.arange(count)])
    first = np.empty(count, np.int64)
    first[mentions[::-1]] = np.arange(len(mentions))[::-1]  # of several values the last one stays
    return np.argsort(first).astype(np.int32)


def canonical_order(mentions: Indices, ends: Ends) -> Indices:
    """All nodes, sources before targets; those on a cycle or below one are left out.

    Of the nodes whose sources stand already, that which is mentioned first comes next.
    """
    rank = np.empty_like(mentions)
    rank[mentions] = np.arange(len(mentions), dtype=np.int32)
    sources, targets = rank[ends.sources], rank[ends.targets]
    if bool((sources < targets).all()):
        return mentions
    return mentions[_lowest_first(len(mentions), sources, targets)]


def _lowest_first(count: int, sources: Indices, targets: Indices) -> Indices:
    """Topological; of the numbers that are ready the lowest comes next."""
    of_source = targets[np.argsort(sources, kind="stable")].tolist()
    stops = np.cumsum(np.bincount(sources, minlength=count)).tolist()
    waiting = np.bincount(targets, minlength=count).tolist()
    ready = [node for node, many in enumerate(waiting) if many == 0]
    order: list[int] = []
    while ready:
        node = heapq.heappop(ready)
        order.append(node)
        for target in of_source[stops[node - 1] if node else 0 : stops[node]]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, target)
    return np.array(order, np.int32)


def _check_cycles(
    mentions: Indices,
    order: Indices,
    ends: Ends,
    outgoing: Mapping[str, Sequence[EdgeEntry]],
    found: Diagnostics,
) -> None:
    """Tell a cycle for each knot among the nodes that could not be ordered."""
    from nngraph.graph.cycles import check_cycles  # with networkx; a graph without needs none

    is_left = np.ones(len(mentions), bool)
    is_left[order] = False
    inner = is_left[ends.sources] & is_left[ends.targets]
    names = list(ends.number)
    pairs = np.stack([ends.sources[inner], ends.targets[inner]], axis=1).tolist()
    left = [names[node] for node in mentions[is_left[mentions]].tolist()]
    check_cycles(left, [(names[one], names[other]) for one, other in pairs], outgoing, found)
