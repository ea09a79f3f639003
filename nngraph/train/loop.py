"""The training loop: epochs of batches, each a step of gradients and an update."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.errors import UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.run import BoundStep, Executable
from nngraph.spec.model import EarlyStopping
from nngraph.train.ahead import Compiled, OneByOne, Runs, Steps
from nngraph.train.early_stopping import Stopper
from nngraph.train.evaluation import ROWS_PER_STEP, Evaluation
from nngraph.train.feed import Feed, Rows
from nngraph.train.metrics import Figure, MetricPlan, figures_of
from nngraph.train.monitors import watched
from nngraph.train.nonfinite import Watch
from nngraph.train.ports import figure_names
from nngraph.train.position import Epoch, Position
from nngraph.train.schedules import Rates, monitored
from nngraph.words.metrics import is_rising
from nngraph.words.schedules import ConstantRate, FigureSchedule, Schedule

CONSTANT = ConstantRate()


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
    early_stopping: EarlyStopping | None = None


def _never() -> bool:
    return False


def _ignore(done: int) -> None:
    pass


def train(
    executable: Executable,
    settings: Settings,
    rows: Rows,
    validation: Rows | None = None,
    *,
    stop: Callable[[], bool] = _never,
    after_batch: Callable[[int], None] = _ignore,
    position: Position | None = None,
    looked_at: bool = True,
) -> Iterator[Epoch]:
    """Train, and give each epoch's figures when it is over: `train_in_runs`, one by one."""
    return chain.from_iterable(
        train_in_runs(
            executable,
            settings,
            rows,
            validation,
            stop=stop,
            after_batch=after_batch,
            position=position,
            looked_at=looked_at,
        )
    )


def train_in_runs(
    executable: Executable,
    settings: Settings,
    rows: Rows,
    validation: Rows | None = None,
    *,
    stop: Callable[[], bool] = _never,
    after_batch: Callable[[int], None] = _ignore,
    position: Position | None = None,
    looked_at: bool = True,
) -> Iterator[Sequence[Epoch]]:
    """Train, and give each epoch's figures when it is over, or those of several at a time.

    The loss on the training part is the mean over the epoch's batches, weighted by their rows,
    while the weights change; metrics there are gathered from the same steps. The validation part
    is computed with the weights at the end of the epoch. `stop` is asked after each step; when it
    says yes, the epoch so far is the last, and nothing is validated any more. `after_batch` hears
    how many rows of the epoch are done.

    Where steps are so small that a compiled loop takes many at a time, `stop` and `after_batch` are
    asked and told after each such run of steps; and where nobody looks at the network meanwhile
    (`looked_at` false) and nothing here does, epochs are taken in runs of some milliseconds.

    `position` is where to begin, by default at the first epoch; it is kept up to date, so that
    between two steps it is where to go on. Early stopping keeps the best weights in it.

    Errors: NonFiniteError with the place where the first number is not finite; SpecError or
    UsageError for a figure that is watched and never computed.
    """
    started = time.perf_counter()
    position = position if position is not None else Position(settings.first_epoch)
    batches = Batches(rows.count, settings.batch_size, settings.seed, settings.shuffle)
    step = executable.training(batches.size)
    beside, kernels = executable.workers > 1, executable.has_kernels
    feed = Feed(rows, step, settings.seed, beside=beside, kernels=kernels)
    figures = _observable(step, settings.metrics)
    check = _validation(executable, settings, validation)
    position.attach(figures)
    names = figure_names(settings.metrics, [f.plan.node for f in figures], check is not None)
    rates = _Rates(settings, executable.step, batches, position)
    rates.watch(names, position, executable.step)
    stopper = _stopper_of(settings, names, position.history)
    watch = Watch(executable, feed, batches)
    position.explain = watch.explanation
    last = settings.first_epoch + settings.epochs - 1
    pass_: _Pass | Runs = _Pass(executable, rates, feed, figures, position, watch)
    steps: Steps | None = None if figures else Compiled.of(executable, feed, batches, watch)
    if steps is not None:
        pass_ = Runs(steps, executable, rates, batches, position, watch)
    if not (looked_at or figures or check is not None or stopper is not None or rates.watches):
        if steps is None and feed.is_laid_out and executable.watcher is None:
            steps = OneByOne(executable, feed, batches, watch)
        if steps is not None:
            begun = started - position.seconds
            runs = Runs(steps, executable, rates, batches, position, watch)
            yield from runs.epochs(last, stop, lambda: time.perf_counter() - begun)
            return
    try:
        while position.epoch <= last and not (stopper is not None and stopper.is_over):
            pass_.run(batches, stop, after_batch)
            stopped = stop()
            epoch = Epoch(
                position.epoch,
                executable.step,
                position.seconds + time.perf_counter() - started,
                rates.last,
                {"loss": position.loss / position.rows}
                | {figure.plan.name: figure.value for figure in figures},
                {} if check is None or stopped else check.run(),
            )
            if not stopped:
                position.end_epochs((epoch,))
                rates.remember(epoch)
                if stopper is not None and stopper.hear(epoch):
                    position.best = executable.weights()
            yield (epoch,)
            if stopped or stop():
                return
    finally:
        feed.close()
    watch.check()


