"""Kernels of a target for the ops that it has one for."""

from __future__ import annotations

from dataclasses import replace

from nngraph.ir import Program
from nngraph.targets import Target


def choose_whole_kernels(program: Program, target: Target) -> Program:
    """op -> compiled op, where the target has a kernel and the op would be spelled out without it.

    Ops that are one NumPy call stay what they are, so that other passes still know them.
    """
    body = (instr if instr.is_legal else target.chosen(instr) for instr in program.body)
    return replace(program, body=tuple(body))


def choose_kernels(program: Program, target: Target) -> Program:
    """op -> compiled op, wherever the target has a kernel for the operands' types.

    Only in the pipeline of a target with kernels, as the last choice.
    """
    return replace(program, body=tuple(target.chosen(instr) for instr in program.body))
