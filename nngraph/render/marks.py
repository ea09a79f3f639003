"""The marks of plots, as SVG elements: a colour has a name, and a light and a dark form."""

from __future__ import annotations

from nngraph.render.escape import xml_text

# Attributes give the light picture; the style sheet only changes it where dark is wanted.
LIGHT = {
    "paper": "#ffffff",
    "text": "#1b2230",
    "detail": "#5a6372",
    "grid": "#e3e6eb",
    "axis": "#9aa2ae",
    "train": "#1f63b0",
    "validation": "#c25e08",
    "test": "#7a56b3",
}
DARK = {
    "paper": "#14171c",
    "text": "#eceff4",
    "detail": "#a9b1be",
    "grid": "#2a2f38",
    "axis": "#6b7482",
    "train": "#6cb0f5",
    "validation": "#f0a04b",
    "test": "#b99cf0",
}


def dark_rules(scope: str) -> str:
    """The rules of a style sheet that turn the marks inside `scope` dark."""
    return "".join(
        f".{scope} .{name}-fill{{fill:{colour}}}.{scope} .{name}-line{{stroke:{colour}}}"
        for name, colour in DARK.items()
    )


def rule_mark(x1: float, y1: float, x2: float, y2: float, name: str, dashes: str = "") -> str:
    """A line from (x1, y1) to (x2, y2)."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line class="{name}-line" x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" '
        f'stroke="{LIGHT[name]}"{dashed}/>'
    )


def dot_mark(x: str, y: str, radius: float, name: str) -> str:
    """A filled circle."""
    return f'<circle class="{name}-fill" cx="{x}" cy="{y}" r="{radius:g}" fill="{LIGHT[name]}"/>'


def text_mark(
    x: float,
    y: float,
    words: str,
    name: str,
    size: float,
    *,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    """One line of words, escaped, its baseline at y."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text class="{name}-fill" x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" '
        f'text-anchor="{anchor}" fill="{LIGHT[name]}"{weight}>{xml_text(words)}</text>'
    )
