"""An output activation and a loss of it become one op, where that is exact."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.ir import Builder, Instr, Leaf, Program, Value
from nngraph.ops import LossWord, Reshape, exact_loss, is_word
from nngraph.passes.rewriting import definitions, finish_rewriting, stand_in, with_operands


def fuse_losses_with_activations(program: Program) -> Program:
    """loss (activation a) t -> both a t, which also gives the activation, wherever that is exact.

    So the entropies of a softmax and of a sigmoid are finite where the two alone would take log 0.
    Runs before the reverse sweep, whose rule for the op that is both is the stable (p - t).

    It stands where the activation stood and gives p to all its readers. A second loss on the same
    p, and one whose target is computed and may come later, stand at their own place.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(fuse_losses_with_activations(parse_text('''program
    ...   input %0 'a': float32[N, 3]
    ...   input %1 't': float32[N, 3]
    ...   %2: float32[N, 3] = softmax %0
    ...   %3: float32[N] = cross_entropy{mean=False, normalised=True} %2 %1
    ...   output 'y' %2
    ...   output 'loss' %3''', OPS_BY_NAME)))
    program
      input %0 'a': float32[N, 3]
      input %1 't': float32[N, 3]
      %2: float32[N], %3: float32[N, 3] = softmax_cross_entropy{mean=False, normalised=True} %0 %1
      output 'y' %3
      output 'loss' %2
    """
    made = definitions(program)
    behind = {
        instr: (inner, exact_loss(instr.op, form.activation))
        for instr in program.body
        if isinstance(instr.op, LossWord)
        for form in instr.op.row.exact_with
        if (inner := _behind(made, instr.args[0], form.activation)) is not None
    }
    first = {a: i for i, (a, _) in reversed(behind.items()) if isinstance(i.args[1], Leaf)}
    builder = Builder(program.leaves)
    instead: dict[Value, Value] = {}
    for instr in program.body:
        seen = with_operands(instr, instead)
        if (outer := first.get(instr)) is not None:
            with builder.at(*dict.fromkeys((*instr.origins, *outer.origins))):
                value, p = builder.apply(behind[outer][1], seen.args[0], outer.args[1])
            stand_in(instead, instr, (p,))
            stand_in(instead, outer, (value,))
        elif (fused := behind.get(instr)) is None:
            builder.body.append(seen)
        elif instr.outs[0] not in instead:
            inner, both = fused
            logits = instead.get(inner.args[0], inner.args[0])
            with builder.at(*instr.origins):
                value, _ = builder.apply(both, logits, seen.args[1])
            stand_in(instead, instr, (value,))
    return finish_rewriting(program, builder, instead)


def _behind(made: Mapping[Value, Instr], value: Value, activation: str) -> Instr | None:
    """The activation that makes a value, looking through reshapes that change nothing."""
    while (instr := made.get(value)) is not None:
        if is_word(instr.op, activation):
            return instr
        if not isinstance(instr.op, Reshape) or instr.args[0].type != value.type:
            return None
        value = instr.args[0]
    return None
