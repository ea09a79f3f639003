"""A stage bound to one batch size: where it is fed, how it runs, what it gives."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from nngraph.codegen.bind import Bound
from nngraph.errors import UsageError
from nngraph.ir import (
    FIRST_ROW,
    PER_SAMPLE,
    STEP,
    Array,
    Given,
    Input,
    InputRole,
    Loss,
    Node,
    follow,
)
from nngraph.plan import Buffer


@dataclass(frozen=True)
class Prepared:
    """All rows of one input in the layout in which the step wants them: [n, ...]."""

    rows: Array

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class Slot:
    """Where one input or target of a step is fed. `places`: one array a shard, with its rows."""

    leaf: Input
    buffer: Buffer
    bounds: tuple[Bound, ...]
    rows: tuple[int, ...]

    def __post_init__(self) -> None:
        place = self.bounds[0].plan.places[self.leaf]
        stored = self.bounds[0].stored[place.buffer]
        self._by_rows = self.buffer.shape[:1] == ("N",) and stored.flags.c_contiguous
        self._path = place.path
        self._stored = [b.stored[b.plan.places[self.leaf].buffer] for b in self.bounds]
        self._views = [b.array(self.leaf) for b in self.bounds]
        self._staging = [] if self._by_rows else [np.empty_like(v, order="C") for v in self._views]

    def prepare(self, array: Array) -> Prepared:
        """Rows [n, *shape] in this slot's layout: padding, the column of ones, dtype.

        Errors: UsageError where the shape does not fit.
        """
        array = self._shaped(array)
        if not self._by_rows:
            return Prepared(np.ascontiguousarray(array, self.leaf.type.dtype))
        axes = {"N": len(array), "P": 0}
        rows = np.full(self.buffer.type.sizes(axes), self.buffer.fill or 0, self.buffer.dtype)
        follow(self._path, rows, axes)[...] = array
        return Prepared(rows)

    def _shaped(self, array: Array) -> Array:
        array = np.asarray(array)
        shape = self.leaf.type.sample_shape
        if array.shape[1:] != shape:
            if array.ndim == 0 or math.prod(array.shape[1:]) != math.prod(shape):
                raise UsageError(
                    f"'{self.leaf.id}' takes rows of shape {list(shape)}, "
                    f"got {list(array.shape[1:])}"
                )
            array = array.reshape(len(array), *shape)
        return array

    def put(self, array: Array) -> None:
        """Write the rows of one step, [batch, *shape], straight into place.

        Errors: UsageError where the shape does not fit.
        """
        array, start = self._shaped(array), 0
        for view, rows in zip(self._views, self.rows, strict=True):
            view[...] = array[start : start + rows]
            start += rows

    def load(self, prepared: Prepared, indices: Array) -> None:
        """Gather rows of the data into place: one `take` for each shard."""
        start = 0
        for k, rows in enumerate(self.rows):
            part = indices[start : start + rows]
            start += rows
            if self._by_rows:
                np.take(prepared.rows, part, axis=0, out=self._stored[k], mode="clip")
            else:
                np.take(prepared.rows, part, axis=0, out=self._staging[k], mode="clip")
                np.copyto(self._views[k], self._staging[k])


@dataclass
class Step:
    """A stage bound to one batch size, in one or more shards."""

    bounds: tuple[Bound, ...]
    rows: tuple[int, ...]
    gradients: tuple[Array, ...]
    slots: dict[InputRole, Slot]
    pool: ThreadPoolExecutor | None

    def __post_init__(self) -> None:
        for array in self._given(PER_SAMPLE):
            array[...] = 1.0 / sum(self.rows)
        self._step_numbers, self._first_rows = self._given(STEP), self._given(FIRST_ROW)
        roles = [role for role, _ in self.bounds[0].program.outputs]
        self._losses = {
            role: [b.output(role) for b in self.bounds] for role in roles if isinstance(role, Loss)
        }
        self._nodes = [role for role in roles if isinstance(role, Node)]
        self._runs = [b.run for b in self.bounds]

    def _given(self, given: Given) -> list[Array]:
        return [array for bound in self.bounds for array in bound.given(given)]

    @property
    def batch(self) -> int:
        """Samples of a step."""
        return sum(self.rows)

    def run(self, step: int = 0, first_row: int = 0) -> None:
        """Compute the step on what the slots hold.

        `step` and `first_row` position the random streams (dropout).
        """
        for array in self._step_numbers:
            array[...] = step
        for array, offset in zip(self._first_rows, self._offsets(), strict=False):
            array[...] = first_row + offset
        if self.pool is None:
            for run in self._runs:
                run()
        else:
            list(self.pool.map(lambda run: run(), self._runs))
        for other in self.gradients[1:]:  # in a fixed order: the bits do not depend on workers
            np.add(self.gradients[0], other, out=self.gradients[0])

    def _offsets(self) -> list[int]:
        return [sum(self.rows[:k]) for k in range(len(self.rows))]

    @property
    def loss(self) -> float:
        """The loss of the last run, averaged over the batch as the spec says."""
        return float(sum(float(a) for a in self._losses[Loss()]))

    @property
    def losses(self) -> dict[str, float]:
        """All terms of the loss: loss_0, loss_1, ... and their sum."""
        return {
            str(role): float(sum(float(a) for a in arrays)) for role, arrays in self._losses.items()
        }

    @property
    def outputs(self) -> dict[str, Array]:
        """The values of the output nodes, [batch, *shape]; valid until the next run."""
        result = {}
        for node in self._nodes:
            parts = [b.output(node) for b in self.bounds]
            result[node.id] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return result
