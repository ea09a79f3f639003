"""Stretches of single neurons written out neuron by neuron, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from nngraph.errors import InternalError
from nngraph.ir import Builder, Constant, Instr, Leaf, Param, Program, Value
from nngraph.ops import (
    OPS_BY_NAME,
    Add,
    Concat,
    Multiply,
    NeuronStretch,
    Reshape,
    ScaleBy,
    SliceAxis,
)
from nngraph.ops.word import ROWS, op_for
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, rewrite, use_counts
from nngraph.words.aggregates import AGGREGATES

SPELLED_OUT_AT_MOST = 200  # edges; a longer list is no easier to read than the index arrays


def spell_out_neurons(program: Program) -> Program:
    """a_j = w_ij z_i + ... + b_j and z_j = f_j(a_j) as instructions of their own.

    The parts of a packed vector of weights become leaves of their own, under their own ids. Runs
    before the reverse sweep, and only where a person will read the result.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> wiring = (2, 3, (("sum", "tanh", ()),), (0, 1), (0, 1), (0, 2), (2,), ((),), ((0, 1, 0),))
    >>> print(spell_out_neurons(parse_text(f'''program
    ...   input %0 'x': float32[N, 2]
    ...   param %1 'w': float32[3] parts=[('u', 0, (1, 1)), ('v', 1, (1, 1)), ('y.bias', 2, (1,))]
    ...   %2: float32[N, 2] = neuron_stretch{{wiring={wiring}}} %0 %1
    ...   output 'y' %2''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      param %1 'u': float32[1, 1]
      param %2 'v': float32[1, 1]
      param %3 'y.bias': float32[1]
      %4: float32[N, 1] = slice{axis=1, start=0, stop=1} %0
      %5: float32[N, 1] = multiply %4 %1
      %6: float32[N, 1] = slice{axis=1, start=1, stop=2} %0
      %7: float32[N, 1] = multiply %6 %2
      %8: float32[N, 1] = add %5 %7
      %9: float32[N, 1] = add %8 %3
      %10: float32[N, 1] = tanh %9
      %11: float32[N, 2] = concat{axis=1} %10 %9
      output 'y' %11
    """
    stretches = _short_stretches(program)
    weights = {leaf: _parts_of(leaf) for leaves in stretches.values() for leaf in leaves}

    def rule(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        if instr.outs[0] not in stretches:
            return None
        parts = [part for leaf in stretches[instr.outs[0]] for part in weights[leaf]]
        w = [part and builder.leaf(part) for part in parts]
        return (_written_out(builder, instr, w),)

    spelled = eliminate_dead_code(rewrite(program, rule))
    leaves = tuple(leaf for leaf in spelled.leaves if leaf not in weights)
    return replace(spelled, leaves=leaves)


def _short_stretches(program: Program) -> dict[Value, list[Param | Constant]]:
    """The result of each stretch that can be written out, and its packed weights, end to end."""
    made, uses = definitions(program), use_counts(program)
    found: dict[Value, list[Param | Constant]] = {}
    for instr in program.body:
        if not isinstance(instr.op, NeuronStretch):
            continue
        w = instr.args[1]
        pieces = made[w].args if w in made else (w,)
        leaves = [p for p in pieces if isinstance(p, Param | Constant) and uses[p] == 1]
        if (
            uses[w] == 1
            and len(leaves) == len(pieces)
            and instr.op.wiring.edges <= SPELLED_OUT_AT_MOST
        ):
            found[instr.outs[0]] = leaves
    return found


def _parts_of(leaf: Param | Constant) -> list[Leaf | None]:
    """A leaf for each number of a packed one, in their order; None for the 1 of an edge without a
    weight, which is a constant."""
    if isinstance(leaf, Constant) and leaf.data is not None:
        return [None]
    parts = sorted(leaf.parts, key=lambda part: part.start)
    if [part.start for part in parts] != list(range(_length(leaf))):
        raise InternalError(f"{leaf.id!r} does not consist of single numbers")
    kind = Param if isinstance(leaf, Param) else Constant
    return [kind(leaf.type.with_shape(part.shape), part.name) for part in parts]


def _written_out(builder: Builder, instr: Instr, w: Sequence[Value | None]) -> Value:
    """z of all neurons and then a of all neurons, [N, 2 S], as the op itself gives them."""
    assert isinstance(instr.op, NeuronStretch)
    x, wiring = instr.args[0], instr.op.wiring
    z: list[Value] = []

    def unit(number: int) -> Value:
        if number >= wiring.columns:
            return z[number - wiring.columns]
        return builder(SliceAxis(1, number, number + 1), x)

    pre_activations: list[Value] = []
    for start, stop, which in wiring.segments:
        aggregate, name, values = wiring.functions[which]
        for j in range(start, stop):
            edges = range(wiring.offsets[j], wiring.offsets[j + 1])
            terms = [
                _weighed(builder, unit(int(wiring.sources[e])), w[wiring.slots[e]]) for e in edges
            ]
            a = _combined(builder, aggregate, terms)
            if (bias := w[wiring.biases[j]]) is not None and wiring.biases[j] >= 0:
                a = builder(Add(), a, bias)
            pre_activations.append(a)
            slopes = (s for slot in wiring.slopes[j] if slot >= 0 and (s := w[slot]) is not None)
            is_identity = not ROWS[name].steps(values).steps
            z.append(a if is_identity else builder(op_for(ROWS[name], values), a, *slopes))
    return builder(Concat(1), *z, *pre_activations)


def _weighed(builder: Builder, unit: Value, w: Value | None) -> Value:
    return unit if w is None else builder(Multiply(), unit, w)


def _combined(builder: Builder, aggregate: str, terms: Sequence[Value]) -> Value:
    """The aggregate of values [N, 1]."""
    row = AGGREGATES[aggregate]
    if row.reduction == "sum_axis":
        total = reduce(lambda total, term: builder(Add(), total, term), terms)
        return builder(ScaleBy(1.0 / len(terms)), total) if row.averages else total
    together = terms[0] if len(terms) == 1 else builder(Concat(1), *terms)
    result = builder(OPS_BY_NAME[row.reduction](1), together)
    return builder(Reshape(terms[0].type.shape), result)


def _length(value: Value) -> int:
    return value.type.count({})
