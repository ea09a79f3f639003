"""The usual picture: one box per layer, one circle per single neuron, one arrow per edge."""

from __future__ import annotations

from collections import Counter

from nngraph.render.caption import caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.columns import node_columns
from nngraph.render.dotfile import Attribute, DotFile, stack
from nngraph.render.labels import GLYPHS, edge_lines, is_circle, loss_lines, node_lines
from nngraph.render.looks import DASHED, edge_look, edge_text, loss_look, node_look, written
from nngraph.render.palette import FONT, HALO, Ink, ink, node_style, strongest_of
from nngraph.render.picture import Picture, PictureEdge, PictureLoss, PictureNode

DEEP = 9  # columns from which a wide picture grows downwards instead of to the right
BESIDE = 6  # points between an arrow that runs downwards and what is written beside it
FAN = 3  # lines out of a node whose numbers keep apart
ON_LINE: dict[str, Attribute] = {"labelangle": 0, "labeldistance": 2.1}  # in tens of points
LONG_ENOUGH = "1.4"  # inches between columns, where numbers stand on the lines


def layered_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """The network layer by layer, laid out by Graphviz."""
    colours = ink(theme)
    column = node_columns(picture)
    downwards = max(column.values(), default=0) + 1 > DEEP
    dot = DotFile()
    flow: dict[str, Attribute] = {"rankdir": "TB" if downwards else "LR"}
    straight = _lines_stay_free(picture, column)
    if straight:
        flow["splines"] = "line"
    on_lines = straight and not downwards and _only_numbers(picture)
    if dpi is not None:
        flow["dpi"] = dpi
    strongest = strongest_of(edge.scalar for edge in picture.edges)
    label = caption(picture, colours, signs=bool(strongest))
    page_defaults(
        dot, colours, label, nodesep="0.35", ranksep=LONG_ENOUGH if on_lines else "0.55", **flow
    )
    dot.defaults("node", fontname=FONT, penwidth="1.3", margin="0.14,0.08")
    dot.defaults(
        "edge", fontname=FONT, color=colours.line, penwidth="1.2", arrowhead="vee", arrowsize="0.7"
    )
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    for node in picture.nodes:
        dot.node(minted[node.id], node.name, **_node(node, theme))
    _columns(dot, picture, minted)
    for edge in picture.edges:
        beside = BESIDE if downwards else 0
        look = _edge(edge, strongest, colours, beside, on_line=on_lines)
        dot.edge(minted[edge.source], minted[edge.target], **look)
    for index, loss in enumerate(picture.losses):
        _loss(dot, f"l{index}", loss, minted, picture, colours)
    return dot


def _lines_stay_free(picture: Picture, column: dict[str, int]) -> bool:
    """Whether straight lines neither run through a box nor lie on each other."""
    pairs = [(edge.source, edge.target) for edge in picture.edges]
    if len(set(pairs)) < len(pairs):
        return False
    if any(loss.target in column for loss in picture.losses):
        return False  # a line from an input to its loss runs past all columns
    return all(column[target] - column[source] == 1 for source, target in pairs)


def _only_numbers(picture: Picture) -> bool:
    """Whether circles alone are joined, each line has one number to say, and few leave a circle.

    Each number then stands on its line, near its beginning, where other lines do not cross: beside
    the lines two that cross would leave open which number is whose.
    """
    fans = Counter(edge.source for edge in picture.edges)
    return (
        all(is_circle(node) for node in picture.nodes)
        and all(edge.scalar is not None and len(edge_lines(edge)) == 1 for edge in picture.edges)
        and max(fans.values(), default=0) <= FAN
    )


def _columns(dot: DotFile, picture: Picture, minted: dict[str, str]) -> None:
    ranked: dict[int, list[str]] = {}
    for node in picture.nodes:
        if node.rank is not None:
            ranked.setdefault(node.rank, []).append(minted[node.id])
    for rank in sorted(ranked):
        dot.same_rank(ranked[rank])


def _node(node: PictureNode, theme: Theme) -> dict[str, Attribute]:
    style = node_style(node.kind, node.heat, node.mark, theme)
    look = node_look(node, style)
    if is_circle(node):
        look |= {"width": 0.65 if node.kind == "input" else 0.92, "margin": "0.01"}
    if node.kind in GLYPHS:
        look |= {"width": 0.5, "margin": "0.02"}
    lines = written(node_lines(node), style.text, style.detail)
    return {"label": stack(lines, padding=0 if node.kind in GLYPHS else 1)} | look


def _edge(
    edge: PictureEdge, strongest: float, colours: Ink, beside: int = 0, *, on_line: bool = False
) -> dict[str, Attribute]:
    look = edge_look(edge, strongest, colours)
    colour = edge_text(edge, colours)
    lines = written(edge_lines(edge), colour, colour)
    if on_line:
        ground = HALO.on(colours.theme)
        return look | ON_LINE | {"taillabel": stack(lines, padding=0, ground=ground)}
    return look | ({"label": stack(lines, padding=1, before=beside)} if lines else {})


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
    label = stack(written(loss_lines(loss), style.text, style.detail), padding=0)
    dot.node(id, f"loss: {loss.kind}", label=label, **loss_look(colours.theme))
    dot.edge(minted[loss.node], id, **DASHED)
    if loss.target in inputs:
        dot.edge(minted[loss.target], id, constraint="false", **DASHED)
