"""Dead code: outputs that nobody asked for are no results, and what no result needs is dropped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from nngraph.ir import Constant, Instr, Leaf, Program, Role, Value


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
    wanted = frozenset(wanted)  # there may be one for each of 100,000 neurons
    kept = tuple((role, value) for role, value in program.outputs if role in wanted)
    return replace(program, outputs=kept)


def eliminate_dead_code(program: Program) -> Program:
    """Drop every instruction whose results nobody needs, and every unread constant with data.

    All other leaves stay: inputs, weights and states are known by their ids outside.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(eliminate_dead_code(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: float32[N, 2] = tanh %0
    ...   %2: float32[N, 2] = exp %0
    ...   output 'y' %1''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: float32[N, 2] = tanh %0
      output 'y' %1
    """
    needed: set[Value] = set(program.results())
    kept: list[Instr] = []
    for instr in reversed(program.body):
        if any(out in needed for out in instr.outs):
            needed.update(instr.args)
            kept.append(instr)
    leaves = tuple(leaf for leaf in program.leaves if leaf in needed or not _nameless(leaf))
    return Program(leaves, tuple(reversed(kept)), program.outputs, program.updates)


def _nameless(leaf: Leaf) -> bool:
    return isinstance(leaf, Constant) and leaf.data is not None
