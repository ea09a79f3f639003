"""Which instructions run a few images at a time, so that what passes stays in cache, and how much
of the batch each result must then keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from nngraph.ir import BATCH, Dim, Instr, Key, Program, Value
from nngraph.plan.model import Extent, Tile, Tiling
from nngraph.plan.results import ViewChains, on_images
from nngraph.plan.shards import Kind, batch_kinds
from nngraph.records import dataclass

TILE_BYTES = 1_800_000
"""What the largest call may read and write of a tile, about the second-level cache of one core.

Measured on networks from 8x8 to 32x32: half as much makes calls too short, twice as much falls out
of the cache."""

FEWEST_SAMPLES = 3
MOST_BYTES = 8_000_000
"""Fewer samples than three only where those would take more: there each call is long anyway."""

MOST_SAMPLES = 64
"""Networks of which more samples fit need no tiles: whole batches fit then, or nearly."""

LARGEST_SUM = 1_000_000
"""Bytes of a sum over the batch; to add up larger ones from tiles costs more than it saves."""


def choose_tiles(program: Program) -> Tiling:
    """The longest stretches of calls on images that can run in tiles, and the samples of a tile.

    Within a stretch each result has the batch axis, or is a sum over it that nothing reads before
    the stretch ends. Dense layers stay whole: each tile would read all their weights again.
    """
    size = _tile_size(program)
    return find_tiles(program, size) if size is not None else Tiling()


def _tile_size(program: Program) -> int | None:
    """Samples of a tile, so that the largest call on images stays in cache; None for no tiles."""
    most, chains = 0, ViewChains(program)
    for instr in program.body:
        if instr.is_work and on_images(instr):
            seen = {chains.root(value)[0] for value in (*instr.args, *instr.outs)}
            most = max(most, sum(v.type.bytes({"N": 1, "P": 0}) for v in seen if v.type.batched))
    if not most:
        return None
    size = max(TILE_BYTES // most, min(FEWEST_SAMPLES, MOST_BYTES // most), 1)
    return size if size <= MOST_SAMPLES else None


def find_tiles(program: Program, size: int, *, images_only: bool = True) -> Tiling:
    """All stretches of at least two calls that can run in tiles of `size` samples."""
    search = _Search(batch_kinds(program), images_only)
    for number, instr in enumerate(program.body):
        if instr.is_work:
            search.meet(number, instr)
        elif search.sums.intersection(instr.args):
            search.sums.update(instr.outs)  # a view of an open sum
    search.close()
    return Tiling(tuple(search.found), size) if search.found else Tiling()


@dataclass
class _Search:
    kinds: Mapping[Value, Kind]
    images_only: bool
    found: list[Tile] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    sums: set[Value] = field(default_factory=set)  # complete only after the open stretch

    def meet(self, number: int, instr: Instr) -> None:
        """Let the stretch that is open grow by a call, or close it before."""
        if not self._fits(instr):
            self.close()
            return
        if self.sums.intersection(instr.args):
            self.close()
        self.calls.append(number)
        self.sums.update(out for out in instr.outs if not out.type.batched)

    def close(self) -> None:
        """Keep the open stretch if it is worth a loop."""
        if len(self.calls) > 1:
            self.found.append(Tile(self.calls[0], self.calls[-1] + 1))
        self.calls, self.sums = [], set()

    def _fits(self, instr: Instr) -> bool:
        if self.images_only and not on_images(instr):
            return False
        if any(isinstance(arg, Key) for arg in instr.args):
            return False  # random numbers are positioned by the first row of a step
        if not any(arg.type.batched for arg in instr.args):
            return False
        return all(
            out.type.batched or (self.kinds[out] == "sum" and _small(out)) for out in instr.outs
        )


def _small(value: Value) -> bool:
    return value.type.bytes({"N": 0, "P": 0}) <= LARGEST_SUM


class Extents:
    """Asks where the values of a program are written and read, inside of tiles or outside.

    `root` gives the value in whose buffer another lies.
    """

    def __init__(self, program: Program, tiling: Tiling, root: Callable[[Value], Value]) -> None:
        self._used: dict[Value, set[Tile | None]] = {}
        if not tiling.tiles:
            return
        for number, instr in enumerate(program.body):
            if instr.is_work:
                tile = tiling.tile_of(number)
                for value in (*instr.args, *instr.outs):
                    self._used.setdefault(root(value), set()).add(tile)
        for value in (*program.results(), *program.leaves):
            self._used.setdefault(root(value), set()).add(None)

    def of(self, root: Value, stored: tuple[Dim, ...], *, filled: bool) -> Extent:
        """The extent of a buffer that is stored in this shape.

        A value that lives and dies in one tile needs memory for one. One that several tiles
        read, and nothing else, lies tile by tile, so that each finds its part dense; where the
        batch is the first axis the whole lies so already.
        """
        used = self._used.get(root, {None})
        if BATCH not in stored or None in used:
            return "whole"
        if len(used) == 1 and not (filled and stored[0] != BATCH):
            return "tile"
        return "whole" if stored[0] == BATCH else "tiles"
