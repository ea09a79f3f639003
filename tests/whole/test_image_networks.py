"""Random networks over images: what runs is what the plain definitions say, gradients included."""

from __future__ import annotations

import numpy as np
import pytest
from cases import by_tens, for_each

from nngraph.ir import TargetRow, interpret
from nngraph.lower import differentiate, initial_weights, pack_weights
from nngraph.network import compile_document
from nngraph.plan import find_tiles, place
from nngraph.run import Executable
from nngraph.spec import parse_spec

UNET = """nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: [12, 8, 3]}
  a: {units: 6, activation: tanh}
  down: {kind: pool, size: 2}
  b: {units: 8, activation: tanh}
  up: {kind: upsample, method: nearest}
  skip: concat
  c: {units: 6, activation: tanh}
  whole: {kind: pool, size: global, function: average}
  gate: {units: 6, activation: sigmoid}
  weighed: multiply
  res: add
  y: {units: 2, activation: softmax}
edges:
  - x -> a: {conv: 3, padding: same}
  - a -> down
  - down -> b: {conv: 3, padding: same}
  - b -> up -> skip
  - a -> skip
  - skip -> c: {conv: 3, padding: same}
  - c -> whole -> gate
  - c, gate -> weighed
  - weighed, c -> res
  - res -> y: {conv: 1}
loss: cross_entropy
"""


def random_network(seed: int) -> str:
    """A chain of edges and nodes over images, each drawn among those that fit."""
    rng = np.random.default_rng(seed)
    height, width = (int(n) for n in rng.integers(9, 14, 2))
    channels = int(rng.integers(1, 4)) * 2
    nodes = [f"  x: {{kind: input, shape: [{height}, {width}, {channels}]}}"]
    edges, last = [], "x"
    for number in range(int(rng.integers(3, 6))):
        name = f"n{number}"
        units = int(rng.choice([2, 4, 6]))
        groups = int(rng.choice([1, 2]))
        extra = rng.choice(["", ", padding: same", ", dilation: 2, padding: 2", ", stride: 2"])
        kind = rng.choice(["conv", "conv", "depthwise", "conv_transpose", "pool", "other"])
        if kind in ("conv", "conv_transpose"):
            cut = ", padding: 1" if kind == "conv_transpose" else extra
            edges.append(f"  - {last} -> {name}: {{{kind}: 3, groups: {groups}{cut}}}")
        elif kind == "depthwise":
            units = channels * int(rng.integers(1, 3))
            edges.append(f"  - {last} -> {name}: {{depthwise: 2, padding: same}}")
        else:
            edges.append(f"  - {last} -> {name}")
        if kind == "pool":
            form = rng.choice(
                ["size: 2", "size: 3, stride: 1, padding: 1", "size: 2, function: average"]
            )
            nodes.append(f"  {name}: {{kind: pool, {form}}}")
        elif kind == "other":
            form = rng.choice(["kind: upsample", "kind: upsample, method: bilinear"])
            nodes.append(f"  {name}: {{{form}, factor: [1, 2]}}")
        else:
            f = rng.choice(["tanh", "relu", "sigmoid", "identity"])
            nodes.append(f"  {name}: {{units: {units}, activation: {f}, bias: 0.1}}")
            channels = units
        last = name
    tail = f"  - {last} -> y\noutputs: [y]\nloss: mean_squared_error\n"
    nodes.append("  y: {units: 3}")
    head = "nngraph: 1\ndtype: float64\nnodes:\n"
    return head + "\n".join(nodes) + "\nedges:\n" + "\n".join(edges) + "\n" + tail


SEEDS = [seed for seed in range(40) if seed not in (28, 34)]  # whose images become too small

BOTH_TARGETS = pytest.mark.parametrize("kernels", [False, True], ids=["numpy", "kernels"])


