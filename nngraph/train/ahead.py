"""Many steps at a time: of tiny networks by a compiled loop, or where nobody looks in between."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice, repeat
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.errors import NonFiniteError
from nngraph.ir import SAMPLE_WEIGHT, InputRole
from nngraph.run import Executable
from nngraph.train.feed import Array, Feed
from nngraph.train.nonfinite import Taken, Watch
from nngraph.train.position import Epoch, LossesOfEpochs, Position

if TYPE_CHECKING:
    from nngraph.run.whole_epochs import WholeEpochs

LEAST_SECONDS, MOST_SECONDS = 0.002, 0.02
"""Of a run of steps one by one: below the first it grows, above the second it shrinks, so that a
signal is heard soon."""


class LearningRates(Protocol):
    """The rate of each step, and the last one that was asked for."""

    last: float

    def of(self, step: int, count: int) -> list[float]:
        """The rates of the next steps."""


class Over(NamedTuple):
    """Epochs that are over: losses, each times the batch's rows; steps so far; last rates; and
    what went wrong in the step behind them."""

    losses: NDArray[np.float64]
    steps: Sequence[int]
    rates: Sequence[float]
    problem: NonFiniteError | None = None


class Steps(Protocol):
    """Takes steps, gradients and update, one behind the other."""

    @property
    def room(self) -> int:
        """How many it should be asked for at once."""

    def take(
        self, epoch: int, batch: int, rates: Sequence[float], sums: NDArray[np.float64]
    ) -> int:
        """Take a step for each of `rates`, from this batch of this epoch on, and add the loss of
        each, times its rows, to its epoch's element of `sums`.

        How many have been taken: fewer, where the loss or the gradients of the next one are not
        finite; the weights are then as they were before it.
        """


class Compiled:
    """Steps of a tiny network by a compiled loop."""

    room = 1 << 30  # they are over before anybody waits

    def __init__(
        self, steps: WholeEpochs, executable: Executable, batches: Batches, watch: Watch
    ) -> None:
        self._steps, self._executable, self._batches = steps, executable, batches
        watch.advance = self._again

    @classmethod
    def of(
        cls, executable: Executable, feed: Feed, batches: Batches, watch: Watch
    ) -> Compiled | None:
        """Steps on the rows of a feed; None where each is taken by itself: also where rows are
        varied, or so many that each batch is read when its turn comes."""
        if not feed.is_laid_out:
            return None
        rows = feed.rows
        fed: dict[InputRole, Array] = {role: np.asarray(a) for role, a in rows.arrays.items()}
        if rows.weights is not None:
            fed[SAMPLE_WEIGHT] = rows.weights
        steps = executable.whole_epochs(fed, batches.size)
        return None if steps is None else cls(steps, executable, batches, watch)

    def take(
        self, epoch: int, batch: int, rates: Sequence[float], sums: NDArray[np.float64]
    ) -> int:
        """As `Steps` says."""
        epochs = len(sums) if len(self._batches) > 1 else 1  # a batch of all rows has no order
        orders = np.array([self._batches.order(epoch + k) for k in range(epochs)])
        executable = self._executable
        done = self._steps.take(orders, batch, executable.step, np.array(rates), sums)
        executable.step += done
        return done

    def _again(self, taken: Taken) -> None:
        """Take one step once more."""
        epoch, batch, rate = taken
        self.take(epoch, batch, [rate], np.zeros(1))


class OneByOne:
    """Steps of any network whose rows lie ready, with nothing between them but the steps."""

    def __init__(self, executable: Executable, feed: Feed, batches: Batches, watch: Watch) -> None:
        self._executable, self._feed = executable, feed
        self._batches, self._watch = batches, watch
        self.room = 1

    def take(
        self, epoch: int, batch: int, rates: Sequence[float], sums: NDArray[np.float64]
    ) -> int:
        """As `Steps` says."""
        begun = time.perf_counter()
        executable, totals, lying, done = self._executable, sums.tolist(), None, 0
        for (number, indices), rate in zip(self._from(epoch, batch), rates, strict=False):
            rows = len(indices)
            step = executable.training(rows)
            if indices is not lying:
                self._feed.load(step, lying := indices)
            step.run(executable.step)
            loss = step.loss
            done += 1
            if not (math.isfinite(loss) and self._watch.sees_finite_gradients(len(rates) - done)):
                done -= 1
                break
            executable.update(rate, step)
            totals[number] += loss * rows
        sums[:] = totals
        self._adapt(time.perf_counter() - begun)
        return done

    def _from(self, epoch: int, batch: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """The rows of each batch from this one on, and how many epochs later it comes."""
        if len(self._batches) == 1:
            return zip(count(), repeat(self._batches.order(epoch)), strict=False)
        all_ = ((k, rows) for k in count() for rows in self._batches.epoch(epoch + k))
        return islice(all_, batch, None)

    def _adapt(self, seconds: float) -> None:
        """Ask for longer or shorter runs, by the time that the last one took."""
        if seconds < LEAST_SECONDS:
            self.room *= 2
        elif seconds > MOST_SECONDS:
            self.room = max(1, self.room // 2)


class Runs:
    """The steps of one epoch after the other, in runs.

    A run ends with an epoch, or where the watch wants to copy the weights.
    """

    def __init__(
        self,
        steps: Steps,
        executable: Executable,
        rates: LearningRates,
        batches: Batches,
        position: Position,
        watch: Watch,
    ) -> None:
        self._steps, self._executable, self._rates = steps, executable, rates
        self._batches, self._position, self._watch = batches, position, watch

    def run(
        self, batches: Batches, stop: Callable[[], bool], after_batch: Callable[[int], None]
    ) -> None:
        """All steps that the epoch still has, or those before a stop."""
        position = self._position
        while position.batch < len(batches):
            self._take_run(position.epoch)
            after_batch(position.rows)
            if stop():
                return

    def epochs(
        self, last: int, stop: Callable[[], bool], seconds: Callable[[], float]
    ) -> Iterator[Sequence[Epoch]]:
        """All epochs up to the last, where nobody looks in between: as many at once as a run takes.

        `stop` is asked after each run; when it says yes, the epoch so far is the last.
        """
        position, ended = self._position, False
        while position.epoch <= last and not ended:
            over = self._take_run(last)
            ended = stop()
            if over is None and not ended:
                continue
            if over is None:
                losses = np.array([position.loss])
                over = Over(losses, [self._executable.step], [self._rates.last])
            means = over.losses / position.rows
            made = LossesOfEpochs(position.epoch, over.steps, seconds(), over.rates, means)
            self._tell(made, ended)
            yield made
            if over.problem is not None:
                raise over.problem
            ended = ended or stop()
        if not ended:
            self._watch.check()

    def _tell(self, made: Sequence[Epoch], ended: bool) -> None:
        """Epochs are over, the last of them not where training has ended in it."""
        position = self._position
        state = position.batch, position.rows, position.loss
        if over := made[:-1] if ended else made:
            position.end_epochs(over)
        if ended:
            position.batch, position.rows, position.loss = state

    def _take_run(self, last: int) -> Over | None:
        """Take steps to the end of the epoch, or of later ones, or as many as there is room for.

        The epochs that end, if any. The position is told of batches, rows and losses of the last.

        Errors: NonFiniteError, where none ends before.
        """
        position, per_epoch = self._position, len(self._batches)
        room = min(self._watch.room(), self._steps.room)
        left = per_epoch - position.batch
        more = max(0, min(last - position.epoch, (room - left) // per_epoch))
        count = min(room, left + more * per_epoch)
        first, last_rate = self._executable.step, self._rates.last
        rates = self._rates.of(first, count)
        self._watch.before_many(position.epoch, position.batch, rates)
        sums = np.zeros(more + 1)
        sums[0] = position.loss
        done = self._steps.take(position.epoch, position.batch, rates, sums)
        problem = None if done == count else self._watch.explanation()
        if problem is not None and done < left:
            raise problem
        if done < left:
            position.loss = float(sums[0])
            position.batch += done
            position.rows = position.batch * self._batches.size
            return None
        steps = range(first + left, first + done + 1, per_epoch)
        losses = sums[: len(steps)]
        position.loss = float(losses[-1])
        position.batch, position.rows = per_epoch, self._batches.rows
        return Over(losses, steps, [last_rate, *rates][left : done + 1 : per_epoch], problem)
