"""Rows of losses hold together: names, options, exact forms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from nngraph.ir import Array, Builder, Input, Node, TensorType, interpret
from nngraph.ops import word
from nngraph.ops.loss_word import spelled_out
from nngraph.spec.schema import spec_schema
from nngraph.words.activations import ACTIVATIONS
from nngraph.words.losses import LOSSES
from nngraph.words.row import LossRow


@cache
def definitions() -> dict[str, Any]:
    """Of the schema, which takes half a second to make."""
    return spec_schema()["$defs"]


EVERY_ROW = pytest.mark.parametrize("row", LOSSES, ids=lambda row: row.name)
TYPE = TensorType(("N", 3), "float64")


def test_no_name_is_taken_twice_in_files_or_in_programs() -> None:
    for names in ([row.name for row in LOSSES], [row.op for row in LOSSES]):
        assert len(names) == len(set(names))


@EVERY_ROW
def test_a_row_and_its_options_have_one_name_and_are_described(row: LossRow) -> None:
    assert row.meaning
    if row.options is None:
        assert definitions()[f"{row.name}-loss"]["description"].startswith(row.meaning)
        return
    assert row.options.model_fields["kind"].default == row.name
    shape = definitions()[f"{row.name}-loss"]
    assert shape["description"]
    assert all(option["description"] for option in shape["properties"].values())


@EVERY_ROW
def test_a_default_over_values_is_said_where_a_file_has_the_choice(row: LossRow) -> None:
    options = row.options
    assert (row.values is not None) == (options is None or "values" in options.model_fields)


@EVERY_ROW
def test_a_row_names_activations_that_there_are(row: LossRow) -> None:
    named = {form.activation for form in row.exact_with}
    named |= {row.needs} if isinstance(row.needs, str) else set()
    assert named <= {activation.name for activation in ACTIVATIONS}


def losses_of(row: LossRow, function, *arrays: Array) -> Array:
    """The loss of each sample by one formula of a row."""
    builder = Builder([Input(TYPE, "y"), Input(TYPE, "t")])
    y, t = builder.leaves
    loss, *_ = spelled_out(builder, row, function, True, row.defaults, y, t)
    program = builder.done([(Node("loss"), loss)])
    return interpret(program, dict(zip((y, t), arrays, strict=True))).outputs["loss"]


FORMS = [(row, form) for row in LOSSES for form in row.exact_with]


@pytest.mark.parametrize(("row", "form"), FORMS, ids=lambda part: getattr(part, "name", None))
def test_an_exact_form_is_the_loss_of_its_activation(row: LossRow, form) -> None:
    rng = np.random.default_rng(0)
    a, t = rng.normal(size=(5, 3)), np.eye(3)[[0, 2, 1, 1, 0]]
    exact = losses_of(row, form.formula, a, t)
    z = word(form.activation).evaluate(a)
    over_classes = row.target_of(form.activation) != row.target
    if over_classes:  # the formula of probabilities alone is that of yes and no
        right = (z * t).sum(axis=1)
        gamma, _ = row.defaults
        np.testing.assert_allclose(exact, -((1 - right) ** gamma) * np.log(right) / 3, rtol=1e-12)
        return
    np.testing.assert_allclose(exact, losses_of(row, row.formula, z, t), rtol=1e-12)
