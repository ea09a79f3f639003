"""What a plan needs, in exact bytes, before anything is allocated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nngraph.ir import ITEM_BYTES, Fill, Ones, Program
from nngraph.plan.model import Arenas, Buffer, Plan

OWNED_BY_BINDING = ("scratch", "input", "key")


@dataclass(frozen=True)
class Memory:
    """Bytes of a network, exact integers. `by_origin`: bytes per node or edge id."""

    parameters: int
    gradients: int
    states: int
    fixed: int
    scratch: int
    by_origin: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return self.parameters + self.gradients + self.states + self.fixed + self.scratch


def buffer_bytes(buffer: Buffer, axes: Mapping[str, int]) -> int:
    """Bytes of one buffer."""
    return buffer.type.bytes(axes)


def scratch_bytes(program: Program, plan: Plan, axes: Mapping[str, int]) -> int:
    """Bytes that one binding of a plan allocates: its buffers, and arrays filled once for calls."""
    own = sum(buffer_bytes(b, axes) for b in plan.buffers if b.role in OWNED_BY_BINDING)
    return own + sum(fill_sizes(program, plan, axes).values())


def fill_sizes(
    program: Program, plan: Plan, axes: Mapping[str, int]
) -> dict[tuple[object, ...], int]:
    """Bytes of each distinct array of one number that calls want beside their operands."""
    sizes: dict[tuple[object, ...], int] = {}
    for instr in program.body:
        call = instr.op.call(*(a.type for a in instr.args))
        for argument in (call.arguments or ()) if call is not None else ():
            if isinstance(argument, Fill | Ones):
                value = instr.args[argument.like]
                buffer = plan.buffers[plan.places[value].buffer]
                if isinstance(argument, Fill):
                    key: tuple[object, ...] = (argument.value, value.type, buffer.shape)
                    sizes[key] = value.type.bytes(axes)
                else:
                    rows = value.type.sizes(axes)[0]
                    sizes["ones", rows, value.type.dtype] = rows * ITEM_BYTES[value.type.dtype]
    return sizes


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
            total[id_] = total.get(id_, 0) + buffer_bytes(buffer, axes)
    for arena in (arenas.parameters, arenas.fixed):
        for id_, region in arena.regions.items():
            total[id_] = total.get(id_, 0) + region.size * ITEM_BYTES[arena.dtype]
    return total
