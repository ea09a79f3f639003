"""Where a search looks next: better than chance, without repetitions, and the same again."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from nngraph.search import proposals
from nngraph.search.axes import Choices, Numbers, Searched, Space, Wholes
from nngraph.search.proposals import Tried

Objective = Callable[..., float]


def sphere(*x: float) -> float:
    return sum(v * v for v in x)


def rosenbrock(*x: float) -> float:
    return sum((1 - a) ** 2 + 100 * (b - a * a) ** 2 for a, b in pairwise(x))


def branin(x: float, y: float) -> float:
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def rastrigin(*x: float) -> float:
    return sum(10 + v * v - 10 * math.cos(2 * math.pi * v) for v in x)


FUNCTIONS: dict[str, tuple[Objective, list[tuple[float, float]]]] = {
    "sphere": (sphere, [(-5, 5)] * 2),
    "rosenbrock of four": (rosenbrock, [(-2, 2)] * 4),
    "branin": (branin, [(-5, 10), (0, 15)]),
    "rastrigin, of many minima": (rastrigin, [(-5.12, 5.12)] * 2),
}


def space_of(bounds: list[tuple[float, float]]) -> Space:
    names = [f"x{k}" for k in range(len(bounds))]
    return Space(
        tuple(
            Searched(name, Numbers(name, low, high))
            for name, (low, high) in zip(names, bounds, strict=True)
        )
    )


def propose(way: str, space: Space, seed: int, number: int, tried: list[Tried]):
    if way == "random":
        return proposals.at_random(space, seed, number)
    if way == "swarm":
        return proposals.swarm(space, seed, number, tried, 8)
    return proposals.genetic(space, seed, number, tried, 8, 0.1)


def best_of_100(way: str, function: Objective, space: Space, seed: int) -> float:
    tried: list[Tried] = []
    for number in range(100):
        point = propose(way, space, seed, number, tried)
        tried.append(Tried(number, point, function(*point.values())))
    return min(one.loss for one in tried if one.loss is not None)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_swarm_and_genetic_search_beat_chance_in_nine_of_ten_seeds(name):
    function, bounds = FUNCTIONS[name]
    space = space_of(bounds)
    for way in ("swarm", "genetic"):
        wins = [
            best_of_100(way, function, space, seed) < best_of_100("random", function, space, seed)
            for seed in range(10)
        ]
        assert sum(wins) >= 9, (way, wins)


MIXED = Space(
    (
        Searched("rate", Numbers("rate", 1e-4, 0.3, logarithmic=True)),
        Searched("units", Wholes("units", 2, 64, 2)),
        Searched("kind", Choices("kind", ("relu", "tanh", "{kind: elu, alpha: 2}"))),
        Searched(
            "decay",
            Numbers("decay", 1e-6, 1e-2, logarithmic=True),
            Choices("decay or", ("in the range", "0")),
            points=3,
        ),
    )
)


@pytest.mark.parametrize("way", ["random", "swarm", "genetic"])
def test_a_point_follows_from_seed_number_and_what_is_known(way):
    def points(seed: int):
        tried: list[Tried] = []
        for number in range(30):
            point = propose(way, MIXED, seed, number, tried)
            tried.append(Tried(number, point, float(len(str(point)))))
        return [one.point for one in tried]

    assert points(1) == points(1)
    assert points(1) != points(2)


@pytest.mark.parametrize("way", ["random", "swarm", "genetic"])
def test_every_point_lies_in_the_space(way):
    tried: list[Tried] = []
    for number in range(60):
        point = propose(way, MIXED, 3, number, tried)
        assert 1e-4 <= point["rate"] <= 0.3
        assert point["units"] in range(2, 65, 2)
        assert point["kind"] in ("relu", "tanh", "{kind: elu, alpha: 2}")
        assert point["decay or"] in ("in the range", "0")
        tried.append(Tried(number, point, number % 7 if number % 5 else None))


@pytest.mark.parametrize("way", ["swarm", "genetic"])
def test_what_was_tried_is_not_tried_again_while_there_is_something_new(way):
    space = Space((Searched("a", Wholes("a", 0, 9)), Searched("b", Choices("b", ("x", "y")))))
    tried: list[Tried] = []
    for number in range(14):
        point = propose(way, space, 0, number, tried)
        tried.append(Tried(number, point, float(point["a"])))
    first = {tuple(one.point.values()) for one in tried[:8]}
    later = [tuple(one.point.values()) for one in tried[8:]]
    assert len({*first, *later}) == len(first) + len(later)


def test_a_grid_holds_every_combination_once():
    points = [proposals.grid(MIXED, number) for number in range(MIXED.grid_size())]
    texts = [tuple(MIXED.texts(point).values()) for point in points]
    assert len(texts) == len(set(texts)) == 5 * 5 * 3 * 4
    assert texts[0] == ("0.0001", "2", "relu", "1e-06")
    assert texts[3] == ("0.0001", "2", "relu", "0")
    assert texts[-1] == ("0.3", "64", "{kind: elu, alpha: 2}", "0")


def test_numbers_are_short_and_stay_within_their_ends():
    axis = Numbers("rate", 0.123456789, 0.2)
    assert axis.at(0.0) == 0.12346
    assert axis.at(0.5) == 0.16173
    assert axis.text(0.1234) == "0.123456789"
