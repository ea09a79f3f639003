"""`share`: who uses whose weights."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.errors import Diagnostics
from nngraph.spec import Document, EdgeEntry
from nngraph.spec.edges import IdentityEdge
from nngraph.spec.nearest import nearest
from nngraph.spec.nodes import ActivationNode, NeuronsNode
from nngraph.spec.norm_nodes import NormModel
from nngraph.spec.weighted import WeightedEdge


def check_edge_shares(document: Document, found: Diagnostics) -> None:
    """Tell owners that are not there, have no weights, or share themselves."""
    sharing = [edge for edge in document.edges if edge.given is not None and _owner(edge)]
    if not sharing:
        return
    edges = {edge.id: edge for edge in document.edges}
    for edge in sharing:
        _check_edge(edge, _owner(edge), edges, found)


def _owner(edge: EdgeEntry) -> str:
    options = edge.given
    if isinstance(options, WeightedEdge) and options.share is not None:
        return options.share.edge
    return ""


def _check_edge(
    edge: EdgeEntry, owner_id: str, edges: Mapping[str, EdgeEntry], found: Diagnostics
) -> None:
    span = edge.span_of("share", "edge")
    owner = edges.get(owner_id)
    if owner is None:
        found.error(
            "E208",
            f"there is no edge '{owner_id}' to share",
            span,
            label=nearest(owner_id, edges, found),
            help="an edge is named by its `id`, or else `from->to` without spaces",
        )
    elif owner is edge:
        found.error("E209", f"the edge '{edge.id}' shares its own weights", span)
    elif _owner(owner):
        found.error(
            "E209",
            f"the edge '{owner_id}' has no weights of its own, it shares those of "
            f"'{_owner(owner)}'",
            span,
            help=f"write `share: {_owner(owner)}`",
        )
    elif isinstance(owner.given, IdentityEdge):
        found.error("E209", f"the edge '{owner_id}' is an identity and has no weights", span)


def check_node_shares(document: Document, found: Diagnostics) -> None:
    """Tell owners that are not there, have no parameters, or share themselves."""
    for id, entry in document.nodes.items():
        node = entry.node
        if not isinstance(node, NeuronsNode | ActivationNode | NormModel) or node.share is None:
            continue
        span = entry.span_of("share")
        owner = document.nodes.get(node.share)
        if owner is None:
            near = nearest(node.share, document.nodes, found)
            message = f"there is no node '{node.share}' to share"
            found.error("E208", message, span, label=near)
        elif node.share == id:
            found.error("E209", f"the node '{id}' shares its own parameters", span)
        elif isinstance(node, NormModel) and isinstance(owner.node, NeuronsNode | ActivationNode):
            message = f"'{node.share}' is of kind '{owner.node.kind}': no scale and shift to share"
            found.error("E209", message, span)
        elif isinstance(owner.node, NormModel) and not isinstance(node, NormModel):
            message = f"'{node.share}' is of kind '{owner.node.kind}': no bias or slopes to share"
            found.error("E209", message, span)
        elif not isinstance(owner.node, NeuronsNode | ActivationNode | NormModel):
            message = f"the node '{node.share}' is of kind '{owner.node.kind}': no parameters"
            found.error("E209", message, span)
        elif owner.node.share is not None:
            found.error(
                "E209",
                f"the node '{node.share}' has no parameters of its own, it shares those of "
                f"'{owner.node.share}'",
                span,
                help=f"write `share: {owner.node.share}`",
            )
