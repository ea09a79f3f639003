"""What a loss asks: outputs in its range, and activations that can be trained through."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nngraph.errors import Note, Span
from nngraph.lower.context import Lowering, Mistake
from nngraph.lower.neurons import owner_of_units
from nngraph.lower.weights import kind_of, owner_of
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.model import LOSS_ROWS
from nngraph.spec.nodes import NeuronsNode, function_of
from nngraph.spec.norm_nodes import NormModel
from nngraph.words.piecewise import Step
from nngraph.words.row import ANY, SIGNED, UNIT, LossRow, LossSpec, Range


def check_fit(lowering: Lowering, node: str, term: LossSpec, span: Span) -> None:
    """Errors: Mistake, with a remedy."""
    function = function_name(lowering, node)
    row = LOSS_ROWS[term.kind]
    needs = row.needs
    if isinstance(needs, str) and function != needs:
        raise _wrong_function(lowering, node, term, span, needs)
    if isinstance(needs, tuple):
        low, high = range_of(lowering, node)
        if low < needs[0] or high > needs[1]:
            raise _wrong_range(lowering, node, term, span, (low, high))
    if row.margin:
        _check_margin(lowering, node, row, span)


def function_name(lowering: Lowering, node: str) -> str | None:
    """The activation that makes a node's output, None for nodes that have none."""
    function = function_of(lowering.entry(node).node)
    return None if function is None else function.kind


def range_of(lowering: Lowering, node: str) -> Range:
    """Bounds of a node's output: its activation's, or those of what it passes on."""
    pending, low, high = [node], math.inf, -math.inf
    seen: set[str] = set()
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        passes = _passes(lowering, at)
        if passes is None:
            its_low, its_high = _own_range(lowering, at)
            low, high = min(low, its_low), max(high, its_high)
        else:
            pending += passes
    return low, high


def _passes(lowering: Lowering, node: str) -> list[str] | None:
    """The nodes whose values a node passes on unchanged; None where it makes new ones."""
    edges = lowering.graph.incoming.get(node, ())
    if not lowering.entry(node).node.passes_on:
        return None
    if any(edge.options.kind == "scale" for edge in edges):
        return None
    return [edge.source.node for edge in edges]


def _own_range(lowering: Lowering, node: str) -> Range:
    function = function_of(lowering.entry(node).node)
    if function is None:
        return ANY
    low, high = ACTIVATION_ROWS[function.kind].range
    if isinstance(function, Step):
        return min(low, function.at_zero), max(high, function.at_zero)
    return low, high


def _wrong_function(
    lowering: Lowering, node: str, term: LossSpec, span: Span, needs: str
) -> Mistake:
    units = (lowering.shape(node) or (1,))[-1]
    function = function_name(lowering, node)
    got = f"'{node}' has no activation"
    if function is not None:
        got = f"the activation of '{node}' is {function}"
    here = got if function is None else f"{function} here"
    notes = (Note(_function_span(lowering, node), here),)
    fitting = _loss_that_needs(function)
    if fitting is not None and units > 1:
        return Mistake(
            "E240:goes-with",
            span,
            notes=notes,
            loss=term.kind,
            needs=needs,
            got=got,
            activation=function,
            fitting=fitting,
        )
    by_unit = function is not None and ACTIVATION_ROWS[function].range == UNIT
    key = "E240:one-unit" if units == 1 else "E240:by-unit" if by_unit else "E240"
    return Mistake(key, span, notes=notes, loss=term.kind, needs=needs, got=got)


def _loss_that_needs(activation: str | None) -> str | None:
    """The first loss that makes sense of this activation's output alone."""
    fitting = (row.name for row in LOSS_ROWS.values() if row.needs == activation)
    return next(fitting, None) if activation is not None else None


def _wrong_range(lowering: Lowering, node: str, term: LossSpec, span: Span, got: Range) -> Mistake:
    function = function_name(lowering, node)
    by = f" ({function})" if function else ""
    output, range = f"'{node}'{by}", _range_text(got)
    notes = (Note(_function_span(lowering, node), f"gives {range}"),)
    fitting = _loss_that_needs(function)
    if fitting is not None:
        return Mistake(
            "E240:range-goes-with",
            span,
            notes=notes,
            loss=term.kind,
            output=output,
            range=range,
            activation=function,
            fitting=fitting,
        )
    key = "E240:signed-range" if got == SIGNED else "E240:range"
    return Mistake(key, span, notes=notes, loss=term.kind, output=output, range=range)


