"""Random networks, asked for any of their nodes in every way there is, against a walk by hand.

The programs that predict are made for the nodes that are asked for, so each subset of nodes is a
program of its own; all share the weights and must find them.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import by_tens, for_each
from four_ways import Network, in_double, is_loss, with_all_outputs, without_chance
from random_specs import random_spec
from small_specs import small_spec
from walk import walk

import nngraph
from nngraph.spec import parse_spec

Array = np.ndarray[Any, Any]

MOST_SUBSETS = 32


def subsets(nodes: Sequence[str], rng: np.random.Generator) -> Iterator[tuple[str, ...]]:
    """Every subset but the empty one; of many, each node alone, all, and others by chance."""
    if 2 ** len(nodes) <= MOST_SUBSETS:
        for count in range(1, len(nodes) + 1):
            yield from itertools.combinations(nodes, count)
        return
    singles = list(nodes) if len(nodes) < MOST_SUBSETS else []
    yield from ((node,) for node in singles)
    yield tuple(nodes)
    for _ in range(MOST_SUBSETS - len(singles) - 1):
        count = int(rng.integers(2, len(nodes)))
        chosen = rng.choice(len(nodes), size=min(count, 5), replace=False)
        yield tuple(nodes[k] for k in chosen)


def assert_close(found: Mapping[str, Array], expected: Mapping[str, Array], what: str) -> None:
    for node, value in found.items():
        if is_loss(node) and node not in expected:
            continue
        scale = max(1.0, float(np.abs(expected[node]).max()))
        np.testing.assert_allclose(
            value, expected[node], rtol=1e-9, atol=1e-10 * scale, err_msg=f"{what}: {node}"
        )


def check_subsets(text: str, seed: int) -> None:
    network = Network(in_double(text), seed)
    expected = walk(network.model.document, network.weights, network.inputs)
    for nodes in subsets(network.nodes, np.random.default_rng(seed)):
        assert_close(network.predicted(nodes), expected, f"asked for {', '.join(nodes)}")
    assert_close(network.predicted(network.nodes), expected, "asked again for all")


def check_ways(text: str, seed: int, folder: Path) -> None:
    network = Network(without_chance(in_double(text)), seed)
    check_one_way_after_another(network, folder)
    if seed >= 10 and importlib.util.find_spec("numba"):  # compiling takes long the first time
        found = network.stepped(training=True, kernels=True)
        assert_close(found, expected(network, training=True), "a training step with kernels")
    check_one_way_after_another(Network(with_all_outputs(network.text), seed), folder)


def check_one_way_after_another(network: Network, folder: Path) -> None:
    for training in (False, True):
        by_hand = expected(network, training=training)
        assert_close(network.interpreted(training=training), by_hand, f"interpreted, {training=}")
        assert_close(network.stepped(training=training), by_hand, f"a step, {training=}")
    assert_close(network.standalone(folder), expected(network, training=False), "standalone")


def expected(network: Network, *, training: bool) -> dict[str, Array]:
    """Every node by hand, and the loss by the definitions of the ops.

    The loss is left out where a probability is so near 0 or 1 that its definition, which takes
    logarithms of rounded probabilities, has lost digits that the exact form of a step keeps.
    """
    document, weights, inputs = network.model.document, network.weights, network.inputs
    nodes = walk(document, weights, inputs, training=training)
    outputs = network.interpreted(training=training)
    if any(is_saturated(nodes[target.node]) for target in network.lowered.targets):
        return nodes
    return {**nodes, **{name: value for name, value in outputs.items() if is_loss(name)}}


def is_saturated(p: Array) -> bool:
    """Whether these are probabilities of which some have no digits left, or their complements."""
    if p.min() < 0.0 or p.max() > 1.0:
        return False
    return bool(p.min() < 1e-300 or p.max() > 1.0 - 1e-7)


def marks(seed: int) -> list[pytest.MarkDecorator]:
    """Ten fast seeds, twenty that always run, 320 that are slow."""
    return [pytest.mark.fast] if seed < 10 else [pytest.mark.slow] if seed >= 20 else []


EVERY_SEED = for_each("seed", range(340), together=by_tens, marks=marks)


@EVERY_SEED
def test_any_nodes_of_a_small_network_that_are_asked_for_are_those_of_the_walk(seed: int) -> None:
    check_subsets(small_spec(seed), seed)


@EVERY_SEED
def test_any_nodes_of_a_network_that_are_asked_for_are_those_of_the_walk(seed: int) -> None:
    check_subsets(random_spec(seed), seed)


@EVERY_SEED
def test_all_ways_to_compute_a_small_network_agree(seed: int, tmp_path: Path) -> None:
    check_ways(small_spec(seed), seed, tmp_path)


@EVERY_SEED
def test_all_ways_to_compute_a_network_agree(seed: int, tmp_path: Path) -> None:
    check_ways(random_spec(seed), seed, tmp_path)


SHARED = """
nngraph: 1
dtype: float64
nodes:
  x: input
  h: {units: 2, aggregate: mean, bias: false}
  y: {units: 2, bias: [1, 2]}
edges:
  - x -> h: [[1, 1]]
  - x -> y: {share: x->h}
  - h -> y: [[1, 0], [0, 1]]
loss: mean_squared_error
"""


def test_the_walk_gets_what_a_person_gets() -> None:
    # x = 2: h = [1, 1] 2, y = [1, 1] 2 + h + [1, 2]
    model = nngraph.compile(SHARED)
    found = walk(model.document, model.weights, {"x": np.array([2.0])})
    np.testing.assert_array_equal(found["h"], [[2, 2]])
    np.testing.assert_array_equal(found["y"], [[5, 6]])


def test_small_networks_show_all_that_is_shared_and_are_asked_for_every_subset() -> None:
    texts = [small_spec(seed) for seed in range(40)]
    words = ("share: x->", "transpose: true", "share: h", "mask:", "kind: scale", "prelu")
    for word in (*words, "product", "maximum", "minimum", "mean", "trainable: false"):
        assert sum(word in text for text in texts) >= 3, word
    for text in texts:
        nodes = [name for name in parse_spec(text).nodes if name.startswith("h")]
        assert len(list(subsets(nodes, np.random.default_rng(0)))) == 2 ** len(nodes) - 1
