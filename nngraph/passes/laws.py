"""The algebraic laws that `simplify` applies, as a table from op to the laws that begin with it.

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
    SumTo,
    Transpose,
)
from nngraph.passes.arithmetic_laws import (
    add_negative,
    before_repeating,
    constant_difference,
    constant_factor,
    constant_term,
    divide_by_one,
    negate_once,
    scale_by_one,
    scale_once,
    shift_by_zero,
    shift_the_negative,
    smaller_operands,
    subtract_from_zero,
    subtract_negative,
)
from nngraph.passes.shape_laws import (
    add_neighbours,
    broadcast_once,
    do_nothing,
    reshape_once,
    slice_of_pieces,
    slice_of_slice,
    sum_rows,
    transpose_twice,
)

if TYPE_CHECKING:
    from nngraph.passes.simplify import Args, Simplifier

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
