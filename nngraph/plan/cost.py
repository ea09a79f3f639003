"""What a step costs: operations, told by its ops, and exact bytes, before any is allocated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nngraph.ir import BATCH, ITEM_BYTES, Arenas, Fill, Ones, Program
from nngraph.plan.model import Buffer, Plan

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
