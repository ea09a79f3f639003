"""The rows of one part of the data, laid out once for a network and handed out by index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import AugmentPlan
from nngraph.data.augment import Augmenter
from nngraph.errors import InternalError
from nngraph.ir import SAMPLE_WEIGHT, InputRole, Row, TargetRow
from nngraph.records import dataclass
from nngraph.run import BoundStep, Prepared

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples as the network takes them: arrays [n, *shape] by input node and by target; all of one
    length."""

    arrays: Mapping[InputRole, Array]
    count: int
    augmentation: AugmentPlan | None = None
    weights: Array | None = None

    @classmethod
    def of(
        cls,
        inputs: Mapping[str, Array],
        targets: Mapping[str, Array],
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
    def inputs(self) -> dict[str, Array]:
        """The rows of input nodes, by id."""
        return {role.node: a for role, a in self.arrays.items() if isinstance(role, Row)}

    @property
    def targets(self) -> dict[str, Array]:
        """The rows of targets that have leaves of their own, by name."""
        return {role.name: a for role, a in self.arrays.items() if isinstance(role, TargetRow)}

    def target(self, name: str) -> Array:
        """The rows of one target; an input node that is its own target is found by its id."""
        target = TargetRow(name)
        return self.arrays[target if target in self.arrays else Row(name)]


def _by_role(inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> dict[InputRole, Array]:
    """Arrays of input nodes by id, and of targets by name, as what steps are fed with."""
    rows: dict[InputRole, Array] = {Row(node): array for node, array in inputs.items()}
    return rows | {TargetRow(name): array for name, array in targets.items()}


class Feed:
    """Rows prepared for the slots of one kind of step (training or evaluation).

    With a `seed` the rows are varied, anew in each epoch, where they have an augmentation.
    """

    def __init__(self, rows: Rows, step: BoundStep, seed: int | None = None) -> None:
        self.rows = rows
        self._fed = {role: rows.arrays[role] for role in step.slots if role in rows.arrays}
        self._augmenter: Augmenter | None = None
        self._prepared: dict[InputRole, Prepared] = {}
        self._weights: Prepared | None = None
        if (slot := step.slots.get(SAMPLE_WEIGHT)) is not None:
            given = rows.weights
            self._weights = slot.prepare(np.ones(rows.count) if given is None else given)
        if seed is not None and rows.augmentation is not None:
            self._augmenter = Augmenter(rows.augmentation, seed)
            return
        self._prepared = {
            role: step.slots[role].prepare(array) for role, array in self._fed.items()
        }

    def load(self, step: BoundStep, indices: NDArray[np.int64], epoch: int = 0) -> None:
        """Gather the rows of a batch into the step's places."""
        if self._weights is not None:
            step.slots[SAMPLE_WEIGHT].load(self._weights, indices)
        if self._augmenter is not None:
            self._load_varied(self._augmenter, step, indices, epoch)
            return
        slots = step.slots
        for role, prepared in self._prepared.items():
            slots[role].load(prepared, indices)

    def _load_varied(
        self, augmenter: Augmenter, step: BoundStep, indices: NDArray[np.int64], epoch: int
    ) -> None:
        rows = Rows(self._fed, self.rows.count)
        inputs, targets = augmenter.apply(rows.inputs, rows.targets, indices, epoch)
        everything = np.arange(len(indices))
        for role, array in _by_role(inputs, targets).items():
            slot = step.slots[role]
            slot.load(slot.prepare(array), everything)
