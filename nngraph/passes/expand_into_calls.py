"""Expansion: ops that are no single call, view or container are written in smaller ones."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.errors import InternalError
from nngraph.ir import Builder, Instr, Program, Value
from nngraph.passes.rewriting import rewrite

ROUNDS = 16  # an op written in ops that are written in ops ...


def expand_into_calls(program: Program) -> Program:
    """Replace every op that is not legal by its `expand`, until all are.

    New instructions carry the origins of the op that they spell out.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(expand_into_calls(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: bool[N, 2] = between{low=0.0, high=6.0} %0
    ...   output 'y' %1''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: bool[N, 2] = greater{threshold=0.0} %0
      %2: bool[N, 2] = less{threshold=6.0} %0
      %3: bool[N, 2] = and %1 %2
      output 'y' %3
    """
    for _ in range(ROUNDS):
        if all(instr.is_legal for instr in program.body):
            return program
        program = rewrite(program, _expanded)
    names = sorted({str(instr.op) for instr in program.body if not instr.is_legal})
    raise InternalError(f"expansion does not end: {', '.join(names)}")


def _expanded(builder: Builder, instr: Instr) -> Sequence[Value] | None:
    if instr.is_legal:
        return None
    outs = instr.op.expand(builder, *instr.args)
    if outs is None:
        raise InternalError(f"{instr.op} is no call, view or container, and does not expand")
    return outs if isinstance(outs, tuple) else (outs,)
