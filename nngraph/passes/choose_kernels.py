"""Compiled kernels for the ops that have one."""

from __future__ import annotations

from dataclasses import replace

from nngraph.ir import Instr, Program
from nngraph.ops.with_kernel import WithKernel
from nngraph.passes.expand_into_calls import is_legal


def choose_whole_kernels(program: Program) -> Program:
    """op -> compiled op, where the op has a kernel and would be spelled out without it.

    Ops that are one NumPy call stay what they are, so that other passes still know them.
    """
    body = (instr if is_legal(instr) else _chosen(instr) for instr in program.body)
    return replace(program, body=tuple(body))


def choose_kernels(program: Program) -> Program:
    """op -> compiled op, wherever the op has a kernel for its operands' types.

    Only in the pipeline of a target with kernels, as the last choice.
    """
    return replace(program, body=tuple(_chosen(instr) for instr in program.body))


def _chosen(instr: Instr) -> Instr:
    if (
        isinstance(instr.op, WithKernel)
        or instr.op.compiled_call(*(a.type for a in instr.args)) is None
    ):
        return instr
    return replace(instr, op=WithKernel(instr.op))
