"""Lints on chains of functions: what lies between a node and the output."""

from __future__ import annotations

from collections.abc import Iterator

from nngraph.errors import Diagnostic, Note, diagnostic
from nngraph.graph import Graph
from nngraph.insight.slopes import typical_slope
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import named_function
from nngraph.spec.norm_nodes import BatchNormNode, LayerNormNode

VANISHED = 1e-3
"""A gradient this many times smaller than that of the last layer: Adam aside, its weights move a
thousand times less than those that it is trained with."""


def chain_lints(graph: Graph) -> tuple[Diagnostic, ...]:
    """L207 a softmax of a softmax; L208 dropout on an output; L211 a gradient that vanishes."""
    return (*_softmax_twice(graph), *_dropped_outputs(graph), *_vanishing(graph))


# ---- two softmaxes in a row


def _softmax_twice(graph: Graph) -> Iterator[Diagnostic]:
    softmax = [id_ for id_, entry in graph.document.nodes.items() if _is_softmax(entry.node)]
    for id_ in softmax if len(softmax) > 1 else ():
        for source in _functions_before(graph, id_):
            if _is_softmax(graph.document.nodes[source].node):
                notes = (Note(graph.document.nodes[source].span, "the first softmax"),)
                span = graph.document.nodes[id_].span
                yield diagnostic("L207", span, notes=notes, node=id_, first=source)


def _is_softmax(node: object) -> bool:
    return named_function(node) == "softmax"  # type: ignore[arg-type]


def _functions_before(graph: Graph, node: str) -> Iterator[str]:
    """The nodes that compute something and reach this one with nothing computed between."""
    waiting, seen = [node], {node}
    while waiting:
        for edge in graph.incoming[waiting.pop()]:
            source = edge.source.node
            if source in seen:
                continue
            seen.add(source)
            if _passes_on(graph, source):
                waiting.append(source)
            else:
                yield source


def _passes_on(graph: Graph, node: str) -> bool:
    model = graph.document.nodes[node].node
    return model.passes_on or model.kind == "dropout"


# ---- dropout that falls on an output


def _dropped_outputs(graph: Graph) -> Iterator[Diagnostic]:
    """Each dropout between the last weights and an output."""
    nodes = graph.document.nodes
    found: dict[str, str] = {}
    for output in dict.fromkeys(end.node for end in graph.outputs):
        waiting, seen = [output], {output}
        while waiting:
            id_ = waiting.pop()
            if nodes[id_].node.kind == "dropout":
                found.setdefault(id_, output)
            for edge in graph.incoming[id_]:
                is_plain = edge.kind_into(nodes[id_].node) == "identity"
                if is_plain and edge.source.node not in seen:
                    seen.add(edge.source.node)
                    waiting.append(edge.source.node)
    for id_, output in found.items():
        if id_ == output:
            yield diagnostic("L208:itself", nodes[id_].span, output=output)
        else:
            yield diagnostic("L208", nodes[id_].span, dropout=id_, output=output)


# ---- gradients that shrink on their way back


def _vanishing(graph: Graph) -> Iterator[Diagnostic]:
    """The first node with weights whose gradient shrinks on every way back below `VANISHED`.

    Each function that squashes takes the root mean square of its slope over a ~ N(0, 1), the
    spread that usual first weights aim at: 0.21 for sigmoid, 0.68 for tanh. A normalisation
    restores the size. The output's own slope is left out: its loss may cancel it.
    """
    ends = {end.node for end in graph.outputs}
    ends.update(loss.node for loss in graph.document.spec.loss if loss.node is not None)
    worst: tuple[str, float, int] | None = None
    if not graph.document.spec.loss:
        return
    sources, offsets = graph.wires.sources.tolist(), graph.wires.offsets.tolist()
    best: list[tuple[float, int] | None] = [None] * len(graph.order)  # of the ways behind a node
    for place in reversed(range(len(graph.order))):
        id_, way = graph.order[place], best[place]
        is_end = id_ in ends
        left = (1.0, 0) if way is None else max(way, (1.0, 0)) if is_end else way
        remaining, count = _behind(graph, id_, left, is_last=is_end and way is None)
        node = graph.document.nodes[id_].node
        if remaining < VANISHED and getattr(node, "trainable", False) and node.kind == "neurons":
            worst = (id_, remaining, count)
        for source in sources[offsets[place] : offsets[place + 1]]:
            known = best[source]
            if known is None or known < (remaining, count):
                best[source] = remaining, count
    if worst is None:
        return
    id_, remaining, count = worst
    digits = f"{remaining:.0e}"
    yield diagnostic("L211", graph.document.nodes[id_].span, node=id_, count=count, left=digits)


def _behind(
    graph: Graph, node: str, left: tuple[float, int], *, is_last: bool
) -> tuple[float, int]:
    """What is left of the gradient of a node's a, and how many squashing functions it passed;
    `left` is that of its z."""
    remaining, count = left
    model = graph.document.nodes[node].node
    if isinstance(model, BatchNormNode | LayerNormNode):
        return 1.0, 0
    row = ACTIVATION_ROWS.get(named_function(model))
    if row is None or row.saturated is None or is_last:
        return remaining, count
    return remaining * typical_slope(row), count + 1
