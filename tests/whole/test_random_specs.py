"""The generator of random networks shows every kind, and what it shows is a network."""

from __future__ import annotations

import itertools

import pytest
from random_specs import random_spec

from nngraph.network import compile_document
from nngraph.spec import parse_spec
from nngraph.spec.edges import EDGE_KINDS
from nngraph.spec.nodes import NODE_KINDS


@pytest.mark.parametrize("first", range(0, 60, 12))
def test_every_seed_gives_a_network(first: int) -> None:
    for seed in range(first, first + 12):
        compiled = compile_document(parse_spec(random_spec(seed)), kernels=False)
        assert compiled.gradient_stage is not None


def test_thirty_seeds_show_every_kind_of_node_and_edge() -> None:
    documents = [parse_spec(random_spec(seed)) for seed in range(30)]
    nodes = {entry.node.kind for document in documents for entry in document.nodes.values()}
    entries = itertools.chain.from_iterable(document.edges for document in documents)
    edges = {entry.given.kind for entry in entries if entry.given is not None}
    assert nodes == set(NODE_KINDS)
    assert edges >= set(EDGE_KINDS)


def test_the_seed_alone_decides() -> None:
    assert random_spec(7) == random_spec(7) != random_spec(8)
