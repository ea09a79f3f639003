"""How much of the batch each result must keep: one tile, all tiles, or the whole in order."""

from __future__ import annotations

from collections.abc import Callable

from nngraph.ir import BATCH, Dim, Program, Value
from nngraph.plan.model import Extent, Tile, Tiling


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
