"""What laws ask of the operands that they see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from nngraph.ir import Constant, Op, ShapeError, TensorType, Value
from nngraph.ops import BroadcastLike, BroadcastTo, Reshape

if TYPE_CHECKING:
    from nngraph.passes.simplify import Simplifier

Args: TypeAlias = tuple[Value, ...]
Law: TypeAlias = Callable[["Simplifier", Op, Args], Value | None]

REPEATING = (BroadcastTo, BroadcastLike, Reshape)


def uniform_value(s: Simplifier, value: Value) -> float | None:
    """The number that every element of a value is, where that is known."""
    while (made := s.made(value)) is not None and isinstance(made.op, REPEATING):
        value = made.args[0]
    if not isinstance(value, Constant) or value.data is None or value.data.size == 0:
        return None
    first = value.data.flat[0]
    return float(first) if bool((value.data == first).all()) else None


def repeated_from(s: Simplifier, value: Value) -> Iterator[Value]:
    """What a value repeats: the scalar behind it, the operand of a broadcast."""
    source = value
    while (made := s.made(source)) is not None and isinstance(made.op, REPEATING):
        source = made.args[0]
    if source is not value and source.type.shape == ():
        yield source
    made = s.made(value)
    if made is not None and isinstance(made.op, BroadcastTo | BroadcastLike):
        yield made.args[0]


def keeps(op: Op, args: Args, x: Value) -> bool:
    """Whether the result has the type of x: otherwise the other operand widens it."""
    return x.type.dtype.startswith("float") and _infer(op, args) == x.type


def if_same_type(s: Simplifier, op: Op, args: Args, others: Args) -> Value | None:
    """`op(others)` where its type is that of `op(args)`."""
    return s(op, *others) if _infer(op, others) == _infer(op, args) else None


def _infer(op: Op, args: Args) -> TensorType | None:
    try:
        result = op.infer(*(arg.type for arg in args))
    except ShapeError:
        return None
    assert isinstance(result, TensorType)
    return result
