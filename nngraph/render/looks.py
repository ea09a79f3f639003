"""How nodes, edges and losses look in Graphviz, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable

from nngraph.render.colours import Theme
from nngraph.render.dotfile import Attribute, text_line
from nngraph.render.labels import Line, is_circle
from nngraph.render.palette import (
    MARK_LINES,
    Ink,
    Style,
    mark_look,
    node_style,
    sign_colour,
    strength,
)
from nngraph.render.picture import PictureEdge, PictureNode

THINNEST, THICKEST = 0.8, 3.6  # points
SMALL = 10  # letters of details, at most
DASHED: dict[str, Attribute] = {"style": "dashed", "penwidth": "1", "arrowhead": "none"}
"""The line to a loss."""


def node_look(node: PictureNode, style: Style) -> dict[str, Attribute]:
    """Form and colours of a node."""
    look: dict[str, Attribute] = {
        "shape": style.shape,
        "style": style.style,
        "fillcolor": style.fill,
        "color": style.border,
    }
    if node.is_output:
        look |= {"peripheries": 2}
    if is_circle(node):
        dashes = ",dashed" if node.mark == "removed" else ""
        look |= {"shape": "circle", "style": f"filled{dashes}"}
    return look


def loss_look(theme: Theme) -> dict[str, Attribute]:
    """Form and colours of a loss."""
    style = node_style("loss", theme=theme)
    return {
        "shape": style.shape,
        "style": style.style,
        "fillcolor": style.fill,
        "color": style.border,
        "penwidth": "1",
    }


def edge_look(edge: PictureEdge, strongest: float, colours: Ink) -> dict[str, Attribute]:
    """An arrow: by what became of it, or by sign and strength of its one weight."""
    if edge.mark:
        return dict(mark_look(edge.mark, colours.theme))
    weight = edge.scalar
    if weight is None:
        return {}
    width = line_width(weight, strongest)
    colour = sign_colour(weight, colours)
    return {"color": colour, "penwidth": width, "arrowhead": "normal", "arrowsize": 0.5}


def edge_text(edge: PictureEdge, colours: Ink) -> str:
    """The colour of what stands beside an arrow."""
    if edge.mark:
        marked = edge.mark != "same"
        return MARK_LINES[edge.mark].on(colours.theme) if marked else colours.text
    return colours.text if edge.scalar is None else sign_colour(edge.scalar, colours)


def line_width(weight: float, strongest: float) -> float:
    """Width of a line in points: grows with |weight| up to the strongest of the picture."""
    return THINNEST + (THICKEST - THINNEST) * strength(weight, strongest)


def written(lines: Iterable[Line], text: str, detail: str) -> list[str]:
    """Lines of a label, small ones in the colour of details."""
    return [
        text_line(words, size, detail if size <= SMALL else text, bold=bold)
        for words, size, bold in lines
    ]
