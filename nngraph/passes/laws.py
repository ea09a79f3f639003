"""The algebraic laws that `simplify` applies, and a table from op to the laws that begin with it.

A law looks at `op(args)` and says what to write instead, or None. Each one makes the program
shorter or its operands smaller, so that applying them ends. No law changes a number, except that
a zero may change its sign and that two constant factors are multiplied beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from nngraph.ir import Op, Value
from nngraph.ops import (
    Add,
    AppendOne,
    BroadcastLike,
    BroadcastTo,
    Cast,
    Concat,
    Divide,
    Maximum,
    Minimum,
    Multiply,
    Negative,
    PlaceUnits,
    Reshape,
    ScaleBy,
    ShiftBy,
    SliceAxis,
    Subtract,
    SubtractFrom,
    SumRows,
    SumSample,
    SumTo,
    Transpose,
)

if TYPE_CHECKING:
    from nngraph.passes.simplify import Args, Simplifier


# ---- laws of rearranging: reshapes, slices, pieces, broadcasts, and sums that undo them


FLAT_AT_MOST = 64  # pieces; flattening longer rows one by one would take quadratic time


def do_nothing(s: Simplifier, op: Op, args: Args) -> Value | None:
    """An op that only rearranges, from a type to the same type, changes nothing."""
    same = op.infer(*(arg.type for arg in args)) == args[0].type
    return args[0] if same and (len(args) == 1 or isinstance(op, BroadcastLike)) else None


def reshape_once(s: Simplifier, op: Op, args: Args) -> Value | None:
    """reshape (reshape x) -> reshape x."""
    inner = s.made(args[0])
    return s(op, inner.args[0]) if inner is not None and isinstance(inner.op, Reshape) else None


def broadcast_once(s: Simplifier, op: Op, args: Args) -> Value | None:
    """broadcast (broadcast x) -> broadcast x."""
    inner = s.made(args[0])
    if inner is not None and isinstance(inner.op, BroadcastTo | BroadcastLike):
        return s.if_same_type(op, args, (inner.args[0], *args[1:]))
    return None


def transpose_twice(s: Simplifier, op: Op, args: Args) -> Value | None:
    """transpose (transpose x) -> x."""
    inner = s.made(args[0])
    return inner.args[0] if inner is not None and isinstance(inner.op, Transpose) else None


def slice_of_slice(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x[a:b][c:d] -> x[a+c:a+d]."""
    assert isinstance(op, SliceAxis)
    inner = s.made(args[0])
    if inner is None or not isinstance(inner.op, SliceAxis):
        return None
    if (axis := _axis(op, args[0])) != _axis(inner.op, args[0]):
        return None
    first = inner.op.start
    return s(SliceAxis(axis, first + op.start, first + op.stop), inner.args[0])


def slice_of_pieces(s: Simplifier, op: Op, args: Args) -> Value | None:
    """A slice that lies within one piece of a concatenation is a slice of that piece."""
    assert isinstance(op, SliceAxis)
    inner = s.made(args[0])
    if inner is None or not isinstance(inner.op, Concat | AppendOne | PlaceUnits):
        return None
    axis = _axis(op, args[0])
    if axis != (1 if isinstance(inner.op, AppendOne) else _axis(inner.op, args[0])):
        return None
    start = inner.op.start if isinstance(inner.op, PlaceUnits) else 0
    for piece in inner.args:
        length = _length(piece, axis)
        if start <= op.start and op.stop <= start + length:
            return s(SliceAxis(axis, op.start - start, op.stop - start), piece)
        start += length
    return None


def sum_rows(s: Simplifier, op: Op, args: Args) -> Value | None:
    """A sum to the shape without the first axis is the sum over the rows."""
    assert isinstance(op, SumTo)
    return s(SumRows(), args[0]) if args[0].type.shape[1:] == op.shape else None


