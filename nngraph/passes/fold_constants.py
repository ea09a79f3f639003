"""What a step need not compute: what depends on constants alone, casts of what it is fed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Constant,
    Given,
    Input,
    Instr,
    Leaf,
    Program,
    TensorType,
    Value,
)
from nngraph.ops import Cast
from nngraph.passes.rewriting import finish_rewriting, rewrite, with_operands

FOLDED_ELEMENTS = 1 << 16  # a folded array may be this long, or as long as the operands it replaces


def fold_constants(program: Program) -> Program:
    """Replace instructions on constants with data by a constant with data.

    Fixed weights have no data while compiling, so what depends on them stays.

    >>> import numpy as np
    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(fold_constants(parse_text('''program
    ...   input %0 'x': float64[N, 2]
    ...   constant %1 'two': float64[] data
    ...   %2: float64[] = square %1
    ...   %3: float64[N, 2] = multiply %0 %2
    ...   output 'y' %3''', OPS_BY_NAME, {"two": np.float64(2)})))
    program
      input %0 'x': float64[N, 2]
      constant %1 'two': float64[] data
      constant %2 'folded:0': float64[] data
      %3: float64[N, 2] = multiply %0 %2
      output 'y' %3
    """
    ids = _fresh_ids({leaf.id for leaf in program.leaves})

    def folded(builder: Builder, instr: Instr) -> Sequence[Value] | None:
        data = _known(instr.args)
        if data is None or not all(_small(instr, out.type, data) for out in instr.outs):
            return None
        with np.errstate(all="ignore"):  # log 0 is the network's own affair
            results = instr.op.evaluate(*data)
        arrays = results if isinstance(results, tuple) else (results,)
        return [
            builder.leaf(Constant(out.type, next(ids), _frozen(array, out.type)))
            for out, array in zip(instr.outs, arrays, strict=True)
        ]

    return rewrite(program, folded)


def _known(args: Sequence[Value]) -> list[Array] | None:
    """The arrays of operands that are all constants with data; None otherwise."""
    data = [arg.data for arg in args if isinstance(arg, Constant) and arg.data is not None]
    return data if args and len(data) == len(args) else None


def _small(instr: Instr, type_: TensorType, data: Sequence[Array]) -> bool:
    if len(type_.sample_shape) != len(type_.shape):
        return False  # its size is known only at binding
    largest = max(array.size for array in data)
    is_view = instr.view is not None
    # a view costs nothing, so it may not grow (a broadcast scalar stays a scalar)
    return type_.count({}) <= (largest if is_view else max(FOLDED_ELEMENTS, largest))


def _frozen(array: Array, type_: TensorType) -> Array:
    copy = np.array(array, dtype=type_.dtype, order="C")
    copy.flags.writeable = False
    return copy


def _fresh_ids(taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        if (id_ := f"folded:{number}") not in taken:
            yield id_
        number += 1


def feed_as_read(program: Program) -> Program:
    """cast given -> given, where a number is read in one other type alone.

    It is rounded alike as it is fed. A step of plain gradient descent is two calls then, not three.

    >>> from nngraph.ir import LEARNING_RATE, Builder, Input, Param, TensorType
    >>> from nngraph.ops import Cast, Multiply
    >>> w = Param(TensorType(("P",), "float32"), "w")
    >>> builder = Builder((w, rate := Input.of(LEARNING_RATE, TensorType((), "float64"))))
    >>> moved = builder(Multiply(), w, builder(Cast("float32"), rate))
    >>> print(feed_as_read(builder.done((), ((w, moved),))))
    program
      param %0 'w': float32[P]
      input %1 'learning_rate': float32[]
      %2: float32[P] = multiply %0 %1
      update %0 %2
    """
    fed: dict[Value, Leaf] = {}
    for leaf in program.leaves:
        if isinstance(leaf, Input) and isinstance(leaf.fed_with, Given) and not leaf.type.shape:
            wanted = _only_cast_to(program, leaf)
            if wanted is not None:
                fed[leaf] = replace(leaf, type=wanted)
    if not fed:
        return program
    builder = Builder([fed.get(leaf, leaf) for leaf in program.leaves])
    instead: dict[Value, Value] = {}
    for instr in program.body:
        if instr.args and instr.args[0] in fed:
            instead[instr.outs[0]] = fed[instr.args[0]]
        else:
            builder.body.append(with_operands(instr, instead))
    return finish_rewriting(program, builder, instead)


def _only_cast_to(program: Program, leaf: Leaf) -> TensorType | None:
    """The type in which a leaf is read, where nothing reads it as it is."""
    readers = [instr for instr in program.body if leaf in instr.args]
    types = {instr.outs[0].type for instr in readers if isinstance(instr.op, Cast)}
    only = len(types) == 1 and all(isinstance(instr.op, Cast) for instr in readers)
    return types.pop() if only and leaf not in program.results() else None
