"""Reads the batch axis off the types: which values are rows, which are sums over rows.

From that follows whether, and how, a batch may be cut into shards that are computed apart.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from nngraph.ir import BATCH, Gradient, Op, Program, Value
from nngraph.plan.cost import program_flops
from nngraph.plan.model import Shards, Tiling

SHARD_FLOPS = 2.0e8  # of a step; below, two workers cost more than they bring
SHARD_ROWS = 4  # each of which is an image
MOST_SHARDS = 2

Kind: TypeAlias = Literal["rows", "sum", "whole"]


def choose_shards(program: Program, tiling: Tiling) -> Shards:
    """Shards for a step that computes gradients, where they may be cut and that is worth it.

    Only of programs that run in tiles: dense layers on half a batch each, with a second vector of
    gradients and its sum, cost more than a second worker brings; their products are halved instead
    (`nngraph.plan.halves`). A function of program and tiles alone, never of the workers: it fixes
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
