"""Depth and size are no limit; the bounds are generous, for busy machines."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from nngraph.errors import SpecError
from nngraph.graph import build_graph
from nngraph.spec import Document, parse_spec


def timed_order(document: Document, seconds: float, start: float) -> tuple[str, ...]:
    order = build_graph(document).order
    assert time.process_time() - start < seconds
    return order


@pytest.mark.parametrize("as_one_chain", [True, False])
def test_a_chain_of_20_000_nodes(as_one_chain: bool) -> None:
    start = time.process_time()
    names = [f"n{i}" for i in range(20_000)]
    nodes = "".join(f"  {name}: {{}}\n" for name in names[1:])
    edges = [" -> ".join(names)] if as_one_chain else map(" -> ".join, pairwise(names))
    lines = "".join(f"  - {edge}\n" for edge in edges)
    text = f"nngraph: 1\nnodes:\n  n0: input\n{nodes}edges:\n{lines}"
    assert timed_order(parse_spec(text), 6.0, start) == tuple(names)


def test_a_cycle_of_20_000_nodes() -> None:
    names = [f"n{i}" for i in range(20_000)]
    nodes = "".join(f"  {name}: {{}}\n" for name in names)
    text = f"nngraph: 1\nnodes:\n  x: input\n{nodes}edges:\n  - x -> {' -> '.join(names)} -> n0\n"
    with pytest.raises(SpecError, match="a cycle: n0 -> n1"):
        build_graph(parse_spec(text))


def test_10_000_nodes_and_100_000_edges() -> None:
    start = time.process_time()
    nodes = "".join(
        f"  n{i}: {'input' if i < 100 else '{activation: tanh}'}\n" for i in range(10_000)
    )
    edges = "".join(
        f"  - n{j - 1 - 11 * k} -> n{j}: {k - 4.5}\n" for j in range(100, 10_000) for k in range(10)
    )
    document = parse_spec(f"nngraph: 1\nnodes:\n{nodes}edges:\n{edges}")
    assert len(document.edges) == 99_000
    assert len(timed_order(document, 8.0, start)) == 10_000


def test_a_side_file_of_100_000_edges(tmp_path: Path) -> None:
    start = time.process_time()
    rows = "".join(f"n{j - 1 - k},n{j},{k}.5\n" for j in range(100, 10_100) for k in range(10))
    (tmp_path / "edges.csv").write_text("from,to,weight\n" + rows)
    neurons = "".join(f"n{j},tanh\n" for j in range(100, 10_100))
    (tmp_path / "neurons.csv").write_text("id,activation\n" + neurons)
    inputs = ", ".join(f"n{i}" for i in range(90, 100))
    text = f"nngraph: 1\nnodes: {{'{inputs}': input}}\nnodes_file: neurons.csv\n"
    document = parse_spec(text + "edges: [{file: edges.csv}]\n", folder=tmp_path)
    assert len(document.edges) == 100_000
    assert len(timed_order(document, 8.0, start)) == 10_010


def test_very_many_single_edges_between_two_nodes() -> None:
    start = time.process_time()
    lines = "".join(f"  - x[{i % 200}] -> y[{i // 200}]\n" for i in range(20_000))
    nodes = "{x: {kind: input, shape: 200}, y: {units: 100}}"
    document = parse_spec(f"nngraph: 1\nnodes: {nodes}\nedges:\n{lines}")
    assert timed_order(document, 5.0, start) == ("x", "y")


def test_many_unknown_nodes_among_many_known_are_told_in_time() -> None:
    start = time.process_time()
    nodes = "".join(f"  node{i}: {{}}\n" for i in range(20_000))
    edges = "".join(f"  - x -> nod{i}\n" for i in range(20_000))
    document = parse_spec(f"nngraph: 1\nnodes:\n  x: input\n{nodes}edges:\n{edges}")
    with pytest.raises(SpecError) as caught:
        build_graph(document)
    assert caught.value.diagnostics[7].label == "did you mean 'node7'?"
    assert time.process_time() - start < 6.0
