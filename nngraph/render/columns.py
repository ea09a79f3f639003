"""In which column each node stands: the longest way from where data enters."""

from __future__ import annotations

from collections import deque

from nngraph.render.picture import Picture


def node_columns(picture: Picture) -> dict[str, int]:
    """Column of each node id, from 0: one more than the last of its sources, or its own rank."""
    sources: dict[str, list[str]] = {node.id: [] for node in picture.nodes}
    targets: dict[str, list[str]] = {node.id: [] for node in picture.nodes}
    for edge in picture.edges:
        sources[edge.target].append(edge.source)
        targets[edge.source].append(edge.target)
    given = {node.id: node.rank for node in picture.nodes}
    waiting = {id: len(found) for id, found in sources.items()}
    ready = deque(id for id, open_sources in waiting.items() if not open_sources)
    column: dict[str, int] = {}
    while ready:
        id = ready.popleft()
        rank = given[id]
        longest = 1 + max((column[source] for source in sources[id]), default=-1)
        column[id] = longest if rank is None else rank
        for target in targets[id]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return {node.id: column.get(node.id, 0) for node in picture.nodes}


def ordered_columns(picture: Picture, sweeps: int = 4) -> list[list[str]]:
    """Ids by column, few crossings: each node moves to the middle of those that it reads.

    Source: Sugiyama, Tagawa and Toda 1981, the barycentre heuristic.
    """
    column = node_columns(picture)
    columns: list[list[str]] = [[] for _ in range(1 + max(column.values(), default=-1))]
    for id, place in column.items():
        columns[place].append(id)
    before: dict[str, list[str]] = {id: [] for id in column}
    after: dict[str, list[str]] = {id: [] for id in column}
    for edge in picture.edges:
        before[edge.target].append(edge.source)
        after[edge.source].append(edge.target)
    height = {id: _share(row, len(ids)) for ids in columns for row, id in enumerate(ids)}
    for sweep in range(sweeps):
        neighbours, walk = (before, columns) if sweep % 2 == 0 else (after, columns[::-1])
        for ids in walk:
            middle = {id: _middle(id, neighbours[id], height) for id in ids}
            ids.sort(key=middle.__getitem__)
            height.update({id: _share(row, len(ids)) for row, id in enumerate(ids)})
    return [ids for ids in columns if ids]


def _share(row: int, rows: int) -> float:
    return (row + 0.5) / rows


def _middle(id: str, neighbours: list[str], height: dict[str, float]) -> float:
    if not neighbours:
        return height[id]
    return sum(height[other] for other in neighbours) / len(neighbours)
