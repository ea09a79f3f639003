"""Compiled kernels for the ops that have one."""

from __future__ import annotations

from dataclasses import replace

from nngraph.ir import Instr, Program
from nngraph.ops.with_kernel import WithKernel


def choose_kernels(program: Program) -> Program:
    """op -> compiled op, wherever the op has a kernel for its operands' types.

    Only in the pipeline of a target with kernels; runs before and after the expansion, which
    spares ops that one kernel computes whole.
    """
    return replace(program, body=tuple(_chosen(instr) for instr in program.body))


def _chosen(instr: Instr) -> Instr:
    if (
        isinstance(instr.op, WithKernel)
        or instr.op.compiled_call(*(a.type for a in instr.args)) is None
    ):
        return instr
    return replace(instr, op=WithKernel(instr.op))
