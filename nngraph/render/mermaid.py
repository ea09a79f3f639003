"""Mermaid flowcharts: what README files and wikis draw by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.render.colours import Theme
from nngraph.render.escape import mermaid_text
from nngraph.render.labels import (
    GLYPHS,
    block_details,
    edge_words,
    is_single,
    noted,
    single_details,
)
from nngraph.render.palette import node_style
from nngraph.render.picture import Picture, PictureNode
from nngraph.render.words import clip_text

LONGEST_NAME = 40


def to_mermaid(picture: Picture, theme: Theme = "light") -> str:
    """The layered picture as a Mermaid flowchart; ids are minted, all text is escaped."""
    minted = {node.id: f"n{index}" for index, node in enumerate(picture.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  {minted[node.id]}{_node(node)}" for node in picture.nodes]
    for edge in picture.edges:
        words = _label(edge_words(edge))
        arrow = f'-- "{words}" -->' if words else "-->"
        lines.append(f"  {minted[edge.source]} {arrow} {minted[edge.target]}")
    for index, loss in enumerate(picture.losses):
        words = _label([loss.kind.replace("_", " "), f"target: {loss.target}"])
        lines.append(f'  l{index}>"{words}"]')
        lines.append(f"  {minted[loss.node]} -.- l{index}")
    return "\n".join([*lines, *_classes(picture, minted, theme), ""])


def _node(node: PictureNode) -> str:
    if node.kind in GLYPHS:
        return f'(("{_label([GLYPHS[node.kind], node.name, *noted(node)])}"))'
    if is_single(node):
        return f'(("{_label([node.name, *single_details(node)])}"))'
    words = _label([node.name, *block_details(node)])
    match node.kind:
        case "neurons":
            return f'("{words}")'
        case "activation":
            return f'(["{words}"])'
        case _:
            return f'["{words}"]'


def _label(lines: Sequence[str]) -> str:
    return "<br/>".join(mermaid_text(clip_text(line, LONGEST_NAME)) for line in lines)


def _classes(picture: Picture, minted: dict[str, str], theme: Theme) -> list[str]:
    """Fill and border by kind: classes are numbered, so that no word of a spec names one."""
    members: dict[tuple[str, str, str], list[str]] = {}
    for node in picture.nodes:
        style = node_style(node.kind, node.heat, node.mark, theme)
        look = style.fill, style.border, style.text
        members.setdefault(look, []).append(minted[node.id])
    if picture.losses:
        style = node_style("loss", theme=theme)
        losses = [f"l{index}" for index in range(len(picture.losses))]
        members[style.fill, style.border, style.text] = losses
    lines: list[str] = []
    for index, ((fill, border, text), ids) in enumerate(members.items()):
        lines.append(f"  classDef c{index} fill:{fill},stroke:{border},color:{text}")
        lines.append(f"  class {','.join(ids)} c{index}")
    return lines
