"""The small networks neuron by neuron: circles in columns, every weight a line."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence

from nngraph.errors import UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.render.caption import PLACED, caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.columns import node_columns
from nngraph.render.connections import Connection, connections
from nngraph.render.dotfile import Attribute, DotFile, Html, stack, text_line
from nngraph.render.labels import GLYPHS, function_label
from nngraph.render.palette import (
    DATA_TEXT,
    FONT,
    Ink,
    Style,
    faded,
    ink,
    mark_look,
    node_style,
    sign_colour,
    strength,
    strongest_of,
)
from nngraph.render.picture import Picture, PictureNode
from nngraph.render.words import clip_text, number, wrap

NEURONS_AT_MOST = 48
LABELLED_AT_MOST = 6  # weights between two columns that are written beside their lines
RADIUS, STEP, HEADER, GAP = 17.0, 46.0, 40.0, 14.0  # points
THINNEST, THICKEST = 0.5, 3.6  # points
MAP_PIXELS = 96  # of a side of a map, at least


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one unit stands, in points, y upwards."""

    x: float
    y: float


def neurons_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """Every unit a circle with its bias, every connection a line by sign and strength.

    Errors: UsageError for more than `NEURONS_AT_MOST` units.
    """
    _check_size(picture)
    colours = ink(theme)
    joined = connections(picture)
    spots = _spots(picture, _has_skips(picture))
    dot = DotFile()
    _page(dot, picture, colours, joined, dpi)
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        _draw_node(dot, node, minted[node.id], spots, colours)
    _draw_lines(dot, joined, minted, spots, colours)
    return dot


def _check_size(picture: Picture) -> None:
    units = sum(node.units for node in picture.nodes)
    if units <= NEURONS_AT_MOST:
        return
    widest = max(picture.nodes, key=lambda node: node.units)
    raise UsageError(
        diagnostic(
            "E002:neurons",
            units=units,
            most=NEURONS_AT_MOST,
            widest=clip_text(widest.id, 40),
            its_units=widest.units,
        )
    )


def _has_skips(picture: Picture) -> bool:
    column = node_columns(picture)
    return any(column[edge.target] - column[edge.source] > 1 for edge in picture.edges)


def _spots(picture: Picture, skips: bool) -> dict[tuple[str, int], Spot]:
    """Columns from left to right, each centred; every other one a little lower where lines
    would otherwise run through circles on their way to a later column."""
    column = node_columns(picture)
    columns: list[list[PictureNode]] = [[] for _ in range(1 + max(column.values(), default=-1))]
    for node in picture.nodes:
        columns[column[node.id]].append(node)
    tallest = max((_height(nodes) for nodes in columns), default=0.0)
    spacing = min(300.0, max(150.0, 0.34 * tallest))
    spots: dict[tuple[str, int], Spot] = {}
    for place, nodes in enumerate(columns):
        y = _height(nodes) / 2 - (STEP / 2 if skips and place % 2 else 0.0)
        for node in nodes:
            y -= HEADER
            for unit in range(node.units):
                spots[node.id, unit] = Spot(place * spacing, y - STEP / 2)
                y -= STEP
            y -= GAP
    return spots


def _height(nodes: Sequence[PictureNode]) -> float:
    return sum(HEADER + STEP * node.units for node in nodes) + GAP * max(0, len(nodes) - 1)


def _page(
    dot: DotFile, picture: Picture, colours: Ink, joined: list[Connection], dpi: int | None
) -> None:
    signs = any(line.weight for line in joined) and not picture.is_marked
    resolution: dict[str, Attribute] = {} if dpi is None else {"dpi": dpi}
    label = caption(picture, colours, signs=signs, note=_note(picture))
    page_defaults(dot, colours, label, **PLACED, **resolution)
    diameter = 2 * RADIUS / 72
    dot.defaults(
        "node", fontname=FONT, fixedsize="true", width=diameter, height=diameter, margin="0"
    )
    dot.defaults("edge", color=colours.line, arrowhead="none", penwidth=THINNEST)


def _note(picture: Picture) -> str:
    has_maps = any(node.maps for node in picture.nodes)
    place = "below" if has_maps else "in"
    has_biases = any(node.bias and node.values is None for node in picture.nodes)
    notes = [f"{place} the circles: biases"] if has_biases else []
    notes += [f"loss: {loss.kind.replace('_', ' ')}" for loss in picture.losses[:2]]
    return " · ".join(notes)


def _draw_node(
    dot: DotFile,
    node: PictureNode,
    minted: str,
    spots: dict[tuple[str, int], Spot],
    colours: Ink,
) -> None:
    if not node.units:
        return
    first = spots[node.id, 0]
    lines = [text_line(part, 12, colours.text, bold=True) for part in wrap(node.name, 20, 1)]
    lines.append(text_line(clip_text(_subtitle(node), 24), 10, colours.text))
    header = Spot(first.x, first.y + RADIUS + (21 if node.is_output else 17))
    _text(dot, f"{minted}t", node.name, header, lines)
    style = node_style(node.kind, mark=node.mark, theme=colours.theme)
    for unit in range(node.units):
        spot = spots[node.id, unit]
        dot.node(
            f"{minted}u{unit}",
            _unit_name(node, unit),
            shape="circle",
            style="filled,dashed" if node.mark == "removed" else "filled",
            fillcolor=style.fill if node.fills is None else node.fills[unit],
            color=style.border,
            penwidth="1.3",
            peripheries=2 if node.is_output else 1,
            pos=_position(spot),
            **_filling(dot, node, unit, style),
        )
        if node.maps is not None and (bias := _bias(node, unit)):
            below = Spot(spot.x, spot.y - RADIUS - (9.5 if node.is_output else 5.5))
            _text(dot, f"{minted}b{unit}", bias, below, [text_line(bias, 8, colours.text)])
        label = _outside(node, unit)
        if label:
            _side_text(dot, f"{minted}s{unit}", label, spot, node, colours)


