"""Edges that connect the same units twice."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterable, Iterator

from nngraph.errors import Diagnostics, Note
from nngraph.spec import EdgeEntry, End

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
