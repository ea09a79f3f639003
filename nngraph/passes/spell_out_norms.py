"""Normalisations written in the operations that they consist of, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nngraph.ir import Builder, Instr, Op, Program, Value
from nngraph.ops import BatchNorm, BatchNormBack, LayerNorm, ScaledAround, SquaresAround
from nngraph.passes.rewriting import rewrite


def spell_out_norms(program: Program) -> Program:
    """layer_norm, batch_norm -> mean, difference, variance, quotient, before the reverse sweep.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(spell_out_norms(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   param %1 'scale': float32[2]
    ...   param %2 'shift': float32[2]
    ...   %3: float32[N, 2] = layer_norm{epsilon=1e-05} %0 %1 %2
    ...   output 'y' %3''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      param %1 'scale': float32[2]
      param %2 'shift': float32[2]
      %3: float32[N, 1] = sum_last %0
      %4: float32[N, 1] = scale_by{factor=0.5} %3
      %5: float32[N, 2] = subtract %0 %4
      %6: float32[N, 2] = square %5
      %7: float32[N, 1] = sum_last %6
      %8: float32[N, 1] = scale_by{factor=0.5} %7
      %9: float32[N, 1] = shift_by{term=1e-05} %8
      %10: float32[N, 1] = sqrt %9
      %11: float32[N, 1] = reciprocal %10
      %12: float32[N, 2] = multiply %5 %11
      %13: float32[N, 2] = multiply %12 %1
      %14: float32[N, 2] = add %13 %2
      output 'y' %14
    """

    while any(isinstance(instr.op, READABLE) for instr in program.body):
        program = rewrite(program, partial(_spelled, READABLE))
    return program


def spell_out_batch_norms(program: Program) -> Program:
    """batch_norm and its way back -> sums over the batch and passes over its rows.

    Kernels are chosen for these: what depends on the whole batch is no call by itself, for a plan
    may cut batches into pieces wherever rows stay rows.
    """
    return rewrite(program, partial(_spelled, (BatchNorm, BatchNormBack)))


READABLE = (LayerNorm, BatchNorm, SquaresAround, ScaledAround)


def _spelled(which: tuple[type[Op], ...], builder: Builder, instr: Instr) -> Sequence[Value] | None:
    if not isinstance(instr.op, which):
        return None
    outs = instr.op.expand(builder, *instr.args)
    return outs if isinstance(outs, tuple) or outs is None else (outs,)
