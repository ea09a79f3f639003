"""The greatest value of each pooling window straight from the products that it is chosen from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Add, Convolution, MaximumFirst, MaxPool, row_of
from nngraph.passes.rewriting import (
    definitions,
    finish_rewriting,
    stand_in,
    use_counts,
    with_operands,
)


def pool_within_convolution(program: Program) -> Program:
    """max_pool f(conv x W + b) -> f(max of the blocks of conv x W + b), f never falling.

    The windows that one pooling window covers come as leading axes of the convolution, so that
    their maximum is one of whole arrays; bias and f see only what is left; and windows that the
    pool drops are never computed. Runs before the reverse sweep, which thereby spares the same.

    Not where anything else reads the values in between, nor where pooling windows overlap or
    have a border, nor where each channel has its own kernel: those are no products.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(pool_within_convolution(parse_text('''program
    ...   input %0 'x': float32[N, 8, 2]
    ...   param %1 'W': float32[3, 2, 4]
    ...   %2: float32[N, 6, 4] = convolution{stride=(1,), padding=((0, 0),), dilation=(1,)} %0 %1
    ...   %3: float32[N, 6, 4] = relu %2
    ...   %4: float32[N, 3, 4] = max_pool{size=(2,), stride=(2,), padding=((0, 0),)} %3
    ...   output 'y' %4''', OPS_BY_NAME)).body[0].outs[0].type)
    float32[2, N, 3, 4]
    """
    made, uses = definitions(program), use_counts(program)
    chains = {
        id(instr): chain
        for instr in program.body
        if (chain := _chain(instr, made, uses)) is not None
    }
    inside = {id(instr) for chain in chains.values() for instr in chain}
    builder = Builder(program.leaves)
    instead: dict[Value, Value] = {}
    for instr in program.body:
        if id(instr) in chains:
            stand_in(instead, instr, (_pooled(builder, instr, chains[id(instr)], instead),))
        elif id(instr) not in inside:
            builder.body.append(with_operands(instr, instead))
    return finish_rewriting(program, builder, instead)


def _chain(
    pool: Instr, made: Mapping[Value, Instr], uses: Counter[Value]
) -> tuple[Instr, ...] | None:
    """The convolution below a pool and what lies between the two, or None."""
    op = pool.op
    if not isinstance(op, MaxPool) or op.size != op.stride or any(map(any, op.padding)):
        return None
    found: list[Instr] = []
    value = pool.args[0]
    while uses[value] == 1 and (instr := made.get(value)) is not None:
        found.append(instr)
        if isinstance(instr.op, Convolution):
            x, W = instr.types
            apart = instr.op.block or instr.op.depthwise(x.shape[-1], W.shape[-1])
            return None if apart else tuple(reversed(found))
        if len(instr.args) == 1 and (row := row_of(instr.op)) is not None and row.rising:
            value = instr.args[0]
        elif isinstance(instr.op, Add) and (place := _beside_bias(instr)) is not None:
            value = instr.args[place]
        else:
            return None
    return None


def _beside_bias(add: Instr) -> int | None:
    """Which operand of a sum is not one number per channel; None where both are images."""
    for place, other in ((0, 1), (1, 0)):
        if add.args[other].type.shape == add.outs[0].type.shape[-1:]:
            return place
    return None


def _pooled(
    builder: Builder, pool: Instr, chain: tuple[Instr, ...], instead: Mapping[Value, Value]
) -> Value:
    convolution, *between = chain
    assert isinstance(convolution.op, Convolution)
    assert isinstance(pool.op, MaxPool)
    form, block = convolution.op, pool.op.size
    blocked = Convolution(form.stride, form.padding, form.dilation, form.groups, block)
    with builder.at(*convolution.origins):
        a = builder(blocked, *with_operands(convolution, instead).args)
    with builder.at(*pool.origins):
        value = builder(MaximumFirst(len(block)), a)
    before = convolution.outs[0]
    for instr in between:
        args = [
            value if old is before else new
            for old, new in zip(instr.args, with_operands(instr, instead).args, strict=True)
        ]
        with builder.at(*instr.origins):
            value = builder(instr.op, *args)
        before = instr.outs[0]
    return value
