"""Where a search looks next: pure functions of the seed, the number of the trial, and what is known
of other trials.

Numbers are those of `streams`, keyed by seed and trial, so one worker finds the same on every
machine; with several, what is known when a trial begins depends on who was quicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.records import dataclass
from nngraph.search.axes import Axis, Choices, Point, Space

INERTIA = 0.5  # of a particle's last move: less than for long searches, to settle in a short one
PULL = 1.5  # to its own best place, and to the best of all
FASTEST = 0.5  # move along one axis
START = 0.3  # of the way from anywhere: the move of a particle before its first place
ATTEMPTS = 20  # to find a point that was not tried
HABITS = (0.45, 0.75, 0.92)  # of a choice: up to here as the best of all, as the own best, as it is
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that another decision may look at: its number, where it is, and its loss, which is
    the smaller the better; None while it runs."""

    number: int
    point: Point
    loss: float | None


def grid(space: Space, number: int) -> dict[str, Any]:
    """Point `number` of the grid, so that no two workers try the same."""
    return space.grid_point(number % space.grid_size())


def at_random(space: Space, seed: int, number: int) -> dict[str, Any]:
    """A point anywhere."""
    return _point(space.axes, _drawn(seed, number, "place", len(space.axes)))


def genetic(
    space: Space,
    seed: int,
    number: int,
    tried: Sequence[Tried],
    population: int,
    mutation: float,
) -> dict[str, Any]:
    """A child of two good ones: of the best `population` so far, two tournaments of two choose the
    parents; each value comes from one of them, and one of them, on average, mutates.

    A mutation adds a normal number, reflected at the ends, whose standard deviation lies between a
    fifth of `mutation` and twice it, on a logarithmic scale; a choice is drawn anew.

    Source: Holland, "Adaptation in Natural and Artificial Systems", 1975; Eiben and Smith,
    "Introduction to Evolutionary Computing", 2015, chapter 4.
    """
    ranked = _ranked(tried)
    if number < population or len(ranked) < 2:
        return at_random(space, seed, number)
    best, axes = ranked[:population], space.axes
    chances = _drawn(seed, number, "parents", 4)
    places = (chances * len(best)).astype(int).reshape(2, 2).min(axis=1)  # they stand in order
    mother, father = (best[place].point for place in places)
    from_mother = _drawn(seed, number, "crossover", len(axes)) < 0.5
    mutates = _drawn(seed, number, "mutation", len(axes)) < 1 / len(axes)
    if not mutates.any():  # a copy of what is known would be a trial for nothing
        mutates[int(_drawn(seed, number, "mutant", 1)[0] * len(axes))] = True
    shifts = streams.normal(streams.key(seed, str(number), "search shift"), len(axes), 0, mutation)
    shifts *= 2 * 10.0 ** -_drawn(seed, number, "scale", len(axes))
    anew = _drawn(seed, number, "anew", len(axes))
    child: dict[str, Any] = {}
    for k, axis in enumerate(axes):
        value = (mother if from_mother[k] else father)[axis.name]
        if mutates[k]:
            value = _mutated(axis, value, float(shifts[k]), float(anew[k]))
        child[axis.name] = value
    return _untried(space, seed, number, child, tried)


def _mutated(axis: Axis, value: Any, shift: float, anew: float) -> Any:
    """Another value near this one; for a choice, another one."""
    if isinstance(axis, Choices):
        others = [text for text in axis.texts if text != value]
        return others[int(anew * len(others))] if others else value
    low, high = axis.piece(value)
    step = max(abs(shift), 1.001 * (high - low))  # a whole number becomes another one
    return axis.at(_reflected((low + high) / 2 + (step if shift > 0 else -step)))


def _reflected(share: float) -> float:
    """Back from beyond an end by as much as it went beyond.

    >>> _reflected(1.25), _reflected(-0.25), _reflected(0.5)
    (0.75, 0.25, 0.5)
    """
    share = abs(share) % 2
    return 2 - share if share > 1 else share


def swarm(
    space: Space, seed: int, number: int, tried: Sequence[Tried], particles: int
) -> dict[str, Any]:
    """The next place of particle `number % particles`: it keeps some of its last move and is drawn
    to its own best place and to the best of all,

        x' = x + w (x - x_before) + c r1 (own - x) + c r2 (best - x)

    The last move is what its trials say, so nothing is stored; before the first it came from
    anywhere. A choice has no direction: it is the
    best of all's, the own best's, the present one or any, with fixed chances.

    Source: Kennedy and Eberhart, "Particle swarm optimization", ICNN 1995; w from Shi and Eberhart,
    "A modified particle swarm optimizer", ICEC 1998.
    """
    own = [one for one in tried if one.number % particles == number % particles]
    ranked = _ranked(own)
    if not ranked:
        return at_random(space, seed, number)
    own.sort(key=lambda one: one.number)
    axes = space.axes
    now = _place(axes, seed, own[-1])
    if len(own) > 1:
        before = _place(axes, seed, own[-2])
    else:
        before = now + START * (_drawn(seed, number, "start", len(axes)) - now)
    mine, best = ranked[0], _ranked(tried)[0]
    r1, r2 = _drawn(seed, number, "pull", 2 * len(axes)).reshape(2, -1)
    move = INERTIA * (now - before)
    move += PULL * r1 * (_place(axes, seed, mine) - now)
    move += PULL * r2 * (_place(axes, seed, best) - now)
    point = _point(axes, np.clip(now + np.clip(move, -FASTEST, FASTEST), 0.0, 1.0))
    habits = _drawn(seed, number, "habit", len(axes))
    anew = _drawn(seed, number, "anew", len(axes))
    for k, axis in enumerate(axes):
        if isinstance(axis, Choices):
            as_others = zip(HABITS, (best, mine, own[-1]), strict=True)
            like = next((one for limit, one in as_others if habits[k] < limit), None)
            point[axis.name] = axis.at(anew[k]) if like is None else like.point[axis.name]
    return _untried(space, seed, number, point, tried)


def _untried(
    space: Space, seed: int, number: int, point: dict[str, Any], tried: Sequence[Tried]
) -> dict[str, Any]:
    """The point, or one near it where it was tried already: trained again it gives the same."""
    axes = space.axes
    for attempt in range(ATTEMPTS):
        if not any(one.point == point for one in tried):
            break
        which, where = _drawn(seed, number, f"untried {attempt}", 2)
        axis = axes[int(which * len(axes))]
        point = {**point, axis.name: axis.at(float(where))}
    return point


def _ranked(tried: Sequence[Tried]) -> list[Tried]:
    """Those that are over, the best first."""
    over = [one for one in tried if one.loss is not None]
    return sorted(over, key=lambda one: (one.loss, one.number))


def _place(axes: Sequence[Axis], seed: int, one: Tried) -> Vector:
    """Where a trial is in the unit cube; somewhere in the piece of a whole number, always the same
    place, so that small moves add up."""
    within = _drawn(seed, one.number, "within", len(axes))
    pieces = np.array([axis.piece(one.point[axis.name]) for axis in axes])
    place: Vector = pieces[:, 0] + within * (pieces[:, 1] - pieces[:, 0])
    return place


def _point(axes: Sequence[Axis], shares: Vector) -> dict[str, Any]:
    return {axis.name: axis.at(float(u)) for axis, u in zip(axes, shares, strict=True)}


def _drawn(seed: int, number: int, purpose: str, count: int) -> Vector:
    return streams.uniform(streams.key(seed, str(number), f"search {purpose}"), count)
