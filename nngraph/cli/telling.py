"""The words of a training's progress: an epoch on one line, a sparkline, the time left.

A line is a list of pieces, each a text and its colour or "".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from nngraph.cli.output import number

if TYPE_CHECKING:
    from nngraph.train.position import Epoch

Pieces = list[tuple[str, str]]

CELLS = 16  # columns of a sparkline
LEVELS = "▁▂▃▄▅▆▇█"
BETTER, WORSE = "green", "red"


class LossHistory:
    """How the loss has gone: on the validation part, or else on the training part."""

    def __init__(self) -> None:
        self.part = ""
        self.values: list[float] = []
        self.best = (math.inf, 0)  # the value, and its epoch
        self._shown = math.inf

    def add(self, epoch: Epoch) -> None:
        """Take in an epoch that is over."""
        self.part, value = watched_loss(epoch)
        self.values.append(value)
        if value < self.best[0]:
            self.best = value, epoch.number

    def colour(self, epoch: Epoch) -> str:
        """BETTER for the lowest loss so far, WORSE where it is above that of the line above."""
        value = watched_loss(epoch)[1]
        before, self._shown = self._shown, value
        if epoch.number == self.best[1]:
            return BETTER
        return WORSE if value > before else ""

    def told(self, marks: str) -> str:
        """The whole way of the loss on one line."""
        value, epoch = self.best
        lowest = f", lowest {number(value, 4)} in epoch {epoch}" if epoch else ""
        first, last = number(self.values[0], 4), number(self.values[-1], 4)
        return f"{self.part}loss {first} {sparkline(self.values, marks)} {last}{lowest}"


def watched_loss(epoch: Epoch) -> tuple[str, float]:
    """The part whose loss is watched, as a prefix, and that loss."""
    part = "validation " if "loss" in epoch.validation else ""
    return part, (epoch.validation or epoch.train).get("loss", math.nan)


def sparkline(values: Sequence[float], levels: str = LEVELS, cells: int = CELLS) -> str:
    """Values as bars in a row, the means of neighbours where they are many; "" without levels.

    Where all are positive the height is that of the logarithm: a loss falls by factors.

    >>> sparkline([1, 2, 3, 4, 5, 6, 7, 8], cells=4), sparkline([8.0, 4.0, 2.0, 1.0], "abcd")
    ('▁▅▇█', 'dcba')
    """
    numbers = [value for value in values if math.isfinite(value)]
    if not numbers or not levels:
        return ""
    columns = min(cells, len(numbers))
    cuts = [len(numbers) * i // columns for i in range(columns + 1)]
    means = [sum(numbers[a:b]) / (b - a) for a, b in pairwise(cuts)]
    heights = [math.log(mean) for mean in means] if min(means) > 0 else means
    low, high = min(heights), max(heights)
    step = (high - low) / (len(levels) - 1) or 1.0
    return "".join(levels[round((height - low) / step)] for height in heights)


def epoch_pieces(epoch: Epoch, epochs: int, width: int, colour: str = "") -> Pieces:
    """An epoch on one line of so many columns: the fullest form of its figures that fits."""
    head = f"epoch {str(epoch.number).rjust(len(str(epochs)))}/{epochs}"
    cells = _cells(epoch)
    for columns, validation, figures in _forms(cells):
        labels = [f"{validation if part else ''}{name}" for part, name, _ in figures]
        if len(head) + sum(len(label) + 3 + columns for label in labels) <= width:
            break
    pieces = [(head, "")]
    for label, (part, name, value) in zip(labels, figures, strict=True):
        is_watched = (part, name) == (watched_loss(epoch)[0], "loss")
        shown = (number_within(value, columns).ljust(columns), colour if is_watched else "")
        pieces += [(f"  {label} ", ""), shown]
    last, colour = pieces[-1]
    return [*pieces[:-1], (last.rstrip(), colour)]


Cells = list[tuple[str, str, float]]


def _cells(epoch: Epoch) -> Cells:
    """Part, name and value of each figure."""
    parts = (("", epoch.train), ("validation ", epoch.validation))
    return [(part, name, value) for part, found in parts for name, value in found.items()]


def _forms(cells: Cells) -> Iterator[tuple[int, str, Cells]]:
    """Columns of a number, the word for validation, and the figures: ever less of them.

    First what is said of the training part beside its first figure goes, then of validation.
    """
    yield 8, "validation ", cells
    yield 7, "val ", cells
    yield 6, "val ", cells
    for part in ("", "validation "):
        for place in reversed([i for i, cell in enumerate(cells) if cell[0] == part][1:]):
            cells = cells[:place] + cells[place + 1 :]
            yield 7, "val ", cells
    yield 7, "val ", cells[-1:]


def number_within(value: float, columns: int) -> str:
    """A number with up to four significant digits, and fewer where it is too wide otherwise.

    >>> number_within(0.0598123, 7), number_within(0.0598123, 6), number_within(1.2345e-05, 7)
    ('0.05981', '0.0598', '1.2e-05')
    """
    forms = [number(value, digits) for digits in (4, 3, 2, 1)]
    return next((form for form in forms if len(form) <= columns), forms[-1])


def clock_text(seconds: float) -> str:
    """A span of time as minutes and seconds, with hours where there are some.

    >>> clock_text(7.4), clock_text(754), clock_text(7500)
    ('00:07', '12:34', '2:05:00')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}:{rest:02d}"
    return f"{hours}:{clock}" if hours else clock
