"""Common subexpressions: what is computed twice is computed once."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

from nngraph.ir import Builder, Instr, Op, Program, Value
from nngraph.passes.rewriting import rewrite


def share_common_subexpressions(program: Program) -> Program:
    """Use the first result of equal ops on equal operands everywhere; every op is pure.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(share_common_subexpressions(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: float32[N, 2] = tanh %0
    ...   %2: float32[N, 2] = tanh %0
    ...   %3: float32[N, 2] = add %1 %2
    ...   output 'y' %3''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: float32[N, 2] = tanh %0
      %2: float32[N, 2] = add %1 %1
      output 'y' %2
    """
    first: dict[tuple[Hashable, ...], tuple[Value, ...]] = {}

    def shared(_: Builder, instr: Instr) -> Sequence[Value] | None:
        key = (instr.op, *_signs(instr.op), instr.args)
        outs = first.setdefault(key, instr.outs)
        return None if outs is instr.outs else outs

    return rewrite(program, shared)


def _signs(op: Op) -> tuple[float, ...]:
    # 0.0 == -0.0, but they are not the same attribute
    return tuple(math.copysign(1.0, v) for v in op.attributes().values() if isinstance(v, float))
