"""The training loop: epochs of batches, each a step of gradients and an update."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.errors import Diagnostic, NonFiniteError
from nngraph.spec.schedules import Constant, Plateau, Schedule
from nngraph.train.evaluation import ROWS_PER_STEP, Evaluation, EvaluationStep
from nngraph.train.feed import Array, Feed, Rows, Slot
from nngraph.train.metrics import Figure, MetricPlan, figures_of
from nngraph.train.schedules import Rates, is_rising, monitored


class TrainingStep(Protocol):
    """A bound training step."""

    @property
    def slots(self) -> Mapping[str, Slot]:
        """By input node id, and "target:NAME"."""

    @property
    def loss(self) -> float:
        """Mean over the rows of the batch."""

    @property
    def outputs(self) -> Mapping[str, Array]:
        """Output node id -> [batch, *shape]."""

    def run(self, step: int = 0) -> Any:
        """Compute loss and gradients; `step` positions the random streams (dropout)."""


class Executor(Protocol):
    """What the loop needs of an executor."""

    @property
    def step(self) -> int:
        """Updates done so far."""

    def training(self, batch: int) -> TrainingStep:
        """The training step bound for a batch size."""

    def evaluation(self, batch: int) -> EvaluationStep:
        """The evaluation step bound for a batch size."""

    def update(self, learning_rate: float) -> None:
        """One optimiser step from the gradients of the last training step."""


CONSTANT = Constant()


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; `batch_size` in rows, `metrics` are watched on both parts.

    `schedule` says how the learning rate changes over all epochs, those before `first_epoch` too.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    seed: int = 0
    shuffle: bool = True
    metrics: tuple[MetricPlan, ...] = ()
    first_epoch: int = 1
    schedule: Schedule = CONSTANT


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch came to: figures by name on each part; `seconds` since the start."""

    number: int
    step: int
    seconds: float
    learning_rate: float
    train: dict[str, float]
    validation: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One line of metrics.jsonl, under names like `train.loss` and `validation.accuracy`."""
        return {
            "epoch": self.number,
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "learning_rate": self.learning_rate,
            **{f"train.{name}": value for name, value in self.train.items()},
            **{f"validation.{name}": value for name, value in self.validation.items()},
        }


def _never() -> bool:
    return False


def _ignore(done: int) -> None:
    pass


def train(
    executor: Executor,
    settings: Settings,
    rows: Rows,
    validation: Rows | None = None,
    *,
    stop: Callable[[], bool] = _never,
    after_batch: Callable[[int], None] = _ignore,
) -> Iterator[Epoch]:
    """Train, and give each epoch's figures when it is over.

    The loss on the training part is the mean over the epoch's batches, weighted by their rows,
    while the weights change; metrics there are gathered from the same steps. The validation part
    is computed with the weights at the end of the epoch. `stop` is asked after each step; when it
    says yes, the epoch so far is the last. `after_batch` hears how many rows of the epoch are done.

    Errors: NonFiniteError with epoch and step as soon as a loss is not a finite number.
    """
    started = time.perf_counter()
    batches = Batches(rows.count, settings.batch_size, settings.seed, settings.shuffle)
    feed = Feed(rows, executor.training(batches.size), settings.seed)
    figures = _observable(executor.training(batches.size), settings.metrics)
    check = _validation(executor, settings, validation)
    first = settings.first_epoch
    rates = _Rates(settings, executor.step, len(batches))
    rates.watch(figures, check is not None)
    for number in range(first, first + settings.epochs):
        pass_ = _Pass(executor, rates, feed, figures, number)
        loss = pass_.run(batches, stop, after_batch)
        epoch = Epoch(
            number,
            executor.step,
            time.perf_counter() - started,
            rates.last,
            {"loss": loss} | {figure.plan.name: figure.value for figure in figures},
            {} if check is None else check.run(),
        )
        rates.remember(epoch)
        yield epoch
        if stop():
            return


def _observable(step: TrainingStep, plans: Sequence[MetricPlan]) -> list[Figure]:
    """The metrics whose node a training step shows."""
    return figures_of([plan for plan in plans if plan.node in step.outputs])


def _validation(executor: Executor, settings: Settings, rows: Rows | None) -> Evaluation | None:
    if rows is None or rows.count == 0:
        return None
    size = max(settings.batch_size, ROWS_PER_STEP)
    return Evaluation(executor, rows, settings.metrics, size=size)


class _Rates:
    """The schedule of a run, the figure that it watches, and the last rate that it gave."""

    def __init__(self, settings: Settings, step: int, steps_per_epoch: int) -> None:
        before = settings.first_epoch - 1
        epochs = before + settings.epochs
        self._rates = Rates(settings.schedule, settings.learning_rate, epochs, steps_per_epoch)
        self._start = step - before * steps_per_epoch
        self._metrics = settings.metrics
        self._history: list[float] = []
        self._watched: str | None = None
        self.last = settings.learning_rate

    def watch(self, figures: Sequence[Figure], validates: bool) -> None:
        """Choose the figure. Errors: UsageError where there will be none of that name."""
        if isinstance(schedule := self._rates.schedule, Plateau):
            names = ["train.loss", *(f"train.{figure.plan.name}" for figure in figures)]
            if validates:
                names += ["validation.loss", *(f"validation.{p.name}" for p in self._metrics)]
            self._watched = monitored(schedule, names)

    def remember(self, epoch: Epoch) -> None:
        """Keep what a plateau wants to know of an epoch."""
        if self._watched is not None:
            self._history.append(float(epoch.as_json()[self._watched]))

    def at(self, step: int) -> float:
        """The rate of the executor's next step."""
        rising = self._watched is not None and is_rising(self._watched)
        self.last = self._rates.at(step - self._start, self._history, rising=rising)
        return self.last


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass over the training rows."""

    executor: Executor
    rates: _Rates
    feed: Feed
    figures: list[Figure]
    number: int

    def run(
        self, batches: Batches, stop: Callable[[], bool], after_batch: Callable[[int], None]
    ) -> float:
        """All steps of the epoch, or those before a stop; the mean loss of the rows seen."""
        total, done = 0.0, 0
        for figure in self.figures:
            figure.reset()
        for indices in batches.epoch(self.number):
            total += self._step(indices) * len(indices)
            done += len(indices)
            after_batch(done)
            if stop():
                break
        return total / done

    def _step(self, indices: NDArray[np.int64]) -> float:
        """Gradients and update on the rows of one batch; its loss."""
        executor = self.executor
        learning_rate = self.rates.at(executor.step)
        step = executor.training(len(indices))
        self.feed.load(step, indices, self.number)
        step.run(executor.step)
        loss = step.loss
        if not math.isfinite(loss):
            raise _not_finite(loss, self.number, executor.step + 1, learning_rate)
        executor.update(learning_rate)
        if self.figures:
            outputs, rows = step.outputs, self.feed.rows
            for figure in self.figures:
                plan = figure.plan
                figure.add(outputs[plan.node], rows.target(plan.target)[indices])
        return loss


def _not_finite(loss: float, epoch: int, step: int, learning_rate: float) -> NonFiniteError:
    what = "not a number" if math.isnan(loss) else "infinite"
    return NonFiniteError(
        Diagnostic(
            NonFiniteError.default_code,
            f"the loss became {what} in epoch {epoch}, step {step}",
            help=f"a smaller learning rate often helps (it is {learning_rate:g}), and so does "
            "`normalize: standard` on the data; no weights were saved",
        )
    )
