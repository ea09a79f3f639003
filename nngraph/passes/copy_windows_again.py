"""Windows of large images are copied a second time for the gradient, instead of being kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Copy, Windows
from nngraph.passes.rewriting import definitions, rewrite

KEPT_BYTES = 40_000
"""Bytes of one sample's windows up to which they are kept: a batch of those stays in cache."""


def copy_windows_again(program: Program) -> Program:
    """A weight gradient reads a copy of its own of the windows that the product before it read.

    The copy is made right before it, so that between the two nothing is kept but the image, which
    is smaller by the number of pixels in a window. In tiles that is faster too: to copy what lies
    in cache takes less time than to fetch what was put away.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(copy_windows_again(parse_text('''program
    ...   input %0 'x': float32[N, 99, 64]
    ...   input %1 'd': float32[N, 97, 2]
    ...   param %2 'W': float32[192, 2]
    ...   %3: float32[N, 97, 3, 64] = windows{size=(3,), stride=(1,), dilation=(1,), block=(1,), \
groups=1, order='Nokc'} %0
    ...   %4: float32[N, 97, 3, 64] = copy %3
    ...   %5: float32[N, 97, 2] = patch_product{lead=2, groups=1, outer=False} %4 %2
    ...   %6: float32[192, 2] = patch_gradient{shape=(192,), lead=2, groups=1, outer=False} %4 %1
    ...   output 'a' %5
    ...   output 'dW' %6''', OPS_BY_NAME)).body[3].op)
    copy
    """
    made = definitions(program)
    forward = {
        arg
        for instr in program.body
        if any(o.type.batched for o in instr.outs)
        for arg in instr.args
    }

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if any(out.type.batched for out in instr.outs):
            return None
        args = tuple(
            builder(Copy(), made[arg].args[0]) if arg in forward and _is_large(arg, made) else arg
            for arg in instr.args
        )
        if args == instr.args:
            return None
        builder.body.append(replace(instr, args=args))
        return instr.outs

    return rewrite(program, rule)


def _is_large(value: Value, made: Mapping[Value, Instr]) -> bool:
    """Whether a value is a copy of windows that take more than what is kept."""
    if value not in made or not isinstance(made[value].op, Copy):
        return False
    seen = made[value].args[0]
    windows = seen in made and isinstance(made[seen].op, Windows)
    return windows and value.type.batched and value.type.bytes({"N": 1}) > KEPT_BYTES