def _stopper_of(
    settings: Settings, figures: Sequence[str], history: Sequence[Epoch]
) -> Stopper | None:
    """Early stopping as far as it has come. Errors: UsageError for a figure that never comes."""
    spec = settings.early_stopping
    if spec is None:
        return None
    figure = watched(spec.monitor, figures)
    if figure is None:
        raise UsageError(diagnostic("E002:early-stopping", monitor=spec.monitor))
    stopper = Stopper(spec, figure)
    for epoch in history:
        stopper.hear(epoch)
    return stopper


def stopper_after(settings: Settings, history: Sequence[Epoch]) -> Stopper | None:
    """Early stopping after these epochs, whose figures there are; None where there is none."""
    figures = [name for name in history[0].as_json() if "." in name] if history else []
    return _stopper_of(settings, figures, history) if history else None


def restore_best(executable: Executable, position: Position, settings: Settings) -> bool:
    """Go back to the best weights where early stopping wants that; whether it did."""
    spec = settings.early_stopping
    if spec is None or not spec.restore_best or position.best is None:
        return False
    executable.set_weights(position.best)
    return True


def _observable(step: BoundStep, plans: Sequence[MetricPlan]) -> list[Figure]:
    """The metrics whose node a training step shows."""
    return figures_of([plan for plan in plans if plan.node in step.outputs])


def _validation(executable: Executable, settings: Settings, rows: Rows | None) -> Evaluation | None:
    if rows is None or rows.count == 0:
        return None
    size = max(settings.batch_size, ROWS_PER_STEP)
    return Evaluation(executable, rows, settings.metrics, size=size)


class _Rates:
    """The schedule of a run, the figure that it watches, and the last rate that it gave."""

    def __init__(self, settings: Settings, step: int, batches: Batches, position: Position) -> None:
        epochs = settings.first_epoch - 1 + settings.epochs
        self._rates = Rates(settings.schedule, settings.learning_rate, epochs, len(batches))
        self._start = step - (position.epoch - 1) * len(batches) - position.batch
        self._history: list[float] = []
        self._watched: str | None = None
        self._stays = not settings.schedule.changes and settings.schedule.warmup == 0
        self.last = settings.learning_rate

    @property
    def watches(self) -> bool:
        """Whether the rates follow from a figure of the epochs."""
        return self._watched is not None

    def watch(self, figures: Sequence[str], position: Position, step: int) -> None:
        """Choose the figure. Errors: UsageError where there will be none of that name."""
        if isinstance(schedule := self._rates.schedule, FigureSchedule):
            self._watched = monitored(schedule, figures)
        for epoch in position.history:
            self.remember(epoch)
        if position.batch:
            self.at(step - 1)

    def remember(self, epoch: Epoch) -> None:
        """Keep what the schedule wants to know of an epoch."""
        if self._watched is not None:
            self._history.append(float(epoch.as_json()[self._watched]))

    def of(self, step: int, count: int) -> list[float]:
        """The rates of the next steps."""
        return [self.last] * count if self._stays else [self.at(step + k) for k in range(count)]

    def at(self, step: int) -> float:
        """The rate of the next step."""
        if self._stays:
            return self.last
        rising = self._watched is not None and is_rising(self._watched)
        self.last = self._rates.at(step - self._start, self._history, rising=rising)
        return self.last


@dataclass(frozen=True, slots=True)
class _Pass:
    """The steps of one epoch after the other."""

    executable: Executable
    rates: _Rates
    feed: Feed
    figures: list[Figure]
    position: Position
    watch: Watch

    def run(
        self, batches: Batches, stop: Callable[[], bool], after_batch: Callable[[int], None]
    ) -> None:
        """All steps that the epoch still has, or those before a stop."""
        position = self.position
        left = islice(batches.epoch(position.epoch), position.batch, None)
        for indices, following in with_next(left):
            position.add(self._step(indices, following), len(indices))
            after_batch(position.rows)
            if stop():
                return

    def _step(self, indices: NDArray[np.int64], following: NDArray[np.int64] | None) -> float:
        """Gradients and update on the rows of one batch; its loss."""
        executable, watch, position = self.executable, self.watch, self.position
        learning_rate = self.rates.at(executable.step)
        watch.before(position.epoch, position.batch, learning_rate)
        step = executable.training(len(indices))
        self.feed.load(step, indices, position.epoch)
        self.feed.expect(following, position.epoch)
        step.run(executable.step)
        loss = step.loss
        if not math.isfinite(loss) or not watch.sees_finite_gradients():
            raise watch.explanation()
        if self.figures:  # before an update, which may try the rows with other weights
            outputs, rows = step.outputs, self.feed.rows
            for figure in self.figures:
                plan = figure.plan
                figure.add(outputs[plan.node], rows.target(plan.target)[indices])
        executable.update(learning_rate, step)
        return loss


def with_next(
    batches: Iterator[NDArray[np.int64]],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64] | None]]:
    """Each with the one after it, None behind the last."""
    now = next(batches, None)
    while now is not None:
        following = next(batches, None)
        yield now, following
        now = following
