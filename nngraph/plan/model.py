"""What a plan is: buffers, and for each value the place where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from nngraph.ir import BATCH, Dim, DType, TensorType, Value, View

Role: TypeAlias = Literal[
    "scratch", "input", "parameters", "gradients", "fixed", "state", "constant", "key"
]
"""Who owns a buffer: the binding (scratch, input) or the executable (all others)."""


Extent: TypeAlias = Literal["whole", "tile", "tiles", "sums"]
"""How much a buffer holds: the whole batch in one array; one tile, which each tile uses again;
all tiles, one dense array after the other; for each tile the sum over its samples."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Instructions start .. stop (excluded) run for a few samples at a time."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Tiling:
    """All tiles of a plan, and how many samples each takes at a time."""

    tiles: tuple[Tile, ...] = ()
    size: int = 0

    def __str__(self) -> str:
        spans = ", ".join(f"{tile.start}..{tile.stop}" for tile in self.tiles)
        return f"tiles of {self.size} samples: {spans}" if spans else "no tiles"

    def pieces(self, rows: int) -> tuple[tuple[int, int], ...]:
        """First and last sample (excluded) of each tile of a batch; the last may be short.

        >>> Tiling((Tile(0, 2),), 4).pieces(10)
        ((0, 4), (4, 8), (8, 10))
        """
        if not self.tiles:
            return ((0, rows),)
        return tuple((k, min(k + self.size, rows)) for k in range(0, rows, self.size))

    def tile_of(self, number: int) -> Tile | None:
        """The tile to which an instruction belongs, if any."""
        return next((t for t in self.tiles if t.start <= number < t.stop), None)


@dataclass(frozen=True, slots=True)
class Shards:
    """How a batch is cut into parts that are computed apart: into at most `most`, none of fewer
    than `fewest` rows."""

    most: int = 1
    fewest: int = 1

    def __str__(self) -> str:
        return f"at most {self.most} shards of at least {self.fewest} rows"

    def rows(self, batch: int) -> tuple[int, ...]:
        """Rows of each shard, nearly equal, the longer ones first; none is empty.

        >>> Shards(4, 16).rows(66), Shards(4, 16).rows(33), Shards(4, 16).rows(1)
        ((17, 17, 16, 16), (17, 16), (1,))
        """
        count = max(1, min(self.most, batch // self.fewest))
        rows, longer = divmod(batch, count)
        return (rows + 1,) * longer + (rows,) * (count - longer)


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
    extent: Extent = "whole"

    def __str__(self) -> str:
        """What it is for and how large, without the id of its leaf."""
        filled = "" if self.fill is None else f" filled with {self.fill!r}"
        extent = "" if self.extent == "whole" else f" per {self.extent}"
        return f"{self.role} {self.type}{filled}{extent}"

    @property
    def type(self) -> TensorType:
        """Shape as stored for the whole batch, and dtype."""
        return TensorType(self.shape, self.dtype)

    def sizes(self, axes: Mapping[str, int], tiling: Tiling) -> tuple[int, ...]:
        """Shape of the array."""
        if self.extent == "tile":
            return self.type.sizes({**axes, BATCH: min(axes[BATCH], tiling.size)})
        if self.extent == "tiles":
            return (self.type.count(axes),)
        if self.extent == "sums":
            return (len(tiling.pieces(axes[BATCH])), *self.type.sizes(axes))
        return self.type.sizes(axes)


@dataclass(frozen=True, slots=True)
class Place:
    """A buffer and the views that lead from it to the value.

    >>> from nngraph.ir import ReshapeView, Slice
    >>> str(Place(2, (Slice(0, 0, 6), ReshapeView((2, 3)))))
    'b2 slice(0, 0:6) reshape(2, 3)'
    """

    buffer: int
    path: tuple[View, ...] = ()

    def __str__(self) -> str:
        return " ".join([f"b{self.buffer}", *map(str, self.path)])


@dataclass(frozen=True)
class Plan:
    """Where everything lies. It fixes the bits of a step; who runs which shard does not."""

    buffers: tuple[Buffer, ...]
    places: Mapping[Value, Place]
    shards: Shards
    digest: str
    tiling: Tiling = Tiling()
    sums: Mapping[Value, int] = field(default_factory=dict)
    """For each sum over the batch that tiles make: the buffer of what each of them adds."""
    halved: frozenset[Value] = frozenset()
    """Results that two workers compute together (`nngraph.plan.halves`)."""
