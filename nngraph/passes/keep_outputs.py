"""Outputs that nobody asked for are no longer results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nngraph.ir import Program, Role


def keep_outputs(program: Program, wanted: Collection[Role]) -> Program:
    """Keep these outputs, in the order of the program; what computed others may now be dead.

    >>> from nngraph.ir import Node, parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(keep_outputs(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: float32[N, 2] = tanh %0
    ...   output 'h' %0
    ...   output 'y' %1''', OPS_BY_NAME), {Node('y')}))
    program
      input %0 'x': float32[N, 2]
      %1: float32[N, 2] = tanh %0
      output 'y' %1
    """
    kept = tuple((role, value) for role, value in program.outputs if role in wanted)
    return replace(program, outputs=kept)
