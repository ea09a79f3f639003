"""Which connections of a traced network are asked for by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.insight.trace import EdgeTrace, Trace
from nngraph.spec.arrows import End, EndError, read_end

Chosen = list[tuple[EdgeTrace, list[tuple[int, ...]]]]
"""Edges with places in their arrays."""

MOST = 400  # connections that are shown when they are asked for


def chosen_edges(found: Trace, names: Sequence[str]) -> Chosen:
    """The connections that names like "hidden[3]->y[0]" or "h->y" mean, edge by edge.

    Errors: UsageError for what is no edge with weights, or has too many connections.
    """
    return [one for name in names for one in _chosen(found, name)]


def _chosen(found: Trace, name: str) -> Chosen:
    begin, _, end = name.partition("->")
    try:
        source, target = read_end(begin.strip()), read_end(end.strip())
    except EndError as error:
        raise UsageError(diagnostic("E002:trace-end", name=name, why=error)) from error
    edges = [
        edge
        for edge in found.edges
        if edge.products is not None
        and edge.entry.source.node == source.node
        and edge.entry.target.node == target.node
    ]
    chosen = [(edge, _places(edge, source, target)) for edge in edges]
    chosen = [(edge, places) for edge, places in chosen if places]
    if not chosen:
        there = join_words([f"'{e.id}'" for e in found.edges if e.products is not None][:8])
        raise UsageError(diagnostic("E002:trace-edge", name=name, edges=there or "none"))
    count = sum(len(places) for _, places in chosen)
    if count > MOST:
        raise UsageError(diagnostic("E002:trace-many", name=name, count=f"{count:,}", most=MOST))
    return chosen


def _places(edge: EdgeTrace, source: End, target: End) -> list[tuple[int, ...]]:
    """The places in an edge's array that join these units."""
    assert edge.products is not None
    places = np.ndindex(edge.products.shape)
    return [place for place in places if _joins(edge, place, source, target)]


def _joins(edge: EdgeTrace, place: tuple[int, ...], source: End, target: End) -> bool:
    begin, end = edge.connections.ends(place)
    return _within(source, begin) and _within(target, end)


def _within(end: End, unit: tuple[int, ...]) -> bool:
    if end.start is None or end.stop is None:
        return True
    return not unit or end.start <= unit[-1] < end.stop
