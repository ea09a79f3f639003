"""Weights for people: by name, a line for each connection or unit where they are few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from nngraph.network import Network
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, End, NodeEntry

Array = NDArray[Any]
MOST_SHOWN = 64  # numbers of one array, each on a line of its own


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


def weights_listed(network: Network, weights: Mapping[str, Array]) -> tuple[ListedWeight, ...]:
    """All weights and biases in the order of the program."""
    return tuple(
        ListedWeight(
            record.id,
            record.trainable,
            weights[record.id],
            tuple(_ends(record.entry, weights[record.id])),
        )
        for record in network.lowered.weights
    )


def _ends(entry: EdgeEntry | NodeEntry, values: Array) -> list[str]:
    """What each number belongs to; nothing for kernels and large arrays."""
    if values.size > MOST_SHOWN or values.ndim > 2:
        return []
    if isinstance(entry, NodeEntry):
        return [_unit(End(entry.id), j, values.size) for j in range(values.size)]
    last = values.shape[-1]
    targets = [_unit(entry.target, j, last) for j in range(last)]
    if values.ndim == 1:
        sources = [_unit(entry.source, i, last) for i in range(last)]
        return [f"{one} -> {other}" for one, other in zip(sources, targets, strict=True)]
    sources = [_unit(entry.source, i, len(values)) for i in range(len(values))]
    return [f"{source} -> {target}" for source in sources for target in targets]


def _unit(end: End, number: int, units: int) -> str:
    """One unit of an end, by its number among those that the end names."""
    return str(end) if units == 1 else str(_nth(end, number))


def _nth(end: End, number: int) -> End:
    at = (end.start or 0) + number
    return End(end.node, at, at + 1)
