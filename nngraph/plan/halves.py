"""Which products of a step two workers compute together, half of the result each.

No sum over the batch is cut, so nothing has to be added up afterwards: each number of a product is
computed by one worker, as it would be alone. Where a product is cut depends on its shape, never on
the number of workers, so they do not change a bit.
"""

from __future__ import annotations

from nngraph.ir import Program, Value
from nngraph.ops import MatMul
from nngraph.plan.model import Tiling

HALF_FLOPS = 2.0e7
"""Of a product; below, handing half of it over takes longer than it saves."""

SAMPLE_FLOPS = 100_000
"""Of a product, for each sample; below, no usual batch makes it large enough."""


def choose_halves(program: Program, tiling: Tiling) -> frozenset[Value]:
    """The results of large products, where the program does not run in tiles.

    Tiles are cut into shards, which keep the workers busy already.
    """
    if tiling.tiles:
        return frozenset()
    return frozenset(
        instr.outs[0]
        for instr in program.body
        if isinstance(instr.op, MatMul) and instr.op.flops(*instr.types)[0] >= SAMPLE_FLOPS
    )


def is_halved(flops: float) -> bool:
    """Whether a product of so many operations is large enough."""
    return flops >= HALF_FLOPS


def halved_at(program: Program, halved: frozenset[Value], batch: int) -> int:
    """How many of the products are, on a batch of so many samples."""
    products = (instr for instr in program.body if instr.outs[0] in halved)
    return sum(is_halved(p.op.flops(*p.types)[0] * batch) for p in products)
