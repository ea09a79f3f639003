"""Names that stand for nodes and edges elsewhere in a file, and names that collide."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.errors import Diagnostics, Note, Span, join_words
from nngraph.graph.connections import unknown_node
from nngraph.spec import Document, EdgeEntry, End
from nngraph.spec.arrows import end_named
from nngraph.spec.edges import IdentityEdge
from nngraph.spec.model import GivenExpect, ShapeExpect
from nngraph.spec.nearest import nearest
from nngraph.spec.nodes import ActivationNode, NeuronsNode
from nngraph.spec.norm_nodes import NormModel
from nngraph.spec.weighted import WeightedEdge


def check_collisions(document: Document, outputs: tuple[End, ...], found: Diagnostics) -> None:
    """Tell edges and targets that are named like a node or like each other."""
    owners: dict[str, Span] = {}
    for edge in document.edges.alone:
        if not edge.named:
            continue
        span = edge.span_of("id")
        if edge.id in document.nodes:
            notes = _other(document.nodes[edge.id].span)
            found.tell("E207:edge", span, notes=notes, edge=edge.id)
        elif edge.id in owners:
            found.tell("E207:edges", span, notes=_other(owners[edge.id]), edge=edge.id)
        owners.setdefault(edge.id, span)
    for index, loss in enumerate(document.spec.loss):
        target = loss.target
        supervised = loss.node if loss.node is not None else outputs[0].node if outputs else None
        if target is None or target == supervised:
            continue
        span = document.loss_span(index, "target")
        node = document.nodes.get(target)
        if target in owners:
            found.tell("E207:target", span, notes=_other(owners[target]), target=target)
        elif node is not None and node.node.kind != "input":
            found.tell("E207:node", span, notes=_other(node.span), target=target)


def _other(span: Span) -> tuple[Note, ...]:
    return (Note(span, "the other"),)


def check_outputs(document: Document, found: Diagnostics) -> None:
    """Tell outputs that are not there or stand there twice."""
    seen: set[str] = set()
    for index, end in enumerate(document.spec.outputs or ()):
        span = document.span("outputs", index)
        if end.node not in document.nodes:
            unknown_node(document, end.node, span, found, "E210")
        elif str(end) in seen:
            found.tell("E210:twice", span, output=end)
        seen.add(str(end))


def check_losses(document: Document, outputs: tuple[End, ...], found: Diagnostics) -> None:
    """Tell losses of unknown nodes, and losses that do not say which of several outputs."""
    nodes = list(dict.fromkeys(end.node for end in outputs))
    for index, loss in enumerate(document.spec.loss):
        if loss.node is not None:
            if loss.node not in document.nodes:
                span = document.loss_span(index, "node")
                unknown_node(document, loss.node, span, found, "E211")
        elif len(nodes) > 1 and not found.errors:
            named = join_words([f"'{node}'" for node in nodes[:12]])
            span = document.loss_span(index, "kind")
            found.tell("E211:which", span, count=len(nodes), outputs=named, first=nodes[0])


def check_expectations(document: Document, found: Diagnostics) -> None:
    """Tell names in `expect` and `metrics` that are no nodes, and given ones that are no inputs."""
    inputs = [id for id, entry in document.written_nodes.items() if entry.node.kind == "input"]
    for index, expect in enumerate(document.spec.expect):
        if isinstance(expect, GivenExpect):
            _names(document, ("expect", index, "output"), list(expect.output), found)
            for name in expect.given:
                _given(
                    document, name, inputs, document.key_span("expect", index, "given", name), found
                )
        elif isinstance(expect, ShapeExpect):
            _names(document, ("expect", index, "shape"), list(expect.shape), found)
    train = document.spec.train
    for index, metric in enumerate(train.metrics if train is not None else ()):
        if metric.node is not None and metric.node not in document.nodes:
            span = document.span("train", "metrics", index, "node")
            unknown_node(document, metric.node, span, found, "E212")


def _names(
    document: Document, path: tuple[str | int, ...], names: list[str], found: Diagnostics
) -> None:
    for name in names:
        node = end_named(name).node if path[-1] == "output" else name
        if node not in document.nodes:
            unknown_node(document, node, document.key_span(*path, name), found, "E212")


def _given(
    document: Document, name: str, inputs: list[str], span: Span, found: Diagnostics
) -> None:
    if name in inputs or name in _columns_of_inputs(document):
        return
    known = join_words([f"'{id}'" for id in inputs[:12]])
    key = "E212:given" if name in document.nodes else "E212:no-input"
    found.tell(key, span, label=nearest(name, inputs, found), name=name, inputs=known)


def _columns_of_inputs(document: Document) -> set[str]:
    """The columns by which a row can be given too: those that `data` lists for inputs."""
    data = document.spec.data
    entries = data.inputs.values() if data is not None else ()
    return {name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)}


# ---- `share`: who uses whose weights


def check_edge_shares(document: Document, found: Diagnostics) -> None:
    """Tell owners that are not there, have no weights, or share themselves."""
    sharing = [edge for edge in document.edges.alone if edge.given is not None and _owner_of(edge)]
    if not sharing:
        return
    edges = {edge.id: edge for edge in document.edges}
    for edge in sharing:
        _check_edge(edge, _owner_of(edge), edges, found)


def _owner_of(edge: EdgeEntry) -> str:
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
    elif owner == edge:
        found.tell("E209:itself", span, edge=edge.id)
    elif _owner_of(owner):
        found.tell("E209:shares", span, edge=owner_id, owner=_owner_of(owner))
    elif isinstance(owner.given, IdentityEdge):
        found.tell("E209:identity", span, edge=owner_id)


def check_node_shares(document: Document, found: Diagnostics) -> None:
    """Tell owners that are not there, have no parameters, or share themselves."""
    for id, entry in document.written_nodes.items():
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
