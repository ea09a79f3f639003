"""Colours, forms and widths.

Nodes have their own fill; lines and loose text suit light and dark paper.
Blue and orange stay apart for every common kind of colour blindness.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from nngraph.records import dataclass
from nngraph.render.colours import rgb
from nngraph.render.picture import Mark

Theme = Literal["auto", "light", "dark"]

FONT = "Helvetica,Arial,sans-serif"
NODE_TEXT = "#1b2230"
NODE_DETAIL = "#4a5363"
HOTTEST = "#f8be7e"
COOLEST = "#9ec5f2"
MARKS: tuple[Mark, ...] = ("added", "removed", "changed")
MARK_LINES: Mapping[Mark, str] = MappingProxyType(
    {"added": "#23803f", "removed": "#c2413a", "changed": "#8a55c9", "same": "#9aa2ad"}
)
"""Of lines, borders and words; 3.5 or more to 1 on white and on #111 but for what is the same."""
MARK_FILLS: Mapping[Mark, str] = MappingProxyType(
    {"added": "#cdefd6", "removed": "#f9d9d6", "changed": "#e8dcf8", "same": "#eff1f4"}
)
FAINTEST = 0.35  # opacity of a line without weight


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of what stands on the paper itself: lines, loose text, signs of weights."""

    paper: str
    line: str
    text: str
    positive: str
    negative: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of node looks."""

    fill: str
    border: str
    shape: str
    style: str


def ink(theme: Theme) -> Ink:
    """The colours of a theme; those of "auto" have a contrast of 3.7 or more on white and #111."""
    if theme == "light":
        return Ink("#ffffff", "#68717f", "#3c4554", "#1f63b0", "#b9570a")
    if theme == "dark":
        return Ink("#111111", "#8f98a6", "#c3cad5", "#6cb0f5", "#f0a04b")
    return Ink("transparent", "#777d87", "#777d87", "#3a7fd0", "#c4680f")


def node_style(kind: str, heat: float | None = None, mark: Mark = "") -> Style:
    """Colour and form of a node kind; kinds that are not known here look like rearrangements.

    `heat` fills it in place of its kind's own colour, and so does a mark.
    """
    style = _kind_style(kind)
    if mark:
        dashes = ",dashed" if mark == "removed" else ""
        form = style.style.replace(",dashed", "") + dashes
        return replace(style, fill=MARK_FILLS[mark], border=MARK_LINES[mark], style=form)
    return style if heat is None else replace(style, fill=heat_fill(heat))


def heat_fill(heat: float) -> str:
    """White at 0, orange at 1, on which dark text can still be read.

    >>> heat_fill(0.0), heat_fill(1.0)
    ('#ffffff', '#f8be7e')
    """
    share = min(1.0, max(0.0, heat))
    return "#" + "".join(f"{round(255 + share * (end - 255)):02x}" for end in rgb(HOTTEST))


def signed_fill(value: float, strongest: float) -> str:
    """White at 0, blue above and orange below, on which dark text can still be read.

    >>> signed_fill(0.0, 1.0), signed_fill(1.0, 1.0), signed_fill(-2.0, 1.0)
    ('#ffffff', '#9ec5f2', '#f8be7e')
    """
    share = strength(value, strongest)
    ends = rgb(COOLEST if value > 0 else HOTTEST)
    return "#" + "".join(f"{round(255 + share * (end - 255)):02x}" for end in ends)


def _kind_style(kind: str) -> Style:
    match kind:
        case "input":
            return Style("#d7efe4", "#2e8b67", "box", "filled")
        case "neurons":
            return Style("#dce8fb", "#3b6fb6", "box", "rounded,filled")
        case "activation":
            return Style("#fdecc8", "#b0771a", "ellipse", "filled")
        case "add" | "subtract" | "multiply":
            return Style("#eae0f7", "#7a56b3", "circle", "filled")
        case "concat":
            return Style("#eae0f7", "#7a56b3", "box", "filled")
        case "dropout" | "noise":
            return Style("#fbe1e6", "#b44d6a", "box", "rounded,filled,dashed")
        case "batch_norm" | "layer_norm":
            return Style("#fbe1e6", "#b44d6a", "box", "rounded,filled")
        case "loss":
            return Style("#fff5d1", "#9a8426", "note", "filled")
        case _:
            return Style("#e9ebef", "#69727f", "box", "filled")


def mark_look(mark: Mark) -> dict[str, str | float]:
    """A marked line in Graphviz: in its colour, dashed where it is gone, thin where it is the same.

    >>> mark_look("removed")
    {'color': '#c2413a', 'penwidth': 2.2, 'style': 'dashed'}
    """
    look: dict[str, str | float] = {"color": MARK_LINES[mark]}
    look["penwidth"] = 0.8 if mark == "same" else 2.2
    return look | ({"style": "dashed"} if mark == "removed" else {})


def sign_colour(weight: float, colours: Ink) -> str:
    """Blue for positive, orange for negative, the line's grey for zero and for no number."""
    if weight > 0:
        return colours.positive
    return colours.negative if weight < 0 else colours.line


def strength(weight: float, strongest: float) -> float:
    """|weight| as a share of the strongest of the picture, from 0 to 1."""
    if not strongest or not math.isfinite(weight):
        return 0.0
    return min(1.0, abs(weight) / strongest)


def strongest_of(weights: Iterable[float | None]) -> float:
    """The largest finite |w|, 0 without any; None is a line without a weight."""
    found = [abs(weight) for weight in weights if weight is not None and math.isfinite(weight)]
    return max(found, default=0.0)


def faded(colour: str, weight: float, strongest: float) -> str:
    """A colour of a line, the fainter the weaker, so that many lines do not bury the strong ones.

    >>> faded("#1f63b0", 1.0, 1.0)
    '#1f63b0ff'
    """
    opacity = FAINTEST + (1 - FAINTEST) * strength(weight, strongest)
    return f"{colour}{round(255 * opacity):02x}"
