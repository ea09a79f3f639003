"""Watching a training for numbers that are not finite, at next to no cost.

The loss of each step is looked at, the gradients now and then; a copy of the weights is kept every
few hundred steps. When something is no longer finite, the steps since that copy are taken again,
looking at everything, and the first instruction that gave such a number is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Batches
from nngraph.errors import NonFiniteError, diagnostic, join_words
from nngraph.run import BoundStep, Executable
from nngraph.train.feed import Array, Feed
from nngraph.train.nonfinite_place import FirstBad, how, place_of_step, place_of_update

COPY_EVERY = 256  # steps: a copy of all weights for each of them would cost as much as the step
GRADIENTS_EVERY = 16  # steps: what is not finite shows in the next loss anyway


Taken: TypeAlias = tuple[int, int, float]
"""A step that was taken since the copy: its epoch, its batch there, the learning rate."""

State: TypeAlias = tuple[int, tuple[Array, Array], dict[str, Array]]
"""The number of a step, all weights as vectors, for a million of them are as many arrays by name,
and the optimiser's state."""

Run: TypeAlias = tuple[int, int, Sequence[float]]
"""Steps one after the other: epoch and batch of the first, the learning rate of each."""


class Watch:
    """Knows how to come back to a state that was finite, and how to find what was not."""

    def __init__(self, executable: Executable, feed: Feed, batches: Batches) -> None:
        self._executable = executable
        self._feed = feed
        self._batches = batches
        self.advance: Callable[[Taken], None] | None = None
        """Takes a step once more as it was taken, where that is not by steps one by one."""
        self._taken: list[Run] = []  # tuples, for they are made at every step
        self._count = 0
        self._copy: State | None = None
        self._order: tuple[int, list[NDArray[np.int64]]] | None = None

    def before(self, epoch: int, batch: int, learning_rate: float) -> None:
        """A step is about to be taken on a batch of an epoch.

        Errors: NonFiniteError where the weights are not finite.
        """
        if self._copy is None or self._count >= COPY_EVERY:
            self.keep()
        self._taken.append((epoch, batch, (learning_rate,)))
        self._count += 1

    def room(self) -> int:
        """How many steps may be taken until the weights are copied again.

        Errors: NonFiniteError where the weights are not finite.
        """
        if self._copy is None or self._count >= COPY_EVERY:
            self.keep()
        return COPY_EVERY - self._count

    def before_many(self, epoch: int, batch: int, rates: Sequence[float]) -> None:
        """Steps are about to be taken from a batch on, for which there is room."""
        self._taken.append((epoch, batch, rates))
        self._count += len(rates)

    def keep(self) -> None:
        """Remember the weights as they are. Errors: NonFiniteError where they are not finite."""
        self.check()
        self._copy = self._now()
        self._taken.clear()
        self._count = 0

    def check(self) -> None:
        """Look at the weights as they are. Errors: NonFiniteError where they are not finite."""
        if self._copy is not None and not self._executable.weights_are_finite():
            raise self.explanation()

    def sees_finite_gradients(self, left: int = 0) -> bool:
        """Whether the gradients are finite, if it is time to look at them; so many steps of those
        that were announced are still to come."""
        if (self._count - left) % GRADIENTS_EVERY:
            return True
        return self._executable.gradients_are_finite()

    def explanation(self) -> NonFiniteError:
        """Take the steps since the copy again and say where the first bad number came from.

        The network is left as it was before that step.
        """
        assert self._copy is not None
        self._go_to(self._copy)
        for taken in list(self._steps()):
            problem = self._again(taken)
            if problem is not None:
                return problem
        return NonFiniteError(diagnostic("E700:not-again"))

    def _steps(self) -> Iterator[Taken]:
        """All steps since the copy."""
        for epoch, batch, rates in self._taken:
            for number, rate in enumerate(rates, batch):
                later, place = divmod(number, len(self._batches))
                yield epoch + later, place, rate

    def _again(self, taken: Taken) -> NonFiniteError | None:
        """Take a step once more; what went wrong in it, and then the step is taken back."""
        executable = self._executable
        before = self._now()
        problem = self._problem(taken, executable.weights())
        if problem is not None or self.advance is not None:
            self._go_to(before)
        if problem is None and self.advance is not None:
            self.advance(taken)
        return problem

    def _problem(self, taken: Taken, weights: Mapping[str, Array]) -> NonFiniteError | None:
        executable, (epoch, batch, learning_rate) = self._executable, taken
        number, indices = executable.step + 1, self._batches_of(epoch)[batch]
        step = executable.training(len(indices))
        self._feed.load(step, indices, epoch)
        step.run(executable.step)
        if not math.isfinite(step.loss) or not executable.gradients_are_finite():
            return _told(_what(step), taken, number, place_of_step(step, weights))
        if (name := first_bad(executable.weights())) is not None:  # running statistics
            what = f"the running statistics '{name}' became non-finite"
            return _told(what, taken, number, place_of_step(step, weights))
        executable.update(learning_rate, step)
        if (name := first_bad(executable.weights())) is None:
            return None
        place = place_of_update(executable, name, weights, executable.gradients())
        return _told(f"the weights '{name}' became non-finite", taken, number, place)

    def _now(self) -> State:
        executable = self._executable
        return executable.step, executable.flat_weights(), executable.state()

    def _go_to(self, state: State) -> None:
        self._executable.step = state[0]
        self._executable.set_flat_weights(state[1])
        self._executable.set_state(state[2])

    def _batches_of(self, epoch: int) -> list[NDArray[np.int64]]:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, list(self._batches.epoch(epoch))
        return self._order[1]


def refuse_infinite(figures: Mapping[str, float]) -> None:
    """A training that ends with infinite figures has failed, however finite its weights are.

    A metric that cannot be told is no number and says nothing; a loss always can.

    Errors: NonFiniteError.
    """
    bad = [
        f"{name} {how(np.array(value))}"
        for name, value in figures.items()
        if math.isinf(value) or (math.isnan(value) and name.endswith(".loss"))
    ]
    if bad:
        raise NonFiniteError(diagnostic("E700:figures", figures=join_words(bad)))


def first_bad(arrays: Mapping[str, Array]) -> str | None:
    """The name of the first array that holds a number that is not finite."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            return name
    return None


def _what(step: BoundStep) -> str:
    if math.isfinite(step.loss):
        return "the gradients became non-finite"
    return f"the loss became {how(np.array(step.loss))}"


def _told(what: str, taken: Taken, step: int, place: FirstBad | None) -> NonFiniteError:
    epoch, _, learning_rate = taken
    where = "" if place is None else f": {place.text}"
    span, label = (None, "") if place is None else (place.span, place.label)
    if span is None and label:
        where += f", {label}"
    return NonFiniteError(
        diagnostic(
            "E700",
            span,
            label=label,
            what=what,
            epoch=epoch,
            step=step,
            where=where,
            rate=learning_rate,
        )
    )
