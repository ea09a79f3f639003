"""Graphviz's SVG made fit to stand in a page: real names as tooltips, nothing but drawing."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from xml.etree import ElementTree

from nngraph.render.engines import NO_IMAGES
from nngraph.render.words import clip_text

LINKS = "http://www.w3.org/1999/xlink"
NAMESPACE = "http://www.w3.org/2000/svg"


def tidy_svg(
    svg: bytes, names: Mapping[str, str], title: str, images: Mapping[str, bytes] = NO_IMAGES
) -> str:
    """The same drawing without document type, comments and minted names, its images inside it.

    Each node and edge gets its real name as tooltip, the whole its title; wide pictures shrink
    to the page they stand in.
    """
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    for group in root.iter("g"):
        _name(group, names)
    for image in root.iter("image"):
        name = image.attrib.pop(f"{{{LINKS}}}href")
        image.set("href", f"data:image/png;base64,{base64.b64encode(images[name]).decode()}")
    root.set("xmlns", NAMESPACE)
    root.set("role", "img")
    root.set("style", "max-width:100%;height:auto")
    heading = ElementTree.Element("title")
    heading.text = clip_text(title, 200)
    root.insert(0, heading)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _name(group: ElementTree.Element, names: Mapping[str, str]) -> None:
    title = group.find("title")
    if title is None:
        return
    ends = (title.text or "").split("->")
    if group.get("class") == "graph" or any(end not in names for end in ends):
        group.remove(title)
        return
    title.text = " → ".join(clip_text(names[end], 200) for end in ends)
