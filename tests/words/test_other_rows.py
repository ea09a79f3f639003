"""Rows of optimisers, schedules, inits and metrics: each word once, each option described."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from nngraph.spec.schema import spec_schema
from nngraph.train.metrics.figure import COUNTINGS
from nngraph.words.activations import ACTIVATIONS
from nngraph.words.inits import INITS
from nngraph.words.metrics import METRICS, is_rising
from nngraph.words.optimizers import OPTIMIZERS
from nngraph.words.schedules import SCHEDULES


@cache
def definitions() -> dict[str, Any]:
    """Of the schema, which takes half a second to make."""
    return spec_schema()["$defs"]


MODELS = (*OPTIMIZERS, *SCHEDULES)


@pytest.mark.parametrize(
    "rows", [OPTIMIZERS, SCHEDULES, INITS], ids=["optimizers", "schedules", "inits"]
)
def test_no_word_is_taken_twice(rows) -> None:
    words = [row.name if rows is INITS else row.word() for row in rows]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.word())
def test_every_row_and_every_option_of_it_is_described(row) -> None:
    family = "schedule" if row in SCHEDULES else "optimizer"
    shape = definitions()[f"{row.word()}-{family}"]
    assert shape["description"]
    for name, option in shape["properties"].items():
        assert name == "kind" or option["description"], name


@pytest.mark.parametrize("row", INITS, ids=lambda row: row.name)
def test_an_init_and_its_options_have_one_name_and_a_description(row) -> None:
    assert row.meaning
    if row.options is None:
        return
    assert row.options.model_fields["kind"].default == row.name
    shape = definitions()[f"{row.name}-init"]
    assert shape["description"]
    for name, option in shape["properties"].items():
        assert name == "kind" or option["description"], name


@pytest.mark.parametrize("row", ACTIVATIONS, ids=lambda row: row.name)
def test_weights_into_an_activation_are_drawn_by_a_row_without_options(row) -> None:
    assert row.init in {init.name for init in INITS if init.options is None}


def test_every_metric_has_its_counting_and_every_counting_its_row() -> None:
    assert list(COUNTINGS) == [row.name for row in METRICS]
    assert all(row.meaning for row in METRICS)


def test_the_options_of_metrics_say_whose_they_are() -> None:
    options = definitions()["metric"]["properties"]
    for name, takes in (("k", "among"), ("average", "averaged")):
        said = options[name]["description"].partition(":")[0]
        words = set(said.replace("`", " ").replace(",", " ").split())
        assert words & {row.name for row in METRICS} == {
            row.name for row in METRICS if getattr(row, takes)
        }


def test_figures_rise_as_their_metric_does() -> None:
    for name in ("top_3", "f1_micro", "y.precision_cat", "test.y.roc_auc_yes", "iou", "train.r2"):
        assert is_rising(name), name
    for name in ("loss", "validation.perplexity", "mean_squared_error", "top", "learning_rate"):
        assert not is_rising(name), name
