"""Graphviz's SVG made fit to stand in a page: real names as tooltips, nothing but drawing."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from types import MappingProxyType
from xml.etree import ElementTree

from nngraph.render.colours import PAPER, Colour, Theme, dark_rules
from nngraph.render.engines import NO_IMAGES
from nngraph.render.palette import DRAWN
from nngraph.render.words import clip_text

LINKS = "http://www.w3.org/1999/xlink"
NAMESPACE = "http://www.w3.org/2000/svg"
SCOPE = "nngraph-network"
PAINTS: Mapping[str, str] = MappingProxyType({"fill": "fill", "stroke": "line"})


def tidy_svg(
    svg: bytes,
    names: Mapping[str, str],
    title: str,
    images: Mapping[str, bytes] = NO_IMAGES,
    theme: Theme = "auto",
) -> str:
    """The same drawing without document type, comments and minted names, its images inside it.

    Each node and edge gets its real name as tooltip, the whole its title; wide pictures shrink
    to the page they stand in. With "auto" colours get classes, and a style sheet makes them dark
    where the reader prefers that.
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
    if theme == "auto":
        _follow_the_reader(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _follow_the_reader(root: ElementTree.Element) -> None:
    """Classes for the colours of the palette, and the style sheet that makes them dark."""
    drawn = {colour.light: colour for colour in DRAWN}
    used: list[Colour] = []
    for element in root.iter():
        found = {key: drawn[light] for key in PAINTS if (light := element.get(key)) in drawn}
        used += _set_classes(element, found)
    if (paper := root.find("g[@class='graph']/polygon")) is not None:  # what else is white stays
        used += _set_classes(paper, {"fill": PAPER})
    root.set("class", SCOPE)
    sheet = ElementTree.Element("style")
    sheet.text = dark_rules(SCOPE, used)
    root.insert(1, sheet)


def _set_classes(element: ElementTree.Element, colours: Mapping[str, Colour]) -> Collection[Colour]:
    if colours:
        names = (f"{colour.name}-{PAINTS[key]}" for key, colour in colours.items())
        element.set("class", " ".join(names))
    return colours.values()


def _name(group: ElementTree.Element, names: Mapping[str, str]) -> None:
    title = group.find("title")
    if title is None:
        return
    ends = (title.text or "").split("->")
    if group.get("class") == "graph" or any(end not in names for end in ends):
        group.remove(title)
        return
    title.text = " → ".join(clip_text(names[end], 200) for end in ends)
