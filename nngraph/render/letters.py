"""How much room text takes, near enough to keep others out of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from nngraph.records import dataclass

NARROW, SLIM, WIDE = "ijl.,:;'|!", 'frtIJ()[]{}-/\\ "·', "mwMWQGO@%…"
LINE = 1.25  # height of a line to the size of its letters


def text_width(text: str, size: float) -> float:
    """Points that a line takes in Helvetica, or a little more.

    Source: the widths of Adobe's font metrics, in five classes, each rounded up.

    >>> text_width("0.25", 10), text_width("ill", 10)
    (19.69, 8.4)
    """
    return round(size * sum(map(_em, text)), 2)


def _em(character: str) -> float:
    if character in NARROW:
        return 0.28
    if character in SLIM:
        return 0.39
    if character in WIDE:
        return 0.95
    if unicodedata.east_asian_width(character) in "WF":
        return 1.1
    return 0.72 if character.isupper() else 0.563


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the paper, in points, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Box:
        """The box with this middle."""
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def grown(self, by: float) -> Box:
        """The same with room around it."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)

    def meets(self, other: Box) -> bool:
        """Whether the two have a place in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top

    def holds(self, x: float, y: float) -> bool:
        """Whether a place lies in it."""
        return self.left <= x <= self.right and self.bottom <= y <= self.top


def lines_box(x: float, y: float, lines: Sequence[tuple[str, float]], share: float = 0.5) -> Box:
    """What lines of text (each with its size) take around the height y; x lies at a share of the
    width: 0.5 in the middle, 0 at their left."""
    width = max((text_width(text, size) for text, size in lines), default=0.0)
    height = sum(LINE * size for _, size in lines)
    left = x - share * width
    return Box(left, y - height / 2, left + width, y + height / 2)