def sum_of_one(s: Simplifier, op: Op, args: Args) -> Value | None:
    """The sum within samples of one number each is these numbers."""
    (x,) = args
    return s(Reshape(x.type.shape[:1]), x) if set(x.type.shape[1:]) == {1} else None


def add_neighbours(s: Simplifier, op: Op, args: Args) -> Value | None:
    """Two pieces placed among zeros, side by side, are one concatenation among zeros."""
    left, right = _placed(s, args[0]), _placed(s, args[1])
    if left is None or right is None or left[0].size != right[0].size:
        return None
    if left[0].start > right[0].start:
        left, right = right, left
    (first, x), (second, y) = left, right
    axis = _axis(first, args[0])
    if axis != _axis(second, args[0]) or first.start + _length(x, axis) != second.start:
        return None
    pieces = (*_pieces(s, x, axis), *_pieces(s, y, axis))
    return s(PlaceUnits(axis, first.start, first.size), s(Concat(axis), *pieces))


def _placed(s: Simplifier, value: Value) -> tuple[PlaceUnits, Value] | None:
    """The op and the operand of a piece placed among zeros."""
    made = s.made(value)
    if made is None or not isinstance(made.op, PlaceUnits) or made.op.fill != 0.0:
        return None
    return made.op, made.args[0]


def _pieces(s: Simplifier, value: Value, axis: int) -> Args:
    """What a concatenation consists of, so that a row of neighbours becomes a flat one."""
    made = s.made(value)
    if made is None or not isinstance(made.op, Concat) or _axis(made.op, value) != axis:
        return (value,)
    return made.args if len(made.args) <= FLAT_AT_MOST else (value,)


def _axis(op: SliceAxis | Concat | PlaceUnits, x: Value) -> int:
    return op.axis % len(x.type.shape)


def _length(x: Value, axis: int) -> int:
    length = x.type.shape[axis]
    assert isinstance(length, int)
    return length


# ---- laws of arithmetic: neutral elements, signs, constant factors, repeated operands


