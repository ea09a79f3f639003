"""What an SVG text of ours shows: its words with their places and colours, and what lies below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
RULE = re.compile(r"\.[\w-]+ \.([\w-]+)\{(fill|stroke):(#\w+)\}")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Box:
    """A rectangle; `fill` is the colour of what stands in it, `what` its words or its element."""

    left: float
    top: float
    right: float
    bottom: float
    fill: str
    what: str

    def overlap(self, other: Box) -> float:
        """By how much two boxes reach into each other, in the shorter direction."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return min(across, down)


def words(svg: str, *, dark: bool = False) -> Iterator[tuple[Box, str]]:
    """Each line of text with its extent, and the colour of what was drawn last below its middle."""
    root = ElementTree.fromstring(svg)
    rules = {found[1]: found[3] for found in RULE.finditer(svg)} if dark else {}
    grounds: list[Box] = []
    for element in root.iter():
        name = element.tag.removeprefix(SVG)
        if name == "text":
            box = _extent(element, rules)
            if box.what.strip():
                yield box, _ground(box, grounds)
        elif name in ("polygon", "ellipse", "circle", "path", "rect"):
            fill = paint(element, rules)
            if fill != "none":
                grounds.append(_bounds(element, name, fill))


def circles(svg: str) -> list[Box]:
    """The circles of the units."""
    root = ElementTree.fromstring(svg)
    return [_bounds(e, "ellipse", e.get("fill", "")) for e in root.iter(f"{SVG}ellipse")]


def paint(element: ElementTree.Element, rules: dict[str, str]) -> str:
    """The colour that fills an element, by a style sheet or by itself."""
    for name in (element.get("class") or "").split():
        if name in rules and name.endswith("-fill"):
            return rules[name]
    fill = element.get("fill", "#000000")
    return {"white": "#ffffff", "black": "#000000", "transparent": "none"}.get(fill, fill)


def _extent(element: ElementTree.Element, rules: dict[str, str]) -> Box:
    """Helvetica's digits are 0.556 em wide and 0.7 em high; other letters much the same."""
    text = "".join(element.itertext()).replace("\u00a0", " ")
    size = float(element.get("font-size", "11"))
    wide = sum(0.278 if c in ".,:il |" else 0.556 for c in text) * size
    x, y = float(element.get("x", "0")), float(element.get("y", "0"))
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * wide
    return Box(left, y - 0.7 * size, left + wide, y, paint(element, rules), text)


def _bounds(element: ElementTree.Element, name: str, fill: str) -> Box:
    get = element.get
    if name in ("ellipse", "circle"):
        x, y = float(get("cx", "0")), float(get("cy", "0"))
        rx, ry = float(get("rx", get("r", "0"))), float(get("ry", get("r", "0")))
        return Box(x - rx, y - ry, x + rx, y + ry, fill, name)
    if name == "rect":
        x, y = float(get("x", "0")), float(get("y", "0"))
        return Box(x, y, x + float(get("width", "0")), y + float(get("height", "0")), fill, name)
    numbers = [float(n) for n in NUMBER.findall(get("points", get("d", "")))]
    xs, ys = numbers[::2], numbers[1::2]
    return Box(min(xs), min(ys), max(xs), max(ys), fill, name)


def _ground(box: Box, grounds: list[Box]) -> str:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    below = [g for g in grounds if g.left <= x <= g.right and g.top <= y <= g.bottom]
    return below[-1].fill if below else "none"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.1, contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
