"""Tiles: which instructions run a few samples at a time, and that it changes nothing but speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nngraph.errors import InternalError, VerifyError
from nngraph.lower import initial_weights
from nngraph.network import Network, compile_document
from nngraph.plan import Tiling, find_tiles, is_shardable, place, scratch_bytes, verify_plan
from nngraph.plan.tiles import choose_tiles
from nngraph.run import Executable
from nngraph.spec import parse_spec

POOLED = """
nodes:
  x: {kind: input, shape: [11, 11, 2]}
  a: {units: 4, activation: relu}
  p: {kind: pool, size: 2}
  b: {units: 6, activation: relu}
  q: {kind: pool, size: 2}
  h: {units: 5, activation: tanh}
  y: {units: 3, activation: softmax}
edges:
  - x -> a: {conv: 3}
  - a -> p
  - p -> b: {conv: 3, padding: same}
  - b -> q -> h -> y
loss: cross_entropy
"""

NORMED = """
nodes:
  x: {kind: input, shape: [8, 8, 2]}
  a: {units: 4, activation: relu}
  n: {kind: batch_norm}
  b: {units: 4, activation: tanh}
  s: {kind: add}
  g: {kind: pool, function: average, size: global}
  y: {units: 3, activation: softmax}
edges:
  - x -> a: {conv: 3, padding: same}
  - a -> n
  - n -> b: {conv: 3, padding: same}
  - a -> s
  - b -> s -> g -> y
loss: cross_entropy
"""

SEGMENTED = """
nodes:
  x: {kind: input, shape: [8, 6, 1]}
  a: {units: 4, activation: relu}
  d: {kind: pool, function: average, size: 2}
  b: {units: 6, activation: selu}
  u: {kind: upsample, factor: 2}
  c: {kind: concat}
  n: {kind: layer_norm}
  t: {units: 2, activation: sigmoid}
edges:
  - x -> a: {conv: 3, padding: same}
  - a -> d
  - d -> b: {conv: 3, padding: same, dilation: 1}
  - b -> u
  - a -> c
  - u -> c -> n
  - n -> t: {conv: 1}
loss: binary_cross_entropy
"""

SPREAD = """
nodes:
  x: {kind: input, shape: [6, 6, 4]}
  a: {units: 4, activation: relu}
  b: {units: 4, activation: relu}
  t: {units: 2, activation: sigmoid}
edges:
  - x -> a: {conv: 3, stride: 2, padding: 1, groups: 2}
  - a -> b: {depthwise: 3, padding: same}
  - b -> t: {conv_transpose: 2, stride: 2}
