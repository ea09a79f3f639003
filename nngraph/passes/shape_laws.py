"""Laws of rearranging: reshapes, slices, pieces, broadcasts, and sums that undo them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nngraph.ir import Op, Value
from nngraph.ops import (
    AppendOne,
    BroadcastLike,
    BroadcastTo,
    Concat,
    PlaceUnits,
    Reshape,
    SliceAxis,
    SumRows,
    SumTo,
    Transpose,
)

if TYPE_CHECKING:
    from nngraph.passes.simplify import Args, Simplifier

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