def _check_margin(lowering: Lowering, node: str, row: LossRow, span: Span) -> None:
    """A margin of 1, around 0 or between classes, that no output can have. Errors: Mistake."""
    low, high = range_of(lowering, node)
    by_class = row.target == "classes"
    if (high - low > 1.0) if by_class else (low <= -1.0 and high >= 1.0):
        return
    function = function_name(lowering, node)
    by = f" ({function})" if function else ""
    raise Mistake(
        "E240:class-margin" if by_class else "E240:margin",
        span,
        notes=(Note(_function_span(lowering, node), f"gives {_range_text((low, high))}"),),
        loss=row.name,
        output=f"'{node}'{by}",
        range=_range_text((low, high)),
    )


def _range_text(got: Range) -> str:
    low, high = got
    if math.isinf(low) and math.isinf(high):
        return "any number"
    if math.isinf(high):
        return f"numbers from {low:g} up"
    return f"numbers up to {high:g}" if math.isinf(low) else f"{low:g} to {high:g}"


def _function_span(lowering: Lowering, node: str) -> Span:
    entry = lowering.entry(node)
    return entry.span_of("function" if entry.node.kind == "activation" else "activation")


def check_trainable(lowering: Lowering, supervised: Iterable[str]) -> None:
    """Report each step or sign whose derivative, zero everywhere, stops a trained weight."""
    if lowering.document.spec.train is None:
        return
    functions = {node: function_name(lowering, node) for node in lowering.graph.order}
    kinds = set(functions.values()) - {None}
    if all(ACTIVATION_ROWS[kind].trainable for kind in kinds if kind is not None):
        return
    reaching = _reaching(lowering, supervised)
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
        function = functions[node]
        if function is None or ACTIVATION_ROWS[function].trainable or node not in reaching:
            continue
        lowering.report(_untrainable(lowering, node, function, weight))


def check_searchable(lowering: Lowering) -> None:
    """Report what an optimiser that searches along lines cannot have: random nodes, rows that are
    varied, weights that move unlike others."""
    spec, document = lowering.document.spec, lowering.document
    if spec.train is None or not spec.train.optimizer.searches:
        return
    kind = spec.train.optimizer.kind
    for id_, entry in document.written_nodes.items():
        if getattr(entry.node, "rate", 0) or getattr(entry.node, "stddev", 0):
            what = entry.node.kind
            lowering.report(Mistake("E248", entry.span, id=id_, kind=what, optimizer=kind))
        _check_scale(lowering, entry, getattr(entry.node, "learning_rate_scale", 1.0), kind)
    for edge in document.edges.alone:
        _check_scale(lowering, edge, getattr(edge.given, "learning_rate_scale", 1.0), kind)
    if spec.data is not None and spec.data.augment:
        lowering.report(Mistake("E248:augment", document.span("data", "augment"), optimizer=kind))


def _check_scale(
    lowering: Lowering, entry: NodeEntry | EdgeEntry, scale: float, optimizer: str
) -> None:
    if scale != 1.0:
        span = entry.span_of("learning_rate_scale")
        lowering.report(Mistake("E248:scale", span, id=entry.id, scale=scale, optimizer=optimizer))


def _reaching(lowering: Lowering, supervised: Iterable[str]) -> set[str]:
    """All nodes from which a loss can be reached."""
    graph = lowering.graph
    sources, offsets = graph.wires.sources.tolist(), graph.wires.offsets.tolist()
    pending = [graph.places[node] for node in supervised]
    found = set(pending)
    while pending:
        node = pending.pop()
        before = set(sources[offsets[node] : offsets[node + 1]]) - found
        found |= before
        pending += before
    return {graph.order[node] for node in found}


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


def _untrainable(lowering: Lowering, node: str, function: str, weight: str) -> Mistake:
    entry = lowering.entry(node)
    key = "function" if entry.node.kind == "activation" else "activation"
    bounds = ACTIVATION_ROWS[function].range
    softer = next(row for row in ACTIVATION_ROWS.values() if row.saturated and row.range == bounds)
    return Mistake(
        "E243",
        entry.span_of(key),
        notes=(Note(lowering.document.loss_span(0), "this loss"),),
        node=node,
        function=function,
        weight=weight,
        softer=softer.name,
    )
