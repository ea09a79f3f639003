"""Who lies where in one buffer, asked by address."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Intervals(Generic[Name]):
    """Half-open intervals with names, found by overlap without looking at all of them.

    >>> lying = Intervals[str]()
    >>> lying.add("a", 0, 4)
    >>> lying.add("b", 4, 9)
    >>> list(lying.overlapping(3, 5)), list(lying.overlapping(9, 20))
    (['a', 'b'], [])
    """

    def __init__(self) -> None:
        self._bounds: dict[Name, tuple[int, int]] = {}
        self._starts: list[tuple[int, int]] = []  # with the number that breaks ties
        self._names: dict[int, Name] = {}
        self._numbers: dict[Name, int] = {}
        self._longest = 0
        self._made = 0

    def __contains__(self, name: Name) -> bool:
        return name in self._bounds

    def add(self, name: Name, start: int, stop: int) -> None:
        """Add an interval, or move the one of this name."""
        self.remove(name)
        self._made += 1
        self._bounds[name] = (start, stop)
        self._numbers[name] = self._made
        self._names[self._made] = name
        self._longest = max(self._longest, stop - start)
        insort(self._starts, (start, self._made))

    def remove(self, name: Name) -> bool:
        """Remove an interval; says whether it was there."""
        bounds = self._bounds.pop(name, None)
        if bounds is None:
            return False
        number = self._numbers.pop(name)
        del self._names[number]
        del self._starts[bisect_left(self._starts, (bounds[0], number))]
        return True

    def overlapping(self, start: int, stop: int) -> Iterator[Name]:
        """The names of all intervals that share a point with start .. stop, by their start."""
        first = bisect_left(self._starts, (start - self._longest, 0))
        for place in range(first, len(self._starts)):
            begin, number = self._starts[place]
            if begin >= stop:
                return
            name = self._names[number]
            if self._bounds[name][1] > start:
                yield name
