"""Nodes that no data reach, inputs that nobody reads, nodes that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nngraph.errors import Diagnostics
from nngraph.graph.ends import Ends
from nngraph.spec import Document, EdgeEntry, End


def check_reach(
    document: Document,
    incoming: Mapping[str, Sequence[EdgeEntry]],
    outgoing: Mapping[str, Sequence[EdgeEntry]],
    ends: Ends,
    found: Diagnostics,
) -> None:
    """Tell nodes without an incoming edge and inputs without an outgoing one.

    Nodes below such a node, or on a cycle, lack data for that reason alone and are not told.
    """
    spec = document.spec
    read_elsewhere = {loss.target for loss in spec.loss}
    read_elsewhere.update(end.node for end in spec.outputs or ())
    for id, entry in document.nodes.items():
        if id in ends.doubtful:
            continue
        is_input = entry.node.kind == "input"
        alone = not incoming[id] and not outgoing[id]
        if is_input:
            if outgoing[id] or id in read_elsewhere or ends.unknown_source:
                continue
            found.tell("E206", entry.span, id=id)
        elif not incoming[id] and not ends.unknown_target:
            found.tell("E205:alone" if alone else "E205", entry.span, id=id)


def lint_dead_ends(
    document: Document,
    order: Iterable[str],
    outgoing: Mapping[str, Sequence[EdgeEntry]],
    outputs: Sequence[End],
    found: Diagnostics,
) -> None:
    """Tell nodes without an outgoing edge that are neither an output nor judged by a loss."""
    used = {end.node for end in outputs}
    used.update(name for loss in document.spec.loss for name in (loss.node, loss.target) if name)
    for id in order:
        if not outgoing[id] and id not in used:
            found.tell("L201", document.nodes[id].span, id=id)
