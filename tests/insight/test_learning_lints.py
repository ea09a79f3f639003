"""Lints on training: what has no effect, or works by chance."""

from __future__ import annotations

import pytest

from nngraph.insight.lints import lints_of
from nngraph.network import compile_document
from nngraph.spec import parse_spec

NETWORK = """
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 4%s}
  n: %s
  y: {units: 3, activation: softmax}
edges:
  - x -> h -> n -> y%s
loss: cross_entropy
train: {%s}
"""


def codes(h: str = "", n: str = "batch_norm", edges: str = "", train: str = "") -> list[str]:
    text = NETWORK % (h, n, edges, train)
    return [lint.code for lint in lints_of(compile_document(parse_spec(text)))]


def test_a_bias_before_a_batch_norm_has_no_effect() -> None:
    assert codes() == ["L205"]


@pytest.mark.parametrize(
    "network",
    [
        {"h": ", bias: false"},
        {"h": ", activation: tanh"},
        {"n": "layer_norm"},
        {"edges": "\n  - h -> y"},
        {"edges": "  # nngraph: ignore L205"},
        {"h": "}  # nngraph: ignore L205\n  # {"},
    ],
)
def test_a_bias_that_someone_sees_or_that_is_meant_is_in_order(network) -> None:
    expected = ["L205"] if "ignore" in network.get("edges", "") else []  # at another line
    assert codes(**network) == expected


def test_rprop_on_parts_of_the_data_works_by_chance() -> None:
    plain = {"h": ", bias: false"}
    assert codes(**plain, train="optimizer: rprop") == ["L204"]
    assert codes(**plain, train="optimizer: rprop, batch_size: full") == []
    assert codes(**plain, train="optimizer: rmsprop") == []
