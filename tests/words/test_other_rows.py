"""Rows of optimisers, schedules, inits and metrics: each word once, each option described."""

from __future__ import annotations

import pytest

from nngraph.spec.schema import spec_schema
from nngraph.words.optimizers import OPTIMIZERS
from nngraph.words.schedules import SCHEDULES

MODELS = (*OPTIMIZERS, *SCHEDULES)


@pytest.mark.parametrize("rows", [OPTIMIZERS, SCHEDULES], ids=["optimizers", "schedules"])
def test_no_word_is_taken_twice(rows) -> None:
    words = [row.word() for row in rows]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.word())
def test_every_row_and_every_option_of_it_is_described(row) -> None:
    shape = spec_schema()["$defs"][row.__name__]
    assert shape["description"]
    for name, option in shape["properties"].items():
        assert name == "kind" or option["description"], name
