"""A class of ops behaves as the frozen dataclass that it is, without methods of its own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from nngraph.ops import NeuronDeltas, Reshape, ScaleBy, SliceAxis, SumLast


def test_attributes_are_given_by_place_or_by_name() -> None:
    assert SliceAxis(0, 2, 5) == SliceAxis(axis=0, stop=5, start=2)
    assert hash(SliceAxis(0, 2, 5)) == hash(SliceAxis(axis=0, stop=5, start=2))
    assert SliceAxis(0, 2, 5).attributes() == {"axis": 0, "start": 2, "stop": 5}


def test_ops_of_other_classes_or_attributes_differ() -> None:
    assert ScaleBy(2.0) != ScaleBy(3.0)
    assert ScaleBy(2.0) != SumLast()
    assert len({ScaleBy(2.0), ScaleBy(2.0), ScaleBy(3.0)}) == 2


def test_an_op_is_shown_as_it_is_written() -> None:
    assert repr(SliceAxis(0, 2, 5)) == "SliceAxis(axis=0, start=2, stop=5)"
    assert [field.name for field in fields(ScaleBy)] == ["factor"]


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
    with pytest.raises(TypeError, match="needs 'wiring'"):
        make()
    assert ScaleBy() == ScaleBy(1.0)


def test_an_op_does_not_change() -> None:
    op: Any = Reshape((2, 3))
    with pytest.raises(FrozenInstanceError):
        op.shape = (3, 2)
