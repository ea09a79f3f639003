"""What a profile says of a step, whatever the clock says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.codegen import BEGIN, EMPTY, TURN
from nngraph.errors import UsageError
from nngraph.insight.picture import picture_of
from nngraph.insight.plan_text import node_lines
from nngraph.insight.profile import Profile
from nngraph.insight.profile_picture import heated
from nngraph.insight.stopwatch import Rounds, Stopwatch, timing_of
from nngraph.ir import Row, TargetRow
from nngraph.network import compile_document
from nngraph.pipeline import marked
from nngraph.plan import program_flops
from nngraph.run import Executable
from nngraph.spec import open_spec
from nngraph.targets.choice import VARIABLE

MOMENT = 0.01  # seconds; what is asked here does not depend on the clock

DENSE = """
nngraph: 1
name: dense
nodes:
  x: {kind: input, shape: 5}
  h: {units: 4, activation: relu}
  y: {units: 3, activation: softmax}
edges: [x -> h -> y]
loss: cross_entropy
train: {batch_size: 6, optimizer: {kind: adam}}
"""
IMAGES = """
nngraph: 1
name: images
nodes:
  image: {kind: input, shape: [20, 20, 2]}
  norm: batch_norm
  c: {units: 24, activation: relu}
  p: {kind: pool, size: 2}
  y: {units: 3, activation: softmax}
edges: [image -> norm, {from: norm, to: c, conv: 5}, c -> p -> y]
loss: cross_entropy
"""
LEARNT = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: binary_cross_entropy
data: {source: circles, samples: 50}
train: {batch_size: full}
"""
NEURONS = """
nngraph: 1
name: neurons
nodes:
  x: {kind: input, shape: 2}
  a: {activation: tanh}
  b: {activation: relu}
  wide: {units: 4}
  c: {}
  z: {}
edges: ['x[0] -> a', 'x[1] -> b', 'a -> b', 'a -> c', 'b -> c', 'x -> wide', 'wide -> z', 'c -> z']
loss: {kind: mean_squared_error, node: z}
"""
SILENT = """
nngraph: 1
name: silent
nodes: {x: {kind: input, shape: 3}, h: {units: 2, activation: tanh}, y: {}}
edges: [x -> h -> y]
"""


