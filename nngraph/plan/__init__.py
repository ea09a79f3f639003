"""Program -> Plan: places, arenas, storage, shards; memory; the verifier of aliasing."""

from nngraph.plan.cost import program_flops
from nngraph.plan.halves import halved_at, is_halved
from nngraph.plan.memory import Memory, bytes_by_origin, fill_sizes, scratch_bytes
from nngraph.plan.model import Buffer, Place, Plan, Shards, Tile, Tiling
from nngraph.plan.pieces import piece_of
from nngraph.plan.place import make_plan
from nngraph.plan.results import copy_results
from nngraph.plan.shards import batch_kinds, is_shardable
from nngraph.plan.spread import spread
from nngraph.plan.tiles import choose_tiles, find_tiles
from nngraph.plan.verify import verify_plan

__all__ = [
    "Buffer",
    "Memory",
    "Place",
    "Plan",
    "Shards",
    "Tile",
    "Tiling",
    "batch_kinds",
    "bytes_by_origin",
    "choose_tiles",
    "copy_results",
    "fill_sizes",
    "find_tiles",
    "halved_at",
    "is_halved",
    "is_shardable",
    "make_plan",
    "piece_of",
    "program_flops",
    "scratch_bytes",
    "spread",
    "verify_plan",
]
