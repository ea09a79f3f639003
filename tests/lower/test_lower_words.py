"""Spec vocabulary and lowering agree on every word."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from nngraph.lower.connections import EDGE_ROWS
from nngraph.lower.initialise import INIT_ROWS
from nngraph.lower.nodes import NODE_ROWS
from nngraph.ops.word import op_for
from nngraph.spec.activations import ACTIVATION_ROWS, ACTIVATIONS, PlainActivation
from nngraph.spec.edges import EDGE_KINDS
from nngraph.spec.nodes import NODE_KINDS, Aggregate
from nngraph.words.aggregates import AGGREGATES
from nngraph.words.inits import INITS
from nngraph.words.rectifying import Celu


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (ACTIVATIONS, ACTIVATION_ROWS),
        (NODE_KINDS, NODE_ROWS),
        (EDGE_KINDS, EDGE_ROWS),
        (get_args(Aggregate), AGGREGATES),
        ([row.name for row in INITS], INIT_ROWS),
    ],
    ids=["activations", "nodes", "edges", "aggregates", "inits"],
)
def test_every_word_has_its_row_and_every_row_its_word(words, rows) -> None:
    assert set(words) == set(rows)
    assert len(words) == len(rows)


def options(word: str):
    model = ACTIVATION_ROWS[word].options
    if word == "celu":
        return Celu(alpha=0.7)
    return PlainActivation(kind=word) if model is None else model()


@pytest.mark.parametrize("word", [w for w in ACTIVATIONS if w != "prelu"])
def test_the_range_of_an_activation_holds_its_results(word) -> None:
    row = ACTIVATION_ROWS[word]
    op = None if word == "identity" else op_for(row, row.values_of(options(word)))
    positive = word in ("log", "sqrt")
    a = np.linspace(0.01 if positive else -9, 9, 400).reshape(-1, 4)
    z = a if op is None else op.evaluate(a)
    low, high = row.range
    assert low <= z.min() + 1e-12
    assert high >= z.max() - 1e-12
    for bound, reached in ((low, z.min()), (high, z.max())):
        if math.isfinite(bound) and "softmax" not in word:  # and the bound is near what is reached
            assert abs(bound - reached) < (1.01 if word in ("exp", "sqrt") else 0.2)
