"""Images as solids, in the drawing language of Graphviz's backgrounds (xdot)."""

from __future__ import annotations

from nngraph.render.colours import Theme
from nngraph.render.flow.items import Volume
from nngraph.render.palette import node_style
from nngraph.render.picture import PictureNode
from nngraph.render.routes import Place

SHADE = "#80808030"  # over the side that lies away from the light, on any fill
PLAIN, THICK = 1.2, 2.6  # points of an edge; of that of an output


def solid(node: PictureNode, volume: Volume, x: float, y: float, theme: Theme) -> str:
    """Front, top and side of a solid whose whole has its middle at (x, y)."""
    style = node_style(node.kind, node.heat, node.mark, theme)
    left, bottom = x - (volume.thick + volume.right) / 2, y - (volume.tall + volume.up) / 2
    right, top = left + volume.thick, bottom + volume.tall
    far, high = right + volume.right, top + volume.up
    front = ((left, bottom), (left, top), (right, top), (right, bottom))
    above = ((left, top), (left + volume.right, high), (far, high), (right, top))
    side = ((right, bottom), (right, top), (far, high), (far, bottom + volume.up))
    pen = _style(f"setlinewidth({THICK if node.is_output else PLAIN})")
    pen += _style("dashed" if "dashed" in style.style else "solid")
    faces = "".join(_polygon("P", face) for face in (front, above, side))
    colours = _colour("C", style.fill) + _colour("c", style.border)
    return f"{pen}{colours}{faces}{_colour('C', SHADE)}{_polygon('P', side)}"


def _polygon(word: str, corners: tuple[Place, ...]) -> str:
    places = " ".join(f"{x:.2f} {y:.2f}" for x, y in corners)
    return f"{word} {len(corners)} {places} "


def _colour(word: str, colour: str) -> str:
    return f"{word} {len(colour)} -{colour} "


def _style(words: str) -> str:
    return f"S {len(words)} -{words} "
