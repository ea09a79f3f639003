"""A pool that looks into its convolution computes the same, gradients included, or stays."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.graph import build_graph
from nngraph.ir import Program, interpret, verify_program
from nngraph.lower import differentiate, lower
from nngraph.ops import Convolution, MaximumFirst, MaxPool
from nngraph.passes import eliminate_dead_code
from nngraph.passes.pool_within_convolution import pool_within_convolution
from nngraph.spec import parse_spec


def network(
    edge: str = "{conv: 3}", pool: str = "{kind: pool, size: 2}", more: str = "", f: str = "relu"
) -> Program:
    """x -> h -> p -> y with a loss; only the loss is asked for."""
    text = f"""nngraph: 1
dtype: float64
nodes:
  x: {{kind: input, shape: [9, 8, 2]}}
  h: {{units: 4, activation: {f}}}
  p: {pool}
  y: {{units: 2}}
edges:
  - x -> h: {edge}
  - h -> p -> y{more}
outputs: [y]
loss: {{kind: mean_squared_error, node: y}}
"""
    low = lower(build_graph(parse_spec(text)), training=True)
    kept = tuple((name, value) for name, value in low.program.outputs if str(name) == "loss")
    return eliminate_dead_code(Program(low.program.leaves, low.program.body, kept))


def kinds(program: Program) -> list[type]:
    return [type(instr.op) for instr in program.body]


def results(program: Program, seed: int) -> dict[str, np.ndarray]:
    """The loss and all gradients, on random numbers for all leaves."""
    parameters = [leaf for leaf in program.leaves if type(leaf).__name__ == "Param"]
    whole = verify_program(differentiate(program, parameters))
    rng = np.random.default_rng(seed)
    leaves = {leaf: rng.normal(size=leaf.type.sizes({"N": 3})) for leaf in whole.leaves}
    return interpret(whole, leaves).outputs


FUSED = {
    "plain": {},
    "same padding": {"edge": "{conv: 3, padding: same}"},
    "strides, gaps and groups": {"edge": "{conv: 2, stride: 2, dilation: 2, groups: 2}"},
    "other windows": {"pool": "{kind: pool, size: [3, 2]}"},
    "tanh": {"f": "tanh"},
    "no function": {"f": "identity"},
}


@pytest.mark.parametrize("name", FUSED)
def test_a_pool_within_its_convolution_computes_the_same(name: str) -> None:
    program = network(**FUSED[name])
    fused = verify_program(pool_within_convolution(program))
    assert MaxPool not in kinds(fused)
    (convolution,) = [i.op for i in fused.body if isinstance(i.op, Convolution)]
    assert convolution.block
    before, after = results(program, 1), results(fused, 1)
    assert before.keys() == after.keys()
    for key, value in before.items():
        np.testing.assert_allclose(after[key], value, atol=1e-12, err_msg=key)


def test_bias_and_function_see_only_what_is_left() -> None:
    fused = pool_within_convolution(network())
    at = kinds(fused).index(MaximumFirst)
    assert fused.body[at].args[0].type.shape == (2, 2, "N", 3, 3, 4)
    assert [str(i.op.name) for i in fused.body[at + 1 : at + 3]] == ["add", "relu"]
    assert fused.body[at + 2].outs[0].type.shape == ("N", 3, 3, 4)


@pytest.mark.parametrize(
    "more",
    [
        {"pool": "{kind: pool, size: 3, stride: 2}"},
        {"pool": "{kind: pool, size: 2, padding: 1}"},
        {"pool": "{kind: pool, size: 2, function: average}"},
        {"f": "gelu"},
        {"f": "abs"},
        {"more": "\n  - h -> y"},
    ],
    ids=["overlap", "border", "average", "falls somewhere", "falls on the left", "read twice"],
)
def test_other_pools_stay(more: dict[str, str]) -> None:
    program = network(**more)
    assert kinds(pool_within_convolution(program)) == kinds(program)
