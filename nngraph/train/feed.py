"""The rows of one part of the data, laid out once for a network and handed out by index."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngraph.data import AugmentPlan, Values
from nngraph.data.augment import Augmenter
from nngraph.data.normalizers import AT_ONCE
from nngraph.errors import InternalError
from nngraph.ir import SAMPLE_WEIGHT, InputRole, Row, TargetRow
from nngraph.records import dataclass
from nngraph.run import BoundStep, Prepared, Slot
from nngraph.run.workers import Helper

Array = NDArray[Any]
Gather = Callable[[NDArray[np.int64], int], dict[InputRole, Array]]
Some = TypeVar("Some", Array, Values)

BESIDE_VALUES = 2**14
"""Of a batch: to hand fewer to another thread takes longer than to read them."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples as the network takes them: values [n, *shape] by input node and by target; all of one
    length."""

    arrays: Mapping[InputRole, Values]
    count: int
    augmentation: AugmentPlan | None = None
    weights: Array | None = None

    @classmethod
    def of(
        cls,
        inputs: Mapping[str, Values],
        targets: Mapping[str, Values],
        augmentation: AugmentPlan | None = None,
        weights: Array | None = None,
    ) -> Rows:
        """Rows from inputs by node id and targets by name; how they are varied while training, and
        how much each counts in the loss (1 by default)."""
        arrays = _by_role(inputs, targets)
        counts = {len(array) for array in arrays.values()}
        if len(counts) != 1:
            raise InternalError(f"arrays of unlike length: {sorted(counts)}")
        return cls(arrays, counts.pop(), augmentation, weights)

    @property
    def inputs(self) -> dict[str, Values]:
        """The rows of input nodes, by id."""
        return {role.node: a for role, a in self.arrays.items() if isinstance(role, Row)}

    @property
    def targets(self) -> dict[str, Values]:
        """The rows of targets that have leaves of their own, by name."""
        return {role.name: a for role, a in self.arrays.items() if isinstance(role, TargetRow)}

    def target(self, name: str) -> Values:
        """The rows of one target; an input node that is its own target is found by its id."""
        target = TargetRow(name)
        return self.arrays[target if target in self.arrays else Row(name)]


def _by_role(inputs: Mapping[str, Some], targets: Mapping[str, Some]) -> dict[InputRole, Some]:
    """Values of input nodes by id, and of targets by name, as what steps are fed with."""
    rows: dict[InputRole, Some] = {Row(node): array for node, array in inputs.items()}
    return rows | {TargetRow(name): array for name, array in targets.items()}


class Feed:
    """Rows for the slots of one kind of step (training or evaluation).

    With a `seed` the rows are varied, anew in each epoch, where they have an augmentation. Few rows
    are laid out once as the step wants them; of many each batch is read when its turn comes, or
    with `beside` on another core while the step before it runs, with `kernels` by compiled code.
    The numbers are the same, and so is the batch at which reading fails.
    """

    def __init__(
        self,
        rows: Rows,
        step: BoundStep,
        seed: int | None = None,
        *,
        beside: bool = False,
        kernels: bool = False,
    ) -> None:
        self.rows = rows
        fed = {role: rows.arrays[role] for role in step.slots if role in rows.arrays}
        varies = seed is not None and rows.augmentation is not None
        self._read = fed if varies else {role: a for role, a in fed.items() if a.size > AT_ONCE}
        self._prepared = {
            role: step.slots[role].prepare(np.asarray(array))
            for role, array in fed.items()
            if role not in self._read
        }
        if (slot := step.slots.get(SAMPLE_WEIGHT)) is not None:
            given = rows.weights
            self._prepared[SAMPLE_WEIGHT] = slot.prepare(
                np.ones(rows.count) if given is None else given
            )
        self._step: BoundStep | None = None
        self._laid_out: list[tuple[Slot, Prepared]] = []  # the places of that step, with their rows
        self._augmenter: Augmenter | None = None
        if seed is not None and rows.augmentation is not None:
            self._augmenter = Augmenter(rows.augmentation, seed, kernels=kernels)
        is_worth_it = beside and self._values_of(step) > BESIDE_VALUES
        self._beside = _NextBatch(self._gather) if is_worth_it else None

    @property
    def is_laid_out(self) -> bool:
        """Whether all rows lie ready: none is varied, no batch is read when its turn comes."""
        return not self._read

    def _values_of(self, step: BoundStep) -> int:
        """How many values are read for a batch."""
        samples = [math.prod(values.shape[1:]) for values in self._read.values()]
        return step.batch * sum(samples) if samples else 0

    def load(self, step: BoundStep, indices: NDArray[np.int64], epoch: int = 0) -> None:
        """Bring the rows of a batch into the step's places."""
        if step is not self._step:
            self._step = step
            self._laid_out = [(step.slots[role], rows) for role, rows in self._prepared.items()]
        for slot, prepared in self._laid_out:
            slot.load(prepared, indices)
        if self._read:
            self._load_read(step, indices, epoch)

    def _load_read(self, step: BoundStep, indices: NDArray[np.int64], epoch: int) -> None:
        slots = step.slots
        is_varied = self._augmenter is not None
        if not is_varied and all(slots[r].holds(a, indices) for r, a in self._read.items()):
            return
        gather = self._gather if self._beside is None else self._beside.gathered
        for role, array in gather(indices, epoch).items():
            slots[role].put(array, self._read[role], None if is_varied else indices)

    def _gather(self, indices: NDArray[np.int64], epoch: int) -> dict[InputRole, Array]:
        """The rows of a batch, as they are varied in an epoch."""
        if self._augmenter is None:
            return {role: array.take(indices, axis=0) for role, array in self._read.items()}
        rows = Rows(self._read, self.rows.count)
        return _by_role(*self._augmenter.apply(rows.inputs, rows.targets, indices, epoch))

    def expect(self, indices: NDArray[np.int64] | None, epoch: int) -> None:
        """Begin to read the batch that comes next, if any; the arrays of the last are in place."""
        if self._beside is not None and indices is not None:
            self._beside.start(indices, epoch)

    def close(self) -> None:
        """Leave nothing running."""
        if self._beside is not None:
            self._beside.close()
            self._beside = None


class _NextBatch:
    """One batch that is gathered on another thread while a step runs."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._helper: Helper | None = None
        self._end: Callable[[], object] = lambda: None
        self._expected: tuple[NDArray[np.int64], int] | None = None
        self._found: dict[InputRole, Array] = {}

    def start(self, indices: NDArray[np.int64], epoch: int) -> None:
        """Gather a batch; one that was not asked for is dropped."""
        if self._helper is None:
            self._helper = Helper()
            self._end = weakref.finalize(self, self._helper.end)
        if self._expected is not None:
            self._helper.wait()
        self._expected = indices, epoch
        self._helper.start(partial(self._fetch, indices, epoch))

    def _fetch(self, indices: NDArray[np.int64], epoch: int) -> None:
        self._found = self._gather(indices, epoch)

    def gathered(self, indices: NDArray[np.int64], epoch: int) -> dict[InputRole, Array]:
        """The rows of a batch. Errors: what gathering it raised."""
        expected = self._expected
        if self._helper is None or expected is None:
            return self._gather(indices, epoch)
        self._expected = None
        self._helper.wait()
        if expected[0] is not indices or expected[1] != epoch:
            return self._gather(indices, epoch)
        if self._helper.error is not None:
            raise self._helper.error
        return self._found

    def close(self) -> None:
        """Wait for what is being gathered, and let the thread go."""
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.wait()
            self._end()
