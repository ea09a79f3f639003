"""Epochs of tiny networks, of which a compiled loop takes many steps at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.ir import SAMPLE_WEIGHT, InputRole
from nngraph.run import Executable
from nngraph.train.feed import Array, Feed
from nngraph.train.nonfinite import Taken, Watch
from nngraph.train.position import Epoch, Position

if TYPE_CHECKING:
    from nngraph.run.whole_epochs import WholeEpochs

Over: TypeAlias = tuple[float, int, float]
"""An epoch that is over: its losses, each times the batch's rows; steps so far; its last rate."""


class LearningRates(Protocol):
    """The rate of each step, and the last one that was asked for."""

    last: float

    def of(self, step: int, count: int) -> list[float]:
        """The rates of the next steps."""


def steps_ahead(executable: Executable, feed: Feed, batches: Batches) -> WholeEpochs | None:
    """Steps on the rows of a feed that are taken many at a time; None where each is taken by
    itself: also where rows are varied, or so many that each batch is read when its turn comes."""
    if not feed.is_laid_out:
        return None
    rows = feed.rows
    fed: dict[InputRole, Array] = {role: np.asarray(a) for role, a in rows.arrays.items()}
    if rows.weights is not None:
        fed[SAMPLE_WEIGHT] = rows.weights
    return executable.whole_epochs(fed, batches.size)


class Ahead:
    """As the steps of one epoch after the other, but taken in runs.

    A run ends with an epoch, or where the watch wants to copy the weights.
    """

    def __init__(
        self,
        steps: WholeEpochs,
        executable: Executable,
        rates: LearningRates,
        batches: Batches,
        position: Position,
        watch: Watch,
    ) -> None:
        self._steps, self._executable, self._rates = steps, executable, rates
        self._batches, self._position, self._watch = batches, position, watch
        watch.advance = self._again

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
    ) -> Iterator[Epoch]:
        """All epochs up to the last, where nobody looks in between: as many at once as a run takes.

        `stop` is asked after each run; when it says yes, the epoch so far is the last.
        """
        position, ended = self._position, False
        while position.epoch <= last and not ended:
            over = self._take_run(last)
            ended = stop()
            if not over and not ended:
                continue
            over = over or [(position.loss, self._executable.step, self._rates.last)]
            at, rows = seconds(), position.rows
            made = [
                Epoch(number, step, at, rate, {"loss": loss / rows}, {})
                for number, (loss, step, rate) in enumerate(over, position.epoch)
            ]
            self._tell(made, ended)
            yield from made
            ended = ended or stop()
        if not ended:
            self._watch.check(self._executable.weights())

    def _tell(self, made: Sequence[Epoch], ended: bool) -> None:
        """Epochs are over, the last of them not where training has ended in it."""
        position = self._position
        state = position.batch, position.rows, position.loss
        if over := made[:-1] if ended else made:
            position.end_epoch(*over)
        if ended:
            position.batch, position.rows, position.loss = state

    def _take_run(self, last: int) -> list[Over]:
        """Take steps to the end of the epoch, or of later ones, or as many as there is room for.

        The epochs that end. The position is told of batches, rows and losses of the last one.
        """
        position, per_epoch = self._position, len(self._batches)
        room, left = self._watch.room(), per_epoch - position.batch
        more = max(0, min(last - position.epoch, (room - left) // per_epoch))
        count = min(room, left + more * per_epoch)
        first = self._executable.step
        rates = self._rates.of(first, count)
        self._watch.before_many(position.epoch, position.batch, rates)
        sums = np.zeros(more + 1)
        sums[0] = position.loss
        if self._take(position.epoch, position.batch, rates, sums) < count:
            raise self._watch.explanation()
        losses: list[float] = sums.tolist()
        position.loss = losses[-1]
        if count < left:
            position.batch += count
            position.rows = position.batch * self._batches.size
            return []
        position.batch, position.rows = per_epoch, self._batches.rows
        ends = range(left, count + 1, per_epoch)
        last_rates = [self._rates.last if end == 0 else rates[end - 1] for end in ends]
        steps = [first + end for end in ends]
        return list(zip(losses, steps, last_rates, strict=True))

    def _take(self, epoch: int, batch: int, rates: list[float], sums: NDArray[np.float64]) -> int:
        """Take steps and count those that were taken."""
        epochs = len(sums) if len(self._batches) > 1 else 1  # a batch of all rows has no order
        orders = np.array([self._batches.order(epoch + k) for k in range(epochs)])
        executable = self._executable
        done = self._steps.take(orders, batch, executable.step, np.array(rates), sums)
        executable.step += done
        return done

    def _again(self, taken: Taken) -> None:
        """Take one step once more."""
        epoch, batch, rate = taken
        self._take(epoch, batch, [rate], np.zeros(1))
