"""What is wrong with edges: ends that are not there or are inputs, nodes that no data reach, inputs
that nobody reads, nodes that lead nowhere, the same units connected twice.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from nngraph.errors import Diagnostics, Note, Span
from nngraph.records import dataclass
from nngraph.spec import Document, EdgeEntry, End
from nngraph.spec.nearest import nearest, nodes_there


@dataclass
class Ends:
    """The edges with good ends, and the nodes that a bad one leaves in doubt."""

    edges: list[EdgeEntry] = field(default_factory=list)
    unknown_source: bool = False
    """Whether some edge starts from a node that is not there: it may be any unread input."""
    unknown_target: bool = False
    """Whether some edge leads to a node that is not there: it may be any unreached node."""
    doubtful: set[str] = field(default_factory=set)
    """Nodes at the other end of a bad edge, or meant by a misspelt name: what is missing about
    them may be the same mistake, and is not told again."""


def check_ends(document: Document, found: Diagnostics) -> Ends:
    """Tell unknown nodes, once each, and edges into inputs."""
    nodes = document.nodes
    inputs = {id for id, entry in nodes.items() if entry.node.kind == "input"}
    ends = Ends()
    told: set[str] = set()
    for edge in document.edges:
        source, target = edge.source.node, edge.target.node
        if source in nodes and target in nodes and target not in inputs:
            ends.edges.append(edge)
            continue
        for name, is_source in ((source, True), (target, False)):
            if name in nodes:
                ends.doubtful.add(name)
                continue
            ends.unknown_source = ends.unknown_source or is_source
            ends.unknown_target = ends.unknown_target or not is_source
            if name not in told:
                told.add(name)
                span = edge.source_span if is_source else edge.target_span
                ends.doubtful.update(unknown_node(document, name, span, found, "E201"))
        if target in inputs:
            _into_input(edge, found)
    return ends


def unknown_node(
    document: Document, name: str, span: Span, found: Diagnostics, code: str
) -> list[str]:
    """Tell a node that is not there; returns the node that was probably meant."""
    near = nearest(name, document.nodes, found)
    found.tell(code, span, label=near, name=name, help=nodes_there(document.nodes))
    return [near.split("'")[1]] if near else []


def _into_input(edge: EdgeEntry, found: Diagnostics) -> None:
    found.tell(
        "E202",
        edge.target_span,
        input=edge.target.node,
        target=edge.target,
        source=edge.source,
    )


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


# ---- edges that connect the same units twice


_ALL = (0, 2**62)  # the units of a whole node


def check_repeats(edges: Iterable[EdgeEntry], found: Diagnostics) -> None:
    """Tell every second edge between the same units; an `id` of its own allows it."""
    first_of: dict[str, EdgeEntry] = {}
    ranged: set[tuple[str, str]] = set()
    distinct: list[EdgeEntry] = []
    for edge in edges:
        if edge.named:
            continue
        first = first_of.setdefault(edge.id, edge)
        if first is not edge:
            _tell(first, edge, found)
            continue
        distinct.append(edge)
        if edge.source.start is not None or edge.target.start is not None:
            ranged.add((edge.source.node, edge.target.node))
    if not ranged:
        return
    groups: dict[tuple[str, str], list[tuple[int, EdgeEntry]]] = {pair: [] for pair in ranged}
    for mention, edge in enumerate(distinct):
        pair = (edge.source.node, edge.target.node)
        if pair in groups:
            groups[pair].append((mention, edge))
    for group in groups.values():
        for one, other in overlaps(group):
            earlier, later = sorted((one, other), key=lambda item: item[0])
            _tell(earlier[1], later[1], found)


def _tell(first: EdgeEntry, second: EdgeEntry, found: Diagnostics) -> None:
    notes = (Note(first.span, "first"),)
    if first.id == second.id:
        found.tell("E203", second.span, notes=notes, edge=_shown(second))
    else:
        earlier, later = _shown(first), _shown(second)
        found.tell("E203:units", second.span, notes=notes, first=earlier, edge=later)


def _shown(edge: EdgeEntry) -> str:
    return f"{edge.source} -> {edge.target}"


def overlaps(
    group: list[tuple[int, EdgeEntry]],
) -> Iterator[tuple[tuple[int, EdgeEntry], tuple[int, EdgeEntry]]]:
    """Pairs of edges whose source units and target units both overlap.

    A sweep along the source units. The target ranges of the edges under the sweep never overlap,
    as an edge that does is reported and dropped, so a sorted list finds the neighbours:
    n log n instead of all pairs.
    """
    active: list[tuple[int, int, int, tuple[int, EdgeEntry]]] = []  # by target start
    ending: list[tuple[int, int, int, int]] = []
    for item in sorted(group, key=lambda item: (_range(item[1].source)[0], item[0])):
        mention, edge = item
        source_start, source_stop = _range(edge.source)
        target_start, target_stop = _range(edge.target)
        while ending and ending[0][0] <= source_start:
            _, start, stop, gone = heapq.heappop(ending)
            del active[bisect.bisect_left(active, (start, stop, gone))]
        at = bisect.bisect_left(active, (target_start, -1, -1))
        before = active[at - 1 : at] if at else []
        rival = next(
            (
                a
                for a in (*before, *active[at : at + 1])
                if a[0] < target_stop > target_start < a[1]
            ),
            None,
        )
        if rival is not None:
            yield rival[3], item
            continue
        active.insert(at, (target_start, target_stop, mention, item))
        heapq.heappush(ending, (source_stop, target_start, target_stop, mention))


def _range(end: End) -> tuple[int, int]:
    return _ALL if end.start is None or end.stop is None else (end.start, end.stop)
