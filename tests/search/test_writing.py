"""Values find their places in the text, and everything else in it stays."""

from __future__ import annotations

import pytest

from nngraph.search.plan import make_plan
from nngraph.search.writing import LONG_FORM, spec_with
from nngraph.spec import parse_spec
from nngraph.spec.resolved import resolved_yaml

SPEC = """\
nngraph: 1
name: written  # stays
nodes:
  x: {kind: input, shape: 2}
  h1, h2:   # two of a kind
    units: 3
    activation: tanh
  y: {activation: sigmoid}
edges:
  - x -> h1, h2   # both
  - h1, h2 -> y
loss: {kind: binary_cross_entropy, target: label}
data: xor
train: {epochs: 3, optimizer: adam}   # few
search:
  space: {train.epochs: [3, 4]}
"""

CASES = {
    "a number": ({"train.epochs": "4"}, "train: {epochs: 4, optimizer: adam}   # few"),
    "a short form": (
        {"train.optimizer.learning_rate": "0.1"},
        "optimizer: {kind: adam, learning_rate: 0.1}}   # few",
    ),
    "a mapping for a word": (
        {"train.optimizer": "{kind: sgd, momentum: 0.9}"},
        "optimizer: {kind: sgd, momentum: 0.9}}",
    ),
    "a key that is new": ({"train.batch_size": "2"}, "optimizer: adam, batch_size: 2}"),
    "one of two nodes": ({"nodes.h2.units": "5"}, "h2: {units: 5, activation: tanh}"),
    "one of two edges": (
        {"edges.x->h2.trainable": "false"},
        "- x -> h2: {trainable: false}",
    ),
    "a section in its short form": ({"data.split.validation": "0.25"}, "split: {validation: 0.25}"),
}


@pytest.mark.parametrize(("texts", "line"), CASES.values(), ids=CASES)
def test_a_value_is_written_at_its_place_and_comments_stay(texts, line):
    plan = make_plan(parse_spec(SPEC))
    text = spec_with(plan, texts)
    assert not text.startswith(LONG_FORM)
    assert line in text
    assert "# stays" in text
    assert "# few" in text
    assert resolved_yaml(parse_spec(text)) == resolved_yaml(plan.document_with(texts))


def test_an_expected_number_of_parameters_that_held_holds_again():
    expect = "expect:\n  - {parameters: 25}   # of all\n  - {parameters: 7}\n"
    plan = make_plan(parse_spec(SPEC + expect))
    text = spec_with(plan, {"nodes.h2.units": "5"})
    # 2 * 3 + 3 and 2 * 5 + 5, then 3 + 5 and a bias
    assert "- {parameters: 33}   # of all" in text
    assert "- {parameters: 7}" in text  # wrong before, and not ours


def test_a_value_without_a_place_in_the_text_gives_the_long_form(tmp_path):
    (tmp_path / "edges.csv").write_text("from,to,weight,trainable\nx,y,0.5,true\n")
    text = SPEC.replace("  - x -> h1, h2   # both\n  - h1, h2 -> y\n", "  - {file: edges.csv}\n")
    text = text.replace("  h1, h2:   # two of a kind\n    units: 3\n    activation: tanh\n", "")
    plan = make_plan(parse_spec(text, folder=tmp_path))
    found = spec_with(plan, {"edges.x->y.trainable": "false", "train.epochs": "4"})
    assert found.startswith(LONG_FORM)
    assert "trainable: false" in found
