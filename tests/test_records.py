"""A record behaves as a dataclass of the library; only when its methods are made differs."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from nngraph.ops import ALL_OPS, NeuronDeltas, Reshape, ScaleBy, SliceAxis, SumLast
from nngraph.records import Joined, dataclass

BY = {"library": dataclasses.dataclass, "records": dataclass}


def classes(made_by: Callable[..., Any]) -> dict[str, Any]:
    """The same classes, made by either."""

    @made_by(frozen=True, slots=True)
    class Point:
        x: float
        y: float = 2.0
        parts: list[int] = dataclasses.field(default_factory=list, compare=False)
        known: Any = dataclasses.field(default=None, init=False, repr=False, compare=False)

    @made_by
    class Open:
        x: float
        y: tuple[int, ...] = ()

        def __post_init__(self) -> None:
            self.y += (1,)

    @made_by(frozen=True, eq=False)
    class Itself:
        x: int = 1

    @made_by(frozen=True)
    class Own(Itself):
        z: int = 0

        def __repr__(self) -> str:
            return "own"

    @made_by(frozen=True)
    class Nothing:
        pass

    return {each.__name__: each for each in (Point, Open, Itself, Own, Nothing)}


CASES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "shown": lambda c: [repr(c["Point"](1.0)), repr(c["Open"](y=(3,), x=1)), repr(c["Own"](2))],
    "nothing in it": lambda c: (repr(c["Nothing"]()), c["Nothing"]() == c["Nothing"]()),
    "equal": lambda c: [c["Point"](1.0, 2.0) == c["Point"](x=1.0), c["Point"](1.0) == 1.0],
    "not compared": lambda c: c["Point"](1.0, parts=[1]) == c["Point"](1.0, parts=[2]),
    "other class": lambda c: c["Own"](1) == c["Itself"](1),
    "identity": lambda c: c["Itself"](1) == c["Itself"](1),
    "in a set": lambda c: len({c["Point"](1.0), c["Point"](1.0), c["Point"](2.0)}),
    "no hash": lambda c: hash(c["Open"](1)),
    "own default each": lambda c: c["Point"](1.0).parts is c["Point"](1.0).parts,
    "not given": lambda c: c["Point"](1.0).known,
    "parent's fields": lambda c: (c["Own"](5).x, c["Own"](5).z, c["Own"](5, 6).z),
    "replaced": lambda c: repr(dataclasses.replace(c["Point"](1.0), y=5.0)),
    "as a dict": lambda c: dataclasses.asdict(c["Own"](4)),
    "copied": lambda c: repr(copy.copy(c["Open"](1))),
    "matched": lambda c: c["Point"].__match_args__,
    "missing": lambda c: c["Point"](),
    "unknown": lambda c: c["Point"](1.0, w=1),
    "twice": lambda c: c["Point"](1.0, x=1.0),
    "too many": lambda c: c["Open"](1, (), 3),
    "not given, given": lambda c: c["Point"](1.0, known=1),
    "set": lambda c: setattr(c["Own"](1), "x", 2),
    "deleted": lambda c: delattr(c["Own"](1), "x"),
    "slot": lambda c: setattr(c["Point"](1.0), "x", 2),
    "open": lambda c: setattr(c["Open"](1), "x", 2),
}


def seen(case: str, made_by: str) -> Any:
    """What a case gives, twice (the first instance differs from the next), or its error."""
    found = classes(BY[made_by])
    try:
        return CASES[case](found), CASES[case](found)
    except (TypeError, AttributeError) as problem:
        return type(problem), str(problem)


@pytest.mark.parametrize("case", CASES)
def test_a_record_does_what_a_dataclass_does(case: str) -> None:
    assert seen(case, "records") == seen(case, "library")


def test_the_initialiser_of_a_parent_stays_its_own() -> None:
    found = classes(dataclass)

    class Plain(found["Open"]):  # type: ignore[misc]
        pass

    assert Plain(1).x == 1
    assert "__init__" not in vars(Plain)
    assert found["Open"](2).y == (1,)


def test_all_ops_are_records() -> None:
    assert [op for op in ALL_OPS if "__dataclass_fields__" not in vars(op)] == []


def test_attributes_of_an_op_are_given_by_place_or_by_name() -> None:
    assert SliceAxis(0, 2, 5) == SliceAxis(axis=0, stop=5, start=2)
    assert hash(SliceAxis(0, 2, 5)) == hash(SliceAxis(axis=0, stop=5, start=2))
    assert SliceAxis(0, 2, 5).attributes() == {"axis": 0, "start": 2, "stop": 5}


def test_ops_of_other_classes_or_attributes_differ() -> None:
    assert ScaleBy(2.0) != ScaleBy(3.0)
    assert ScaleBy(2.0) != SumLast()
    assert len({ScaleBy(2.0), ScaleBy(2.0), ScaleBy(3.0)}) == 2


def test_an_op_is_shown_as_it_is_written() -> None:
    assert repr(SliceAxis(0, 2, 5)) == "SliceAxis(axis=0, start=2, stop=5)"
    assert [field.name for field in dataclasses.fields(ScaleBy)] == ["factor"]


@pytest.mark.parametrize(
    ("values", "named"),
    [((1.0, 2.0), {}), ((1.0,), {"factor": 2.0}), ((1.0,), {"other": 2.0})],
)
def test_attributes_that_are_unknown_or_given_twice_are_refused(
    values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match="ScaleBy"):
        ScaleBy(*values, **named)


def test_attributes_without_a_default_have_to_be_given() -> None:
    make: Any = NeuronDeltas
    with pytest.raises(TypeError, match=r"NeuronDeltas.*missing.*'wiring'"):
        make()
    assert ScaleBy() == ScaleBy(1.0)


def test_an_op_does_not_change() -> None:
    op: Any = Reshape((2, 3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        op.shape = (3, 2)


def test_joined_runs_are_one_sequence():
    made = []

    class Made(list):
        def __getitem__(self, at):
            made.append(at)
            return super().__getitem__(at)

    joined = Joined([(10, 11), (), Made([12, 13, 14]), (15,)])
    assert len(joined) == 6
    assert made == []
    assert [joined[k] for k in range(6)] == list(joined) == [10, 11, 12, 13, 14, 15]
    assert made == [0, 1, 2]
    assert (joined[-1], joined[-4], joined[1:4]) == (15, 12, (11, 12, 13))
    assert list(joined.alone) == [10, 11, 15]
    for beyond in (6, -7):
        with pytest.raises(IndexError):
            joined[beyond]
    assert len(Joined([])) == 0
