"""The loop, judged with a network of one weight whose every step is known by hand."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest

from nngraph.errors import NonFiniteError
from nngraph.ir import Row, TargetRow
from nngraph.train.feed import Rows
from nngraph.train.loop import Settings, train
from nngraph.train.metrics import MetricPlan
from nngraph.train.position import Epoch


class FakeSlot:
    def __init__(self) -> None:
        self.content = np.zeros((0, 1))

    def prepare(self, rows: Any) -> Any:
        return np.asarray(rows, np.float64)

    def load(self, prepared: Any, indices: Any) -> None:
        self.content = prepared[indices]


class FakeStep:
    """y = w x with the mean of (y - t)^2."""

    def __init__(self, executable: FakeExecutor) -> None:
        self.slots = {Row("x"): FakeSlot(), TargetRow("t"): FakeSlot()}
        self.executable = executable
        self.loss = 0.0
        self.outputs: dict[str, Any] = {"y": np.zeros((0, 1))}

    def run(self, step: int = 0) -> None:
        x, t = self.slots[Row("x")].content, self.slots[TargetRow("t")].content
        y = self.executable.w * x
        self.outputs = {"y": y}
        self.loss = float(np.mean((y - t) ** 2))
        self.executable.gradient = float(np.mean(2 * (y - t) * x))
        self.executable.seen.append(x[:, 0].tolist())
        self.executable.positions.append(step)


class FakeExecutor:
    workers, has_kernels = 1, False

    def __init__(self, w: float = 0.0) -> None:
        self.w = w
        self.gradient = 0.0
        self.step = 0
        self.seen: list[list[float]] = []
        self.positions: list[int] = []

    def training(self, batch: int) -> FakeStep:
        return FakeStep(self)

    evaluation = training

    def update(self, learning_rate: float, step: FakeStep | None = None) -> None:
        self.w -= learning_rate * self.gradient
        self.step += 1

    def whole_epochs(self, rows: Any, size: int) -> None:
        """Each step is taken by itself."""

    def gradients_are_finite(self) -> bool:
        return bool(np.isfinite(self.gradient))

    def gradients(self) -> dict[str, Any]:
        return {"w": np.array(self.gradient)}

    def weights(self) -> dict[str, Any]:
        return {"w": np.array(self.w)}

    def flat_weights(self) -> float:
        return self.w

    def set_flat_weights(self, flat: float) -> None:
        self.w = flat

    def weights_are_finite(self) -> bool:
        return bool(np.isfinite(self.w))

    def state(self) -> dict[str, Any]:
        return {}

    def set_state(self, state: Any) -> None:
        assert state == {}


def rows(x: list[float], t: list[float]) -> Rows:
    return Rows.of({"x": np.array(x)[:, None]}, {"t": np.array(t)[:, None]})


def run(executable: FakeExecutor, settings: Settings, *more: Any, **options: Any) -> list[Epoch]:
    return list(train(executable, settings, *more, **options))


def test_every_row_is_seen_once_an_epoch_and_the_last_batch_is_short() -> None:
    executable = FakeExecutor()
    run(executable, Settings(2, 2, 0.0), rows([1, 2, 3, 4, 5], [0] * 5))
    assert [len(batch) for batch in executable.seen] == [2, 2, 1, 2, 2, 1]
    first, second = [*chain(*executable.seen[:3])], [*chain(*executable.seen[3:])]
    assert sorted(first) == sorted(second) == [1, 2, 3, 4, 5]
    assert first != second
    assert executable.positions == [0, 1, 2, 3, 4, 5]


def test_without_shuffling_rows_come_as_they_lie() -> None:
    executable = FakeExecutor()
    run(executable, Settings(2, 4, 0.0, shuffle=False), rows([1, 2, 3, 4, 5], [0] * 5))
    assert executable.seen == [[1, 2, 3, 4], [5], [1, 2, 3, 4], [5]]


def test_the_order_follows_from_the_seed_alone() -> None:
    orders = []
    for seed in (0, 0, 1):
        executable = FakeExecutor()
        run(executable, Settings(1, 2, 0.0, seed=seed), rows([1, 2, 3, 4, 5], [0] * 5))
        orders.append(executable.seen)
    assert orders[0] == orders[1] != orders[2]


def test_the_training_loss_weighs_batches_by_their_rows() -> None:
    settings = Settings(1, 2, 0.0, shuffle=False)
    (epoch,) = run(FakeExecutor(), settings, rows([1, 1, 1], [3, 3, 6]))
    # batches of losses 9 and 36: (2 * 9 + 36) / 3
    assert epoch.train == {"loss": 18.0}
    assert epoch.step == 2


def test_gradient_descent_takes_the_steps_worked_out_by_hand() -> None:
    executable = FakeExecutor()
    epochs = run(executable, Settings(2, 1, 0.25), rows([1], [2]))
    # w <- w - 0.25 * 2 (w - 2): 0, 1, 1.5
    assert executable.w == 1.5
    assert [epoch.train["loss"] for epoch in epochs] == [4.0, 1.0]


def test_validation_is_computed_with_the_weights_at_the_end_of_the_epoch() -> None:
    plan = MetricPlan("mean_absolute_error", "mean_absolute_error", "y", "t")
    settings = Settings(1, 1, 0.25, metrics=(plan,))
    (epoch,) = run(FakeExecutor(), settings, rows([1], [2]), rows([1, 3], [2, 4]))
    # w = 1: outputs 1 and 3, errors 1 and 1
    assert epoch.train == {"loss": 4.0, "mean_absolute_error": 2.0}
    assert epoch.validation == {"loss": 1.0, "mean_absolute_error": 1.0}


def test_validation_changes_no_weight() -> None:
    with_it, without = FakeExecutor(), FakeExecutor()
    settings = Settings(3, 2, 0.1)
    run(with_it, settings, rows([1, 2, 3], [2, 4, 7]), rows([5], [1]))
    run(without, settings, rows([1, 2, 3], [2, 4, 7]))
    assert with_it.w == without.w


def test_a_loss_that_is_not_finite_names_epoch_and_step_and_makes_no_update() -> None:
    executable = FakeExecutor(w=float("inf"))
    with pytest.raises(NonFiniteError, match="infinite in epoch 1, step 1") as caught:
        run(executable, Settings(3, 2, 0.1), rows([1, 2, 3], [1, 2, 3]))
    assert executable.step == 0
    assert "smaller learning rate" in str(caught.value)


def test_a_stop_finishes_its_step_and_gives_the_epoch_so_far() -> None:
    executable = FakeExecutor()
    epochs = run(
        executable,
        Settings(5, 1, 0.0, shuffle=False),
        rows([1, 2, 3], [0, 0, 0]),
        stop=lambda: executable.step >= 4,
    )
    assert executable.step == 4
    assert [epoch.number for epoch in epochs] == [1, 2]


def test_nothing_is_validated_after_a_stop_for_it_may_take_long() -> None:
    executable = FakeExecutor()
    epochs = run(
        executable,
        Settings(5, 1, 0.0),
        rows([1, 2, 3], [0, 0, 0]),
        rows([4], [0]),
        stop=lambda: executable.step >= 6,
    )
    assert [bool(epoch.validation) for epoch in epochs] == [True, False]


def test_an_epoch_is_told_under_the_names_of_the_language() -> None:
    epoch = Epoch(2, 6, 0.12345, 0.1, {"loss": 0.5}, {"accuracy": 0.75})
    assert epoch.as_json() == {
        "epoch": 2,
        "step": 6,
        "seconds": 0.123,
        "learning_rate": 0.1,
        "train.loss": 0.5,
        "validation.accuracy": 0.75,
    }


def test_a_batch_larger_than_the_data_is_the_whole_data() -> None:
    executable = FakeExecutor()
    run(executable, Settings(1, 100, 0.0), rows([1, 2, 3], [0, 0, 0]))
    assert [sorted(batch) for batch in executable.seen] == [[1, 2, 3]]


def test_progress_hears_of_every_batch() -> None:
    heard: list[int] = []
    run(FakeExecutor(), Settings(1, 2, 0.0), rows([1, 2, 3], [0] * 3), after_batch=heard.append)
    assert heard == [2, 3]
