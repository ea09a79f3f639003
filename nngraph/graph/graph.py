"""The graph of a network. It knows who is connected, and no shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from nngraph.errors import Diagnostic
from nngraph.spec import Document, EdgeEntry, End


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
