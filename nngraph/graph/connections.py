"""What is wrong with edges: ends that are not there or are inputs, nodes that no data reach, inputs
that nobody reads, nodes that lead nowhere, the same units connected twice.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostics, Note, Span
from nngraph.records import dataclass
from nngraph.spec import Document, EdgeEntry, End
from nngraph.spec.document import Edges, Indices
from nngraph.spec.nearest import nearest, nodes_there
from nngraph.spec.nodes import SOURCES


@dataclass
class Ends:
    """The edges with good ends, by number, and the nodes that a bad one leaves in doubt.

    Nodes have the numbers of their places in the document.
    """

    number: Mapping[str, int]
    """The number of each node."""
    is_input: NDArray[np.bool_]
    is_source: NDArray[np.bool_]
    """Which nodes no edge may enter: inputs and constants."""
    edges: Edges
    """All edges, good and bad."""
    good: Indices
    """Which of them have good ends."""
    sources: Indices
    """The nodes where these start."""
    targets: Indices
    """The nodes where they lead."""
    unknown_source: bool = False
    """Whether some edge starts from a node that is not there: it may be any unread input."""
    unknown_target: bool = False
    """Whether some edge leads to a node that is not there: it may be any unreached node."""
    doubtful: set[str] = field(default_factory=set)
    """Nodes at the other end of a bad edge, or meant by a misspelt name: what is missing about
    them may be the same mistake, and is not told again."""


def check_ends(document: Document, found: Diagnostics) -> Ends:
    """Tell unknown nodes, once each, and edges into inputs."""
    nodes, edges = document.nodes, document.edges
    number = {id: place for place, id in enumerate(nodes)}
    is_input, is_source = np.zeros((2, len(nodes) + 1), bool)
    for id, entry in document.written_nodes.items():
        is_input[number[id]] = entry.node.kind == "input"
        is_source[number[id]] = entry.node.kind in SOURCES
    starts, stops = edges.numbers
    node = np.array([number.get(end.node, -1) for end in edges.ends.known], np.int32)
    sources, targets = node[starts], node[stops]
    is_good = (sources >= 0) & (targets >= 0) & ~is_source[targets]
    good = np.flatnonzero(is_good).astype(np.int32)
    if len(good) < len(edges):
        sources, targets = sources[good], targets[good]
    ends = Ends(number, is_input[:-1], is_source[:-1], edges, good, sources, targets)
    told: set[str] = set()
    for at in np.flatnonzero(~is_good).tolist():
        _tell_ends(document, edges[at], ends, told, found)
    return ends


def _tell_ends(
    document: Document, edge: EdgeEntry, ends: Ends, told: set[str], found: Diagnostics
) -> None:
    """What is wrong with the ends of an edge; a node that is not there is told once."""
    for name, is_source in ((edge.source.node, True), (edge.target.node, False)):
        if name in ends.number:
            ends.doubtful.add(name)
            continue
        ends.unknown_source = ends.unknown_source or is_source
        ends.unknown_target = ends.unknown_target or not is_source
        if name not in told:
            told.add(name)
            span = edge.source_span if is_source else edge.target_span
            ends.doubtful.update(unknown_node(document, name, span, found, "E201"))
    target = ends.number.get(edge.target.node)
    if target is not None and ends.is_source[target]:
        _into_source(edge, found, constant=not ends.is_input[target])


def unknown_node(
    document: Document, name: str, span: Span, found: Diagnostics, code: str
) -> list[str]:
    """Tell a node that is not there; returns the node that was probably meant."""
    near = nearest(name, document.nodes, found)
    found.tell(code, span, label=near, name=name, help=nodes_there(document.nodes))
    return [near.split("'")[1]] if near else []


def _into_source(edge: EdgeEntry, found: Diagnostics, *, constant: bool) -> None:
    found.tell(
        "E202:constant" if constant else "E202",
        edge.target_span,
        input=edge.target.node,
        target=edge.target,
        source=edge.source,
    )


def check_reach(document: Document, ends: Ends, found: Diagnostics) -> None:
    """Tell nodes without an incoming edge, and inputs and constants without an outgoing one.

    Nodes below such a node, or on a cycle, lack data for that reason alone and are not told.
    """
    spec = document.spec
    read_elsewhere = {loss.target for loss in spec.loss}
    read_elsewhere.update(end.node for end in spec.outputs or ())
    entered = np.bincount(ends.targets, minlength=len(ends.is_input))
    left = np.bincount(ends.sources, minlength=len(ends.is_input))
    names = list(ends.number)
    if not (ends.is_source.any() or ends.unknown_target) and len(document.nodes):
        found.tell("E205:no-input", document.nodes[names[0]].span, id=names[0])
        return
    for node in np.flatnonzero(np.where(ends.is_source, left, entered) == 0).tolist():
        id = names[node]
        if id in ends.doubtful:
            continue
        if ends.is_source[node]:
            if id not in read_elsewhere and not ends.unknown_source:
                key = "E206" if ends.is_input[node] else "E206:constant"
                found.tell(key, document.nodes[id].span, id=id)
        elif not ends.unknown_target:
            alone = not left[node]
            found.tell("E205:alone" if alone else "E205", document.nodes[id].span, id=id)
    constants = np.flatnonzero(ends.is_source & ~ends.is_input)
    if len(constants) and not ends.is_input.any():
        first = names[constants[0]]
        found.tell("E205:constants", document.nodes[first].span, id=first)


def lint_dead_ends(
    document: Document, dead_ends: Sequence[str], outputs: Sequence[End], found: Diagnostics
) -> None:
    """Tell nodes without an outgoing edge that are neither an output nor judged by a loss."""
    used = {end.node for end in outputs}
    used.update(name for loss in document.spec.loss for name in (loss.node, loss.target) if name)
    for id in dead_ends:
        if id not in used:
            found.tell("L201", document.nodes[id].span, id=id)


# ---- edges that connect the same units twice


_ALL = (0, 2**62)  # the units of a whole node


def check_repeats(ends: Ends, found: Diagnostics) -> None:
    """Tell every second edge between the same units; an `id` of its own allows it."""
    edges = ends.edges
    plain = np.flatnonzero(~edges.named[ends.good])
    starts, stops = (numbers[ends.good[plain]] for numbers in edges.numbers)
    keys = starts * np.int64(len(edges.ends.known)) + stops
    if _has_equals(keys):
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        later = np.flatnonzero(first[which] != np.arange(len(keys)))
        for at in later.tolist():
            one, other = plain[first[which[at]]], plain[at]
            _tell(edges[ends.good[one]], edges[ends.good[other]], found)
        plain = np.delete(plain, later)
    _check_overlaps(ends, plain, found)


def _has_equals(keys: NDArray[np.int64]) -> bool:
    ordered = np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())


def _check_overlaps(ends: Ends, plain: NDArray[np.int64], found: Diagnostics) -> None:
    """Tell edges without an id of their own whose units overlap at both ends.

    One of the two names units, so only edges between nodes that such an edge connects can be.
    """
    of_units = np.array([end.start is not None for end in ends.edges.ends.known], bool)
    starts, stops = (numbers[ends.good[plain]] for numbers in ends.edges.numbers)
    naming = np.flatnonzero(of_units[starts] | of_units[stops])
    if not len(naming):
        return
    sources, targets = ends.sources[plain], ends.targets[plain]
    members = np.flatnonzero(_among(sources[naming], sources) & _among(targets[naming], targets))
    pairs = targets[members] * np.int64(len(ends.number)) + sources[members]
    ordered = np.sort(pairs)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(several):
        return
    is_one = np.isin(pairs, several)
    pairs, numbers = pairs[is_one], ends.good[plain[members[is_one]]]
    at_sources, at_targets = (_meeting(ends.edges, pairs, numbers, side) for side in (0, 1))
    for pair in np.intersect1d(at_sources, at_targets).tolist():
        group = [(at, ends.edges[at]) for at in numbers[pairs == pair].tolist()]
        for one, other in overlaps(group):
            earlier, later = sorted((one, other), key=lambda item: item[0])
            _tell(earlier[1], later[1], found)


def _among(chosen: Indices, nodes: Indices) -> NDArray[np.bool_]:
    """Which of some nodes are among those that are chosen."""
    is_chosen = np.zeros(int(nodes.max()) + 1, bool)
    is_chosen[chosen] = True
    return is_chosen[nodes]


def _meeting(
    edges: Edges, pairs: NDArray[np.int64], numbers: Indices, side: int
) -> NDArray[np.int64]:
    """The pairs of nodes of which some edges have units in common at their sources (side 0) or
    targets (1)."""
    named, which = np.unique(edges.numbers[side][numbers], return_inverse=True)
    ranges = np.array([_range(edges.ends.known[end]) for end in named.tolist()], np.int64)[which]
    order = np.lexsort((ranges[:, 0], pairs))
    pairs, ranges = pairs[order], ranges[order]
    meets = (pairs[1:] == pairs[:-1]) & (ranges[1:, 0] < ranges[:-1, 1])
    return np.unique(pairs[1:][meets])


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
