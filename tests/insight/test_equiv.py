"""Whether two networks are one function: by all rows of some values, or by drawn ones."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import UsageError
from nngraph.insight.equiv import Pair, Tried, pairs_of

SPECS = Path(__file__).parents[2] / "specs"
GATES = SPECS / "xor-gates.yaml"


def network(nodes: str, edges: str) -> str:
    return f"nngraph: 1\nnodes: {{{nodes}}}\nedges: [{edges}]\n"


SUM = network("a: input, b: input, y: {bias: 0}", '"a, b -> y": 1')
VECTOR = network("v: {kind: input, shape: 2}, out: {bias: 0}", "v -> out: [[1], [1]]")


# ---- rows


def test_all_rows_of_some_values_are_tried_once():
    blocks = list(Tried(values=(0.0, 1.0, 5.0)).blocks(3))
    rows = {tuple(row) for block in blocks for row in block.tolist()}
    assert rows == set(itertools.product((0.0, 1.0, 5.0), repeat=3))
    assert sum(map(len, blocks)) == 27


def test_a_million_rows_are_all_tried_and_more_are_drawn():
    assert Tried(values=(0.0, 1.0)).is_exhaustive(20)
    assert Tried(values=(0.0, 1.0)).rows(20) == 2**20
    drawn = Tried(values=(0.0, 1.0), samples=50, seed=3)
    assert not drawn.is_exhaustive(21)
    (block,) = drawn.blocks(21)
    assert block.shape == (50, 21)
    assert set(np.unique(block)) == {0.0, 1.0}
    assert np.array_equal(block, next(iter(drawn.blocks(21))))


def test_drawn_rows_reach_from_end_to_end():
    (block,) = Tried(between=(-1.0, 4.0), samples=2000).blocks(2)
    assert block.min() > -1.0
    assert block.max() < 4.0
    assert abs(block.mean() - 1.5) < 0.1


# ---- pairs


def test_pairs_are_matched_named_alike_or_left_over():
    a, b = {"x1": 1, "x2": 1, "z": 3, "u": 2}, {"x": 2, "z": 3, "w": 2}
    assert pairs_of(a, b, [Pair(("x",), ("x1", "x2"))], "input") == (
        Pair(("x1", "x2"), ("x",)),
        Pair(("z",), ("z",)),
        Pair(("u",), ("w",)),
    )


def test_what_does_not_pair_up_is_told_with_what_to_write():
    with pytest.raises(UsageError, match="--match x=x1,x2"):
        pairs_of({"x1": 1, "x2": 1}, {"x": 2}, [], "input")
    with pytest.raises(UsageError, match="1 unit and 2 units"):
        pairs_of({"x": 1}, {"x": 2}, [], "input")


# ---- comparisons


def test_one_function_written_twice_is_the_same():
    found = nngraph.equiv(SUM, VECTOR, match=["v=a,b"])
    assert found.holds
    assert found.rows == 10_000
    assert not found.exhaustive


def test_order_within_a_match_counts():
    other = network("v: {kind: input, shape: 2}, y: {bias: 0}", "v -> y: [[1], [2]]")
    three = network("a: input, b: input, y: {bias: 0}", "a -> y: 1, b -> y: 2")
    assert nngraph.equiv(three, other, match=["a,b=v"]).holds
    assert not nngraph.equiv(three, other, match=["b,a=v"]).holds


def test_a_counterexample_is_the_row_with_the_largest_difference():
    other = network("a: input, b: input, y: {bias: 0.5}", "a -> y: 1, b -> y: 3")
    found = nngraph.equiv(SUM, other, values=[-1, 0, 2])
    example = found.counterexample
    assert example is not None
    assert (example.inputs["b"], found.largest) == (2.0, 4.5)
    assert example.b["y"] - example.a["y"] == 4.5
    assert (found.rows, found.exhaustive, found.differing) == (9, True, 9)


def test_a_difference_within_the_tolerance_is_none():
    other = network("a: input, b: input, y: {bias: 0.125}", '"a, b -> y": 1')
    assert nngraph.equiv(SUM, other, values=[0, 1], within=0.125).holds
    assert not nngraph.equiv(SUM, other, values=[0, 1], within=0.12).holds


def test_what_is_no_number_differs_from_all_numbers():
    root = network("a: input, y: {activation: sqrt, bias: 0}", "a -> y: 1")
    same = network("a: input, y: {activation: relu, bias: 0}", "a -> y: 1")
    found = nngraph.equiv(root, same, values=[-1, 0, 1])
    assert (found.differing, found.largest) == (1, np.inf)
    assert nngraph.equiv(root, root, values=[-1, 0, 1]).holds


def test_decisions_are_classes_and_sides_of_the_middle():
    sure = network("x: input, y: {activation: sigmoid, bias: 0}", "x -> y: 9")
    unsure = network("x: input, y: {activation: tanh, bias: 0}", "x -> y: 0.1")
    assert nngraph.equiv(sure, unsure, values=[-2, -1, 1, 2], decisions=True).holds
    moved = network("x: input, y: {activation: tanh, bias: 0.15}", "x -> y: 0.1")
    assert nngraph.equiv(sure, moved, values=[-2, -1, 1, 2], decisions=True).differing == 1
    soft = network("x: input, y: {units: 2, activation: softmax, bias: 0}", "x -> y: [[1, -1]]")
    hard = network("x: input, y: {units: 2, activation: softmax, bias: 0}", "x -> y: [[7, -5]]")
    assert nngraph.equiv(soft, hard, decisions=True).holds
    assert not nngraph.equiv(soft, hard).holds


def test_xor_by_gates_is_xor_trained_and_rounded(tmp_path, capsys):
    run_folder = str(tmp_path / "run")
    nngraph.train_run(SPECS / "xor-trained.yaml", run=run_folder)
    words = ["equiv", str(GATES), run_folder, "--values", "0,1", "--match", "x=x1,x2"]
    assert run([*words, "--round"]) == 0
    told = capsys.readouterr().out
    assert told == f"{GATES} and {run_folder} decide the same on all 4 rows of the values 0 and 1\n"
    assert run(words) == 10
    told = capsys.readouterr().out
    assert "do not compute the same on all 4 rows of the values 0 and 1: 4 rows differ by" in told
    assert "\nfor x1=" in told
    assert run([*words, "--round", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exhaustive"] is True


def test_scaling_belongs_to_the_function_of_a_run(tmp_path):
    """A run that was trained on scaled inputs takes raw ones."""
    text = (
        "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\nloss: mean_squared_error\n"
        "data: {source: table, normalize: standard, "
        "columns: {x: [0, 10, 20, 30], y: [1, 3, 5, 7]}}\n"
        "train: {epochs: 300, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}\n"
    )
    model = nngraph.train_run(
        (tmp_path / "a.yaml").write_text(text) and tmp_path / "a.yaml", run=tmp_path / "run"
    )
    line = network("x: input, y: {bias: 1}", "x -> y: 0.2")
    assert nngraph.equiv(line, model, between=(0, 30), within=0.01).holds


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--values", "0,one"], "takes numbers with commas between them, not '0,one'"),
        (["--between", "2,1"], "--between takes numbers"),
        (["--values", "0,1", "--between=0,1"], "choose one of the two"),
        (["--match", "x1"], "'x1' pairs nothing"),
        (["--match", "q=x1"], "'q=x1' names what is not there"),
    ],
)
def test_what_cannot_be_meant_is_refused(capsys, more, told):
    assert run(["equiv", str(GATES), str(GATES), *more]) == 2
    assert told in capsys.readouterr().err


def test_a_spec_without_weights_is_no_function_yet(capsys):
    assert run(["equiv", str(GATES), str(SPECS / "xor-trained.yaml")]) == 2
    assert "does not give all weights" in capsys.readouterr().err
