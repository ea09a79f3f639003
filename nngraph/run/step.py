"""A stage bound to one batch size: where it is fed, how it runs, what it gives."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import accumulate

import numpy as np

from nngraph.errors import UsageError, diagnostic
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
    Row,
    follow,
)
from nngraph.plan import Buffer, additions
from nngraph.records import dataclass
from nngraph.run.binding import Bound
from nngraph.run.workers import Workers

Run = Callable[[], object]


# ---- where it is fed: rows of the data, laid out as the step wants them


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
        self._shape = self.leaf.type.sample_shape
        place = self.bounds[0].plan.places[self.leaf]
        stored = self.bounds[0].stored[place.buffer]
        self._by_rows = self.buffer.shape[:1] == ("N",) and stored.flags.c_contiguous
        self._path = place.path
        self._stored = [b.stored[b.plan.places[self.leaf].buffer] for b in self.bounds]
        self._views = [b.array(self.leaf) for b in self.bounds]
        self._staging = [] if self._by_rows else [np.empty_like(v, order="C") for v in self._views]
        self._lying: tuple[weakref.ref[object], Array] | None = None

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
        shape = self._shape
        if array.shape[1:] != shape:
            if array.ndim == 0 or math.prod(array.shape[1:]) != math.prod(shape):
                got = list(array.shape[1:])
                raise UsageError(
                    diagnostic("E002:rows", input=self.leaf.id, shape=list(shape), got=got)
                )
            array = array.reshape(len(array), *shape)
        return array

    def holds(self, source: object, indices: Array) -> bool:
        """Whether the very same rows lie in place: no step writes what it is fed."""
        lying = self._lying
        return lying is not None and lying[1] is indices and lying[0]() is source

    def put(self, array: Array, source: object = None, indices: Array | None = None) -> None:
        """Write the rows of one step, [batch, *shape], straight into place.

        `source` and `indices` say which they are, for `holds`.
        Errors: UsageError where the shape does not fit.
        """
        self._lying = None if indices is None else (weakref.ref(source), indices)
        array, start = self._shaped(array), 0
        for view, rows in zip(self._views, self.rows, strict=True):
            view[...] = array[start : start + rows]
            start += rows

    def load(self, prepared: Prepared, indices: Array) -> None:
        """Gather rows of the data into place: one `take` for each shard.

        Nothing is done where they lie there already.
        """
        lying = self._lying
        if lying is not None and lying[1] is indices and lying[0]() is prepared:
            return
        self._lying = weakref.ref(prepared), indices
        start = 0
        for k, rows in enumerate(self.rows):
            part = indices[start : start + rows]
            start += rows
            if self._by_rows:
                np.take(prepared.rows, part, axis=0, out=self._stored[k], mode="clip")
            else:
                np.take(prepared.rows, part, axis=0, out=self._staging[k], mode="clip")
                np.copyto(self._views[k], self._staging[k])


# ---- the step


@dataclass
class BoundStep:
    """A stage bound to one batch size, in one or more shards.

    `gradients` has for each worker's branch of the tree of sums the vectors of its shards, in
    order; it is empty for a stage without gradients.
    """

    bounds: tuple[Bound, ...]
    rows: tuple[int, ...]
    gradients: Sequence[Sequence[Array]]
    slots: dict[InputRole, Slot]
    workers: Workers

    def __post_init__(self) -> None:
        for array in self._given(PER_SAMPLE):
            array[...] = 1.0 / sum(self.rows)
        self._step_numbers = self._given(STEP)
        offsets = [0, *accumulate(self.rows)]
        self._first_rows = list(zip(self._given(FIRST_ROW), offsets, strict=False))
        roles = [role for role, _ in self.bounds[0].program.outputs]
        self._losses = {
            role: [b.output(role) for b in self.bounds] for role in roles if isinstance(role, Loss)
        }
        self._whole_loss = self._losses.get(Loss(), [])
        self._rest = [bound.loss for bound in self.bounds if bound.loss is not None]
        self._is_loss_due = False
        branches = self._branch_runs()
        self._compute = branches[0] if len(branches) == 1 else partial(self.workers.run, branches)
        self._sums = [e for e in _sums([branch[0] for branch in self.gradients]) if e]

    def _given(self, given: Given) -> list[Array]:
        return [array for bound in self.bounds for array in bound.given(given)]

    def _branch_runs(self) -> list[Run]:
        """What each worker does: its shards in order, and the sums that become complete."""
        if not self.gradients:
            return [bound.run for bound in self.bounds]
        runs: list[Run] = []
        bounds = iter(self.bounds)
        for vectors in self.gradients:
            steps = [(next(bounds).run, ends) for ends in _sums(vectors)]
            runs.append(steps[0][0] if len(steps) == 1 else _Branch(steps))
        return runs

    @property
    def batch(self) -> int:
        """Samples of a step."""
        return sum(self.rows)

    def run(self, step: int = 0, first_row: int = 0) -> None:
        """Compute the step on what the slots hold; the loss is left until it is asked for.

        `step` and `first_row` position the random streams (dropout).
        """
        self._is_loss_due = True
        for array in self._step_numbers:
            array[...] = step
        for array, offset in self._first_rows:
            array[...] = first_row + offset
        self._compute()
        for ends in self._sums:
            _add(ends)

    @property
    def loss(self) -> float:
        """The loss of the last run, averaged over the batch as the spec says."""
        self._compute_losses()
        return sum(map(float, self._whole_loss))

    @property
    def losses(self) -> dict[str, float]:
        """All terms of the loss: loss_0, loss_1, ... and their sum."""
        self._compute_losses()
        return {str(role): sum(map(float, arrays)) for role, arrays in self._losses.items()}

    def _compute_losses(self) -> None:
        """Once after each run."""
        if self._is_loss_due:
            self._is_loss_due = False
            for rest in self._rest:
                rest()

    @property
    def outputs(self) -> dict[str, Array]:
        """The values of the output nodes, [batch, *shape]; valid until the next run."""
        return {
            id_: parts[0] if len(parts) == 1 else np.concatenate(parts)
            for id_, parts in self._by_node.items()
        }

    @cached_property
    def inputs(self) -> dict[str, Slot]:
        """Where each input node is fed, by its id."""
        return {role.node: slot for role, slot in self.slots.items() if isinstance(role, Row)}

    @cached_property
    def _by_node(self) -> dict[str, list[Array]]:
        """Where each shard leaves the values of each output node."""
        roles = [role for role, _ in self.bounds[0].program.outputs]
        nodes = [role for role in roles if isinstance(role, Node)]
        return {node.id: [b.output(node) for b in self.bounds] for node in nodes}


Ends = Sequence[tuple[Array, Array]]
"""Vectors to be added, each second into its first."""


@dataclass(frozen=True)
class _Branch:
    """Shards that one worker computes in order, and what it adds after each."""

    steps: Sequence[tuple[Run, Ends]]

    def __call__(self) -> None:
        for run, ends in self.steps:
            run()
            _add(ends)


def _sums(vectors: Sequence[Array]) -> list[Ends]:
    """After each item, which of their vectors are added: the tree of `nngraph.plan`."""
    ends: list[list[tuple[Array, Array]]] = [[] for _ in vectors]
    for addition in additions(len(vectors)):
        ends[addition.after].append((vectors[addition.into], vectors[addition.other]))
    return list(ends)


def _add(ends: Ends) -> None:
    for into, other in ends:
        np.add(into, other, out=into)
