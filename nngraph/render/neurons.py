"""The small networks neuron by neuron: circles in columns, every weight a line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from nngraph.errors import UsageError, diagnostic
from nngraph.render.caption import ROUTED, caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.connections import Connection, connections
from nngraph.render.dotfile import Attribute, DotFile, stack, text_line
from nngraph.render.labels import GLYPHS
from nngraph.render.palette import (
    DATA_TEXT,
    FONT,
    HALO,
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
from nngraph.render.routes import Route, routes
from nngraph.render.unit_places import (
    RADIUS,
    UnitPlaces,
    Words,
    bias_text,
    unit_name,
    unit_places,
)
from nngraph.render.weight_labels import Circle, label_places
from nngraph.render.words import clip_text, number

NEURONS_AT_MOST = 48
LABELLED_AT_MOST = 12  # weights out of a node that are written on their lines
ARROWS_AT_MOST = 60
ARROW = 5.0  # points of an arrowhead: Graphviz draws ten at full size
WIDER = (1.0, 1.3, 1.7)  # columns further apart, until every number has a place
THINNEST, THICKEST = 0.5, 3.6  # points
MAP_PIXELS = 96  # of a side of a map, at least
WEIGHT = 9  # size of the letters of a weight


def neurons_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """Every unit a circle with its bias, every connection a line by sign and strength.

    Where weights are few each stands on its line; a small network has arrowheads.

    Errors: UsageError for more than `NEURONS_AT_MOST` units.
    """
    _check_size(picture)
    colours = ink(theme)
    joined = connections(picture)
    places, lines, labels = laid_out(picture, joined)
    dot = DotFile()
    _page(dot, picture, colours, joined, dpi)
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        _draw_node(dot, node, minted[node.id], places, colours)
    _draw_lines(dot, joined, minted, lines, colours)
    for index, words in labels.items():
        weight = joined[index].weight
        assert weight is not None
        colour = sign_colour(weight, colours)
        _write(dot, f"w{index}", words, colour, ground=HALO.on(theme))
    return dot


def laid_out(
    picture: Picture, joined: Sequence[Connection]
) -> tuple[UnitPlaces, list[Route], dict[int, Words]]:
    """Where all stands: circles, lines, and the numbers of weights by line, where they are few."""
    texts = _numbers(joined)
    for widen in WIDER if texts else WIDER[:1]:
        places = unit_places(picture, widen)
        circles = places.circles
        ends = [(circles[line.source], circles[line.target]) for line in joined]
        lines = routes(
            [((a.x, a.y), (b.x, b.y)) for a, b in ends],
            [(a.radius, b.radius) for a, b in ends],
            places.taken(),
        )
        solid = [Circle(c.x, c.y, c.radius + 2) for c in circles.values()]
        found = label_places(texts, WEIGHT, lines, solid, places.boxes)
        if found is not None:
            both = zip(texts, found, strict=True)
            labels = {k: Words(at, ((text, WEIGHT, False),)) for (k, text), at in both}
            return places, lines, labels
    return places, lines, {}


def _numbers(joined: Sequence[Connection]) -> list[tuple[int, str]]:
    """The weights to be written, by line: those out of nodes that have few."""
    found = [(k, line.weight) for k, line in enumerate(joined) if not line.mark]
    weights = [(k, weight) for k, weight in found if weight is not None]
    by_source = Counter(joined[k].source[0] for k, _ in weights)
    few = {id for id, count in by_source.items() if count <= LABELLED_AT_MOST}
    return [(k, number(weight)) for k, weight in weights if joined[k].source[0] in few]


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


def _page(
    dot: DotFile, picture: Picture, colours: Ink, joined: list[Connection], dpi: int | None
) -> None:
    signs = any(line.weight for line in joined) and not picture.is_marked
    resolution: dict[str, Attribute] = {} if dpi is None else {"dpi": dpi}
    label = caption(picture, colours, signs=signs, note=_note(picture))
    page_defaults(dot, colours, label, **ROUTED, **resolution)
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
    dot: DotFile, node: PictureNode, minted: str, places: UnitPlaces, colours: Ink
) -> None:
    if not node.units:
        return
    head, ground = places.headers[node.id], HALO.on(colours.theme)  # lines may run below it
    _write(dot, f"{minted}t", head, colours.text, name=node.name, ground=ground)
    style = node_style(node.kind, mark=node.mark, theme=colours.theme)
    for unit in range(node.units):
        key = node.id, unit
        circle = places.circles[key]
        dot.node(
            f"{minted}u{unit}",
            unit_name(node, unit),
            shape="circle",
            style="filled,dashed" if node.mark == "removed" else "filled",
            fillcolor=style.fill if node.fills is None else node.fills[unit],
            color=style.border,
            penwidth="1.3",
            peripheries=2 if node.is_output else 1,
            pos=f"{circle.x:.2f},{circle.y:.2f}",
            **_filling(dot, node, unit, style),
        )
        if key in places.below:
            _write(dot, f"{minted}b{unit}", places.below[key], colours.text)
        if key in places.beside:
            _write(dot, f"{minted}s{unit}", places.beside[key], colours.text)


def _filling(dot: DotFile, node: PictureNode, unit: int, style: Style) -> dict[str, Attribute]:
    """What stands in a circle: a map, a number, a sign, or the bias."""
    if node.maps is not None and unit < len(node.maps):
        from nngraph.render.pixels import round_png  # with NumPy; most drawings need none

        image = round_png(node.maps[unit], MAP_PIXELS)
        name = f"{hashlib.sha256(image).hexdigest()[:20]}.png"
        dot.images[name] = image
        return {"label": " ", "image": name, "imagescale": "true"}
    colour = style.text if node.fills is None else DATA_TEXT
    if node.values is not None:
        text = number(node.values[unit], 2)
    elif node.kind in GLYPHS:
        return {"label": stack([text_line(GLYPHS[node.kind], 15, colour, bold=True)])}
    else:
        text = bias_text(node, unit)
    return {"label": stack([text_line(text, 9 if len(text) < 7 else 7, colour) if text else " "])}


def _write(
    dot: DotFile, minted: str, words: Words, colour: str, *, name: str = "", ground: str = ""
) -> None:
    lines = [text_line(text, size, colour, bold=bold) for text, size, bold in words.lines]
    box = words.box
    width = 0 if words.share == 0.5 else round(box.right - box.left)
    align = {0.0: "LEFT", 1.0: "RIGHT"}.get(words.share, "CENTER")
    label = stack(lines, padding=0, width=width, align=align, ground=ground)
    place = f"{(box.left + box.right) / 2:.2f},{words.place[1]:.2f}"
    name = name or words.lines[0][0]
    dot.node(minted, name, shape="plain", fixedsize="false", pos=place, label=label)


def _draw_lines(
    dot: DotFile,
    joined: Sequence[Connection],
    minted: dict[str, str],
    lines: Sequence[Route],
    colours: Ink,
) -> None:
    strongest = strongest_of(line.weight for line in joined)
    arrows = len(joined) <= ARROWS_AT_MOST
    for line, route in zip(joined, lines, strict=True):
        ends = [f"{minted[id]}u{unit}" for id, unit in (line.source, line.target)]
        look: dict[str, Attribute] = {"pos": route.position(ARROW if arrows else 0.0)}
        look |= {"arrowhead": "normal", "arrowsize": 0.5} if arrows else {}
        if line.mark:
            look.update(mark_look(line.mark, colours.theme))
        elif line.weight is None:
            look["penwidth"] = "1"
        else:
            colour = sign_colour(line.weight, colours)
            look["color"] = faded(colour, line.weight, strongest)
            look["penwidth"] = THINNEST + (THICKEST - THINNEST) * strength(line.weight, strongest)
        dot.edge(ends[0], ends[1], **look)
