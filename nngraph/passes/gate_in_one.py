"""A gradient times the mask of a rectifier as one op, which a kernel computes in one pass."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Gate, Greater, Multiply
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, rewrite, use_counts


def gate_in_one(program: Program) -> Program:
    """multiply g (greater x) -> gate g x, where nothing else reads the mask.

    Only before kernels are chosen: without one it is two calls again.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(gate_in_one(parse_text('''program
    ...   input %0 'g': float32[N, 2]
    ...   input %1 'y': float32[N, 2]
    ...   %2: bool[N, 2] = greater{threshold=0.0} %1
    ...   %3: float32[N, 2] = multiply %0 %2
    ...   output 'd' %3''', OPS_BY_NAME)))
    program
      input %0 'g': float32[N, 2]
      input %1 'y': float32[N, 2]
      %2: float32[N, 2] = gate{threshold=0.0} %0 %1
      output 'd' %2
    """
    made, uses = definitions(program), use_counts(program)

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if not isinstance(instr.op, Multiply):
            return None
        for g, mask in (instr.args, instr.args[::-1]):
            source = made.get(mask)
            if source is None or not isinstance(source.op, Greater) or uses[mask] != 1:
                continue
            (x,) = source.args
            if g.type == x.type and len(x.type.shape) >= 2:
                return (builder(Gate(source.op.threshold), g, x),)
        return None

    return eliminate_dead_code(rewrite(program, rule))
