"""The cotangents of a stretch of neurons, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import Add, Concat, PlaceUnits
from nngraph.ops.neurons import NeuronDeltas
from nngraph.passes.rewriting import definitions, rewrite


def gather_cotangents(program: Program) -> Program:
    """Deltas of place u among zeros + place v among zeros + ... -> deltas of [u, v, ...].

    A stretch gives z and a of all its neurons, of which few are read outside: 100 of 10,000
    neurons that are read one by one would be as many sums of arrays of zeros.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> wiring = (2, 1, (("sum", "tanh", ()),), (0, 0), (0, 1), (0, 1, 2), (-1, -1), ((), ()), ((0, 2, 0),))
    >>> text = gather_cotangents(parse_text(f'''program
    ...   input %0 'g': float32[N, 1]
    ...   input %1 'h': float32[N, 1]
    ...   input %2 's': float32[N, 4]
    ...   input %3 'x': float32[N, 2]
    ...   param %4 'w': float32[1]
    ...   %5: float32[N, 4] = place{{axis=1, start=0, size=4, fill=0.0}} %0
    ...   %6: float32[N, 4] = place{{axis=1, start=3, size=4, fill=0.0}} %1
    ...   %7: float32[N, 4] = add %5 %6
    ...   %8: float32[N, 2] = neuron_deltas{{wiring={wiring}, read=None}} %7 %2 %3 %4
    ...   output 'delta' %8''', OPS_BY_NAME))
    >>> [(instr.op.name, instr.args == text.leaves[:2]) for instr in text.body[3:]]
    [('concat', True), ('neuron_deltas', False)]
    >>> text.body[-1].op.read
    (0, 3)
    """  # noqa: E501
    made = definitions(program)

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        op = instr.op
        if not isinstance(op, NeuronDeltas) or op.read is not None:
            return None
        places = list(_places(made, instr.args[0]))
        if any(place is None for place in places):
            return None
        found = [place for place in places if place is not None]
        read = [start + k for start, value in found for k in range(value.type.sample_shape[0])]
        values = [value for _, value in found]
        g = values[0] if len(values) == 1 else builder(Concat(1), *values)
        return (builder(NeuronDeltas(op.wiring, tuple(read)), g, *instr.args[1:]),)

    return rewrite(program, rule)


def _places(made: Mapping[Value, Instr], g: Value) -> Iterator[tuple[int, Value] | None]:
    """What a sum adds: where values are placed among zeros; None for anything else."""
    waiting = [g]
    while waiting:
        instr = made.get(waiting.pop())
        if instr is not None and isinstance(instr.op, Add):
            same = all(arg.type == instr.outs[0].type for arg in instr.args)
            waiting += instr.args[::-1] if same else ()
            if not same:
                yield None
        elif instr is not None and isinstance(instr.op, PlaceUnits):
            op = instr.op
            whole = op.fill == 0.0 and op.axis % len(instr.outs[0].type.shape) == 1
            yield (op.start, instr.args[0]) if whole else None
        else:
            yield None
