"""Lines between units: straight, or in a curve around the units that stand in their way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from nngraph.records import dataclass

Place = tuple[float, float]
Span = tuple[float, float]

BESIDE = 4.0  # points between a line that passes and what it passes
APART = 4.0  # between two lines that pass through one gap
SAMPLES = 8  # pieces of a curve where it is looked at as straight lines


@dataclass(frozen=True, slots=True)
class Route:
    """A line as cubic curves one after the other: their control points, 3 for each and 1."""

    points: tuple[Place, ...]

    def at(self, share: float) -> Place:
        """The place after a share of its curves."""
        curves = (len(self.points) - 1) // 3
        index = min(curves - 1, int(share * curves))
        t = share * curves - index
        a, b, c, d = self.points[3 * index : 3 * index + 4]
        weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x, y = (
            sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True)) for axis in (0, 1)
        )
        return x, y

    def pieces(self) -> list[tuple[Place, Place]]:
        """The line as short straight ones."""
        count = 1 if len(self.points) == 4 else SAMPLES * (len(self.points) // 3)
        return list(pairwise(self.at(k / count) for k in range(count + 1)))

    def position(self, arrow: float = 0.0) -> str:
        """As Graphviz reads it; an arrowhead takes so many points at the end of the line."""
        points = list(self.points)
        head = ""
        if arrow:
            (x, y), (bx, by) = points[-1], points[-2]
            length = math.hypot(x - bx, y - by) or 1.0
            points[-1] = x - arrow * (x - bx) / length, y - arrow * (y - by) / length
            head = f"e,{x:.2f},{y:.2f} "
        return head + " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def straight(start: Place, end: Place, room: float, end_room: float) -> Route:
    """From the edge of one circle to that of another."""
    first, last = _towards(start, end, room), _towards(end, start, end_room)
    thirds = (_between(first, last, share) for share in (1 / 3, 2 / 3))
    return Route((first, *thirds, last))


def around(start: Place, end: Place, room: float, end_room: float, knots: Sequence[Place]) -> Route:
    """A curve from circle to circle that passes each knot, level for `room` points to either
    side."""
    stations = [(x + side * room, y) for x, y in knots for side in (-1, 1)]
    first = _towards(start, stations[0], room)
    last = _towards(end, stations[-1], end_room)
    points = [first, _between(first, stations[0], 1 / 3)]
    points += [(_middle(first, stations[0]), stations[0][1]), stations[0]]
    for a, b in pairwise(stations):
        points += [(_middle(a, b), a[1]), (_middle(a, b), b[1]), b]
    points += [(_middle(stations[-1], last), stations[-1][1])]
    points += [_between(last, stations[-1], 1 / 3), last]
    return Route(tuple(points))


def _towards(a: Place, b: Place, distance: float) -> Place:
    """So far from one place in the direction of another."""
    length = math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    return _between(a, b, distance / length)


def _middle(a: Place, b: Place) -> float:
    return (a[0] + b[0]) / 2


def _between(a: Place, b: Place, share: float) -> Place:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def lanes(wanted: Sequence[float], taken: Sequence[Span]) -> list[float]:
    """For each line the height at which it passes a column, as near to the wanted one as can be.

    `taken` are the heights at which something stands. Lines through one gap lie apart from each
    other, in the order of the heights that they want.

    >>> lanes([1.0, 2.0, 50.0], [(-10.0, 10.0)])
    [14.0, 18.0, 50.0]
    """
    gaps = list(_gaps(taken))
    by_gap: dict[Span, list[int]] = {}
    for line in sorted(range(len(wanted)), key=wanted.__getitem__):
        gap = min(gaps, key=lambda gap: _distance(wanted[line], gap))
        by_gap.setdefault(gap, []).append(line)
    found = dict[int, float]()
    for gap, lines in by_gap.items():
        heights = _spread([wanted[line] for line in lines], gap)
        found |= dict(zip(lines, heights, strict=True))
    return [found[line] for line in range(len(wanted))]


def _gaps(taken: Sequence[Span]) -> Iterator[Span]:
    """What is free, with room beside it; gaps in which no line has room are none."""
    low = -math.inf
    for bottom, top in sorted(taken):
        if bottom - BESIDE >= low:
            yield low, bottom - BESIDE
        low = max(low, top + BESIDE)
    yield low, math.inf


def _distance(height: float, gap: Span) -> float:
    return max(gap[0] - height, height - gap[1], 0.0)


def _spread(wanted: Sequence[float], gap: Span) -> list[float]:
    """Rising heights within a gap, apart from each other where it has room for that."""
    low, high = gap
    step = min(APART, (high - low) / max(1, len(wanted) - 1))
    heights: list[float] = []
    for height in wanted:
        least = heights[-1] + step if heights else low
        heights.append(max(height, least))
    most = high
    for place in range(len(heights) - 1, -1, -1):
        heights[place] = min(heights[place], most)
        most = heights[place] - step
    return heights


def is_free(height: float, taken: Sequence[Span], room: float) -> bool:
    """Whether a line passes a column at this height without coming near to what stands there."""
    return all(height <= bottom - room or height >= top + room for bottom, top in taken)


def routes(
    ends: Sequence[tuple[Place, Place]],
    rooms: Sequence[tuple[float, float]],
    taken: Mapping[float, Sequence[Span]],
) -> list[Route]:
    """A line for each pair of ends, in their order.

    `rooms` are the radii at its ends, `taken` says for the x of each column at which heights
    something stands.
    """
    wanted: dict[float, list[tuple[int, float]]] = {}
    for line, (start, end) in enumerate(ends):
        passed = [x for x in taken if start[0] < x < end[0]]
        slope = (end[1] - start[1]) / ((end[0] - start[0]) or 1.0)
        heights = [(x, start[1] + slope * (x - start[0])) for x in passed]
        room = BESIDE + abs(slope) * rooms[line][0]
        if any(not is_free(height, taken[x], room) for x, height in heights):
            for x, height in heights:
                wanted.setdefault(x, []).append((line, height))
    knots: dict[int, list[Place]] = {}
    for x in sorted(wanted):
        heights_here = lanes([height for _, height in wanted[x]], taken[x])
        for (line, _), height in zip(wanted[x], heights_here, strict=True):
            knots.setdefault(line, []).append((x, height))
    return [
        around(start, end, *rooms[line], knots[line])
        if line in knots
        else straight(start, end, *rooms[line])
        for line, (start, end) in enumerate(ends)
    ]
