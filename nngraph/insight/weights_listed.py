"""Weights for people: by name, a line for each connection or unit where they are few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.parameter_names import UNNAMED, UnitNames, called, units_joined
from nngraph.lower import Weight
from nngraph.network import Network
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry

Array = NDArray[Any]
MOST_SHOWN = 64  # numbers of one array, each on a line of its own
MOST_BESIDE_RANGES = 16  # where other arrays have more than that


@dataclass(frozen=True, eq=False)
class ListedWeight:
    """The array of an edge or a node; `ends` names what each of its numbers belongs to.

    `ends` is empty where there are too many numbers, or where they belong to no single connection
    (kernels), and so only the range is told.
    """

    id: str
    trainable: bool
    values: Array
    ends: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        """Whether it is a single number."""
        return self.values.size == 1

    def to_json(self) -> dict[str, Any]:
        """Plain data; numbers survive exactly."""
        return {
            "id": self.id,
            "shape": list(self.values.shape),
            "trainable": self.trainable,
            "values": self.values.tolist(),
        }


def weights_listed(
    network: Network, weights: Mapping[str, Array], names: UnitNames = UNNAMED
) -> tuple[ListedWeight, ...]:
    """All weights and biases in the order of the program; `names` are those of units.

    Where some arrays have too many numbers, only short ones of the others are spelt out: nobody
    reads 64 biases below a kernel that is told by its range.
    """
    lowered = network.lowered
    is_small = all(_is_listed(weights[record.id], MOST_SHOWN) for record in lowered.weights)
    most = MOST_SHOWN if is_small else MOST_BESIDE_RANGES
    return tuple(
        ListedWeight(
            record.id,
            record.trainable,
            weights[record.id],
            tuple(_ends(record, weights[record.id], lowered.shapes, names))
            if _is_listed(weights[record.id], most)
            else (),
        )
        for record in lowered.weights
    )


def _is_listed(values: Array, most: int) -> bool:
    return values.size <= most and values.ndim <= 2


def _ends(
    record: Weight, values: Array, shapes: Mapping[str, tuple[int, ...]], names: UnitNames
) -> Iterator[str]:
    """What each number belongs to."""
    entry = record.entry
    for place in np.ndindex(values.shape):
        if isinstance(entry, EdgeEntry):
            yield " -> ".join(units_joined(entry, values.shape, place, shapes, names))
        else:
            yield called(names, entry.id, values.shape, place)
