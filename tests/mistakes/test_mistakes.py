"""Beginners' mistakes are told with their code, at their place, with cause and next step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mistakes import Mistake, mistakes, play, trained

ALL = mistakes()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("trained"))


@pytest.mark.parametrize("mistake", ALL, ids=[one.claim for one in ALL])
def test_a_mistake_is_told_with_place_cause_and_next_step(
    mistake: Mistake, tmp_path: Path, run: Path
) -> None:
    said = play(mistake, tmp_path, run)
    code = mistake.code if mistake.code == "AttributeError" else f"[{mistake.code}]"
    for part in (code, mistake.place, mistake.cause, mistake.step):
        assert part, mistake.claim
        assert part in said
    assert said.count("error: ") <= 3  # one mistake, told once; where three names are missing, each


def test_there_are_more_than_two_hundred_cases_and_no_two_alike() -> None:
    assert len({(one.base, one.steps) for one in ALL}) == len(ALL) > 200
    assert len({one.claim for one in ALL}) == len(ALL)


def test_no_case_is_told_by_names_of_our_own() -> None:
    inside = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b|relu-edge|NoneType|dataclass")
    allowed = re.compile(r"AttributeError|DataFrame|PyTorch|TypeError")
    told = [text for one in ALL for text in (one.cause, one.step)]
    assert [text for text in told if inside.search(allowed.sub("", text))] == []
