"""In which cell each item of a flow chart stands: along one line, in turns, or as a U."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from nngraph.records import dataclass
from nngraph.render.columns import node_columns
from nngraph.render.flow.items import Item, Link, loss_id
from nngraph.render.picture import Picture

WIDEST_LINE = 1000.0  # points of a chart in one line
WIDE = 1.7  # width to height of one in turns
ROW_ROOM = 170.0  # points of a line of a chart with what lies over it
CUT = 0.3  # what a link more across a break costs, to (width / wanted - 1)^2


@dataclass(frozen=True, slots=True)
class Cell:
    """A place: `band` 0 runs to the right, 1 to the left and so on; in it a column, and a row of
    which 0 is the highest."""

    band: int
    column: int
    row: int


def cells(
    picture: Picture, items: Mapping[str, Item], links: Sequence[Link], widths: Sequence[float]
) -> dict[str, Cell]:
    """The cell of each item; `widths` are the points that each column takes with its links."""
    column = item_columns(picture)
    trunk = _trunk(column, links)
    shape_of_u = _u(picture, trunk, links)
    if shape_of_u is not None:
        return _with_losses(shape_of_u, picture)
    rows = _rows(column, trunk, items)
    ends = [(column[k.source], column[k.target]) for k in links]
    starts = _breaks(widths, ends, 1 + max(column[node.id] for node in picture.nodes))
    found = {}
    for id, place in column.items():
        band = sum(start <= place for start in starts) - 1
        found[id] = Cell(band, place - starts[band], rows[id])
    return found


def item_columns(picture: Picture) -> dict[str, int]:
    """How far from the inputs each item stands; a loss one behind what it reads."""
    column = dict(node_columns(picture))
    for index, loss in enumerate(picture.losses):
        column[loss_id(index)] = column[loss.node] + 1
    return column


def _trunk(column: Mapping[str, int], links: Sequence[Link]) -> list[str]:
    """The longest way through the network, from an input on."""
    before: dict[str, list[str]] = {id: [] for id in column}
    for link in links:
        if link.edge is not None and column[link.target] - column[link.source] == 1:
            before[link.target].append(link.source)
    real = {id: place for id, place in column.items() if not id.startswith("loss ")}
    last = max(real, key=real.__getitem__, default=None)
    trunk: list[str] = []
    while last is not None:
        trunk.append(last)
        last = before[last][0] if before[last] else None
    return trunk[::-1]


def _rows(
    column: Mapping[str, int], trunk: Sequence[str], items: Mapping[str, Item]
) -> dict[str, int]:
    """The trunk in the first row, what stands beside it below."""
    rows = dict.fromkeys(trunk, 0)
    taken = {(column[id], 0) for id in trunk}
    for id in items:
        if id in rows:
            continue
        row = 0
        while (column[id], row) in taken:
            row += 1
        rows[id] = row
        taken.add((column[id], row))
    return rows


def _breaks(widths: Sequence[float], links: Sequence[tuple[int, int]], real: int) -> list[int]:
    """The columns at which lines begin: a chart too wide for one line turns, where few links lead
    on, in lines of much the same width. No line begins behind the `real` columns, with losses.

    The best of all ways to break, found from the left: the cost of each line, and of each break.
    """
    total = sum(widths)
    if total <= WIDEST_LINE:
        return [0]
    count = max(2, round(total / max(0.62 * WIDEST_LINE, math.sqrt(WIDE * total * ROW_ROOM))))
    before = [0.0, *accumulate(widths)]
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, len(widths) + 1):
        ways = [
            (cost + _cost(before[end] - before[start], total / count), [*starts, start])
            for start, (cost, starts) in enumerate(best[:end])
            if start < real
        ]
        cost, starts = min(ways)
        best.append((cost + CUT * max(0, _cut(end, links) - 1), starts))
    return best[-1][1]


def _cost(width: float, wanted: float) -> float:
    return (width / wanted - 1) ** 2


def _cut(column: int, links: Sequence[tuple[int, int]]) -> int:
    return sum(source < column <= target for source, target in links)


def _u(picture: Picture, trunk: Sequence[str], links: Sequence[Link]) -> dict[str, Cell] | None:
    """A row for each height of images where they fall, rise again, and links join both sides."""
    nodes = {node.id: node for node in picture.nodes}
    if len(trunk) != len(nodes) or any(len(node.shape) != 3 for node in picture.nodes):
        return None
    heights = [nodes[id].shape[0] for id in trunk]
    levels = sorted(set(heights), reverse=True)
    lowest = heights.index(levels[-1])
    falls = heights[: lowest + 1] == sorted(heights[: lowest + 1], reverse=True)
    rises = heights[lowest:] == sorted(heights[lowest:])
    place = {id: k for k, id in enumerate(trunk)}
    joins = any(
        place[k.source] < lowest < place[k.target] and place[k.target] - place[k.source] > 1
        for k in links
        if k.edge is not None
    )
    if not (len(levels) > 1 and falls and rises and joins and heights[-1] > levels[-1]):
        return None
    found: dict[str, Cell] = {}
    column = -1
    before = -1
    for id, height in zip(trunk, heights, strict=True):
        row = levels.index(height)
        if row == before or before < 0 or Cell(0, column, row) in found.values():
            column += 1
        found[id] = Cell(0, column, row)
        before = row
    return found


def _with_losses(found: dict[str, Cell], picture: Picture) -> dict[str, Cell]:
    for index, loss in enumerate(picture.losses):
        cell = replace(found[loss.node], column=found[loss.node].column + 1)
        while cell in found.values():
            cell = replace(cell, column=cell.column + 1)
        found[loss_id(index)] = cell
    return found
