"""Where the numbers of weights stand: each on its own line, none on another or on a circle."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nngraph.records import dataclass
from nngraph.render.letters import LINE, Box, text_width
from nngraph.render.routes import Place, Route

SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8, 0.14, 0.86, 0.46, 0.54, 0.38, 0.62)
"""Places along a line, the best first."""
ROOM = 1.5  # points around a number


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle that no number may touch."""

    x: float
    y: float
    radius: float

    def meets(self, box: Box) -> bool:
        """Whether a box reaches into it."""
        x = min(max(self.x, box.left), box.right)
        y = min(max(self.y, box.bottom), box.top)
        return math.hypot(x - self.x, y - self.y) < self.radius


def label_places(
    texts: Sequence[tuple[int, str]],
    size: float,
    lines: Sequence[Route],
    circles: Sequence[Circle],
    boxes: Sequence[Box],
) -> list[Place] | None:
    """The middle of each number, on the line with its index; None where one finds no place.

    A number stands where the fewest other lines run through it, near the middle of its own.
    """
    pieces = [line.pieces() for line in lines]
    taken = list(boxes)
    found: list[Place] = []
    for line, text in texts:
        best: tuple[float, Place, Box] | None = None
        for share in SHARES:
            x, y = lines[line].at(share)
            box = Box.around(x, y, text_width(text, size), LINE * size).grown(ROOM)
            if any(box.meets(other) for other in taken) or any(c.meets(box) for c in circles):
                continue
            others = (other for k, other in enumerate(pieces) if k != line)
            crossed = sum(any(_crosses(box, *piece) for piece in other) for other in others)
            cost = crossed + abs(share - 0.5)
            if best is None or cost < best[0]:
                best = cost, (x, y), box
        if best is None:
            return None
        taken.append(best[2])
        found.append(best[1])
    return found


def _crosses(box: Box, a: Place, b: Place) -> bool:
    """Whether a straight line runs through a box.

    Source: Liang and Barsky, ACM Transactions on Graphics 3 (1984) 1-22.
    """
    first, last = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    sides = (
        (-dx, a[0] - box.left),
        (dx, box.right - a[0]),
        (-dy, a[1] - box.bottom),
        (dy, box.top - a[1]),
    )
    for along, room in sides:
        if along == 0:
            if room < 0:
                return False
            continue
        share = room / along
        if along < 0:
            first = max(first, share)
        else:
            last = min(last, share)
    return first <= last
