"""From a document to its graph, with every mistake of connection told in one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nngraph.errors import Diagnostics
from nngraph.graph.cycles import check_cycles
from nngraph.graph.ends import check_ends, check_reach, lint_dead_ends
from nngraph.graph.graph import Graph, canonical_order, first_mentions
from nngraph.graph.names import (
    check_collisions,
    check_edge_shares,
    check_expectations,
    check_losses,
    check_node_shares,
    check_outputs,
)
from nngraph.graph.repeats import check_repeats
from nngraph.spec import Document, EdgeEntry, End
from nngraph.spec.collector import collector_paused
from nngraph.spec.silence import unsilenced


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
        check_cycles(rank, order, edges, outgoing, found)
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
