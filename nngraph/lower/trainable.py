"""Activations that cannot be trained through, between a trained weight and a loss."""

from __future__ import annotations

from collections.abc import Iterable

from nngraph.errors import Note
from nngraph.lower.context import Lowering, Mistake
from nngraph.lower.fit import function_name
from nngraph.lower.neurons import owner_of_units
from nngraph.lower.weights import kind_of, owner_of
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode
from nngraph.spec.norm_nodes import NormModel


def check_trainable(lowering: Lowering, judged: Iterable[str]) -> None:
    """Report each step or sign whose derivative, zero everywhere, stops a trained weight."""
    if lowering.document.spec.train is None:
        return
    reaching = _reaching(lowering, judged)
    trained: dict[str, str] = {}
    for node in lowering.graph.order:
        weight = _trained_into(lowering, node) or next(
            (
                trained[edge.source.node]
                for edge in lowering.graph.incoming.get(node, ())
                if edge.source.node in trained
            ),
            None,
        )
        if weight is None:
            continue
        trained[node] = weight
        function = function_name(lowering, node)
        if function is None or ACTIVATION_ROWS[function].trainable or node not in reaching:
            continue
        lowering.report(_mistake(lowering, node, function, weight))


def _reaching(lowering: Lowering, judged: Iterable[str]) -> set[str]:
    """All nodes from which a loss can be reached."""
    pending, found = list(judged), set(judged)
    while pending:
        for edge in lowering.graph.incoming.get(pending.pop(), ()):
            if edge.source.node not in found:
                found.add(edge.source.node)
                pending.append(edge.source.node)
    return found


def _trained_into(lowering: Lowering, node: str) -> str | None:
    """The name of a trained weight right in front of a node's activation, if there is one."""
    for edge in lowering.graph.incoming.get(node, ()):
        if kind_of(lowering, edge) != "identity":
            owner, _ = owner_of(lowering, edge)
            if getattr(owner.given, "trainable", True):
                return edge.id
    entry = lowering.entry(node)
    owner_node = owner_of_units(lowering, entry).node
    if isinstance(owner_node, NormModel):
        return f"{node}.scale" if owner_node.trainable else None
    has_bias = isinstance(entry.node, NeuronsNode) and entry.node.bias.present
    if not has_bias or not isinstance(owner_node, NeuronsNode) or not owner_node.trainable:
        return None
    bias = owner_node.bias
    return f"{node}.bias" if bias.present and bias.trainable else None


def _mistake(lowering: Lowering, node: str, function: str, weight: str) -> Mistake:
    entry = lowering.entry(node)
    key = "function" if entry.node.kind == "activation" else "activation"
    softer = "sigmoid" if function == "step" else "tanh"
    return Mistake(
        "E243",
        entry.span_of(key),
        notes=(Note(lowering.document.loss_span(0), "this loss"),),
        node=node,
        function=function,
        weight=weight,
        softer=softer,
    )