def check(text: str, rows: int, workers: int, kernels: bool) -> None:
    if kernels:
        pytest.importorskip("numba")
    compiled = compile_document(parse_spec(text), kernels=kernels)
    lowered = compiled.training
    assert lowered is not None
    weights = initial_weights(lowered, 3)
    rng = np.random.default_rng(rows)
    executor = Executable(compiled, weights, workers=workers)
    step = executor.training(rows)
    leaves = {"per_sample": np.array(1.0 / rows), **pack_weights(lowered, weights)}
    for role, slot in step.slots.items():
        shape = slot.leaf.type.sample_shape
        data = rng.normal(size=(rows, *shape))
        if role == TargetRow("y") and len(shape) == 3:
            data = np.eye(shape[-1])[rng.integers(shape[-1], size=(rows, *shape[:-1]))]
        slot.load(slot.prepare(data), np.arange(rows))
        leaves[slot.leaf.id] = data
    step.run()
    program = differentiate(lowered.program, lowered.parameters)
    given = {leaf: leaves[leaf.id] for leaf in program.leaves if leaf.id in leaves}
    expected = interpret(program, given).outputs
    assert step.loss == pytest.approx(float(expected["loss"]), rel=1e-11)
    found = executor.gradients()
    for name, gradient in found.items():
        value = expected[f"gradient:{name}"]
        scale = max(1e-6, float(np.abs(value).max()))
        np.testing.assert_allclose(gradient, value, rtol=0, atol=1e-10 * scale, err_msg=name)
    assert len(found) == len(weights)


@BOTH_TARGETS
@pytest.mark.parametrize("tile", [0, 2])
@for_each("seed", SEEDS, together=by_tens)
def test_random_networks_over_images_run_as_they_are_defined(
    seed: int, tile: int, kernels: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if tile:
            patch.setattr(place, "choose_tiles", lambda program: find_tiles(program, tile))
        check(random_network(seed), rows=3, workers=1, kernels=kernels)


@BOTH_TARGETS
@pytest.mark.parametrize(("rows", "workers"), [(1, 1), (5, 2)])
def test_a_network_with_skips_and_a_gate_runs_as_it_is_defined(
    rows: int, workers: int, kernels: bool
) -> None:
    check(UNET, rows, workers, kernels)


POOLED = """nngraph: 1
dtype: float64
nodes:
  x: {{kind: input, shape: {shape}}}
  h: {{units: 6, activation: {f}, bias: {bias}}}
  p: {{kind: pool, {pool}}}
  k: {{units: 4, activation: relu}}
  y: {{units: 3, activation: tanh}}
edges:
  - x -> h: {edge}
  - h -> p
  - p -> k: {{conv: 2}}
  - k -> y
loss: mean_squared_error
"""


@BOTH_TARGETS
@for_each("f", ["relu", "tanh", "identity"])
@for_each("bias", ["true", "false"])
@pytest.mark.parametrize(
    ("shape", "edge", "pool"),
    [
        ("[9, 10, 1]", "{conv: 3}", "size: 2"),
        ("[9, 8, 3]", "{conv: 3, padding: same}", "size: 2"),
        ("[13, 14, 2]", "{conv: 2, stride: 2, dilation: 2, groups: 2}", "size: 2"),
        ("[11, 9, 2]", "{conv: 2}", "size: [3, 2]"),
        ("[9, 8, 3]", "{conv: 3}", "size: 3, stride: 1, padding: 1"),
        ("[20, 3]", "{conv: 3}", "size: 3"),
        ("[20, 3]", "{conv: 3}", "size: 3, stride: 2"),
    ],
    ids=["one channel", "same", "groups", "wide", "overlap", "line", "line overlap"],
)
def test_pooled_convolutions_run_as_they_are_defined(
    shape: str, edge: str, pool: str, f: str, bias: str, kernels: bool
) -> None:
    check(POOLED.format(shape=shape, edge=edge, pool=pool, f=f, bias=bias), 4, 1, kernels)
