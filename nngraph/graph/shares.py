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
        found.tell("E208:edge", span, label=nearest(owner_id, edges, found), edge=owner_id)
    elif owner is edge:
        found.tell("E209:itself", span, edge=edge.id)
    elif _owner(owner):
        found.tell("E209:shares", span, edge=owner_id, owner=_owner(owner))
    elif isinstance(owner.given, IdentityEdge):
        found.tell("E209:identity", span, edge=owner_id)


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
            found.tell("E208:node", span, label=near, node=node.share)
            continue
        kind = owner.node.kind
        if node.share == id:
            found.tell("E209:node-itself", span, node=id)
        elif isinstance(node, NormModel) and isinstance(owner.node, NeuronsNode | ActivationNode):
            found.tell("E209:no-scale", span, node=node.share, kind=kind)
        elif isinstance(owner.node, NormModel) and not isinstance(node, NormModel):
            found.tell("E209:no-bias", span, node=node.share, kind=kind)
        elif not isinstance(owner.node, NeuronsNode | ActivationNode | NormModel):
            found.tell("E209:no-parameters", span, node=node.share, kind=kind)
        elif owner.node.share is not None:
            found.tell("E209:node-shares", span, node=node.share, owner=owner.node.share)
