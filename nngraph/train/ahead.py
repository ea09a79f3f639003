"""Epochs of tiny networks, of which a compiled loop takes many steps at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.ir import SAMPLE_WEIGHT, InputRole
from nngraph.run import Executable
from nngraph.train.feed import Array, Feed
from nngraph.train.nonfinite import Taken, Watch
from nngraph.train.position import Position

if TYPE_CHECKING:
    from nngraph.run.whole_epochs import WholeEpochs

Over: TypeAlias = tuple[float, int, float]
"""An epoch that is over: its losses, each times the batch's rows; steps so far; its last rate."""


class LearningRates(Protocol):
    """The rate of each step, and the last one that was asked for or set."""

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

    A run ends where the epoch does; or at the end of a later one, up to number `last`, where nobody
    looks in between; and where the watch wants to copy the weights.
    """

    def __init__(
        self,
        steps: WholeEpochs,
        executable: Executable,
        rates: LearningRates,
        batches: Batches,
        position: Position,
        watch: Watch,
        last: int,
    ) -> None:
        self._steps, self._executable, self._rates = steps, executable, rates
        self._batches, self._position, self._watch = batches, position, watch
        self._last = last
        self._over: deque[Over] = deque()
        self.step = executable.step
        """Of the epoch that was given last."""
        watch.advance = self._again

    @property
    def is_level(self) -> bool:
        """Whether no epoch has been taken that was not given yet."""
        return not self._over

    def run(
        self, batches: Batches, stop: Callable[[], bool], after_batch: Callable[[int], None]
    ) -> None:
        """All steps that the epoch still has, or those before a stop."""
        position = self._position
        while not self._over:
            if position.batch == len(batches):  # stopped behind its last step, and gone on
                return
            self._take_run()
            self.step = self._executable.step
            if not self._over:
                after_batch(position.rows)
                if stop():
                    return
        position.loss, self.step, self._rates.last = self._over.popleft()
        position.batch, position.rows = len(batches), batches.rows
        after_batch(position.rows)

    def _take_run(self) -> None:
        """Take steps to the end of the epoch, or of later ones, or as many as there is room for."""
        position, per_epoch = self._position, len(self._batches)
        room, left = self._watch.room(), per_epoch - position.batch
        more = max(0, min(self._last - position.epoch, (room - left) // per_epoch))
        count = min(room, left + more * per_epoch)
        first = self._executable.step
        rates = self._rates.of(first, count)
        self._watch.before_many(position.epoch, position.batch, rates)
        sums = np.zeros(more + 1)
        sums[0] = position.loss
        if self._take(position.epoch, position.batch, rates, sums) < count:
            raise self._watch.explanation()
        if count < left:
            position.batch += count
            position.loss = float(sums[0])
            position.rows = position.batch * self._batches.size
            return
        for number, loss in enumerate(sums.tolist()):
            done = left + number * per_epoch
            self._over.append((loss, first + done, rates[done - 1]))

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
