"""Rows of the vocabulary hold together: names, facts, formulas."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.formula import FormulaStep, exp, trace
from nngraph.ops.word import PRIMITIVES, WORDS, op_for
from nngraph.words.activations import ACTIVATIONS
from nngraph.words.row import Activation

EVERY_ROW = pytest.mark.parametrize("row", ACTIVATIONS, ids=lambda row: row.name)


def test_no_name_is_taken_twice() -> None:
    names = [row.name for row in ACTIVATIONS]
    assert len(names) == len(set(names))


@EVERY_ROW
def test_a_row_and_its_options_have_one_name(row: Activation) -> None:
    assert row.meaning
    if row.options is not None:
        assert row.options.model_fields["kind"].default == row.name


@EVERY_ROW
def test_steps_name_primitives_and_pulls_may_name_words(row: Activation) -> None:
    assert {step.primitive for step in row.steps(row.defaults).steps} <= PRIMITIVES.keys()
    if row.is_primitive:
        assert row.pull is None
        return
    pull = row.pull_steps(row.defaults)
    assert {step.primitive for step in pull.steps} <= PRIMITIVES.keys() | WORDS.keys()
    assert len(pull.results) == row.operands


@EVERY_ROW
def test_what_is_said_to_rise_never_falls(row: Activation) -> None:
    if not row.rising or not row.steps(row.defaults).steps:
        return
    a = np.linspace(0.01 if row.name in ("log", "sqrt") else -9.0, 9.0, 4001)
    z = op_for(row, row.defaults).evaluate(a)
    assert (np.diff(z) >= -1e-15).all()


@EVERY_ROW
def test_what_is_not_said_to_rise_falls_somewhere_for_some_options(row: Activation) -> None:
    if row.rising or row.over_last_axis or row.learned:
        return
    a = np.linspace(-9.0, 9.0, 4001)
    values = (-0.5,) if row.name == "leaky_relu" else (2.0,) if row.name == "step" else row.defaults
    assert (np.diff(op_for(row, values).evaluate(a)) < 0).any() or row.name == "step"


@EVERY_ROW
def test_beyond_what_is_called_saturated_the_slope_is_small(row: Activation) -> None:
    if row.saturated is None:
        return
    a = np.linspace(-100.0, 100.0, 200001)
    z = op_for(row, row.defaults).evaluate(a)
    slope = np.gradient(z, a)
    flat = (z <= row.saturated[0]) | (z >= row.saturated[1])
    assert slope[flat][1:-1].max() <= (0.51 if row.name.startswith("hard") else 0.08) * slope.max()
    assert flat.any()
    assert not flat.all()


def test_a_formula_is_the_steps_that_python_takes() -> None:
    found = trace(lambda x, y: (x - y) * 2.0 + exp(-x) / y, 2)
    assert found.steps == (
        FormulaStep("subtract", (0, 1)),
        FormulaStep("scale_by", (2,), (2.0,)),
        FormulaStep("negative", (0,)),
        FormulaStep("exp", (4,)),
        FormulaStep("divide", (5, 1)),
        FormulaStep("add", (3, 6)),
    )
    assert found.results == (7,)


def test_a_word_that_is_a_primitive_knows_it() -> None:
    primitive = {row.name for row in ACTIVATIONS if row.is_primitive}
    assert {"exp", "tanh", "step", "abs", "sign"} <= primitive
    assert not primitive & {"relu", "sigmoid", "identity", "hard_tanh"}
