"""What `compile` says of single neurons: which were grouped, into which form, and why."""

from __future__ import annotations

import pytest

from nngraph.insight.neuron_forms import SHOWN, neuron_facts, neuron_lines
from nngraph.kernels.compiled.jit import available
from nngraph.network import compile_document
from nngraph.spec import parse_spec

MIXED = """nngraph: 1
nodes:
  x: {kind: input, shape: 3}
  a, b: {activation: tanh}
  c: {activation: sigmoid, aggregate: product}
  y: {units: 2, activation: softmax}
edges:
  - x[0], x[1] -> a
  - x[1], x[2], a -> b
  - a, b -> c
  - a -> y[0]
  - a -> y[1]
  - c -> y[0]
  - c -> y[1]
loss: cross_entropy
"""


def facts(text: str, *, kernels: bool = False) -> list[dict]:
    return neuron_facts(compile_document(parse_spec(text), kernels=kernels))


def test_a_stretch_and_edges_that_are_a_matrix_are_told_with_their_sizes() -> None:
    stretch, matrix = facts(MIXED)
    sizes = ("first", "last", "neurons", "edges", "levels")
    assert [stretch[key] for key in sizes] == ["a", "c", 3, 7, 3]
    assert [matrix[key] for key in sizes] == ["y", "y", 1, 4, 1]
    assert stretch["form"] == "a gather and a product for each level"
    assert neuron_lines([stretch, matrix]) == [
        "neurons: a .. c (3), 7 edges in 3 levels: a gather and a product for each level, for "
        "calls for whole levels are the fewest without kernels",
        "neurons: y, 4 edges: one matrix product, for its edges between single units are complete",
    ]


def test_a_long_chain_is_told_to_be_computed_number_by_number_for_few_samples() -> None:
    names = [f"n{k}" for k in range(300)]
    nodes = "".join(f"  {name}: {{activation: tanh}}\n" for name in names)
    text = f"nngraph: 1\nnodes:\n  x: input\n{nodes}edges: [x -> {' -> '.join(names)}]\n"
    (chain,) = facts(text)
    assert chain["form"] == (
        "a gather and a product for each level, up to 9 samples number by number"
    )
    assert chain["why"] == "a call takes longer than the few neurons of a level"


@pytest.mark.skipif(not available(), reason="numba is not installed")
def test_with_kernels_a_stretch_is_one_loop() -> None:
    assert facts(MIXED, kernels=True)[0]["form"] == "one compiled loop over all levels"


def test_neurons_that_read_the_same_are_a_product_and_layers_are_not_told() -> None:
    text = """nngraph: 1
nodes: {x: {kind: input, shape: 2}, h1, h2: {activation: tanh}, y: {}, z: {units: 2}}
edges:
  - x[0], x[1] -> h1, h2
  - h1, h2 -> y
  - y -> z
""".replace("h1, h2: {activation: tanh}", "h1: {activation: tanh}, h2: {activation: tanh}")
    found = facts(text)
    assert [(f["first"], f["neurons"], f["edges"], f["form"]) for f in found] == [
        ("h1", 2, 4, "one matrix product"),
        ("y", 1, 2, "one matrix product"),
    ]


def test_only_a_few_groups_are_told_one_by_one() -> None:
    lines = neuron_lines(facts(MIXED) * SHOWN)
    assert len(lines) == SHOWN + 1
    assert lines[-1] == f"neurons: {SHOWN} more groups (--json names all)"
