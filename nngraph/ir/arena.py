"""Where weights lie: one flat vector for all that is trained, one for all that is fixed.

Lowering lays both out once, from its records of the weights. Whatever program is made later, of
any outputs, finds them there; passes and plans ask, none of them decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nngraph.ir.types import DType


@dataclass(frozen=True, slots=True)
class Region:
    """A leaf's piece of an arena: elements start .. start + size, seen as `shape`."""

    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def stop(self) -> int:
        """The element behind the last."""
        return self.start + self.size


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

    def stack(self, matrix: str, bias: str) -> tuple[Arena, Region] | None:
        """The arena and region of a matrix [in, out] with its bias [out] as one more row.

        None unless the bias lies right behind the matrix.
        """
        W, b = self.find(matrix), self.find(bias)
        if W is None or b is None or W[0] is not b[0] or b[1].start != W[1].stop:
            return None
        if len(W[1].shape) != 2 or b[1].shape != W[1].shape[1:]:
            return None
        rows, columns = W[1].shape
        return W[0], Region(W[1].start, (rows + 1, columns))
