"""A convolutional network trains alike with compiled kernels and without, on one worker or two."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.ir import Row, TargetRow
from nngraph.lower import initial_weights
from nngraph.network import Network, compile_document
from nngraph.run import Executable
from nngraph.spec import parse_spec

pytest.importorskip("numba")

CONVNET = """
nngraph: 1
dtype: {dtype}
nodes:
  x: {{kind: input, shape: [28, 28, 1]}}
  c1: {{units: 32, activation: relu}}
  p1: {{kind: pool, size: 2}}
  c2: {{units: 48, activation: relu}}
  p2: {{kind: pool, size: 2}}
  h: {{units: 32, activation: relu}}
  y: {{units: 10, activation: softmax}}
edges:
  - x -> c1: {{conv: 3}}
  - c1 -> p1
  - p1 -> c2: {{conv: 3}}
  - c2 -> p2 -> h -> y
loss: cross_entropy
train: {{epochs: 1, batch_size: 64, optimizer: {{kind: sgd, learning_rate: 0.05, momentum: 0.9}}}}
"""
ROWS = 64


def network(kernels: bool, dtype: str) -> Network:
    return compile_document(parse_spec(CONVNET.format(dtype=dtype)), kernels=kernels)


def trained(compiled: Network, workers: int, steps: int) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and weights after some steps, each on its own batch."""
    rng = np.random.default_rng(0)
    executor = Executable(compiled, initial_weights(compiled.lowered, 1), workers=workers)
    step = executor.training(ROWS)
    assert len(step.bounds) == 2
    slots = step.slots
    x = slots[Row("x")].prepare(rng.normal(size=(4 * ROWS, 28, 28, 1)))
    y = slots[TargetRow("y")].prepare(np.eye(10)[rng.integers(0, 10, 4 * ROWS)])
    with executor.threads():
        for _ in range(steps):
            rows = rng.permutation(4 * ROWS)[:ROWS]
            slots[Row("x")].load(x, rows)
            slots[TargetRow("y")].load(y, rows)
            step.run()
            executor.update(0.05)
    return step.loss, executor.weights()


def test_training_ends_alike_with_kernels_and_without() -> None:
    loss, weights = trained(network(False, "float64"), 1, 12)
    again, found = trained(network(True, "float64"), 1, 12)
    assert again == pytest.approx(loss, rel=1e-9)
    for name, weight in weights.items():
        np.testing.assert_allclose(found[name], weight, rtol=0, atol=1e-9, err_msg=name)


def test_single_precision_differs_by_rounding() -> None:
    loss, weights = trained(network(False, "float32"), 1, 3)
    again, found = trained(network(True, "float32"), 1, 3)
    assert again == pytest.approx(loss, rel=1e-4)
    for name, weight in weights.items():
        np.testing.assert_allclose(found[name], weight, rtol=0, atol=2e-4, err_msg=name)


@pytest.mark.parametrize("kernels", [False, True])
def test_workers_change_no_bit(kernels: bool) -> None:
    compiled = network(kernels, "float32")
    loss, weights = trained(compiled, 1, 3)
    again, found = trained(compiled, 2, 3)
    assert again == loss
    for name, weight in weights.items():
        np.testing.assert_array_equal(found[name], weight, err_msg=name)


def test_the_plan_tells_which_kernels_fix_the_bits() -> None:
    stages = [network(kernels, "float32").gradient_stage for kernels in (False, True)]
    digests = {stage.plan.digest for stage in stages if stage is not None}
    assert len(digests) == 2


def test_the_products_are_not_read_again_on_the_way_back() -> None:
    stage = network(True, "float32").gradient_stage
    assert stage is not None
    names = [str(instr).partition("{")[0] for instr in stage.program.body]
    assert names.count("compiled pool_first") == 2
    assert names.count("compiled unpool_first") == 2
    assert names.count("compiled fold_rows") == 1
    assert "compiled patch_rows" in names
    assert not {"first_maximum", "maximum_first", "offset_product", "fold"} & set(names)
