"""The rows of one part of the data, laid out once for an executor and handed out by index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Augmenter, AugmentPlan
from nngraph.errors import InternalError

Array = NDArray[Any]
TARGET_PREFIX = "target:"
SAMPLE_WEIGHT = "sample_weight"


class Slot(Protocol):
    """One place of a bound step that takes rows."""

    def prepare(self, rows: Array, /) -> Any:
        """Lay out all rows of a data set the way this place wants them."""

    def load(self, prepared: Any, indices: NDArray[np.int64], /) -> None:
        """Gather rows into the place."""


class Step(Protocol):
    """A program bound for one batch size, as far as feeding it goes."""

    @property
    def slots(self) -> Mapping[str, Slot]:
        """By input node id, and "target:NAME"."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples as the network takes them: arrays [n, *shape] by slot name; all of one length."""

    arrays: Mapping[str, Array]
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
        named = {f"{TARGET_PREFIX}{name}": array for name, array in targets.items()}
        arrays = {**inputs, **named}
        counts = {len(array) for array in arrays.values()}
        if len(counts) != 1:
            raise InternalError(f"arrays of unlike length: {sorted(counts)}")
        return cls(arrays, counts.pop(), augmentation, weights)

    def target(self, name: str) -> Array:
        """The rows of one target; an input node that is its own target is found by its id."""
        prefixed = f"{TARGET_PREFIX}{name}"
        return self.arrays[prefixed if prefixed in self.arrays else name]


class Feed:
    """Rows prepared for the slots of one kind of step (training or evaluation).

    With a `seed` the rows are varied, anew in each epoch, where they have an augmentation.
    """

    def __init__(self, rows: Rows, step: Step, seed: int | None = None) -> None:
        self.rows = rows
        self._names = [name for name in step.slots if name in rows.arrays]
        self._augmenter: Augmenter | None = None
        self._prepared: dict[str, Any] = {}
        self._weights: Any = None
        if (slot := step.slots.get(SAMPLE_WEIGHT)) is not None:
            given = rows.weights
            self._weights = slot.prepare(np.ones(rows.count) if given is None else given)
        if seed is not None and rows.augmentation is not None:
            self._augmenter = Augmenter(rows.augmentation, seed)
            return
        self._prepared = {name: step.slots[name].prepare(rows.arrays[name]) for name in self._names}

    def load(self, step: Step, indices: NDArray[np.int64], epoch: int = 0) -> None:
        """Gather the rows of a batch into the step's places."""
        if self._weights is not None:
            step.slots[SAMPLE_WEIGHT].load(self._weights, indices)
        if self._augmenter is not None:
            self._load_varied(self._augmenter, step, indices, epoch)
            return
        slots = step.slots
        for name, prepared in self._prepared.items():
            slots[name].load(prepared, indices)

    def _load_varied(
        self, augmenter: Augmenter, step: Step, indices: NDArray[np.int64], epoch: int
    ) -> None:
        inputs, targets = augmenter.apply(*self._by_role(), indices, epoch)
        varied = {**inputs, **{f"{TARGET_PREFIX}{name}": a for name, a in targets.items()}}
        everything = np.arange(len(indices))
        for name, array in varied.items():
            slot = step.slots[name]
            slot.load(slot.prepare(array), everything)

    def _by_role(self) -> tuple[dict[str, Array], dict[str, Array]]:
        arrays = {name: self.rows.arrays[name] for name in self._names}
        inputs = {n: a for n, a in arrays.items() if not n.startswith(TARGET_PREFIX)}
        targets = {n.removeprefix(TARGET_PREFIX): a for n, a in arrays.items() if n not in inputs}
        return inputs, targets
