"""The usual picture: one box per layer, one circle per single neuron, one arrow per edge."""

from __future__ import annotations

import math

from nngraph.render.caption import caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.columns import node_columns
from nngraph.render.dotfile import Attribute, DotFile, Html, stack, text_line
from nngraph.render.labels import (
    GLYPHS,
    block_details,
    edge_words,
    is_single,
    noted,
    single_details,
)
from nngraph.render.palette import (
    FONT,
    MARK_LINES,
    Ink,
    Style,
    ink,
    mark_look,
    node_style,
    sign_colour,
    strength,
    strongest_of,
)
from nngraph.render.picture import Picture, PictureEdge, PictureLoss, PictureNode
from nngraph.render.words import shape_words, wrap

DEEP = 9  # columns from which a picture grows downwards instead of to the right
BESIDE = 6  # points between an arrow that runs downwards and what is written beside it
LEAST_SIDE, PER_DOUBLING = 0.4, 0.16  # inches of a volume: of one pixel, and for each doubling
ACROSS = 2.0  # times as much where the words lie along that side
MOST_DOUBLINGS = 9
THINNEST, THICKEST = 0.8, 3.6  # points


def layered_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """The network layer by layer, laid out by Graphviz."""
    colours = ink(theme)
    column = node_columns(picture)
    downwards = max(column.values(), default=0) + 1 > DEEP
    dot = DotFile()
    flow: dict[str, Attribute] = {"rankdir": "TB" if downwards else "LR"}
    if _lines_stay_free(picture, column):
        flow["splines"] = "line"
    if dpi is not None:
        flow["dpi"] = dpi
    strongest = strongest_of(edge.scalar for edge in picture.edges)
    label = caption(picture, colours, signs=bool(strongest))
    page_defaults(dot, colours, label, nodesep="0.35", ranksep="0.55", **flow)
    dot.defaults("node", fontname=FONT, penwidth="1.3", margin="0.14,0.08")
    dot.defaults(
        "edge", fontname=FONT, color=colours.line, penwidth="1.2", arrowhead="vee", arrowsize="0.7"
    )
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        dot.node(minted[node.id], node.name, **_node(node, theme, downwards))
    _columns(dot, picture, minted)
    for edge in picture.edges:
        beside = BESIDE if downwards else 0
        look = _edge(edge, strongest, colours, beside)
        dot.edge(minted[edge.source], minted[edge.target], **look)
    for index, loss in enumerate(picture.losses):
        _loss(dot, f"l{index}", loss, minted, picture, colours)
    return dot


def line_width(weight: float, strongest: float) -> float:
    """Width of a line in points: grows with |weight| up to the strongest of the picture."""
    return THINNEST + (THICKEST - THINNEST) * strength(weight, strongest)


def _lines_stay_free(picture: Picture, column: dict[str, int]) -> bool:
    """Whether straight lines neither run through a box nor lie on each other."""
    pairs = [(edge.source, edge.target) for edge in picture.edges]
    if len(set(pairs)) < len(pairs):
        return False
    if any(loss.target in column for loss in picture.losses):
        return False  # a line from an input to its loss runs past all columns
    return all(column[target] - column[source] == 1 for source, target in pairs)


def _columns(dot: DotFile, picture: Picture, minted: dict[str, str]) -> None:
    ranked: dict[int, list[str]] = {}
    for node in picture.nodes:
        if node.rank is not None:
            ranked.setdefault(node.rank, []).append(minted[node.id])
    for rank in sorted(ranked):
        dot.same_rank(ranked[rank])


def _is_circle(node: PictureNode) -> bool:
    return is_single(node) and len(node.name) <= 16


def _is_volume(node: PictureNode) -> bool:
    """Whether a box is drawn with depth: images of one or more channels, [h, w, c]."""
    return len(node.shape) == 3 and node_style(node.kind).shape == "box"


