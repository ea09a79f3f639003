"""The values that a search chooses from: each axis as a piece of the line from 0 to 1.

So samplers know nothing of logarithms, steps and choices: they move points in the unit cube.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.search import IntegerRange, LogRange, Range, SearchSpec

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

DIGITS = 5  # of a number that is drawn: more say nothing, and the spec is read by people
ORDINARY = "in the range"  # of an axis that says whether the special value is taken

Point: TypeAlias = Mapping[str, Any]
"""A value for each axis, by name, as Optuna keeps it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Any number from `low` to `high`, on a logarithmic scale or not."""

    name: str
    low: float
    high: float
    logarithmic: bool = False

    def at(self, share: float) -> float:
        """The number at a share of the way, from 0 to 1.

        >>> Numbers("rate", 1e-4, 1.0, logarithmic=True).at(0.5)
        0.01
        """
        if self.logarithmic:
            low, high = math.log(self.low), math.log(self.high)
            value = math.exp(low + share * (high - low))
        else:
            value = self.low + share * (self.high - self.low)
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def piece(self, value: float) -> tuple[float, float]:
        """The piece of the line that gives a value: here a point."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        share = (value - low) / (high - low)
        return share, share

    def text(self, value: float) -> str:
        """A value as the spec writes it."""
        return repr(min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high))

    def grid(self, points: int) -> list[float]:
        """So many values at equal distances, both ends among them."""
        return [self.at(k / (points - 1)) for k in range(points)]

    def distribution(self) -> BaseDistribution:
        """The same for Optuna."""
        from optuna.distributions import FloatDistribution

        return FloatDistribution(self.low, self.high, log=self.logarithmic)


@dataclass(frozen=True, slots=True)
class Wholes:
    """Whole numbers from `low` to `high` by `step`."""

    name: str
    low: int
    high: int
    step: int = 1

    @property
    def count(self) -> int:
        """How many there are."""
        return (self.high - self.low) // self.step + 1

    def at(self, share: float) -> int:
        """The number at a share of the way: each has a piece of the same length.

        >>> [Wholes("units", 2, 8, 2).at(share) for share in (0.0, 0.3, 0.99, 1.0)]
        [2, 4, 8, 8]
        """
        return self.low + self.step * min(int(share * self.count), self.count - 1)

    def piece(self, value: int) -> tuple[float, float]:
        """The piece of the line that gives a value."""
        place = (value - self.low) // self.step
        return place / self.count, (place + 1) / self.count

    def text(self, value: int) -> str:
        """A value as the spec writes it."""
        return str(value)

    def grid(self, points: int) -> list[int]:
        """All of them, or so many at nearly equal distances, both ends among them."""
        if self.count <= points:
            return [self.low + self.step * k for k in range(self.count)]
        places = (round(k * (self.count - 1) / (points - 1)) for k in range(points))
        return [self.low + self.step * place for place in places]

    def distribution(self) -> BaseDistribution:
        """The same for Optuna."""
        from optuna.distributions import IntDistribution

        return IntDistribution(self.low, self.high, step=self.step)


@dataclass(frozen=True, slots=True)
class Choices:
    """One of several texts, which no order relates."""

    name: str
    texts: tuple[str, ...]

    def at(self, share: float) -> str:
        """The choice at a share of the way."""
        return self.texts[min(int(share * len(self.texts)), len(self.texts) - 1)]

    def piece(self, value: str) -> tuple[float, float]:
        """The piece of the line that gives a choice."""
        place = self.texts.index(value)
        return place / len(self.texts), (place + 1) / len(self.texts)

    def text(self, value: str) -> str:
        """A choice as the spec writes it."""
        return value

    def grid(self, points: int) -> list[str]:
        """All of them."""
        return list(self.texts)

    def distribution(self) -> BaseDistribution:
        """The same for Optuna."""
        from optuna.distributions import CategoricalDistribution

        return CategoricalDistribution(self.texts)


Axis: TypeAlias = Numbers | Wholes | Choices


@dataclass(frozen=True, slots=True)
class Searched:
    """A path of the spec with the axis of its values; `special` says whether the value behind `or`
    is taken instead."""

    path: str
    axis: Axis
    special: Choices | None = None
    points: int = 5

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The one, or both."""
        return (self.axis,) if self.special is None else (self.axis, self.special)

    def text(self, point: Point) -> str:
        """The value at a point, as the spec writes it."""
        if self.special is not None and (said := point[self.special.name]) != ORDINARY:
            return str(said)
        return self.axis.text(point[self.axis.name])

    def grid(self) -> list[dict[str, Any]]:
        """The values that a grid takes, each with what it says on its axes."""
        ordinary = {} if self.special is None else {self.special.name: ORDINARY}
        found = [{self.axis.name: value, **ordinary} for value in self.axis.grid(self.points)]
        if self.special is not None:
            first = found[0][self.axis.name]
            found.append({self.axis.name: first, self.special.name: self.special.texts[-1]})
        return found


@dataclass(frozen=True)
class Space:
    """Everything that is searched."""

    searched: tuple[Searched, ...]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """All axes, in the order of the file."""
        return tuple(axis for one in self.searched for axis in one.axes)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, in the order of the file."""
        return tuple(one.path for one in self.searched)

    def texts(self, point: Point) -> dict[str, str]:
        """Path -> value at a point, as the spec writes it."""
        return {one.path: one.text(point) for one in self.searched}

    def grid_size(self) -> int:
        """How many points the grid has."""
        return math.prod(len(one.grid()) for one in self.searched)

    def grid_point(self, index: int) -> dict[str, Any]:
        """A point of the grid; the last path changes first."""
        point: dict[str, Any] = {}
        for one in reversed(self.searched):
            values = one.grid()
            index, place = divmod(index, len(values))
            point |= values[place]
        return point


def space_of(search: SearchSpec, section: tree.Tree) -> Space:
    """The space of a section, with the texts of its choices as they are written; without axes
    where networks are bred."""
    if search.space is None:
        return Space(())
    written = tree.locate(section, ("space",))[1]
    assert isinstance(written, tree.Mapping)
    return Space(
        tuple(
            _searched(_path(key), values, written.entries[key][1])
            for key, values in search.space.items()
        )
    )


def _path(key: str) -> str:
    return ".".join(step.strip() for step in key.split("."))


def _searched(path: str, values: Range | Sequence[Any], written: tree.Tree) -> Searched:
    if not isinstance(values, Range):
        assert isinstance(written, tree.Sequence)
        return Searched(path, Choices(path, tuple(map(one_line, written.items))))
    special = tree.child(written, "or")
    gate = None if special is None else Choices(f"{path} or", (ORDINARY, one_line(special[1])))
    return Searched(path, _axis(path, values), gate, values.points)


def _axis(path: str, values: Range) -> Axis:
    low, high = values.ends
    if isinstance(values, IntegerRange):
        return Wholes(path, int(low), int(high), values.step)
    return Numbers(path, low, high, isinstance(values, LogRange))


def one_line(node: tree.Tree) -> str:
    """A written value as one line of YAML, words and numbers as they are written."""
    if isinstance(node, tree.Scalar):
        return node.text if node.plain else json.dumps(node.text, ensure_ascii=False)
    if isinstance(node, tree.Sequence):
        return f"[{', '.join(map(one_line, node.items))}]"
    pairs = (f"{one_line(key)}: {one_line(value)}" for key, value in node.entries.values())
    return f"{{{', '.join(pairs)}}}"
