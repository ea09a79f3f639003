"""A square with two axes, to draw points, lines and maps in."""

from __future__ import annotations

from dataclasses import dataclass

from nngraph.insight.report.markup import Content, Markup, tag
from nngraph.render.ticks import linear_ticks, tick_text

SIDE, LEFT, BOTTOM, ROOM = 320.0, 56.0, 40.0, 10.0


@dataclass(frozen=True, slots=True)
class Square:
    """What the sides stand for: (low, high) of each."""

    horizontal: tuple[float, float]
    vertical: tuple[float, float]
    side: float = SIDE

    def across(self, value: float) -> float:
        """Pixels from the left."""
        low, high = self.horizontal
        return LEFT + self.side * (value - low) / (high - low)

    def down(self, value: float) -> float:
        """Pixels from the top."""
        low, high = self.vertical
        return ROOM + self.side * (high - value) / (high - low)

    def svg(self, title: str, below: str, *content: Content, grid: bool = True) -> Markup:
        """The drawing: axes, what is drawn, and a name under the horizontal one."""
        width, height = LEFT + self.side + ROOM, ROOM + self.side + BOTTOM
        return tag(
            "svg",
            tag("title", title),
            self._axes(grid),
            content,
            text(LEFT + self.side / 2, ROOM + self.side + 34, below, "middle"),
            width=f"{width:g}",
            height=f"{height:g}",
            viewBox=f"0 0 {width:g} {height:g}",
            role="img",
        )

    def _axes(self, grid: bool) -> list[Markup]:
        parts = []
        end = ROOM + self.side
        for tick in linear_ticks(*self.horizontal):
            x = self.across(tick)
            parts.append(line("base", x, ROOM if grid else end, x, end + (0 if grid else 4)))
            parts.append(text(x, end + 17, tick_text(tick), "middle"))
        for tick in linear_ticks(*self.vertical):
            y = self.down(tick)
            right = LEFT + self.side if grid else LEFT
            parts.append(line("base", LEFT if grid else LEFT - 4, y, right, y))
            parts.append(text(LEFT - 7, y + 4, tick_text(tick), "end"))
        return parts


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """A straight line of a class of the style sheet."""
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return tag("line", class_=kind, **{key: f"{value:.1f}" for key, value in places.items()})


def text(x: float, y: float, words: str, anchor: str) -> Markup:
    """Words at an axis."""
    return tag("text", words, class_="axis", x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