loss: mean_squared_error
"""

NETWORKS = {"pooled": POOLED, "normed": NORMED, "segmented": SEGMENTED, "spread": SPREAD}


def compiled(network: str, monkeypatch: pytest.MonkeyPatch, size: int) -> Network:
    """The network in float64, in tiles of `size` samples; 0 for none."""
    chosen = (lambda p: find_tiles(p, size)) if size else (lambda p: Tiling())
    monkeypatch.setattr(place, "choose_tiles", chosen)
    text = f"nngraph: 1\ndtype: float64\n{NETWORKS[network]}train: {{epochs: 1, batch_size: 7}}\n"
    result = compile_document(parse_spec(text), kernels=False)
    assert result.gradient_stage is not None
    assert bool(result.gradient_stage.plan.tiling.tiles) == bool(size)
    assert is_shardable(result.evaluation_stage.program)
    return result


def step_of(network: Network, rows: int) -> tuple[float, dict[str, np.ndarray]]:
    rng = np.random.default_rng(4)
    executor = Executable(network, initial_weights(network.lowered, seed=1))
    step = executor.training(rows)
    for slot in step.slots.values():
        shape = slot.leaf.type.sample_shape
        values = rng.random((rows, *shape))
        slot.load(slot.prepare(values / values.sum(-1, keepdims=True)), np.arange(rows))
    for _ in range(2):  # the second run finds the buffers as the first one left them
        step.run()
    return step.loss, executor.gradients()


@pytest.mark.parametrize("rows", [1, 3, 7])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_step_in_tiles_is_the_step_of_the_whole_batch(network, size, rows, monkeypatch):
    loss, gradients = step_of(compiled(network, monkeypatch, 0), rows)
    tiled_loss, tiled = step_of(compiled(network, monkeypatch, size), rows)
    assert tiled_loss == pytest.approx(loss, rel=1e-12)
    for id_, want in gradients.items():
        np.testing.assert_allclose(tiled[id_], want, rtol=1e-10, atol=1e-13, err_msg=id_)


def test_what_only_one_tile_needs_has_memory_for_one(monkeypatch):
    whole = compiled("pooled", monkeypatch, 0).evaluation_stage
    tiled = compiled("pooled", monkeypatch, 2).evaluation_stage
    small, large = ({"N": rows, "P": 0} for rows in (10, 1000))
    grown = scratch_bytes(tiled.program, tiled.plan, large)
    grown -= scratch_bytes(tiled.program, tiled.plan, small)
    without = scratch_bytes(whole.program, whole.plan, large)
    without -= scratch_bytes(whole.program, whole.plan, small)
    assert grown < 0.35 * without


def test_a_value_of_tiles_cannot_be_read_whole(monkeypatch):
    network = compiled("pooled", monkeypatch, 2)
    executor = Executable(network, initial_weights(network.lowered, seed=1))
    bound = executor.training(5).bounds[0]
    inside = next(
        v for v, p in bound.plan.places.items() if bound.plan.buffers[p.buffer].extent == "tile"
    )
    with pytest.raises(InternalError, match="never there whole"):
        bound.array(inside)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_verifier_sees_too_little_memory(network, monkeypatch):
    """Whatever several tiles read, or who comes behind them, must not lie in memory for one."""
    stage = compiled(network, monkeypatch, 2).gradient_stage
    assert stage is not None
    refused = 0
    for number, buffer in enumerate(stage.plan.buffers):
        if buffer.role != "scratch" or "N" not in buffer.shape or buffer.extent == "tile":
            continue
        buffers = list(stage.plan.buffers)
        buffers[number] = replace(buffer, extent="tile")
        with pytest.raises(VerifyError):
            verify_plan(stage.program, replace(stage.plan, buffers=tuple(buffers)), 10_000)
        refused += 1
    assert refused > 3


def test_a_sum_is_not_read_in_the_tile_that_makes_it(monkeypatch):
    stage = compiled("normed", monkeypatch, 2).gradient_stage
    assert stage is not None
    body, tiling = stage.program.body, stage.plan.tiling
    assert len(tiling.tiles) > 2  # means and variances of the batch cut them
    for tile in tiling.tiles:
        inside = body[tile.start : tile.stop]
        sums = {out for instr in inside for out in instr.outs if out in stage.plan.sums}
        assert not sums.intersection(arg for instr in inside for arg in instr.args)


def test_small_images_and_dense_layers_need_no_tiles():
    for shape in ("[8, 8, 1]", "[784]"):
        text = f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {shape}}}\n"
        edge = "{conv: 3}" if "," in shape else "{kind: dense}"
        text += f"  y: {{units: 4}}\nedges:\n  - x -> y: {edge}\n"
        program = compile_document(parse_spec(text)).evaluation_stage.program
        assert choose_tiles(program) == Tiling()


def test_random_numbers_are_drawn_for_whole_batches():
    text = """
nngraph: 1
nodes:
  x: {kind: input, shape: [32, 32, 8]}
  a: {units: 32, activation: relu}
  d: {kind: dropout, rate: 0.5}
  y: {units: 32, activation: relu}
edges:
  - x -> a: {conv: 3}
  - a -> d
  - d -> y: {conv: 3}
loss: mean_squared_error
"""
    stage = compile_document(parse_spec(text), kernels=False).gradient_stage
    assert stage is not None
    tiling = stage.plan.tiling
    assert tiling.tiles
    for number, instr in enumerate(stage.program.body):
        if instr.op.name.startswith("dropout"):
            assert tiling.tile_of(number) is None
