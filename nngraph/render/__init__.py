"""Pictures of networks (SVG, PNG, PDF, DOT, Mermaid)."""

from nngraph.render.dot import to_dot
from nngraph.render.mermaid import to_mermaid
from nngraph.render.output import check_suffix, picture_bytes, render, to_svg
from nngraph.render.picture import Mark, Overlay, Picture, PictureEdge, PictureLoss, PictureNode

__all__ = [
    "Mark",
    "Overlay",
    "Picture",
    "PictureEdge",
    "PictureLoss",
    "PictureNode",
    "check_suffix",
    "picture_bytes",
    "render",
    "to_dot",
    "to_mermaid",
    "to_svg",
]
