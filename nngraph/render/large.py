"""Graphs too large to read box by box: small dots, straight lines, places computed here.

Graphviz's own layout of a thousand nodes can take minutes; giving it every place takes none.
"""

from __future__ import annotations

import math

from nngraph.render.caption import PLACED, caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.columns import ordered_columns
from nngraph.render.dotfile import Attribute, DotFile, stack, text_line
from nngraph.render.palette import (
    FONT,
    faded,
    ink,
    mark_look,
    node_style,
    sign_colour,
    strength,
    strongest_of,
)
from nngraph.render.picture import Picture, PictureNode
from nngraph.render.words import clip_text

NODES_AT_MOST = 150  # of a picture with boxes and labels
EDGES_AT_MOST = 400
STEP, DIAMETER = 34.0, 24.0  # points
WIDE = 1.6  # width to height of a deep network's bands
PIXELS_AT_MOST = 4000  # of the longer side


def is_large(picture: Picture) -> bool:
    """Whether the picture is drawn in simplified form."""
    return len(picture.nodes) > NODES_AT_MOST or len(picture.edges) > EDGES_AT_MOST


def large_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """Columns of dots; lines by sign and strength of their weight; the caption says so."""
    colours = ink(theme)
    note = f"{len(picture.nodes):,} nodes, {len(picture.edges):,} edges, drawn simplified"
    strongest = strongest_of(edge.scalar for edge in picture.edges)
    places = _places(picture)
    extent = _extent(places)
    resolution: dict[str, Attribute] = {}
    if dpi is not None:  # fewer where the picture would have too many pixels to open
        resolution["dpi"] = max(8, min(dpi, round(72 * PIXELS_AT_MOST / max(extent, 72.0))))
    dot = DotFile()
    scale = max(1.0, extent / 1200)
    label = caption(picture, colours, signs=bool(strongest), note=note, scale=scale)
    page_defaults(dot, colours, label, **PLACED, **resolution)
    size = DIAMETER / 72
    dot.defaults("node", fontname=FONT, fixedsize="true", width=size, height=size)
    dot.defaults("edge", color=colours.line, arrowhead="none", penwidth="0.6")
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        dot.node(minted[node.id], node.name, **_node(node, places[node.id], theme))
    for edge in picture.edges:
        look: dict[str, Attribute] = {}
        if edge.mark:
            look |= mark_look(edge.mark, theme)
        elif edge.scalar is not None:
            look["color"] = faded(sign_colour(edge.scalar, colours), edge.scalar, strongest)
            look["penwidth"] = 0.4 + 1.6 * strength(edge.scalar, strongest)
        dot.edge(minted[edge.source], minted[edge.target], **look)
    return dot


def _places(picture: Picture) -> dict[str, tuple[float, float]]:
    """Points from the left and from the bottom; deep networks run in several bands, like text."""
    columns = ordered_columns(picture)
    tallest = max((len(ids) for ids in columns), default=1)
    spacing = min(400.0, max(60.0, STEP * tallest / 6))
    band_height = STEP * (tallest + 1)
    per_band = max(12, round(math.sqrt(WIDE * len(columns) * band_height / spacing)))
    places: dict[str, tuple[float, float]] = {}
    for index, ids in enumerate(columns):
        band, place = divmod(index, per_band)
        top = STEP * (len(ids) - 1) / 2 - band * band_height
        for row, id in enumerate(ids):
            places[id] = (place * spacing, top - row * STEP)
    return places


def _extent(places: dict[str, tuple[float, float]]) -> float:
    """The longer side of the picture in points."""
    xs = [place[0] for place in places.values()]
    ys = [place[1] for place in places.values()]
    return max(
        max(xs, default=0.0) - min(xs, default=0.0), max(ys, default=0.0) - min(ys, default=0.0)
    )


def _node(node: PictureNode, place: tuple[float, float], theme: Theme) -> dict[str, Attribute]:
    style = node_style(node.kind, node.heat, node.mark, theme)
    round_kinds = node.kind in ("input", "neurons", "add", "subtract", "multiply", "activation")
    name = clip_text(node.name, 5)
    return {
        "pos": f"{place[0]:.2f},{place[1]:.2f}",
        "label": stack([text_line(name, 6 if len(name) > 3 else 8, style.text)]),
        "shape": "circle" if round_kinds else "box",
        "style": "filled",
        "fillcolor": style.fill,
        "color": style.border,
        "peripheries": 2 if node.is_output else 1,
    }