def volume_side(node: PictureNode) -> float:
    """Inches of a volume across the flow, by the longer side of its images: 28 pixels stand above
    14, and those above 7, each doubling by the same step."""
    doublings = math.log2(max(node.shape[:2]))
    return LEAST_SIDE + PER_DOUBLING * min(doublings, MOST_DOUBLINGS)


def _node(node: PictureNode, theme: Theme, downwards: bool = False) -> dict[str, Attribute]:
    style = node_style(node.kind, node.heat, node.mark, theme)
    look: dict[str, Attribute] = {
        "shape": style.shape,
        "style": style.style,
        "fillcolor": style.fill,
        "color": style.border,
    }
    if node.is_output:
        look |= {"peripheries": 2}
    if _is_volume(node):
        look |= {"shape": "box3d", "style": style.style.replace("rounded,", "")}
        side = volume_side(node)
        look |= {"width": ACROSS * side} if downwards else {"height": side}
    if _is_circle(node):
        width = 0.65 if node.kind == "input" else 0.92
        dashes = ",dashed" if node.mark == "removed" else ""
        form = f"filled{dashes}"
        look |= {"shape": "circle", "style": form, "width": width, "margin": "0.01"}
    if node.kind in GLYPHS:
        look |= {"width": 0.5, "margin": "0.02"}
    return {"label": _node_label(node, style)} | look


def _node_label(node: PictureNode, style: Style) -> Html:
    if node.kind in GLYPHS:
        lines = [text_line(GLYPHS[node.kind], 17, style.text, bold=True)]
        lines += [text_line(part, 9, style.detail) for part in wrap(node.name, 12, 2)]
        below = [shape_words(node.shape), *noted(node)]
        return stack([*lines, *(text_line(part, 9, style.detail) for part in below)], padding=0)
    circle = _is_circle(node)
    longest = max(len(word) for word in node.name.split())
    title = wrap(node.name, max(8, longest) if circle else 24, 2)
    details = single_details(node) if is_single(node) else block_details(node)
    lines = [text_line(part, 13, style.text, bold=True) for part in title]
    return stack([*lines, *(text_line(part, 10, style.detail) for part in details)])


def _edge(
    edge: PictureEdge, strongest: float, colours: Ink, beside: int = 0
) -> dict[str, Attribute]:
    weight = edge.scalar
    look: dict[str, Attribute] = {}
    colour = colours.text
    if edge.mark:
        look = dict(mark_look(edge.mark, colours.theme))
        colour = MARK_LINES[edge.mark].on(colours.theme) if edge.mark != "same" else colours.text
    elif weight is not None:
        colour = sign_colour(weight, colours)
        width = line_width(weight, strongest)
        look = {"color": colour, "penwidth": width, "arrowhead": "normal", "arrowsize": 0.5}
    words = edge_words(edge)
    if words:
        sizes = [10] + [9] * (len(words) - 1)
        lines = [text_line(*line, colour) for line in zip(words, sizes, strict=True)]
        look["label"] = stack(lines, padding=1, before=beside)
    return look


def _loss(
    dot: DotFile,
    id: str,
    loss: PictureLoss,
    minted: dict[str, str],
    picture: Picture,
    colours: Ink,
) -> None:
    style = node_style("loss", theme=colours.theme)
    inputs = {node.id for node in picture.nodes if node.kind == "input"}
    lines = [text_line(part, 11, style.text) for part in wrap(loss.kind.replace("_", " "), 24, 2)]
    lines += [text_line(part, 9, style.detail) for part in wrap(f"target: {loss.target}", 24, 2)]
    dot.node(
        id,
        f"loss: {loss.kind}",
        label=stack(lines, padding=0),
        shape=style.shape,
        style=style.style,
        fillcolor=style.fill,
        color=style.border,
        penwidth="1",
    )
    look: dict[str, Attribute] = {"style": "dashed", "penwidth": "1", "arrowhead": "none"}
    dot.edge(minted[loss.node], id, **look)
    if loss.target in inputs:
        dot.edge(minted[loss.target], id, constraint="false", **look)
