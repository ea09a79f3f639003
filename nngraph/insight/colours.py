"""Colours of things that are told apart: runs, classes."""

from __future__ import annotations

COLOURS = (
    ("#1f63b0", "#6cb0f5"),
    ("#c25e08", "#f0a04b"),
    ("#2e8b67", "#5cc79c"),
    ("#7a56b3", "#b99cf0"),
    ("#b44d6a", "#ef8fab"),
    ("#857000", "#d6bd3d"),
    ("#2b8399", "#6cc5db"),
    ("#69727f", "#a9b1be"),
)
"""On light and on dark paper; blue and orange first, which no common colour blindness confuses."""

CLASSES = (
    (20, 24, 31), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
    (213, 94, 0), (204, 121, 167),
)  # fmt: skip
"""Classes of pixels, the first of them the ground.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008: a set that people with any common
colour blindness tell apart.
"""


def class_colour(code: int) -> tuple[int, int, int]:
    """The colour of a class of pixels; beyond the set it begins again, without the ground."""
    return CLASSES[code if code < len(CLASSES) else 1 + (code - 1) % (len(CLASSES) - 1)]