def _subtitle(node: PictureNode) -> str:
    if node.kind in ("input", "neurons", "activation"):
        return function_label(node)
    return node.kind.replace("_", " ") if node.kind != node.name else ""


def _filling(dot: DotFile, node: PictureNode, unit: int, style: Style) -> dict[str, Attribute]:
    """What stands in a circle: a map, a number, a sign, or the bias."""
    if node.maps is not None and unit < len(node.maps):
        from nngraph.render.pixels import round_png  # with NumPy; most drawings need none

        image = round_png(node.maps[unit], MAP_PIXELS)
        name = f"{hashlib.sha256(image).hexdigest()[:20]}.png"
        dot.images[name] = image
        return {"label": " ", "image": name, "imagescale": "true"}
    if node.values is not None:
        text = number(node.values[unit], 2)
        return {"label": stack([text_line(text, 9 if len(text) < 7 else 7, DATA_TEXT)])}
    colour = style.text if node.fills is None else DATA_TEXT
    if node.kind in GLYPHS:
        return {"label": stack([text_line(GLYPHS[node.kind], 15, colour, bold=True)])}
    bias = _bias(node, unit)
    return {"label": stack([text_line(bias, 9, colour) if bias else " "])}


def _bias(node: PictureNode, unit: int) -> str:
    if node.bias is None or unit >= len(node.bias):
        return ""
    return number(node.bias[unit], 2)


def _unit_name(node: PictureNode, unit: int) -> str:
    return f"{node.id}[{unit}]" if node.units > 1 else node.id


def _outside(node: PictureNode, unit: int) -> str:
    """The name of one unit, for those at the borders of the network."""
    if node.kind != "input" and not node.is_output:
        return ""
    if node.labels is not None and unit < len(node.labels):
        return node.labels[unit]
    if node.units == 1:
        return ""
    return _unit_name(node, unit) if len(node.id) <= 8 else f"[{unit}]"


def _side_text(
    dot: DotFile, minted: str, label: str, spot: Spot, node: PictureNode, colours: Ink
) -> None:
    text = clip_text(label, 20)
    width = 7 * len(text) + 6
    side = -1 if node.kind == "input" else 1
    room = RADIUS + (9 if node.is_output else 5)  # an output has a second ring
    place = Spot(spot.x + side * (room + width / 2), spot.y)
    align = "RIGHT" if side < 0 else "LEFT"
    lines = [text_line(text, 11, colours.text)]
    _place(dot, minted, label, place, stack(lines, width=width, align=align))


def _text(dot: DotFile, minted: str, name: str, spot: Spot, lines: list[str]) -> None:
    _place(dot, minted, name, spot, stack(lines, padding=0))


def _place(dot: DotFile, minted: str, name: str, spot: Spot, label: Html) -> None:
    dot.node(minted, name, shape="plain", fixedsize="false", pos=_position(spot), label=label)


def _position(spot: Spot) -> str:
    return f"{spot.x:.2f},{spot.y:.2f}"


def _draw_lines(
    dot: DotFile,
    joined: list[Connection],
    minted: dict[str, str],
    spots: dict[tuple[str, int], Spot],
    colours: Ink,
) -> None:
    strongest = strongest_of(line.weight for line in joined)
    between = Counter(spots[line.source].x for line in joined if line.weight is not None)
    labelled = max(between.values(), default=0) <= LABELLED_AT_MOST
    for index, line in enumerate(joined):
        ends = [f"{minted[id]}u{unit}" for id, unit in (line.source, line.target)]
        if line.mark:
            dot.edge(ends[0], ends[1], **mark_look(line.mark, colours.theme))
            continue
        if line.weight is None:
            dot.edge(*ends, penwidth="1")
            continue
        colour = sign_colour(line.weight, colours)
        dot.edge(
            *ends,
            color=faded(colour, line.weight, strongest),
            penwidth=THINNEST + (THICKEST - THINNEST) * strength(line.weight, strongest),
        )
        if labelled:
            along = 0.28 + 0.16 * (line.target[1] % 2)
            place = _beside(spots[line.source], spots[line.target], along)
            text = [text_line(number(line.weight), 9, colour)]
            _text(dot, f"w{index}", number(line.weight), place, text)


def _beside(source: Spot, target: Spot, along: float, distance: float = 8.0) -> Spot:
    """A place above a line, `along` of the way from its source."""
    dx, dy = target.x - source.x, target.y - source.y
    length = math.hypot(dx, dy) or 1.0
    x, y = source.x + along * dx, source.y + along * dy
    return Spot(x - distance * dy / length, y + distance * dx / length)
