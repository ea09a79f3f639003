"""What of a step is computed apart: shards of its batch, and halves of its large products.

Which values are rows of the batch and which are sums over rows is read off their types; from that
follows whether and how a batch is cut. `Shards.rows` cuts; `nngraph.run.step` computes and adds.

Partial sums are added in a tree, pairwise over shard numbers. It is a function of the number of
shards alone, so the bits of a gradient do not depend on who computes which shard. It is done like
a binary counter: after shard 1 comes 0 + 1, after shard 3 2 + 3 and (0 + 1) + (2 + 3); what is left
over at the end is added from the back. Whoever computes shards in order so holds at most
log2(shards) + 1 vectors, and a run of 2^k shards that begins at a multiple of 2^k is a branch of
the tree.

Of halves no sum over the batch is cut, so nothing has to be added up afterwards: each number of a
product is computed by one worker, as it would be alone. Where a product is cut depends on its
shape, never on the number of workers, so they do not change a bit.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from nngraph.ir import BATCH, Gradient, Op, Program, Value
from nngraph.ops import MatMul
from nngraph.plan.model import Shards, Tiling, program_flops
from nngraph.records import dataclass

SHARD_FLOPS = 2.0e8  # of a step; below, two workers cost more than they bring
SHARD_ROWS = 4  # each of which is an image
MOST_SHARDS = 2

Kind: TypeAlias = Literal["rows", "sum", "whole"]


def choose_shards(program: Program, tiling: Tiling) -> Shards:
    """Shards for a step that computes gradients, where they may be cut and that is worth it.

    Only of programs that run in tiles: dense layers on half a batch each, with a second vector of
    gradients and its sum, cost more than a second worker brings; their products are halved instead
    (`choose_halves`). A function of program and tiles alone, never of the workers: it fixes
    the bits of a sum.
    """
    has_gradients = any(isinstance(role, Gradient) for role, _ in program.outputs)
    if not tiling.tiles or not has_gradients or not is_shardable(program):
        return Shards()
    per_sample, per_step = program_flops(program)
    worth = math.ceil((SHARD_FLOPS - per_step) / max(per_sample, 1) / MOST_SHARDS)
    return Shards(MOST_SHARDS, max(worth, SHARD_ROWS))


def batch_kinds(program: Program) -> dict[Value, Kind]:
    """What each value is to the batch.

    rows: it has the axis N, one entry a sample. sum: it has none, but was made from rows, so over
    a part of the batch it is a partial sum. whole: it does not depend on the rows.
    """
    kinds: dict[Value, Kind] = {
        leaf: "rows" if BATCH in leaf.type.shape else "whole" for leaf in program.leaves
    }
    for instr in program.body:
        below = {kinds[arg] for arg in instr.args}
        for out in instr.outs:
            if BATCH in out.type.shape:
                kinds[out] = "rows"
            else:
                kinds[out] = "sum" if below & {"rows", "sum"} else "whole"
    return kinds


def is_shardable(program: Program) -> bool:
    """Whether parts of a batch may be computed apart and their sums added.

    Not where a sum over the batch is used again by rows or nonlinearly: then the whole batch must
    be there (a barrier, e.g. batch normalisation). Sums may only be scaled, added and viewed.
    """
    kinds = batch_kinds(program)
    if program.updates:
        return False
    for instr in program.body:
        sums = [arg for arg in instr.args if kinds[arg] == "sum"]
        if sums and any(kinds[out] == "rows" for out in instr.outs):
            return False
        if sums and not _keeps_sums(instr.op, [kinds[arg] for arg in instr.args]):
            return False
    return True


def _keeps_sums(op: Op, operands: list[Kind]) -> bool:
    """Whether op of partial sums, added over the parts, is op of the sums."""
    if op.additive:
        return all(kind == "sum" for kind in operands)
    return op.multilinear and operands.count("sum") == 1 and "rows" not in operands


# ---- the tree of sums


@dataclass(frozen=True, slots=True)
class Addition:
    """The sum that begins at item `into` takes up the one that begins at item `other`, once item
    `after` is done."""

    after: int
    into: int
    other: int


def additions(count: int) -> tuple[Addition, ...]:
    """All additions of so many items, in order; the total ends in item 0.

    >>> [(a.after, a.into, a.other) for a in additions(3)]
    [(1, 0, 1), (2, 0, 2)]
    """
    found: list[Addition] = []
    waiting: list[int] = []
    for item in range(count):
        waiting.append(item)
        complete = item  # as many sums are complete as the number ends in ones
        while len(waiting) > 1 and (complete & 1 or item == count - 1):
            other = waiting.pop()
            found.append(Addition(item, waiting[-1], other))
            complete >>= 1
    return tuple(found)


def waiting_before(item: int) -> int:
    """How many partial sums wait when an item begins: so its own is kept in the vector of this
    number, and stays there while it grows.

    >>> [waiting_before(item) for item in range(8)]
    [0, 1, 1, 2, 1, 2, 2, 3]
    """
    return item.bit_count()


def branches(count: int, workers: int) -> tuple[range, ...]:
    """Items for each of at most so many workers: branches of the tree, of equal height.

    >>> branches(5, 2), branches(2, 2), branches(3, 1)
    ((range(0, 4), range(4, 5)), (range(0, 1), range(1, 2)), (range(0, 3),))
    """
    size = 1
    while size * workers < count:
        size *= 2
    return tuple(range(start, min(start + size, count)) for start in range(0, count, size))


def vectors_held(count: int, workers: int) -> int:
    """How many vectors all workers together hold while they add up so many items.

    >>> vectors_held(1, 2), vectors_held(2, 2), vectors_held(2, 1), vectors_held(64, 2)
    (1, 2, 2, 12)
    """
    return sum(_vectors(len(branch)) for branch in branches(count, workers))


def _vectors(count: int) -> int:
    return 1 + max(map(waiting_before, range(count)))


# ---- products that two workers compute together, half of the result each


HALF_FLOPS = 5.0e7
"""Of a product. Below, two products of half the size take a tenth longer on one core than the
whole, and two cores save little: 784 x 128 on 128 rows stays whole, 784 x 512 is halved."""

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
