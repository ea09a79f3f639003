"""Training with compiled kernels: the same course within rounding, the same bits every time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from training_runs import SPECS, go_on, start, steps_of, story

pytest.importorskip("numba")

from nngraph.ir import Row, TargetRow
from nngraph.lower import initial_weights
from nngraph.network import compile_document
from nngraph.plan import shards
from nngraph.run import Executable
from nngraph.spec import parse_spec
from nngraph.targets.choice import VARIABLE
from nngraph.train.learner import Learner

DENSE = """
nngraph: 1
name: net
dtype: {dtype}
nodes:
  image: {{kind: input, shape: [8, 8, 1]}}
  flat: flatten
  h1: {{units: 30, activation: relu}}
  h2: {{units: 17, activation: {activation}}}
  y: {{units: 10, activation: softmax}}
edges: [image -> flat -> h1 -> h2 -> y]
loss: {{kind: cross_entropy, target: label}}
data: {{source: digits, split: {{validation: 97, test: 1400}}, inputs: {{image: image}}}}
train:
  epochs: 3
  batch_size: 32
  {train}
"""

TRAININGS = {
    "sgd": "optimizer: {kind: sgd, learning_rate: 0.02}",
    "momentum": "optimizer: {kind: sgd, learning_rate: 0.002, momentum: 0.9}",
    "nesterov and decay": "optimizer: {kind: sgd, learning_rate: 0.002, momentum: 0.9, "
    "nesterov: true}\n  weight_decay: 0.001\n  l1: 0.0001",
    "adam": "optimizer: {kind: adam, learning_rate: 0.003}",
    "adam, clipped": "optimizer: {kind: adam, learning_rate: 0.003}\n  clip: {norm: 0.5}",
    "adamw": "optimizer: {kind: adamw, learning_rate: 0.003}\n  weight_decay: 0.05",
}


def kernels_of(learner: Learner) -> set[str]:
    stages = (learner.network.gradient_stage, learner.network.update_stage)
    return {
        instr.op.name
        for stage in stages
        if stage is not None
        for instr in stage.program.body
        if instr.kernel is not None
    }


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", TRAININGS)
def test_kernels_lead_where_numpy_leads(
    kind: str, dtype: str, activation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = DENSE.format(dtype=dtype, activation=activation, train=TRAININGS[kind])
    ends = []
    for word in ("never", "always"):
        monkeypatch.setenv(VARIABLE, word)
        learner = start(spec, tmp_path / word)
        assert bool(kernels_of(learner)) == (word == "always")
        ends.append(story(tmp_path / word)["metrics"])
        assert steps_of(tmp_path / word) == len(ends[0]) * 10
    tolerance = 2e-3 if dtype == "float32" else 1e-9
    for plain, network in zip(*ends, strict=True):
        for name, value in plain.items():
            assert network[name] == pytest.approx(value, rel=tolerance, abs=tolerance), name


def test_a_dense_step_calls_the_kernels_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "always")
    spec = DENSE.format(dtype="float32", activation="relu", train=TRAININGS["adam"])
    found = kernels_of(Learner.start(parse_spec(spec)))
    assert found == {"relu", "gate", "softmax_cross_entropy", "fused"}


@pytest.mark.parametrize("kind", SPECS)
def test_a_run_with_kernels_stopped_after_any_step_goes_on_to_the_same_bits(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "always")
    whole = tmp_path / "whole"
    start(SPECS[kind], whole)
    for step in range(1, steps_of(whole), 3):
        folder = tmp_path / f"stopped-{step}"
        start(SPECS[kind], folder, step)
        assert go_on(folder) == ()
        assert story(folder) == story(whole), f"stopped after step {step}"


def test_going_on_without_the_kernels_is_said_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "always")
    start(SPECS["momentum"], tmp_path / "run", 2)
    monkeypatch.setenv(VARIABLE, "never")
    first, second = go_on(tmp_path / "run")
    assert first.startswith("target was NumPy with kernels of numba ")
    assert first.endswith(", it is NumPy")
    assert second.startswith("the network is computed by another plan (")


def test_the_bits_do_not_depend_on_how_many_workers_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shards, "SAMPLE_FLOPS", 1)
    monkeypatch.setattr(shards, "HALF_FLOPS", 1.0)
    spec = DENSE.format(dtype="float32", activation="relu", train=TRAININGS["adam"])
    network = compile_document(parse_spec(spec), kernels=True)
    rng = np.random.default_rng(4)
    x, t = rng.standard_normal((33, 8, 8, 1)), np.eye(10)[rng.integers(0, 10, 33)]
    ends = []
    for workers in (1, 2):
        learner = Executable(network, initial_weights(network.lowered, 0), workers=workers)
        step = learner.training(33)
        assert len(step.bounds[0].plan.halved) >= 3
        step.slots[Row("image")].load(step.slots[Row("image")].prepare(x), np.arange(33))
        step.slots[TargetRow("label")].load(
            step.slots[TargetRow("label")].prepare(t), np.arange(33)
        )
        with learner.threads():
            for _ in range(5):
                step.run()
                learner.update(0.01)
        ends.append(learner.weights())
    for name, array in ends[0].items():
        np.testing.assert_array_equal(array, ends[1][name])
