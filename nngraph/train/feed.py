"""The rows of one part of the data, laid out once for an executor and handed out by index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import InternalError

Array = NDArray[Any]
TARGET_PREFIX = "target:"


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

    @classmethod
    def of(cls, inputs: Mapping[str, Array], targets: Mapping[str, Array]) -> Rows:
        """Rows from inputs by node id and targets by name."""
        named = {f"{TARGET_PREFIX}{name}": array for name, array in targets.items()}
        arrays = {**inputs, **named}
        counts = {len(array) for array in arrays.values()}
        if len(counts) != 1:
            raise InternalError(f"arrays of unlike length: {sorted(counts)}")
        return cls(arrays, counts.pop())

    def target(self, name: str) -> Array:
        """The rows of one target; an input node that is its own target is found by its id."""
        prefixed = f"{TARGET_PREFIX}{name}"
        return self.arrays[prefixed if prefixed in self.arrays else name]


class Feed:
    """Rows prepared for the slots of one kind of step (training or evaluation)."""

    def __init__(self, rows: Rows, step: Step) -> None:
        self.rows = rows
        self._prepared = {
            name: slot.prepare(rows.arrays[name])
            for name, slot in step.slots.items()
            if name in rows.arrays
        }

    def load(self, step: Step, indices: NDArray[np.int64]) -> None:
        """Gather the rows of a batch into the step's places."""
        slots = step.slots
        for name, prepared in self._prepared.items():
            slots[name].load(prepared, indices)
