"""What becomes non-finite is noticed, named at its line, and never saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_runs import start

import nngraph
from nngraph.errors import NonFiniteError
from nngraph.run import BoundStep
from nngraph.spec import parse_spec
from nngraph.train.checkpoint import checkpoint_paths, newest_checkpoint
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner, rows_of
from nngraph.train.loop import train
from nngraph.train.nonfinite import COPY_EVERY, first_bad

SPEC = """nngraph: 1
name: net
nodes:
  x: {kind: input, shape: 2}
  h: {units: 8, activation: tanh}
  e: {units: 4, activation: exp}
  y: {activation: identity}
edges:
  - x -> h
  - h -> e
  - e -> y
loss: {kind: mean_squared_error, target: label}
data: {source: circles, samples: 40}
train: {epochs: 4, batch_size: 8, shuffle: false, optimizer: {kind: sgd, learning_rate: 0.01}}
"""


def problem_of(spec: str) -> tuple[NonFiniteError, Learner]:
    learner = Learner.start(parse_spec(spec))
    rows = rows_of(load_data(learner).parts["train"])
    with pytest.raises(NonFiniteError) as caught, learner.executable.threads():
        list(train(learner.executable, learner.settings(rows.count), rows))
    assert caught.value.exit_code == 7
    return caught.value, learner


def test_an_overflow_going_forward_is_named_with_line_and_inputs() -> None:
    problem, learner = problem_of(SPEC.replace("- h -> e", "- h -> e: 1000"))
    (told,) = problem.diagnostics
    assert told.message == (
        "the loss became infinite in epoch 1, step 1: going forward, 'e' was the first to become "
        "infinite"
    )
    assert told.span is not None
    assert told.span.line == 6
    assert told.label.startswith("exp of ")
    assert "from " in told.label
    assert "smaller learning rate often helps (it is 0.01)" in told.help
    assert learner.executable.step == 0
    assert first_bad(learner.executable.weights()) is None


def test_an_overflow_going_backward_is_named_so() -> None:
    # dL/dW_hy = delta z_h with delta = 1e25 and z_h near 1e20, while y and loss are finite
    spec = SPEC.replace("mean_squared_error,", "mean_absolute_error, weight: 1e25,")
    spec = spec.replace("- x -> h", "- x -> h: 1e20").replace("- h -> e", "- h -> y: 1e-20")
    spec = spec.replace("  - e -> y\n", "").replace("  e: {units: 4, activation: exp}\n", "")
    spec = spec.replace("units: 8, activation: tanh", "units: 8")
    problem, learner = problem_of(spec.replace("learning_rate: 0.01", "learning_rate: 1e-30"))
    (told,) = problem.diagnostics
    assert told.message.startswith("the gradients became non-finite in epoch 1, step 1")
    assert "going backward, 'y' was the first to become infinite" in told.message
    assert told.span is not None
    assert told.span.line == 6
    assert "e+20)" in told.label
    assert "e+24)" in told.label
    assert learner.executable.step == 0


def test_an_update_that_overflows_names_the_weight() -> None:
    problem, learner = problem_of(SPEC.replace("learning_rate: 0.01", "learning_rate: 3e38"))
    (told,) = problem.diagnostics
    assert "became non-finite in epoch 1, step 1" in told.message
    assert "the update was not" in told.message
    assert "gradient (from " in told.label
    assert told.span is not None
    assert first_bad(learner.executable.weights()) is None


@pytest.mark.parametrize("options", ["learning_rate: 3", "learning_rate: 0.03, momentum: 0.95"])
def test_the_step_that_is_named_is_the_first_one_however_late_it_shows(options: str) -> None:
    spec = SPEC.replace("learning_rate: 0.01", options)
    spec = spec.replace("epochs: 4", "epochs: 300").replace("activation: exp", "activation: square")
    spec = spec.replace("units: 8, activation: tanh", "units: 8, activation: square")
    problem, learner = problem_of(spec)
    step = learner.executable.step
    # the same run, looked at after every step
    plain = Learner.start(parse_spec(spec))
    rows = rows_of(load_data(plain).parts["train"])
    good: list[int] = []

    def look(done: int) -> None:
        if first_bad(plain.executable.weights()) is None:
            good.append(plain.executable.step)

    with pytest.raises(NonFiniteError), plain.executable.threads():
        list(train(plain.executable, plain.settings(rows.count), rows, after_batch=look))
    assert step == good[-1]
    assert f", step {step + 1}" in problem.diagnostics[0].message


def test_weights_that_hide_from_the_loss_are_found_by_looking(monkeypatch: Any) -> None:
    # a step function turns NaN into 0, so the loss stays finite
    learner = Learner.start(parse_spec(SPEC.replace("epochs: 4", "epochs: 400")))
    rows = rows_of(load_data(learner).parts["train"])
    executable = learner.executable
    update = executable.update

    def spoil(learning_rate: float, step: BoundStep) -> None:
        update(learning_rate, step)
        if executable.step == 300:
            weights = executable.weights()
            weights["y.bias"][0] = np.inf
            executable.set_weights(weights)

    monkeypatch.setattr(executable, "update", spoil)
    monkeypatch.setattr(type(executable.training(8)), "loss", property(lambda step: 0.5))
    monkeypatch.setattr(executable, "gradients_are_finite", lambda: True)
    words = r"'y\.bias' became non-finite in epoch 60, step 300: "
    with pytest.raises(NonFiniteError, match=words), executable.threads():
        list(train(executable, learner.settings(rows.count), rows))
    assert executable.step == 299


def test_gradients_that_are_large_but_finite_are_no_reason_to_stop() -> None:
    learner = Learner.start(parse_spec(SPEC))
    learner.executable.training(8)
    gradient = learner.executable._vectors.gradient()
    gradient.fill(1e30)
    with np.errstate(over="ignore"):
        assert learner.executable.gradients_are_finite()
        gradient[3] = np.nan
        assert not learner.executable.gradients_are_finite()


def test_a_network_without_trouble_is_trained_the_same_with_the_watch() -> None:
    long = SPEC.replace("epochs: 4", f"epochs: {COPY_EVERY // 2}")
    model = nngraph.compile(long)
    model.fit()
    assert first_bad(model.weights) is None
    assert len(model.history) == COPY_EVERY // 2


def test_a_run_that_became_non_finite_keeps_its_last_good_checkpoint(tmp_path: Path) -> None:
    spec = SPEC.replace("learning_rate: 0.01}", "learning_rate: 3}, checkpoint: {every: 1}")
    spec = spec.replace("epochs: 4", "epochs: 300").replace("activation: exp", "activation: square")
    with pytest.raises(NonFiniteError):
        start(spec, tmp_path / "run")
    assert not (tmp_path / "run/weights.safetensors").exists()
    assert not list(tmp_path.rglob("*.tmp"))
    assert checkpoint_paths(tmp_path / "run")
    checkpoint, refused = newest_checkpoint(tmp_path / "run")
    assert not refused
    assert first_bad(checkpoint.weights) is None
    assert first_bad(checkpoint.state) is None


def test_running_statistics_go_back_with_the_step() -> None:
    spec = SPEC.replace("units: 8, activation: tanh", "units: 8")
    spec = spec.replace("  e: {", "  n: {kind: batch_norm, momentum: 0.5}\n  e: {")
    spec = spec.replace("- h -> e", "- h -> n -> e").replace("- x -> h", "- x -> h: 1e30")
    problem, learner = problem_of(spec)  # values near 1e30 have no variance in float32
    (told,) = problem.diagnostics
    assert told.message.startswith("the running statistics 'n.variance' became non-finite in epoch")
    assert "going forward, 'n' was the first to become infinite" in told.message
    before = Learner.start(parse_spec(spec)).executable.weights()
    for id_, array in learner.executable.weights().items():
        np.testing.assert_array_equal(array, before[id_])
    assert learner.executable.step == 0
