"""What a pool gives back goes straight to the chosen pixels."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Fold, FoldChosen, UnpoolFirst
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, rewrite, use_counts


def fold_what_was_chosen(program: Program) -> Program:
    """fold (unpool_first g chosen) -> fold_chosen g chosen, where nobody else reads the windows.

    Only for compiled kernels; others have all windows in memory first.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(fold_what_was_chosen(parse_text('''program
    ...   input %0 'g': float32[N, 3, 2]
    ...   input %1 'chosen': uint8[N, 3, 2]
    ...   %2: float32[2, N, 3, 2] = unpool_first{first=(2,)} %0 %1
    ...   %3: float32[N, 6, 2] = fold{extents=(6,), stride=(2,), dilation=(1,)} %2
    ...   output 'x' %3''', OPS_BY_NAME)))
    program
      input %0 'g': float32[N, 3, 2]
      input %1 'chosen': uint8[N, 3, 2]
      %2: float32[N, 6, 2] = fold_chosen{extents=(6,), size=(2,), stride=(2,)} %0 %1
      output 'x' %2
    """
    made, uses = definitions(program), use_counts(program)

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if not isinstance(instr.op, Fold) or uses[instr.args[0]] != 1:
            return None
        unpool = made.get(instr.args[0])
        if unpool is None or not isinstance(unpool.op, UnpoolFirst):
            return None
        fold, size = instr.op, unpool.op.first
        if len(size) != len(fold.extents) or any(d > 1 for d in fold.dilation):
            return None
        return (builder(FoldChosen(fold.extents, size, fold.stride), *unpool.args),)

    return eliminate_dead_code(rewrite(program, rule))
