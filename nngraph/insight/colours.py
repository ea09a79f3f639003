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
