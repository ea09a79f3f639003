"""Cycles: one per knot of nodes that reach each other, printed with each edge's place."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from nngraph.errors import Diagnostics, Note
from nngraph.spec import EdgeEntry

SHOWN = 12  # nodes of a cycle that are printed


def check_cycles(
    nodes: Sequence[str],
    pairs: Iterable[tuple[str, str]],
    outgoing: Mapping[str, Sequence[EdgeEntry]],
    found: Diagnostics,
) -> None:
    """Tell a shortest cycle for each knot of these nodes, through that which stands first."""
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(nodes)
    network.add_edges_from(pairs)
    rank = {node: place for place, node in enumerate(nodes)}
    knots = (set(knot) for knot in nx.strongly_connected_components(network))
    starts = {min(knot, key=rank.__getitem__): knot for knot in knots}
    for start in sorted(starts, key=rank.__getitem__):
        cycle = _shortest_cycle(start, starts[start], outgoing)
        if cycle:
            _tell(cycle, found)


def _shortest_cycle(
    start: str, knot: set[str], outgoing: Mapping[str, Sequence[EdgeEntry]]
) -> list[EdgeEntry]:
    """The edges of a shortest cycle through `start` inside the knot, or none."""
    reached_by: dict[str, EdgeEntry] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for edge in outgoing[node]:
            target = edge.target.node
            if target == start:
                return _way_back(start, edge, reached_by)
            if target in knot and target not in reached_by:
                reached_by[target] = edge
                waiting.append(target)
    return []


def _way_back(start: str, last: EdgeEntry, reached_by: Mapping[str, EdgeEntry]) -> list[EdgeEntry]:
    cycle = [last]
    while cycle[-1].source.node != start:
        cycle.append(reached_by[cycle[-1].source.node])
    return cycle[::-1]


def _tell(cycle: list[EdgeEntry], found: Diagnostics) -> None:
    names = [edge.source.node for edge in cycle]
    if len(names) > SHOWN:
        between = len(names) - SHOWN
        names = [*names[: SHOWN // 2], f"... {between} more ...", *names[-SHOWN // 2 :]]
    printed = " -> ".join([*names, cycle[0].source.node])
    others = cycle[:-1] if len(cycle) <= SHOWN else cycle[: SHOWN - 1]
    notes = [Note(edge.span, f"{edge.source} -> {edge.target}") for edge in others]
    found.tell("E204", cycle[-1].span, notes=notes, cycle=printed)
