"""Where the values of a path lie on an axis: choices, numbers, and those behind `or`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.records import dataclass
from nngraph.render.plot.axis import Axis
from nngraph.render.plot.ticks import tick_text

EDGE = 0.04  # free on both sides of numbers
ASIDE = 0.12  # of the axis, on its left, for values beside the range


@dataclass(frozen=True)
class ValueAxis:
    """The values of a path from 0 to 1; `room` is what each of a few has, and `is_discrete` says
    whether there are only few."""

    name: str
    choices: tuple[str, ...]
    scale: Axis | None = None

    @property
    def is_discrete(self) -> bool:
        """Whether each value has a place of its own."""
        return self.scale is None

    @property
    def room(self) -> float:
        """Half of what lies between two choices."""
        return 0.5 / len(self.choices) if self.is_discrete else 0.0

    def share(self, text: str) -> float:
        """How far along the axis a value lies."""
        if self.scale is None:
            return (self.choices.index(text) + 0.5) / len(self.choices)
        if text in self.choices:
            return ASIDE / 2
        first = ASIDE if self.choices else 0.0
        share = self.scale.share(float(text))
        return first + EDGE + share * (1 - first - 2 * EDGE)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places with what stands there."""
        found = [(self.share(text), text) for text in self.choices]
        if self.scale is None:
            return found
        values = [value for value in self.scale.ticks if 0 <= self.scale.share(value) <= 1]
        return found + [(self.share(repr(value)), tick_text(value)) for value in values]


def value_axes(
    kinds: Mapping[str, tuple[str, ...] | bool], trials: Sequence[Mapping[str, str]]
) -> list[ValueAxis]:
    """An axis for each path: its choices, or the numbers that were tried, on a logarithmic scale
    where its kind is true."""
    return [_axis(name, kind, [texts[name] for texts in trials]) for name, kind in kinds.items()]


def _axis(name: str, kind: tuple[str, ...] | bool, texts: Sequence[str]) -> ValueAxis:
    if not isinstance(kind, bool):
        return ValueAxis(name, kind)
    inside = [text for text in texts if _has_place(text, logarithmic=kind)]
    beside = tuple(dict.fromkeys(text for text in texts if text not in inside))
    numbers = sorted(set(inside), key=float)
    if len(numbers) < 2:
        return ValueAxis(name, (*beside, *numbers))
    low, high = float(numbers[0]), float(numbers[-1])
    return ValueAxis(name, beside, Axis(low, high, logarithmic=kind, most=4))


def _has_place(text: str, *, logarithmic: bool) -> bool:
    """Whether a value is a number, and one above 0 where the scale asks for that."""
    try:
        return float(text) > 0 or not logarithmic
    except ValueError:
        return False
