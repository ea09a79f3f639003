"""What a plan is: buffers, for each value the place where it lies; and what a step of it costs.

Costs are operations, told by the ops, and exact bytes, before any is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from nngraph.ir import (
    BATCH,
    ITEM_BYTES,
    Arenas,
    Dim,
    DType,
    Fill,
    Ones,
    Permute,
    Program,
    ReshapeView,
    Slice,
    TensorType,
    Value,
    View,
)
from nngraph.records import dataclass

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

    @property
    def is_dense(self) -> bool:
        """Whether the value's elements lie side by side in C order."""
        return all(
            isinstance(view, ReshapeView) or (isinstance(view, Slice) and view.axis == 0)
            for view in self.path
        )

    @property
    def is_turned(self) -> bool:
        """Whether the elements of a matrix lie side by side column by column."""
        if not self.path or self.path[0] != Permute((1, 0)):
            return False
        return all(isinstance(view, Slice) and view.axis == 1 for view in self.path[1:])


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
    """Results that two workers compute together (`nngraph.plan.shards.choose_halves`)."""


# ---- what it costs


OWNED_BY_BINDING = ("scratch", "input", "key")


@dataclass(frozen=True)
class Memory:
    """Bytes of a network, exact integers. `by_origin`: bytes per node or edge id.

    `states` are what the optimiser keeps, `update` what its step computes in between; `scratch` is
    that of the step before it, in all its shards.
    """

    parameters: int
    gradients: int
    states: int
    update: int
    fixed: int
    scratch: int
    by_origin: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(
            (self.parameters, self.gradients, self.states, self.update, self.fixed, self.scratch)
        )


def _buffer_bytes(buffer: Buffer, plan: Plan, axes: Mapping[str, int]) -> int:
    """Bytes of one buffer."""
    return math.prod(buffer.sizes(axes, plan.tiling)) * ITEM_BYTES[buffer.dtype]


def scratch_bytes(program: Program, plan: Plan, axes: Mapping[str, int]) -> int:
    """Bytes that one binding of a plan allocates: its buffers, and arrays filled once for calls."""
    own = sum(_buffer_bytes(b, plan, axes) for b in plan.buffers if b.role in OWNED_BY_BINDING)
    return own + sum(fill_sizes(program, plan, axes).values())


def fill_sizes(
    program: Program, plan: Plan, axes: Mapping[str, int]
) -> dict[tuple[object, ...], int]:
    """Bytes of each distinct array of one number that calls want beside their operands."""
    sizes: dict[tuple[object, ...], int] = {}
    for number, instr in enumerate(program.body):
        call = instr.call
        for argument in (call.arguments or ()) if call is not None else ():
            if isinstance(argument, Fill | Ones):
                value = instr.args[argument.like]
                for length in _lengths(plan, number, axes):
                    own = {**axes, BATCH: length}
                    if isinstance(argument, Fill):
                        order = plan.buffers[plan.places[value].buffer].shape
                        sizes[argument.value, value.type, order, length] = value.type.bytes(own)
                    else:
                        rows, dtype = value.type.sizes(own)[0], value.type.dtype
                        sizes["ones", rows, dtype] = rows * ITEM_BYTES[dtype]
    return sizes


def _lengths(plan: Plan, number: int, axes: Mapping[str, int]) -> set[int]:
    """How many samples an instruction may meet at a time."""
    inside = plan.tiling.tile_of(number) is not None
    pieces = plan.tiling.pieces(axes[BATCH]) if inside else ((0, axes[BATCH]),)
    return {stop - start for start, stop in (pieces[0], pieces[-1])}


def bytes_by_origin(
    program: Program, plan: Plan, arenas: Arenas, axes: Mapping[str, int]
) -> dict[str, int]:
    """Scratch bytes per node or edge: each buffer counts for the first that writes it."""
    counted: set[int] = set()
    total: dict[str, int] = {}
    for instr in program.body:
        for out in instr.outs:
            index = plan.places[out].buffer
            buffer = plan.buffers[index]
            if index in counted or buffer.role not in OWNED_BY_BINDING:
                continue
            counted.add(index)
            id_ = instr.origins[0].id if instr.origins else ""
            total[id_] = total.get(id_, 0) + _buffer_bytes(buffer, plan, axes)
    for arena in (arenas.parameters, arenas.fixed):
        for id_, region in arena.regions.items():
            total[id_] = total.get(id_, 0) + region.size * ITEM_BYTES[arena.dtype]
    return total


def program_flops(program: Program) -> tuple[int, int]:
    """Floating-point operations of a program, as (per sample, per step)."""
    costs = [instr.op.flops(*instr.types) for instr in program.body]
    return sum(per_sample for per_sample, _ in costs), sum(per_step for _, per_step in costs)
