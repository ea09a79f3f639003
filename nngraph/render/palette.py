"""Colours, forms and widths, on light paper and on dark.

Blue and orange stay apart for every common kind of colour blindness. A test computes the contrast
of each text on what it stands on: 4.5 to 1 at least (WCAG 2.1, level AA).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from nngraph.records import dataclass
from nngraph.render.colours import PAPER, Colour, Theme, rgb
from nngraph.render.picture import Mark

FONT = "Helvetica,Arial,sans-serif"
LINE = Colour("line", "#68717f", "#8f98a6")
CAPTION = Colour("caption", "#3c4554", "#c3cad5")
POSITIVE = Colour("positive", "#1f63b0", "#6cb0f5")
NEGATIVE = Colour("negative", "#b9570a", "#f0a04b")
NODE_TEXT = Colour("node-text", "#1b2230", "#eceff4")
NODE_DETAIL = Colour("node-detail", "#4a5363", "#c4ccd8")
HALO = Colour("halo", "#fefefe", "#14171c")
"""The paper below a number that stands on its line; not quite that of a white circle."""
DATA_TEXT, DATA_DETAIL = "#1a2130", "#434c5c"  # on the colours of numbers, alike on any paper
HOTTEST = "#f8be7e"
COOLEST = "#9ec5f2"
MARKS: tuple[Mark, ...] = ("added", "removed", "changed")
MARK_LINES: Mapping[Mark, Colour] = MappingProxyType(
    {
        "added": Colour("added", "#23803f", "#6fd08c"),
        "removed": Colour("removed", "#c2413a", "#ff958d"),
        "changed": Colour("changed", "#8a55c9", "#c9a4f5"),
        "same": Colour("same", "#9aa2ad", "#5f6875"),
    }
)
"""Of lines, borders and words; no words stand in that of what is the same."""
MARK_FILLS: Mapping[Mark, Colour] = MappingProxyType(
    {
        "added": Colour("added-ground", "#cdefd6", "#173b23"),
        "removed": Colour("removed-ground", "#f9d9d6", "#4a211e"),
        "changed": Colour("changed-ground", "#e8dcf8", "#34234e"),
        "same": Colour("same-ground", "#eff1f4", "#23272e"),
    }
)
FAINTEST = 0.35  # opacity of a line without weight


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of node looks on either paper."""

    fill: Colour
    border: Colour
    shape: str = "box"
    style: str = "filled"


GREEN = Colour("green-ground", "#d7efe4", "#153a2c"), Colour("green", "#2e8b67", "#5cc79c")
BLUE = Colour("blue-ground", "#dce8fb", "#1b2f4d"), Colour("blue", "#3b6fb6", "#6ca6f0")
YELLOW = Colour("yellow-ground", "#fdecc8", "#423110"), Colour("yellow", "#b0771a", "#e0a94a")
VIOLET = Colour("violet-ground", "#eae0f7", "#33264a"), Colour("violet", "#7a56b3", "#b99cf0")
RED = Colour("red-ground", "#fbe1e6", "#45212b"), Colour("red", "#b44d6a", "#ef8fab")
SAND = Colour("sand-ground", "#fff5d1", "#393316"), Colour("sand", "#9a8426", "#d6bd3d")
GREY = Colour("grey-ground", "#e9ebef", "#2b3038"), Colour("grey", "#69727f", "#a9b1be")
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "input": Look(*GREEN),
        "neurons": Look(*BLUE, style="rounded,filled"),
        "activation": Look(*YELLOW, shape="ellipse"),
        "add": Look(*VIOLET, shape="circle"),
        "subtract": Look(*VIOLET, shape="circle"),
        "multiply": Look(*VIOLET, shape="circle"),
        "concat": Look(*VIOLET),
        "dropout": Look(*RED, style="rounded,filled,dashed"),
        "noise": Look(*RED, style="rounded,filled,dashed"),
        "batch_norm": Look(*RED, style="rounded,filled"),
        "layer_norm": Look(*RED, style="rounded,filled"),
        "loss": Look(*SAND, shape="note"),
    }
)
OTHERS = Look(*GREY)
"""Of kinds that are no row: rearrangements."""
DRAWN: tuple[Colour, ...] = (
    *(LINE, CAPTION, POSITIVE, NEGATIVE, NODE_TEXT, NODE_DETAIL, HALO),
    *MARK_LINES.values(),
    *MARK_FILLS.values(),
    *(*GREEN, *BLUE, *YELLOW, *VIOLET, *RED, *SAND, *GREY),
)
"""All that a drawing is made of but its paper; no two have one colour on light paper."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of what stands on the paper itself: lines, loose text, signs of weights."""

    theme: Theme
    paper: str
    line: str
    text: str
    positive: str
    negative: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a node looks on one paper; `text` and `detail` are what is written in it."""

    fill: str
    border: str
    shape: str
    style: str
    text: str
    detail: str


def ink(theme: Theme) -> Ink:
    """The colours of a theme. "auto" is drawn as "light": an SVG then gets a style sheet."""
    places = (PAPER, LINE, CAPTION, POSITIVE, NEGATIVE)
    return Ink(theme, *(colour.on(theme) for colour in places))


def node_style(
    kind: str, heat: float | None = None, mark: Mark = "", theme: Theme = "light"
) -> Style:
    """Colour and form of a node kind; kinds that are not known here look like rearrangements.

    `heat` fills it in place of its kind's own colour, and so does a mark.
    """
    look = LOOKS.get(kind, OTHERS)
    fill, border, form = look.fill, look.border, look.style
    if mark:
        fill, border = MARK_FILLS[mark], MARK_LINES[mark]
        form = form.replace(",dashed", "") + (",dashed" if mark == "removed" else "")
    words = NODE_TEXT.on(theme), NODE_DETAIL.on(theme)
    style = Style(fill.on(theme), border.on(theme), look.shape, form, *words)
    if heat is None or mark:
        return style
    return replace(style, fill=heat_fill(heat), text=DATA_TEXT, detail=DATA_DETAIL)


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


def mark_look(mark: Mark, theme: Theme = "light") -> dict[str, str | float]:
    """A marked line in Graphviz: in its colour, dashed where it is gone, thin where it is the same.

    >>> mark_look("removed")
    {'color': '#c2413a', 'penwidth': 2.2, 'style': 'dashed'}
    """
    look: dict[str, str | float] = {"color": MARK_LINES[mark].on(theme)}
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
