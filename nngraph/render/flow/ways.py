"""The ways of links through a flow chart, and where their words stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from nngraph.records import dataclass
from nngraph.render.flow.cells import Cell
from nngraph.render.flow.items import Item, Link
from nngraph.render.flow.places import ELBOW, WORDS_BESIDE, Layout, way_of_link
from nngraph.render.routes import Place, Route

ROUND = 7.0  # points of a corner's radius
PORT = 7.0  # beside the middle of an item, where links over others leave and arrive
WORDS_OVER = 3.0  # between a line and its words


@dataclass(frozen=True, slots=True)
class Way:
    """The line of a link, and the middle of its words, where it has any."""

    route: Route
    words: Place | None


def ways(
    items: Mapping[str, Item],
    links: Sequence[Link],
    cells: Mapping[str, Cell],
    layout: Layout,
) -> list[Way]:
    """The way of each link."""
    return [_way(index, link, items, cells, layout) for index, link in enumerate(links)]


def _way(
    index: int,
    link: Link,
    items: Mapping[str, Item],
    cells: Mapping[str, Cell],
    layout: Layout,
) -> Way:
    a, b = items[link.source], items[link.target]
    places = layout.middle[a.id], layout.middle[b.id]
    way = way_of_link(link, cells)
    match way:
        case "straight":
            corners, words = _straight(link, a, b, *places)
        case "elbow":
            corners, words = _elbow(link, a, b, *places)
        case "below":
            corners, words = _below(link, a, b, *places)
        case "down" | "turn":
            lower = max((c.band, c.row) for c in (cells[a.id], cells[b.id]))
            corners, words = _down(link, a, b, places, layout.strip[lower])
        case _:
            corners, words = _over(index, link, (a, b), cells, layout)
    return Way(rounded(corners), words if link.lines else None)


Corners = list[Place]


def _straight(link: Link, a: Item, b: Item, p: Place, q: Place) -> tuple[Corners, Place]:
    side = 1 if q[0] > p[0] else -1
    start, end = p[0] + side * a.width / 2, q[0] - side * b.width / 2
    return [(start, p[1]), (end, q[1])], ((start + end) / 2, _over_line(p[1], link))


def _elbow(link: Link, a: Item, b: Item, p: Place, q: Place) -> tuple[Corners, Place]:
    """Level in the lower of both rows, so that words stand there, and up or down beside it."""
    side = 1 if q[0] > p[0] else -1
    start, end = p[0] + side * a.width / 2, q[0] - side * b.width / 2
    level = min(p[1], q[1])
    if q[1] < p[1]:
        bend = p[0] + side * (a.breadth + ELBOW) / 2  # beside its words too
        low, high = bend, end
    else:
        bend = q[0] - side * (b.breadth + ELBOW) / 2
        low, high = start, bend
    corners = [(start, p[1]), (bend, p[1]), (bend, q[1]), (end, q[1])]
    return corners, ((low + high) / 2, _over_line(level, link))


def _below(link: Link, a: Item, b: Item, p: Place, q: Place) -> tuple[Corners, Place]:
    side = 1 if q[0] > p[0] else -1
    start = p[0] + side * a.width / 2
    end = q[0] - side * PORT  # beside what may lead on down from the middle
    corners = [(start, p[1]), (end, p[1]), (end, _bottom(b, q))]
    return corners, (start + side * link.words[0] / 2 + side * ROUND, _over_line(p[1], link))


def _down(
    link: Link, a: Item, b: Item, ends: tuple[Place, Place], strip: float
) -> tuple[Corners, Place]:
    """Straight down, or up, with words beside it at the height of a strip."""
    p, q = ends
    if p[1] > q[1]:
        start, end = p[1] - a.descent, q[1] + b.height / 2
    else:
        start, end = p[1] + a.height / 2, q[1] - b.descent
    words = p[0] + WORDS_BESIDE + link.words[0] / 2, strip
    return [(p[0], start), (q[0], end)], words


def _over(
    index: int, link: Link, ends: tuple[Item, Item], cells: Mapping[str, Cell], layout: Layout
) -> tuple[Corners, Place]:
    """Up from the one, through lanes, and down to the other."""
    a, b = ends
    p, q = layout.middle[a.id], layout.middle[b.id]
    cell, other = cells[a.id], cells[b.id]
    if cell.band == other.band:
        height = layout.lane[index, (cell.band, min(cell.row, other.row))]
        side = PORT if q[0] > p[0] else -PORT
        start, end = p[0] + side, q[0] - side
        corners = [(start, _top(a, p, side)), (start, height), (end, height)]
        corners.append((end, _top(b, q, -side)))
        return corners, ((start + end) / 2, _over_line(height, link))
    first = layout.lane[index, (cell.band, cell.row)]
    last = layout.lane[index, (other.band, other.row)]
    x = layout.side[index]
    sides = [math.copysign(PORT, x - place[0]) for place in (p, q)]
    start, end = p[0] + sides[0], q[0] + sides[1]
    corners = [(start, _top(a, p, sides[0])), (start, first), (x, first), (x, last)]
    corners += [(end, last), (end, _top(b, q, sides[1]))]
    return corners, ((start + x) / 2, _over_line(first, link))


def _top(item: Item, place: Place, beside: float) -> float:
    """The upper edge of an item a little beside its middle."""
    half = item.height / 2
    is_round = item.node is not None and item.volume is None and item.width == item.height
    if is_round:
        return place[1] + math.sqrt(max(0.0, half**2 - beside**2))
    return place[1] + half


def _bottom(item: Item, place: Place) -> float:
    """The lower edge of an item, with its words, a little beside its middle."""
    if item.volume is not None:
        return place[1] - item.descent
    return 2 * place[1] - _top(item, place, PORT)


def _over_line(height: float, link: Link) -> float:
    return height + WORDS_OVER + link.words[1] / 2


def rounded(corners: Sequence[Place]) -> Route:
    """Straight pieces with round corners.

    >>> rounded([(0.0, 0.0), (9.0, 0.0)]).points
    ((0.0, 0.0), (3.0, 0.0), (6.0, 0.0), (9.0, 0.0))
    """
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(ROUND, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        points += [*_thirds(points[-1], enter), corner, corner, leave]
    return Route((*points, *_thirds(points[-1], corners[-1])))


def _thirds(a: Place, b: Place) -> Iterator[Place]:
    for share in (1 / 3, 2 / 3, 1.0):
        yield a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def _towards(a: Place, b: Place, distance: float) -> Place:
    share = distance / (math.dist(a, b) or 1.0)
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
