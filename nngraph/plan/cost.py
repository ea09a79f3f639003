"""What a program costs, told by its ops."""

from __future__ import annotations

from nngraph.ir import Program


def program_flops(program: Program) -> tuple[int, int]:
    """Floating-point operations of a program, as (per sample, per step)."""
    costs = [instr.op.flops(*instr.types) for instr in program.body]
    return sum(per_sample for per_sample, _ in costs), sum(per_step for _, per_step in costs)
