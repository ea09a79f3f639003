"""Where the items of a flow chart stand, in points, and in which lanes links pass over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.records import dataclass
from nngraph.render.flow.cells import Cell
from nngraph.render.flow.items import Item, Link

GAP, ELBOW = 30.0, 26.0  # points between columns at least; more where a link changes rows
AROUND = 20.0  # around the words of a link
LANE, OVER = 11.0, 5.0  # of a lane; between the lanes and what they pass
APART = 24.0  # between two rows
WORDS_BESIDE = 6.0  # between a line that leads down and its words
MARGIN, SIDE = 18.0, 10.0  # from the items to the first lane at the side; to the next

Row = tuple[int, int]
"""A band and a row of it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What a link that passes over others keeps free: a row, from one column to another."""

    link: int
    row: Row
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Middles of items, heights of lanes by link and row, the x of lanes at the side; by row the
    middle of the strip over its lanes, where words stand beside what leads down."""

    middle: Mapping[str, tuple[float, float]]
    lane: Mapping[tuple[int, Row], float]
    side: Mapping[int, float]
    strip: Mapping[Row, float]


def way_of(a: Cell, b: Cell) -> str:
    """How a link leads from one cell to another: "straight", "elbow", "down" or "over"."""
    if a.band != b.band:
        turns = b.band == a.band + 1 and b.column == 0 and a.row == b.row == 0
        return "turn" if turns else "over"
    if a.row == b.row and b.column - a.column == 1:
        return "straight"
    if a.column == b.column:
        return "down"
    return "elbow" if b.column - a.column == 1 else "over"


def runs_below(a: Cell, b: Cell, taken: frozenset[Cell]) -> bool:
    """Whether a link from a lower row runs on in it until it is below its target."""
    between = range(a.column + 1, b.column + 1)
    free = all(Cell(a.band, column, a.row) not in taken for column in between)
    return a.band == b.band and a.row > b.row and free


def column_gap(link: Link, way: str) -> float:
    """The room between two columns that a link needs for its words."""
    words = link.words[0] + AROUND if link.lines else 0.0
    return max(GAP, words) + (ELBOW if way == "elbow" else 0.0)


def layout(items: Mapping[str, Item], links: Sequence[Link], cells: Mapping[str, Cell]) -> Layout:
    """All places, y upwards: columns as wide as what stands in them, bands below each other."""
    ways = [way_of_link(link, cells) for link in links]
    x = _across(items, links, cells, ways)
    lanes = _lanes(links, cells, ways)
    y, lane, strip = _down(items, links, cells, ways, lanes)
    middle = {id: (x[id], y[cell.band, cell.row]) for id, cell in cells.items()}
    return Layout(middle, lane, _sides(items, cells, ways, links, x), strip)


def way_of_link(link: Link, cells: Mapping[str, Cell]) -> str:
    """How a link leads: as `way_of` says, or "below" others, in a row of its own."""
    a, b = cells[link.source], cells[link.target]
    way = way_of(a, b)
    if way == "turn" and Cell(a.band, a.column, a.row + 1) in cells.values():
        return "over"  # something stands below it
    return "below" if way == "over" and runs_below(a, b, frozenset(cells.values())) else way


def _across(
    items: Mapping[str, Item],
    links: Sequence[Link],
    cells: Mapping[str, Cell],
    ways: Sequence[str],
) -> dict[str, float]:
    """The x of each item; each band begins below the end of the one before."""
    x: dict[str, float] = {}
    end = 0.0
    for band in range(1 + max(cell.band for cell in cells.values())):
        here = {id: cell for id, cell in cells.items() if cell.band == band}
        count = 1 + max(cell.column for cell in here.values())
        breadth = [0.0] * count
        for id, cell in here.items():
            breadth[cell.column] = max(breadth[cell.column], items[id].breadth)
        gaps = [GAP] * count
        for link, way in zip(links, ways, strict=True):
            if way in ("straight", "elbow") and link.source in here:
                column = here[link.source].column
                gaps[column] = max(gaps[column], column_gap(link, way))
        direction = -1 if band % 2 else 1
        places = [end]
        for column in range(1, count):
            step = breadth[column - 1] / 2 + gaps[column - 1] + breadth[column] / 2
            places.append(places[-1] + direction * step)
        x |= {id: places[cell.column] for id, cell in here.items()}
        end = places[-1]
    return x


