"""Many steps of training at a time, by one compiled loop over tables (`nngraph.codegen.tables`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nngraph.codegen.tables import Memory, Table, Tabulated
from nngraph.ir import (
    FLAT,
    LEARNING_RATE,
    PER_SAMPLE,
    SAMPLE_WEIGHT,
    STEP,
    Array,
    Input,
    InputRole,
    Loss,
)
from nngraph.kernels.compiled import loop
from nngraph.network import Planned
from nngraph.run.vectors import FLUSH_EVERY, flush_bound


class WholeEpochs:
    """Steps on batches of `size` rows, gradients and update, on a memory of its own.

    `rows` [n, *shape] are what inputs and targets are fed with; how much each row counts, where
    that is not 1, stands among them. `put` brings them, or others of these shapes. `vectors` are
    the network's own by (role, name): they are read before the first step of a call, and written
    after the last.
    """

    def __init__(
        self,
        programs: tuple[Planned, Planned],
        vectors: Mapping[tuple[str, str], Array],
        rows: Mapping[InputRole, Array],
        size: int,
    ) -> None:
        (step, update), dtype = programs, str(vectors["parameters", "parameters"].dtype)
        self._vectors, self._memory = vectors, Memory(dtype)
        self._count = len(next(iter(rows.values())))
        self._size = size
        states = [key for key in vectors if key[0] == "state"]
        self._shared = {
            key: self._memory.reserve("F", vectors[key].size)
            for key in [*(key for key in vectors if key[0] != "state"), *states]
        }
        self._states = self._memory.sizes["F"] - sum(vectors[key].size for key in states)
        self._ends = self._memory.sizes["F"]
        axes = {FLAT: vectors["parameters", "parameters"].size}
        sizes = list(dict.fromkeys((size, self._count % size or size)))
        self._steps = [
            Tabulated(*step, {**axes, "N": n}, self._memory, self._shared) for n in sizes
        ]
        self._update = Tabulated(*update, {**axes, "N": 1}, self._memory, self._shared)
        self._given = self._memory.reserve("D", 2)
        self._memory.allocate()
        for each, n in zip(self._steps, sizes, strict=True):
            for place in each.given(PER_SAMPLE):
                place[...] = 1.0 / n
            for place in each.given(SAMPLE_WEIGHT):
                place[...] = 1.0
        self._whole, self._short = _whole_and_short(each.table() for each in self._steps)
        self._moved = self._update_table()
        self._data = np.zeros(sum(array.size for array in rows.values()), dtype)
        self._places: list[tuple[InputRole, Array]] = []
        """Where a batch of all rows lies."""
        self._feeds, self._short_feeds = _whole_and_short(self._feeding(rows))
        self._facts = self._known()

    def _update_table(self) -> Table:
        """The update behind copies of the learning rate and the step's number."""
        D, fed = self._memory.D, []
        for place, role in zip((self._given, self._given + 1), (LEARNING_RATE, STEP), strict=True):
            source = D[place : place + 1].reshape(())
            fed += [self._update.copied(source, out) for out in self._update.given(role)]
        return self._update.table(fed)

    def _feeding(self, rows: Mapping[InputRole, Array]) -> Iterator[Table]:
        """For whole and short batches: where the rows of each array go."""
        for each in self._steps:
            fed, start = [], 0
            leaves = {
                leaf.fed_with: leaf for leaf in each.program.leaves if isinstance(leaf, Input)
            }
            for role, array in rows.items():
                if (leaf := leaves.get(role)) is not None:
                    view = each.view(leaf)
                    place = view.reshape(len(view), -1, copy=False)
                    steps = [stride // view.itemsize for stride in place.strides]
                    first = self._memory.place_of(view)
                    fed.append([start, array.size // self._count, first, *steps])
                    self._places.append((role, view))
                start += array.size
            yield np.array(fed, np.int64).reshape(-1, loop.FEED_WIDTH)

    def put(self, rows: Mapping[InputRole, Array]) -> None:
        """The rows of the steps to come; a batch of all rows lies in place from now."""
        np.concatenate([np.ravel(array) for array in rows.values()], out=self._data)
        if self._size == self._count:
            for role, place in self._places:
                place[...] = rows[role].reshape(place.shape)

    def _known(self) -> NDArray[np.int64]:
        """The facts that `take_steps` asks for; the batch and the step's number change."""
        losses = _whole_and_short(
            self._memory.place_of(each.view(each.program.output(Loss()))) for each in self._steps
        )
        gradients = self._shared["gradients", "gradients"]
        ends = gradients, gradients + self._vectors["gradients", "gradients"].size
        places = (self._given, self._given + 1, *losses, *ends, self._states, self._ends)
        return np.array([self._count, self._size, 0, 0, *places, FLUSH_EVERY], np.int64)

    def take(
        self,
        orders: NDArray[np.int64],
        batch: int,
        step: int,
        rates: NDArray[np.float64],
        sums: NDArray[np.float64],
    ) -> int:
        """Take a step for each of `rates`, from this batch of the first of `orders` [epochs, n] on,
        and add the loss of each, times its rows, to its epoch's element of `sums`.

        `step` is how many were taken before. How many have been taken: fewer, where the loss or the
        gradients of the next one are not finite; the weights are then as they were before it.
        """
        F, memory = self._memory.F, self._memory
        self._facts[2:4] = batch, step
        for key, place in self._shared.items():
            F[place : place + self._vectors[key].size] = self._vectors[key]
        done = loop.take_steps(
            len(rates),
            self._facts,
            self._whole,
            self._short,
            self._moved,
            self._feeds,
            self._short_feeds,
            self._data,
            orders,
            rates,
            F,
            memory.D,
            flush_bound(F.dtype),
            sums,
        )
        for key, place in self._shared.items():
            self._vectors[key][...] = F[place : place + self._vectors[key].size]
        return int(done)


Each = TypeVar("Each")


def _whole_and_short(found: Iterable[Each]) -> tuple[Each, Each]:
    """What belongs to whole batches, and to the last one, which may be as large."""
    first, *others = found
    return first, others[0] if others else first
