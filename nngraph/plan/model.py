"""What a plan is: buffers, and for each value the place where it lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nngraph.ir import Dim, DType, TensorType, Value, View

Role: TypeAlias = Literal[
    "scratch", "input", "parameters", "gradients", "fixed", "state", "constant", "key"
]
"""Who owns a buffer: the binding (scratch, input) or the executor (all others)."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """One array, dense and in C order as stored.

    `name` is the leaf's id for roles that have one buffer a leaf. `fill` is written once at
    binding; such a buffer is never shared. `shape` may be larger than its value (padding).
    """

    role: Role
    shape: tuple[Dim, ...]
    dtype: DType
    name: str = ""
    fill: float | None = None

    @property
    def type(self) -> TensorType:
        """Shape as stored, and dtype."""
        return TensorType(self.shape, self.dtype)


@dataclass(frozen=True, slots=True)
class Place:
    """A buffer and the views that lead from it to the value."""

    buffer: int
    path: tuple[View, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Where everything lies. It fixes the bits of a step; who runs which shard does not."""

    buffers: tuple[Buffer, ...]
    places: Mapping[Value, Place]
    shardable: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Region:
    """A leaf's piece of an arena: elements start .. start + size, seen as `shape`."""

    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Arena:
    """The flat vector in which leaves of one role and dtype lie, by leaf id."""

    role: Literal["parameters", "fixed"]
    dtype: DType
    regions: Mapping[str, Region]
    size: int


@dataclass(frozen=True)
class Arenas:
    """The two flat vectors of a network: what is trained, and what is fixed."""

    parameters: Arena
    fixed: Arena

    def find(self, id: str) -> tuple[Arena, Region] | None:
        """The arena and region of a leaf, if it has one."""
        for arena in (self.parameters, self.fixed):
            if (region := arena.regions.get(id)) is not None:
                return arena, region
        return None
