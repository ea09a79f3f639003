"""Where each unit of a small network stands, and the words around it."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.records import dataclass
from nngraph.render.columns import node_columns
from nngraph.render.labels import Line, function_label
from nngraph.render.letters import LINE, Box, lines_box, text_width
from nngraph.render.picture import Picture, PictureNode
from nngraph.render.routes import Place, Span
from nngraph.render.weight_labels import Circle
from nngraph.render.words import clip_text, number, wrap

RADIUS, RING = 17.0, 4.0  # points of a circle; of an output's second ring around it
STEP, GAP, ABOVE = 46.0, 14.0, 5.0  # between two circles, two nodes, a header and its circle
NARROWEST, WIDEST = 150.0, 340.0  # between two columns
BESIDE = 9.0  # between a circle and the name at its side
NAME, FUNCTION, SIDE, BIAS = 12, 10, 11, 8  # sizes of letters
LETTERS = 24  # of a line over the circles


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of text at a place: their middle, or where they begin or end (`share` 0 or 1)."""

    place: Place
    lines: tuple[Line, ...]
    share: float = 0.5

    @property
    def box(self) -> Box:
        """The room that they take."""
        sized = [(text, float(size)) for text, size, _ in self.lines]
        return lines_box(*self.place, sized, self.share)


@dataclass(frozen=True, slots=True)
class UnitPlaces:
    """Circles, and the words over them (by node), beside and below them (by unit)."""

    circles: dict[tuple[str, int], Circle]
    headers: dict[str, Words]
    beside: dict[tuple[str, int], Words]
    below: dict[tuple[str, int], Words]

    @property
    def boxes(self) -> list[Box]:
        """The room of all words."""
        every = (*self.headers.values(), *self.beside.values(), *self.below.values())
        return [words.box for words in every]

    def taken(self) -> dict[float, list[Span]]:
        """For the x of each column the heights at which something stands."""
        found: dict[float, list[Span]] = {}
        for circle in self.circles.values():
            span = circle.y - circle.radius, circle.y + circle.radius
            found.setdefault(circle.x, []).append(span)
        for words in (*self.headers.values(), *self.below.values()):
            span = words.box.bottom, words.box.top
            found.setdefault(words.place[0], []).append(span)
        return found


def unit_places(picture: Picture, widen: float = 1.0) -> UnitPlaces:
    """Columns from left to right, each centred; every other one a little lower where lines pass
    columns, so that most of them find a gap straight ahead. `widen` sets columns further apart."""
    column = node_columns(picture)
    skips = any(column[edge.target] - column[edge.source] > 1 for edge in picture.edges)
    columns: list[list[PictureNode]] = [[] for _ in range(1 + max(column.values(), default=-1))]
    for node in picture.nodes:
        if node.units:
            columns[column[node.id]].append(node)
    step = widen * _spacing(columns)
    found = UnitPlaces({}, {}, {}, {})
    for place, nodes in enumerate(columns):
        y = _height(nodes) / 2 - (STEP / 2 if skips and place % 2 else 0.0)
        for node in nodes:
            _enter(found, node, place * step, y)
            y -= _node_height(node) + GAP
    return found


def _spacing(columns: Sequence[Sequence[PictureNode]]) -> float:
    tallest = max(map(_height, columns), default=0.0)
    widest = max((_header_width(node) for nodes in columns for node in nodes), default=0.0)
    return max(widest + GAP, min(WIDEST, max(NARROWEST, 0.4 * tallest)))


def _enter(found: UnitPlaces, node: PictureNode, x: float, top: float) -> None:
    """The places of one node, whose header begins at `top`."""
    lines = tuple(header_lines(node))
    tall = _header_height(node)
    found.headers[node.id] = Words((x, top - tall / 2), lines)
    radius = RADIUS + RING * node.is_output
    y = top - tall - ABOVE - radius
    for unit in range(node.units):
        key = node.id, unit
        found.circles[key] = Circle(x, y, radius)
        if label := outside_label(node, unit):
            side = -1 if node.kind == "input" else 1
            place = x + side * (radius + BESIDE), y
            text = clip_text(label, 20)
            found.beside[key] = Words(place, ((text, SIDE, False),), 0.0 if side > 0 else 1.0)
        if node.maps is not None and (bias := bias_text(node, unit)):
            below = x, y - radius - 1 - LINE * BIAS / 2
            found.below[key] = Words(below, ((bias, BIAS, False),))
        y -= _step(node)


def _height(nodes: Sequence[PictureNode]) -> float:
    return sum(map(_node_height, nodes)) + GAP * max(0, len(nodes) - 1)


def _node_height(node: PictureNode) -> float:
    below = LINE * BIAS if node.maps is not None else 0.0
    rest = ABOVE + _step(node) * (node.units - 1) + 2 * (RADIUS + RING * node.is_output)
    return _header_height(node) + rest + below


def _step(node: PictureNode) -> float:
    """From one circle to the next; the bias below the ring of an output has room of its own."""
    return STEP + (2 * RING if node.is_output and node.maps is not None else 0.0)


def _header_height(node: PictureNode) -> float:
    return sum(LINE * size for _, size, _ in header_lines(node))


def _header_width(node: PictureNode) -> float:
    return max(text_width(text, size) * (1.08 if bold else 1)
               for text, size, bold in header_lines(node))  # fmt: skip


def header_lines(node: PictureNode) -> list[Line]:
    """What stands over the circles of a node: its name, what it does, the options that decide."""
    lines: list[Line] = [(part, NAME, True) for part in wrap(node.name, LETTERS, 1)]
    said = _function(node)
    details = [clip_text(said, LETTERS)] if said else []
    details += [clip_text(option, LETTERS) for option in node.options]
    return lines + [(text, FUNCTION, False) for text in details]


def _function(node: PictureNode) -> str:
    if node.kind in ("input", "neurons", "activation"):
        return function_label(node)
    return node.kind.replace("_", " ") if node.kind != node.name else ""


def bias_text(node: PictureNode, unit: int) -> str:
    """The bias of a unit, "" where it has none or none is known."""
    if node.bias is None or unit >= len(node.bias):
        return ""
    return number(node.bias[unit], 2)


def unit_name(node: PictureNode, unit: int) -> str:
    """What a unit is called."""
    return f"{node.id}[{unit}]" if node.units > 1 else node.id


def outside_label(node: PictureNode, unit: int) -> str:
    """The name of one unit, for those at the borders of the network."""
    if node.kind != "input" and not node.is_output:
        return ""
    if node.labels is not None and unit < len(node.labels):
        return node.labels[unit]
    if node.units == 1:
        return ""
    return unit_name(node, unit) if len(node.id) <= 8 else f"[{unit}]"
