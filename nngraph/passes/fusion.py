"""What the two stable fusions share: an output activation and its entropy become one op."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nngraph.ir import Builder, Instr, Leaf, Op, Program, Value
from nngraph.ops import Reshape, is_word
from nngraph.passes.rewriting import definitions, finish, stand_in, with_operands


def fuse_with_loss(
    program: Program, activation: str, loss: type[Op], fused: Callable[[Op], Op]
) -> Program:
    """Put `fused(loss op)(a, t) -> (loss, p)` for `loss(p, t)` where p is `activation(a)`.

    The fused op stands where the activation stood and gives p to all its readers. A second loss
    on the same p, and one whose target is computed and may come later, stand at their own place.
    """
    made = definitions(program)
    losses = [instr for instr in program.body if type(instr.op) is loss]
    behind = {i: a for i in losses if (a := _behind(made, i.args[0], activation)) is not None}
    first = {a: i for i, a in reversed(behind.items()) if isinstance(i.args[1], Leaf)}
    builder = Builder(program.leaves)
    instead: dict[Value, Value] = {}
    for instr in program.body:
        seen = with_operands(instr, instead)
        if (outer := first.get(instr)) is not None:
            with builder.at(*dict.fromkeys((*instr.origins, *outer.origins))):
                value, p = builder.apply(fused(outer.op), seen.args[0], outer.args[1])
            stand_in(instead, instr, (p,))
            stand_in(instead, outer, (value,))
        elif (inner := behind.get(instr)) is None:
            builder.body.append(seen)
        elif instr.outs[0] not in instead:
            logits = instead.get(inner.args[0], inner.args[0])
            with builder.at(*instr.origins):
                value, _ = builder.apply(fused(instr.op), logits, seen.args[1])
            stand_in(instead, instr, (value,))
    return finish(program, builder, instead)


def _behind(made: Mapping[Value, Instr], value: Value, activation: str) -> Instr | None:
    """The activation that makes a value, looking through reshapes that change nothing."""
    while (instr := made.get(value)) is not None:
        if is_word(instr.op, activation):
            return instr
        if not isinstance(instr.op, Reshape) or instr.args[0].type != value.type:
            return None
        value = instr.args[0]
    return None
