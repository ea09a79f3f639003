"""From a picture to DOT: chooses the view."""

from __future__ import annotations

from dataclasses import replace

from nngraph.render.colours import Theme
from nngraph.render.dotfile import DotFile
from nngraph.render.flow import flow_dot, flows
from nngraph.render.large import is_large, large_dot
from nngraph.render.layered import layered_dot
from nngraph.render.neurons import neurons_dot
from nngraph.render.picture import Picture


def to_dot(picture: Picture, *, neurons: bool = False, theme: Theme = "auto") -> str:
    """The picture in Graphviz's language; needs no Graphviz.

    `neurons` draws every unit and every weight; `theme` is the paper it lies on, "auto" is
    light here. Maps are left out: they would be files of their own.
    Errors: UsageError where `neurons` is asked of a network with too many.
    """
    picture = replace(picture, nodes=tuple(replace(node, maps=None) for node in picture.nodes))
    return draw(picture, neurons=neurons, theme=theme).text


def draw(
    picture: Picture, *, neurons: bool = False, theme: Theme = "auto", dpi: int | None = None
) -> DotFile:
    """The drawing with the names behind its ids; `dpi` only matters for pixels."""
    if neurons:
        return neurons_dot(picture, theme, dpi)
    if is_large(picture):
        return large_dot(picture, theme, dpi)
    if flows(picture):
        return flow_dot(picture, theme, dpi)
    return layered_dot(picture, theme, dpi)
