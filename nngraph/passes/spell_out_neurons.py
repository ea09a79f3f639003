"""Stretches of single neurons written out neuron by neuron, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from nngraph.errors import InternalError
from nngraph.ir import Array, Builder, Constant, Instr, Leaf, Param, Program, Value
from nngraph.ops import Add, Concat, Multiply, NeuronStretch, SliceAxis, word
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.rewriting import definitions, rewrite, use_counts

SPELLED_OUT_AT_MOST = 200  # edges; a longer list is no easier to read than the index arrays


def spell_out_neurons(program: Program) -> Program:
    """a_j = w_ij z_i + ... + b_j and z_j = f_j(a_j) as instructions of their own.

    The parts of a packed vector of weights become leaves of their own, under their own ids. Runs
    before the reverse sweep, and only where a person will read the result.

    >>> import numpy as np
    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> indices = dict(s=[0, 1], l=[0, 1], o=[0, 2], b=[2], g=[[0, 1, 0]], e=[0, 1], f=[0, 1, 2, 2])
    >>> print(spell_out_neurons(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   param %1 'w': float32[3] parts=[('u', 0, (1, 1)), ('v', 1, (1, 1)), ('y.bias', 2, (1,))]
    ...   constant %2 's': int64[2] data
    ...   constant %3 'l': int64[2] data
    ...   constant %4 'o': int64[2] data
    ...   constant %5 'b': int64[1] data
    ...   constant %6 'g': int64[1, 3] data
    ...   constant %7 'e': int64[2] data
    ...   constant %8 'f': int64[4] data
    ...   %9: float32[N, 2] = neuron_stretch{functions=(('tanh', 0.0),)} %0 %1 %2 %3 %4 %5 %6 %7 %8
    ...   output 'y' %9''', OPS_BY_NAME, {k: np.array(v) for k, v in indices.items()})))
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
        w = [builder.leaf(part) for leaf in stretches[instr.outs[0]] for part in weights[leaf]]
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
        w, sources, *_ = instr.args[1:]
        pieces = made[w].args if w in made else (w,)
        leaves = [p for p in pieces if isinstance(p, Param | Constant) and uses[p] == 1]
        if uses[w] == 1 and len(leaves) == len(pieces) and _length(sources) <= SPELLED_OUT_AT_MOST:
            found[instr.outs[0]] = leaves
    return found


def _parts_of(leaf: Param | Constant) -> list[Leaf]:
    """A leaf for each number of a packed one, in their order."""
    parts = sorted(leaf.parts, key=lambda part: part.start)
    if [part.start for part in parts] != list(range(_length(leaf))):
        raise InternalError(f"{leaf.id!r} does not consist of single numbers")
    kind = Param if isinstance(leaf, Param) else Constant
    return [kind(leaf.type.with_shape(part.shape), part.name) for part in parts]


def _written_out(builder: Builder, instr: Instr, w: Sequence[Value]) -> Value:
    """z of all neurons and then a of all neurons, [N, 2 S], as the op itself gives them."""
    assert isinstance(instr.op, NeuronStretch)
    x = instr.args[0]
    sources, slots, offsets, biases, segments = (_data(arg) for arg in instr.args[2:7])
    columns = _length_of_row(x)
    z: list[Value] = []

    def unit(number: int) -> Value:
        if number >= columns:
            return z[number - columns]
        return builder(SliceAxis(1, number, number + 1), x)

    pre_activations: list[Value] = []
    for start, stop, which in segments:
        for j in range(start, stop):
            terms = [
                builder(Multiply(), unit(int(sources[e])), w[slots[e]])
                for e in range(offsets[j], offsets[j + 1])
            ]
            if biases[j] >= 0:
                terms.append(w[biases[j]])
            a = reduce(lambda total, term: builder(Add(), total, term), terms)
            pre_activations.append(a)
            z.append(_activated(builder, instr.op.functions[which], a))
    return builder(Concat(1), *z, *pre_activations)


def _activated(builder: Builder, function: tuple[str, float], a: Value) -> Value:
    """f(a); the functions of neurons have the names of ops, and at most one option."""
    name, option = function
    if name == "identity":
        return a
    return builder(word(name, option), a)


def _data(value: Value) -> Array:
    """The numbers of an index array, which lowering always gives."""
    if not isinstance(value, Constant) or value.data is None:
        raise InternalError("a stretch of neurons without its index arrays")
    return value.data


def _length(value: Value) -> int:
    return value.type.count({})


def _length_of_row(x: Value) -> int:
    columns = x.type.shape[1]
    assert isinstance(columns, int)
    return columns
