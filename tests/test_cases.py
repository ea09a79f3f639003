"""Cases put together are all judged, and the one that fails is named."""

from __future__ import annotations

import pytest
from cases import by_hundreds, by_tens, for_each


def run(test) -> None:
    """Judge as pytest does: each item in turn."""
    (mark,) = test.pytestmark
    for value in mark.args[1]:
        test(**{mark.args[0]: value})


def test_every_case_is_judged_once_in_few_items() -> None:
    seen: list[int] = []

    @for_each("seed", range(25), together=by_tens)
    def judged(seed: int) -> None:
        seen.append(seed)

    assert list(judged.pytestmark[0].kwargs["ids"]) == ["0-9", "10-19", "20-29"]
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
