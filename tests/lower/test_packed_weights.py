"""The weights of single neurons are columns; a record is made for whoever asks for one."""

from __future__ import annotations

import gc
import random
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nngraph.graph import build_graph
from nngraph.lower import Lowered, Weight, first_weights, initial_weights, lower
from nngraph.lower.packing import PackedWeights, ranges
from nngraph.network import compile_document
from nngraph.run import Executable
from nngraph.spec import EdgeEntry, edge_rows, parse_spec

HEAD = """
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  a, b, c: {activation: tanh}
  d: {activation: prelu, aggregate: maximum}
  e: {activation: relu, bias: false, share: a}
  y: {bias: {value: 0.25, trainable: false}}
"""
EDGES = """edges:
  - x[0], x[2] -> a, b
  - x[1] -> c
  - a -> c: 0.5
  - {from: b, to: c, weight: -1, trainable: false}
  - a, c -> d
  - {from: b, to: d, init: zeros, learning_rate_scale: 2}
  - {from: d, to: y, id: last}
  - {from: c, to: y, share: a->d}
  - a -> e -> y
"""
TABLE = """from,to,weight,trainable
x[0],a,1,
x[3],b,2,false
a,c,-0.5,true
b,c,0.125,
c,d,3,false
a,d,4,
d,e,1,
e,y,1,
"""


def described(weight: Weight) -> tuple[object, ...]:
    part = weight.part
    assert part is not None
    leaf = weight.leaf.id, type(weight.leaf), weight.leaf.parts[part.start].name
    entry = weight.entry.id, isinstance(weight.entry, EdgeEntry)
    numbers = weight.given, weight.init, weight.fan_in, weight.fan_out
    return weight.id, weight.shape, weight.purpose, part, leaf, entry, numbers


def lowered(text: str, folder: Path | None = None) -> Lowered:
    return lower(build_graph(parse_spec(text, folder=folder)), training=False)


def test_a_record_knows_its_place_its_owner_and_how_it_is_drawn() -> None:
    found = {
        weight.id: weight for weight in lowered(HEAD.replace(", share: a", "") + EDGES).weights
    }
    fans = {id: (weight.fan_in, weight.fan_out) for id, weight in found.items()}
    assert fans["x[0]->a"] == (2, 2)
    assert fans["a->d"] == (3, 3)
    assert fans["b->c"] == (3, 2)
    assert fans["last"] == (3, 1)
    assert fans["d.bias"] == (3, 1)
    kinds = {id: weight.init.kind for id, weight in found.items() if weight.init is not None}
    assert kinds["x[0]->a"] == "glorot_uniform"
    assert kinds["b->d"] == "zeros"
    assert found["a->c"].given == 0.5
    assert found["b->d"].rate_scale == 2
    assert {id for id, weight in found.items() if not weight.trainable} == {"b->c", "y.bias"}
    assert "c->y" not in found  # it shares a->d


def test_records_are_the_same_however_the_edges_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "edges.csv").write_text(TABLE)
    text = HEAD.replace(", share: a", "") + "edges: [{file: edges.csv}]\n"
    together = lowered(text, tmp_path)
    monkeypatch.setattr(edge_rows.EdgeTable, "read", lambda self, start, stop: None)
    alone = lowered(text, tmp_path)
    assert str(together.program) == str(alone.program)
    assert list(map(described, together.weights)) == list(map(described, alone.weights))
    assert together.weights.numbers() == len(together.weights) == 8 + 5 + 1
    assert together.weights.numbers(trained=True) == together.trainable_count == 14 - 3


@pytest.mark.parametrize("edges", [EDGES, EDGES.replace("  - x[1] -> c\n", "  - x[1] -> c: 2\n")])
def test_names_first_values_and_records_belong_together(edges: str) -> None:
    found = lowered(HEAD.replace(", share: a", "") + edges)
    many = [run for run in found.weights.runs if isinstance(run, PackedWeights)]
    assert len(many) == 2  # trained, and fixed
    for run in many:
        assert list(run.named) == [(weight.id, weight.shape) for weight in run]
        given = [np.nan if weight.given is None else weight.given for weight in run]
        np.testing.assert_array_equal(run.given, given)
        assert run[-1].id == run[len(run) - 1].id
        with pytest.raises(IndexError):
            run[len(run)]
    ids = [weight.id for weight in found.weights]
    assert [found.weights[at].id for at in range(-len(ids), len(ids))] == ids + ids
    assert [weight.id for weight in found.weights[2:5]] == ids[2:5]


def test_an_executable_begins_with_the_first_weights_and_takes_others() -> None:
    network = compile_document(parse_spec(HEAD + EDGES))
    executable = Executable.start(network, seed=3)
    first = initial_weights(network.lowered, 3)
    weights = executable.weights()
    assert list(weights) == list(first)
    for id, array in first.items():
        np.testing.assert_array_equal(weights[id], array)
    other = {id: array + 1 for id, array in weights.items()}
    executable.set_weights(other)
    for id, array in executable.weights().items():
        np.testing.assert_array_equal(array, other[id])
    weights["a->c"][...] = 9  # copies
    assert executable.weights()["a->c"].item() != 9


def test_first_weights_do_not_hang_on_where_a_record_lies() -> None:
    weight = next(w for w in lowered(HEAD + EDGES).weights if w.id == "x[0]->a")
    one, other = np.empty((1, 1)), np.empty((1, 1))
    first_weights(weight, 0, one)
    first_weights(replace(weight, part=None), 0, other)
    assert one == other


def test_ranges_stand_one_behind_the_other() -> None:
    assert ranges(np.array([3, 0, 7]), np.array([2, 0, 3])).tolist() == [3, 4, 7, 8, 9]
    assert ranges(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


MOST_BYTES = 250
"""That lowering keeps of an edge: its wires, the wiring of the instruction, where its weight lies;
a record, a part and a name of each would be many times as much."""


def test_lowering_keeps_few_bytes_of_an_edge(tmp_path: Path) -> None:
    random_ = random.Random(0)
    pairs = {(random_.randrange(j), j) for j in (random_.randrange(1, 300) for _ in range(20_000))}
    edges = sorted(pairs | {(k, k + 1) for k in range(299)}, key=lambda pair: pair[1])
    table = "from,to,weight\n" + "".join(f"n{i},n{j},0.125\n" for i, j in edges)
    (tmp_path / "edges.csv").write_text(table)
    nodes = ", ".join(f"n{k}: {'{}' if k else 'input'}" for k in range(300))
    graph = build_graph(
        parse_spec(
            f"nngraph: 1\nnodes: {{{nodes}}}\nedges: [{{file: edges.csv}}]\n", folder=tmp_path
        )
    )
    few = lower(build_graph(parse_spec(HEAD + EDGES)), training=False)  # what is imported by it
    assert few.weights
    tracemalloc.start()
    found = lower(graph, training=False)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert found.weights.numbers() == len(edges) + 299
    of_nodes = 5_000 * 300
    assert kept < MOST_BYTES * len(edges) + of_nodes