@pytest.fixture(autouse=True)
def no_kernels_unless_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling them where nobody has takes ten seconds."""
    monkeypatch.setenv(VARIABLE, "never")


def profile(text: str, **more: object) -> Profile:
    return nngraph.compile(text).profile(seconds=MOMENT, **more)  # type: ignore[arg-type]


# ---- the rows


@pytest.mark.parametrize("text", [DENSE, IMAGES, NEURONS, SILENT])
def test_each_node_stands_once_in_its_order_and_the_rows_make_up_the_step(text: str) -> None:
    model = nngraph.compile(text)
    measured = model.profile(seconds=MOMENT)
    grouped = [id_ for row in measured.nodes for id_ in row.nodes]
    assert sorted(grouped) == sorted(model.network.graph.order)
    firsts = [row.nodes[0] for row in measured.nodes]
    assert firsts == [id_ for id_ in model.network.graph.order if id_ in firsts]
    assert sum(row.share for row in measured.rows) == pytest.approx(1)
    assert sum(row.seconds for row in measured.rows) == pytest.approx(measured.seconds)
    others = ["loss", "loading", "update", "rest"] if measured.trains else ["loading", "rest"]
    assert [row.kind for row in measured.rows if not row.nodes] == others


def test_single_neurons_that_are_computed_together_are_one_row_with_their_number() -> None:
    names = [row.name for row in profile(NEURONS).nodes]
    assert "a and 2 more" in names
    assert {"x", "wide", "z"} <= set(names)


def test_the_operations_of_a_forward_step_are_those_of_compile() -> None:
    network = nngraph.compile(SILENT).network
    measured = profile(SILENT, batch=7)
    found = {row.name: row.flops for row in measured.nodes}
    assert found == {line.id: 7 * line.flops for line in node_lines(network)}
    assert found["h"] > 0
    assert all(row.backward == 0 for row in measured.rows)


@pytest.mark.parametrize("text", [DENSE, IMAGES, NEURONS])
def test_the_operations_of_a_training_step_are_those_of_its_program(text: str) -> None:
    model = nngraph.compile(text)
    stage = model.learner.with_training().network.gradient_stage
    assert stage is not None
    per_sample, per_step = program_flops(stage.program)
    measured = model.profile(seconds=MOMENT, batch=6)
    counted = sum(row.flops for row in measured.rows if row.kind != "update")
    assert counted == 6 * per_sample + per_step


def test_a_dense_layer_counts_its_products_and_what_they_read_and_write() -> None:
    measured = profile(DENSE)
    hidden = next(row for row in measured.nodes if row.name == "h")
    # forward: X [6, 5 and a column of ones] W [6, 4], then the rectifier of 24 numbers
    assert hidden.forward_flops == 2 * 6 * 6 * 4 + 24
    # backward: dL/dW [6, 4] beside the rectifier's mask; x is an input, so nothing flows to it
    assert 2 * 6 * 6 * 4 < hidden.flops - hidden.forward_flops < 2 * 6 * 6 * 4 + 4 * 24
    assert hidden.read >= 4 * (6 * 6 + 6 * 4)
    assert hidden.written >= 4 * (6 * 4 + 6 * 4)
    assert hidden.of_product == pytest.approx(hidden.flops / hidden.seconds / hidden.product_rate)
    assert measured.nodes[0].rate is None
    loading = next(row for row in measured.rows if row.kind == "loading")
    assert loading.read == 4 * 6 * (5 + 3)


# ---- the clock


@pytest.mark.parametrize("kernels", [False, pytest.param(True, marks=pytest.mark.longer)])
@pytest.mark.parametrize(
    "text", [DENSE, IMAGES.replace("norm: batch_norm", "norm: {kind: dropout, rate: 0.5}")]
)
def test_marks_meet_every_instruction_and_change_no_bit(text: str, kernels: bool) -> None:
    if kernels:
        pytest.importorskip("numba")
    network = compile_document(open_spec(text), kernels=kernels)
    stage = network.gradient_stage
    assert stage is not None
    batch = 40
    executable = Executable.start(network, 0)
    watch = Stopwatch(len(stage.program.body))
    gradients = []
    for each in (stage, marked(stage, watch)):
        step = executable.of_stage(each, batch)
        for role, slot in step.slots.items():
            if isinstance(role, Row | TargetRow):
                shape = (batch, *slot.leaf.type.sample_shape)
                slot.put(np.random.default_rng(1).random(shape))
        step.run()
        gradients.append(executable.gradients())
    assert all(np.array_equal(gradients[0][k], gradients[1][k]) for k in gradients[0])
    expected = [0] * len(stage.program.body)
    tiling, shards = stage.plan.tiling, stage.plan.shards.rows(batch)
    for k, instr in enumerate(stage.program.body):
        if instr.is_work and tiling.tile_of(k) is None:
            expected[k] = len(shards)
        elif instr.is_work:  # a call a tile, and one more for what the tiles have summed
            sums = sum(not out.type.batched for out in instr.outs)
            expected[k] = sum(len(tiling.pieces(rows)) + sums for rows in shards)
    assert watch.turns[:-3] == expected
    assert watch.turns[BEGIN] == watch.turns[EMPTY] == len(shards)
    assert bool(watch.turns[TURN]) == bool(tiling.tiles)
    if text is not DENSE:
        assert tiling.tiles


def test_what_a_mark_costs_is_taken_off_each_call() -> None:
    watch = Stopwatch(2)
    watch.turns = [1, 3, 0, 1, 1]  # two instructions, then TURN, EMPTY, BEGIN
    rounds = Rounds([1.0] * 4, [0.25] * 4, [0.5] * 4, [[150, 900, 0, 100, 7]] * 4)
    timing = timing_of(rounds, watch, has_update=True)
    assert timing.calls == pytest.approx({0: 50e-9, 1: 600e-9})
    assert (timing.whole, timing.load, timing.update) == (1.0, 0.25, 0.5)


def test_the_slow_and_the_fast_rounds_do_not_count() -> None:
    watch = Stopwatch(1)
    watch.turns = [1, 0, 1, 1]
    whole = [1.0, 2.0, 2.0, 90.0]
    calls = [[int(t * 1e9), 0, 0, 0] for t in whole]
    timing = timing_of(Rounds(whole, [0.0] * 4, [0.0] * 4, calls), watch, has_update=False)
    assert timing.whole == timing.calls[0] == 2.0


def test_nothing_of_the_model_changes() -> None:
    model = nngraph.compile(IMAGES)
    before = model.weights
    model.profile(seconds=MOMENT)
    assert all(np.array_equal(before[k], after) for k, after in model.weights.items())
    assert not model.is_trained


# ---- the forms


def test_json_says_what_python_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "dense.yaml"
    spec.write_text(DENSE)
    assert run(["profile", str(spec), "--seconds", "0.01", "--batch", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["name"], found["dtype"], found["batch"]) == ("dense", "float32", 4)
    assert (found["step"], found["made_up"]) == ("training", True)
    assert found["rounds"] >= 5
    measured = profile(DENSE).as_json()
    assert found.keys() == measured.keys()
    for row, other in zip(found["rows"], measured["rows"], strict=True):
        assert row.keys() == other.keys()
        assert (row["name"], row["kind"], row["nodes"]) == (
            other["name"],
            other["kind"],
            other["nodes"],
        )


def test_the_table_has_a_line_for_each_row_and_the_total(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "dense.yaml"
    spec.write_text(DENSE)
    picture = tmp_path / "net.dot"
    assert run(["profile", str(spec), "--seconds", "0.01", "-o", str(picture)]) == 0
    said = capsys.readouterr()
    first = [line.split()[0] for line in said.out.splitlines() if line.strip()]
    assert first[1:9] == ["x", "h", "y", "loss", "loading", "update", "rest", "total"]
    assert "a training step on 6 samples, float32, on drawn rows" in said.out
    assert f"wrote {picture}" in said.err
    assert "a training step on 6 samples takes" in picture.read_text()


def test_the_longest_node_is_orange_and_inputs_are_white() -> None:
    model = nngraph.compile(DENSE)
    measured = model.profile(seconds=MOMENT)
    times = {"x": 0.0, "h": 3e-3, "y": 1e-3}
    rows = tuple(
        replace(row, forward=times[row.name], backward=0.0, share=times[row.name] / 5e-3)
        for row in measured.nodes
    )
    picture = heated(picture_of(model.network), replace(measured, rows=rows, seconds=5e-3))
    found = {node.id: (node.heat, node.note) for node in picture.nodes}
    assert found["x"] == (0.0, "")
    assert found["h"] == (1.0, "3 ms · 60.0%")
    assert found["y"] == (pytest.approx(1 / 3), "1 ms · 20.0%")


@pytest.mark.parametrize("suffix", [".dot", ".mmd"])
def test_drawings_show_shares_and_colours(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net{suffix}"
    measured = profile(DENSE, path=path)
    hottest = max(measured.nodes, key=lambda row: row.share)
    assert "#f8be7e" in path.read_text()
    assert f"· {hottest.share:.1%}"[:-1] in path.read_text()  # Mermaid's per cent is an escape


def test_the_data_of_a_spec_are_taken_where_it_names_some() -> None:
    model = nngraph.compile(LEARNT)
    rows = model.data.parts["train"].rows
    assert rows > 1
    assert model.profile(seconds=MOMENT).batch == rows
    larger = model.profile(seconds=MOMENT, batch=3 * rows)
    assert (larger.batch, larger.made_up) == (3 * rows, False)
    drawn = model.profile(seconds=MOMENT, data=False)
    assert (drawn.batch, drawn.made_up) == (1, True)


# ---- mistakes


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["missing.yaml"], 8, "missing.yaml"),
        (["dense.yaml", "--batch", "0"], 2, "--batch"),
        (["dense.yaml", "--seconds", "0"], 2, "--seconds"),
        (["dense.yaml", "-o", "net.jpg"], 2, "'.jpg'"),
    ],
)
def test_mistakes_are_told(
    arguments: list[str],
    exit_code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dense.yaml").write_text(DENSE)
    assert run(["profile", *arguments]) == exit_code
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("asked", [{"batch": 0}, {"seconds": 0.0}, {"seconds": float("nan")}])
def test_python_refuses_what_cannot_be_measured(asked: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"a step takes 1|measuring takes some time"):
        nngraph.compile(DENSE).profile(**asked)  # type: ignore[arg-type]
