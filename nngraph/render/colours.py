"""Colours of plots and of what is told apart: each on light and on dark paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from nngraph.records import dataclass

Theme = Literal["auto", "light", "dark"]
"""The paper of a picture; "auto" is what the reader prefers, and light where nobody can be asked.
"""
THEMES: tuple[str, ...] = get_args(Theme)
DARK_WANTED = "@media (prefers-color-scheme:dark)"
STYLE_SHEET = re.compile("<style>.*?</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour by its name in a style sheet: on light paper, and on dark."""

    name: str
    light: str
    dark: str

    def on(self, theme: Theme) -> str:
        """What is drawn on this paper, before a style sheet changes it."""
        return self.dark if theme == "dark" else self.light


PAPER = Colour("paper", "#ffffff", "#14171c")
TEXT = Colour("text", "#1b2230", "#eceff4")
DETAIL = Colour("detail", "#5a6372", "#a9b1be")
GRID = Colour("grid", "#e3e6eb", "#2a2f38")
AXIS = Colour("axis", "#9aa2ae", "#6b7482")
INKS = (PAPER, TEXT, DETAIL, GRID, AXIS)

SERIES = (
    ("#1f63b0", "#6cb0f5"),
    ("#b1530a", "#f0a04b"),
    ("#277d5b", "#5cc79c"),
    ("#7a56b3", "#b99cf0"),
    ("#b44d6a", "#ef8fab"),
    ("#857000", "#d6bd3d"),
    ("#25798e", "#6cc5db"),
    ("#69727f", "#a9b1be"),
)
"""Lines and points of one picture, on light and on dark paper; blue and orange first, which no
common colour blindness confuses."""

CLASSES = (
    (20, 24, 31), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
    (213, 94, 0), (204, 121, 167),
)  # fmt: skip
"""Classes of pixels, the first of them the ground.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008: a set that people with any common
colour blindness tell apart.
"""


def series(name: str, place: int = 0) -> Colour:
    """The colour of one of several lines or kinds of points; beyond the set it begins again.

    >>> series("run8", 8)
    Colour(name='run8', light='#1f63b0', dark='#6cb0f5')
    """
    return Colour(name, *SERIES[place % len(SERIES)])


def class_colour(code: int) -> tuple[int, int, int]:
    """The colour of a class of pixels; beyond the set it begins again, without the ground."""
    return CLASSES[code if code < len(CLASSES) else 1 + (code - 1) % (len(CLASSES) - 1)]


def rgb(colour: str) -> tuple[int, int, int]:
    """The three parts of a colour in hexadecimal.

    >>> rgb("#1f63b0")
    (31, 99, 176)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def dark_rules(scope: str, colours: Iterable[Colour]) -> str:
    """A style sheet that turns what has a colour's class inside `scope` dark where that is wanted.

    The light colours stand in attributes, for viewers that read no style sheet.
    """
    rules = "".join(
        f".{scope} .{colour.name}-fill{{fill:{colour.dark}}}"
        f".{scope} .{colour.name}-line{{stroke:{colour.dark}}}"
        for colour in dict.fromkeys(colours)
    )
    return f"{DARK_WANTED}{{{rules}}}"


def in_theme(document: str, theme: Theme) -> str:
    """A page or an SVG text of ours whose style sheets follow the reader, in one theme for all.

    >>> in_theme(f"<style>{DARK_WANTED}{{a}}</style>", "dark")
    '<style>@media all{a}</style>'
    """
    if theme == "auto":
        return document
    media = "@media all" if theme == "dark" else "@media not all"
    return STYLE_SHEET.sub(lambda found: found[0].replace(DARK_WANTED, media), document)