def _lanes(
    links: Sequence[Link], cells: Mapping[str, Cell], ways: Sequence[str]
) -> dict[Row, list[list[Lane]]]:
    """The lanes over each row from the lowest up; short links lie below long ones."""
    wanted: list[Lane] = []
    for index, (link, way) in enumerate(zip(links, ways, strict=True)):
        if way != "over":
            continue
        a, b = cells[link.source], cells[link.target]
        if a.band == b.band:
            first, last = sorted((a.column, b.column))
            wanted.append(Lane(index, (a.band, min(a.row, b.row)), first, last))
            continue
        wanted.append(Lane(index, (a.band, a.row), a.column, 1e9))
        same = (a.band - b.band) % 2 == 0
        span = (b.column, 1e9) if same else (-1e9, b.column)
        wanted.append(Lane(index, (b.band, b.row), *span))
    found: dict[Row, list[list[Lane]]] = {}
    for lane in sorted(wanted, key=lambda lane: (lane.last - lane.first, lane.link)):
        slots = found.setdefault(lane.row, [])
        free = (s for s in slots if all(lane.last <= o.first or o.last <= lane.first for o in s))
        slot = next(free, None)
        if slot is None:
            slots.append([lane])
        else:
            slot.append(lane)
    return found


def _down(
    items: Mapping[str, Item],
    links: Sequence[Link],
    cells: Mapping[str, Cell],
    ways: Sequence[str],
    lanes: Mapping[Row, Sequence[Sequence[Lane]]],
) -> tuple[dict[Row, float], dict[tuple[int, Row], float], dict[Row, float]]:
    """The y of each row, of each lane, and of each strip over them, the first row at the top."""
    above: dict[Row, float] = {}
    below: dict[Row, float] = {}
    apart: dict[Row, float] = {}
    for id, cell in cells.items():
        row = cell.band, cell.row
        above[row] = max(above.get(row, 0.0), items[id].height / 2)
        below[row] = max(below.get(row, 0.0), items[id].descent)
    for link, way in zip(links, ways, strict=True):
        a, b = cells[link.source], cells[link.target]
        lower = max(((a.band, a.row), (b.band, b.row)))
        tall = link.words[1]
        if way in ("straight", "elbow", "below"):
            above[lower] = max(above[lower], tall + OVER)
        elif way in ("down", "turn"):
            apart[lower] = max(apart.get(lower, 0.0), tall + OVER)
    y: dict[Row, float] = {}
    height: dict[tuple[int, Row], float] = {}
    strip: dict[Row, float] = {}
    edge = 0.0
    for row in sorted(above):
        slots = lanes.get(row, [])
        room = [LANE + max(links[lane.link].words[1] for lane in slot) for slot in slots]
        free = max(APART, apart.get(row, 0.0))
        strip[row] = edge - free / 2
        edge -= free + sum(room) + OVER
        at = edge
        for slot, tall in zip(slots, room, strict=True):
            at += LANE
            height |= {(lane.link, row): at for lane in slot}
            at += tall - LANE
        y[row] = edge - above[row]
        edge = y[row] - below[row]
    return y, height, strip


def _sides(
    items: Mapping[str, Item],
    cells: Mapping[str, Cell],
    ways: Sequence[str],
    links: Sequence[Link],
    x: Mapping[str, float],
) -> dict[int, float]:
    """Where links between bands that are no turns pass at the side of all items."""
    turns = [
        x[link.source] + WORDS_BESIDE + link.words[0]
        for link, way in zip(links, ways, strict=True)
        if way in ("down", "turn") and link.lines
    ]
    right = max([x[id] + items[id].breadth / 2 for id in cells] + turns)
    left = min(x[id] - items[id].breadth / 2 for id in cells)
    found: dict[int, float] = {}
    for index, (link, way) in enumerate(zip(links, ways, strict=True)):
        a, b = cells[link.source], cells[link.target]
        if way == "over" and a.band != b.band:
            away = MARGIN + SIDE * len(found)
            found[index] = left - away if a.band % 2 else right + away
    return found
