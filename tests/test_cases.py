"""Cases put together are all judged, and the one that fails is named."""

from __future__ import annotations

import pytest
from cases import by_hundreds, by_tens, for_each


def run(test) -> None:
    """Judge as pytest does: each item in turn."""
    (mark,) = test.pytestmark
    for item in mark.args[1]:
        test(**{mark.args[0]: item.values[0]})


def test_every_case_is_judged_once_in_few_items() -> None:
    seen: list[int] = []

    @for_each("seed", range(25), together=by_tens)
    def judged(seed: int) -> None:
        seen.append(seed)

    assert [item.id for item in judged.pytestmark[0].args[1]] == ["0-9", "10-19", "20-29"]
    run(judged)
    assert seen == list(range(25))
    assert by_hundreds(250) == "200-299"


def test_a_failure_names_its_case() -> None:
    def judge(seed: int) -> None:
        assert seed != 7

    with pytest.raises(AssertionError) as caught:
        run(for_each("seed", range(25))(judge))
    assert caught.value.__notes__ == ["seed: 7"]


def test_no_case_may_skip_those_after_it() -> None:
    def judge(seed: int) -> None:
        pytest.skip("not this one")

    with pytest.raises(AssertionError, match="seed 0 skips"):
        run(for_each("seed", range(2))(judge))


def test_an_item_bears_the_marks_of_its_cases() -> None:
    def marks(seed: int) -> list[pytest.MarkDecorator]:
        return [pytest.mark.slow] if seed >= 10 else []

    @for_each("seed", range(20), together=by_tens, marks=marks)
    def judged(seed: int) -> None:
        pass

    first, second = judged.pytestmark[0].args[1]
    assert [mark.name for mark in first.marks] == []
    assert [mark.name for mark in second.marks] == ["slow"]