def smaller_operands(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x + broadcast y -> x + y, where the operation broadcasts by itself."""
    for index, arg in enumerate(args):
        for source in s.repeated_from(arg):
            smaller = (*args[:index], source, *args[index + 1 :])
            if (value := s.if_same_type(op, args, smaller)) is not None:
                return value
    return None


def before_repeating(s: Simplifier, op: Op, args: Args) -> Value | None:
    """a * (broadcast x) -> broadcast (a * x)."""
    inner = s.made(args[0])
    if inner is None or not isinstance(inner.op, BroadcastTo | BroadcastLike):
        return None
    return s(inner.op, s(op, inner.args[0]), *inner.args[1:])


def constant_factor(s: Simplifier, op: Op, args: Args) -> Value | None:
    """1 * x -> x; a constant times x -> x scaled."""
    for x, c in ((args[0], args[1]), (args[1], args[0])):
        if (factor := s.uniform_value(c)) is not None and s.keeps(op, args, x):
            return s(ScaleBy(factor), x)
    return None


def constant_term(s: Simplifier, op: Op, args: Args) -> Value | None:
    """0 + x -> x; a constant plus x -> x shifted."""
    for x, c in ((args[0], args[1]), (args[1], args[0])):
        if (term := s.uniform_value(c)) is not None and s.keeps(op, args, x):
            return s(ShiftBy(term), x)
    return None


def constant_difference(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x - 0 -> x; x minus a constant -> x shifted; a constant minus x -> x subtracted from it."""
    x, y = args
    if (term := s.uniform_value(y)) is not None and s.keeps(op, args, x):
        return s(ShiftBy(-term), x)
    if (term := s.uniform_value(x)) is not None and s.keeps(op, args, y):
        return s(SubtractFrom(term), y)
    return None


def divide_by_one(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x / 1 -> x."""
    x, c = args
    return x if s.uniform_value(c) == 1.0 and s.keeps(op, args, x) else None


def scale_by_one(s: Simplifier, op: Op, args: Args) -> Value | None:
    """1 * x -> x; -1 * x -> negative x."""
    assert isinstance(op, ScaleBy)
    if op.factor == -1.0:
        return s(Negative(), args[0])
    return args[0] if op.factor == 1.0 else None


def scale_once(s: Simplifier, op: Op, args: Args) -> Value | None:
    """a * (b * x) -> (a * b) * x; a * (-x) -> (-a) * x."""
    assert isinstance(op, ScaleBy)
    inner = s.made(args[0])
    if inner is not None and isinstance(inner.op, ScaleBy):
        return s(ScaleBy(op.factor * inner.op.factor), inner.args[0])
    if inner is not None and isinstance(inner.op, Negative):
        return s(ScaleBy(-op.factor), inner.args[0])
    return None


def shift_by_zero(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x + 0 -> x."""
    assert isinstance(op, ShiftBy)
    return args[0] if op.term == 0.0 else None


def shift_the_negative(s: Simplifier, op: Op, args: Args) -> Value | None:
    """-x + c -> c - x."""
    assert isinstance(op, ShiftBy)
    inner = s.made(args[0])
    if inner is not None and isinstance(inner.op, Negative):
        return s(SubtractFrom(op.term), inner.args[0])
    return None


def subtract_from_zero(s: Simplifier, op: Op, args: Args) -> Value | None:
    """0 - x -> -x."""
    assert isinstance(op, SubtractFrom)
    return s(Negative(), args[0]) if op.term == 0.0 else None


def negate_once(s: Simplifier, op: Op, args: Args) -> Value | None:
    """-(-x) -> x; -(a * x) -> (-a) * x; -(x - y) -> y - x; -(c - x) -> x - c."""
    inner = s.made(args[0])
    if inner is None:
        return None
    match inner.op:
        case Negative():
            return inner.args[0]
        case ScaleBy(factor=factor):
            return s(ScaleBy(-factor), inner.args[0])
        case SubtractFrom(term=term):
            return s(ShiftBy(-term), inner.args[0])
        case Subtract():
            return s(Subtract(), inner.args[1], inner.args[0])
    return None


def add_negative(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x + (-y) -> x - y."""
    for x, y in ((args[0], args[1]), (args[1], args[0])):
        made = s.made(y)
        if made is not None and isinstance(made.op, Negative):
            return s(Subtract(), x, made.args[0])
    return None


def subtract_negative(s: Simplifier, op: Op, args: Args) -> Value | None:
    """x - (-y) -> x + y."""
    made = s.made(args[1])
    if made is not None and isinstance(made.op, Negative):
        return s(Add(), args[0], made.args[0])
    return None


# ---- the table


Law: TypeAlias = Callable[["Simplifier", Op, "Args"], Value | None]

LAWS: Mapping[type[Op], tuple[Law, ...]] = {
    Reshape: (do_nothing, reshape_once),
    BroadcastTo: (do_nothing, broadcast_once),
    BroadcastLike: (do_nothing, broadcast_once),
    Transpose: (transpose_twice,),
    SliceAxis: (do_nothing, slice_of_slice, slice_of_pieces),
    Concat: (do_nothing,),
    PlaceUnits: (do_nothing,),
    Cast: (do_nothing,),
    SumTo: (do_nothing, sum_rows),
    SumSample: (sum_of_one,),
    Add: (constant_term, smaller_operands, add_negative, add_neighbours),
    Subtract: (constant_difference, smaller_operands, subtract_negative),
    Multiply: (constant_factor, smaller_operands),
    Divide: (divide_by_one, smaller_operands),
    Maximum: (smaller_operands,),
    Minimum: (smaller_operands,),
    ScaleBy: (scale_by_one, scale_once, before_repeating),
    ShiftBy: (shift_by_zero, shift_the_negative),
    SubtractFrom: (subtract_from_zero,),
    Negative: (negate_once, before_repeating),
}
