"""Lints on training: what has no effect, or works by chance."""

from __future__ import annotations

from nngraph.errors import Diagnostic, Note, diagnostic
from nngraph.graph import Graph
from nngraph.spec.nodes import NeuronsNode, function_of


def learning_lints(graph: Graph) -> tuple[Diagnostic, ...]:
    """L204 signs of gradients on parts of the data; L205 a bias that batch_norm takes away; L212 a
    learning rate that is far from its optimiser's; L213 a softmax that is judged unit by unit."""
    return (
        *_signs_by_chance(graph),
        *_needless_biases(graph),
        *_unusual_rate(graph),
        *_softmax_unit_by_unit(graph),
    )


def _signs_by_chance(graph: Graph) -> tuple[Diagnostic, ...]:
    document = graph.document
    train = document.spec.train
    if train is None or not train.optimizer.by_signs or train.batch_size == "full":
        return ()
    span, kind = document.span("train", "optimizer"), train.optimizer.kind
    return (diagnostic("L204", span, optimizer=kind, size=train.batch_size),)


def _unusual_rate(graph: Graph) -> tuple[Diagnostic, ...]:
    document = graph.document
    train = document.spec.train
    if train is None:
        return ()
    optimizer = train.optimizer
    low, high = optimizer.usual_rates
    # a constant gradient moves a weight by rate / (1 - momentum) a step in the end
    rate = optimizer.learning_rate / (1 - getattr(optimizer, "momentum", 0.0))
    if low <= rate <= high:
        return ()
    default = type(optimizer).model_fields["learning_rate"].default
    return (
        diagnostic(
            "L212:small" if rate < low else "L212",
            document.span("train", "optimizer", "learning_rate"),
            rate=f"{optimizer.learning_rate:g}",
            optimizer=optimizer.kind,
            low=f"{low:g}",
            high=f"{high:g}",
            default=f"{default:g}",
        ),
    )


def _softmax_unit_by_unit(graph: Graph) -> tuple[Diagnostic, ...]:
    """Binary cross-entropy asks each unit for itself, and softmax makes them share one answer."""
    document, found = graph.document, []
    for number, term in enumerate(document.spec.loss):
        name = term.node or (graph.outputs[0].node if len(graph.outputs) == 1 else None)
        if term.kind != "binary_cross_entropy" or name is None or name not in document.nodes:
            continue
        node = document.nodes[name]
        function = function_of(node.node)
        if function is None or function.kind != "softmax":
            continue
        notes = (Note(node.span_of("activation"), "its units sum to 1"),)
        span = document.loss_span(number, "kind")
        found.append(diagnostic("L213", span, notes=notes, node=name))
    return tuple(found)


def _needless_biases(graph: Graph) -> tuple[Diagnostic, ...]:
    found = []
    for id_, entry in graph.document.nodes.items():
        node = entry.node
        if not isinstance(node, NeuronsNode) or not node.bias.present:
            continue
        if node.activation.kind == "identity" and (norm := _only_reader(graph, id_)) is not None:
            notes = (Note(graph.document.nodes[norm].span, "normalises over the batch"),)
            found.append(diagnostic("L205", entry.span, notes=notes, node=id_, norm=norm))
    return tuple(found)


def _only_reader(graph: Graph, node: str) -> str | None:
    """The batch_norm that alone reads all units of a node, if there is one."""
    edges = graph.outgoing.get(node, ())
    if len(edges) != 1:
        return None
    target = edges[0].target.node
    model = graph.document.nodes[target].node
    is_norm = model.kind == "batch_norm" and edges[0].kind_into(model) == "identity"
    is_output = any(end.node == node for end in graph.outputs)
    return target if is_norm and not is_output else None
