"""Program -> Plan: places, arenas, storage, shards; memory; the verifier of aliasing."""

from nngraph.plan.model import (
    Buffer,
    Memory,
    Place,
    Plan,
    Shards,
    Tile,
    Tiling,
    bytes_by_origin,
    fill_sizes,
    program_flops,
    scratch_bytes,
)
from nngraph.plan.pieces import piece_of
from nngraph.plan.place import make_plan
from nngraph.plan.results import ViewChains, compute_loss_last, copy_results, first_for_loss
from nngraph.plan.shards import (
    additions,
    batch_kinds,
    branches,
    halved_at,
    is_halved,
    is_shardable,
    vectors_held,
    waiting_before,
)
from nngraph.plan.spread import spread_over_arena
from nngraph.plan.tiles import choose_tiles, find_tiles
from nngraph.plan.verify import verify_plan

__all__ = [
    "waiting_before",
    "vectors_held",
    "branches",
    "additions",
    "Buffer",
    "Memory",
    "Place",
    "Plan",
    "Shards",
    "Tile",
    "Tiling",
    "ViewChains",
    "batch_kinds",
    "bytes_by_origin",
    "choose_tiles",
    "compute_loss_last",
    "copy_results",
    "fill_sizes",
    "find_tiles",
    "first_for_loss",
    "halved_at",
    "is_halved",
    "is_shardable",
    "make_plan",
    "piece_of",
    "program_flops",
    "scratch_bytes",
    "spread_over_arena",
    "verify_plan",
]
