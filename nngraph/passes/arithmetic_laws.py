"""Laws of arithmetic: neutral elements, signs, constant factors, repeated operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nngraph.ir import Op, Value
from nngraph.ops import (
    Add,
    BroadcastLike,
    BroadcastTo,
    Negative,
    ScaleBy,
    ShiftBy,
    Subtract,
    SubtractFrom,
)

if TYPE_CHECKING:
    from nngraph.passes.simplify import Args, Simplifier


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
