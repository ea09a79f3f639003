"""A training history sorted into panels: one per figure, one line per part of the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nngraph.data.dataset import PARTS
from nngraph.records import dataclass
from nngraph.words.metrics import is_rising


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure on one part: (epoch, value) pairs, a value that is not finite for a gap."""

    part: str
    points: tuple[tuple[float, float], ...]

    @property
    def finite(self) -> list[tuple[float, float]]:
        """The points that can be drawn."""
        return [point for point in self.points if math.isfinite(point[1])]


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure, such as the loss, on all parts that have it."""

    figure: str
    lines: tuple[Curve, ...]

    @property
    def deciding(self) -> Curve:
        """The line that says which epoch was best: validation where there is one."""
        for line in self.lines:
            if line.part == "validation":
                return line
        return self.lines[0]

    @property
    def is_rising(self) -> bool:
        """Whether more is better, as with accuracy; losses and errors fall."""
        return is_rising(self.figure)

    @property
    def best(self) -> tuple[float, float] | None:
        """Epoch and value where the deciding line was best; the first of equals."""
        points = self.deciding.finite
        if not points:
            return None
        sign = -1 if self.is_rising else 1
        return min(points, key=lambda point: sign * point[1])


def panels(history: Sequence[Mapping[str, float]]) -> list[Panel]:
    """The panels of a history: the loss first, then the metrics as they come.

    >>> [panel.figure for panel in panels([{"epoch": 1, "train.loss": 0.5}])]
    ['loss']
    """
    figures: dict[str, None] = {"loss": None}
    for row in history:
        for key in row:
            part, _, figure = key.partition(".")
            if part in PARTS and figure:
                figures[figure] = None
    found = [Panel(figure, _lines(history, figure)) for figure in figures]
    return [panel for panel in found if panel.lines]


def _lines(history: Sequence[Mapping[str, float]], figure: str) -> tuple[Curve, ...]:
    lines = []
    for part in PARTS:
        key = f"{part}.{figure}"
        if any(key in row for row in history):
            points = [(_epoch(row, n), _value(row.get(key))) for n, row in enumerate(history, 1)]
            lines.append(Curve(part, tuple(points)))
    return tuple(lines)


def _epoch(row: Mapping[str, float], counted: int) -> float:
    epoch = _value(row.get("epoch", counted))
    return epoch if math.isfinite(epoch) else float(counted)


def _value(value: float | None) -> float:
    """A gap (NaN) for what is missing."""
    return math.nan if value is None else float(value)
