"""Simplification: the algebraic laws of `laws.LAWS`, applied until none fits any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from nngraph.ir import (
    Builder,
    Constant,
    Instr,
    Op,
    Origin,
    Program,
    ShapeError,
    TensorType,
    Value,
)
from nngraph.ops import BroadcastLike, BroadcastTo, Reshape
from nngraph.passes.laws import LAWS
from nngraph.passes.rewriting import finish_rewriting, stand_in, with_operands

Args: TypeAlias = tuple[Value, ...]

REPEATING = (BroadcastTo, BroadcastLike, Reshape)


def simplify(program: Program) -> Program:
    """Apply the laws to every instruction, and to the instructions that they make.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(simplify(parse_text('''program
    ...   input %0 'x': float32[N, 2]
    ...   %1: float32[N, 2] = negative %0
    ...   %2: float32[N, 2] = negative %1
    ...   %3: float32[N, 2] = tanh %2
    ...   output 'y' %3''', OPS_BY_NAME)))
    program
      input %0 'x': float32[N, 2]
      %1: float32[N, 2] = negative %0
      %2: float32[N, 2] = tanh %0
      output 'y' %2
    """
    simplifier = Simplifier(Builder(program.leaves))
    instead: dict[Value, Value] = {}
    for instr in program.body:
        seen = with_operands(instr, instead)
        value = simplifier.simpler(seen.op, seen.args, seen.origins)
        if value is None:
            simplifier.keep(seen)
        else:
            stand_in(instead, seen, (value,))
    return finish_rewriting(program, simplifier.builder, instead)


class Simplifier:
    """A builder that knows how its values were made and applies the laws to what it builds.

    It is what a law asks about the operands that it sees.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._made: dict[Value, Instr] = {}
        self._origins: tuple[Origin, ...] = ()

    def made(self, value: Value) -> Instr | None:
        """The instruction that makes a value; None for a leaf."""
        return self._made.get(value)

    def keep(self, instr: Instr) -> None:
        """Take over an instruction that no law changes."""
        self.builder.body.append(instr)
        self._made.update(dict.fromkeys(instr.outs, instr))

    def simpler(self, op: Op, args: Args, origins: tuple[Origin, ...]) -> Value | None:
        """What `op(args)` is by the first law that fits, or None."""
        self._origins = origins
        for law in LAWS.get(type(op), ()):
            if (value := law(self, op, args)) is not None:
                return value
        return None

    def __call__(self, op: Op, *args: Value) -> Value:
        """`op(args)`, simplified."""
        if (value := self.simpler(op, args, self._origins)) is not None:
            return value
        with self.builder.at(*self._origins):
            value = self.builder(op, *args)
        self._made[value] = self.builder.body[-1]
        return value

    # ---- what laws ask

    def uniform_value(self, value: Value) -> float | None:
        """The number that every element of a value is, where that is known."""
        value = self._behind_repeats(value)
        if not isinstance(value, Constant) or value.data is None or value.data.size == 0:
            return None
        first = value.data.flat[0]
        return float(first) if bool((value.data == first).all()) else None

    def repeated_from(self, value: Value) -> Iterator[Value]:
        """What a value repeats: the scalar behind it, the operand of a broadcast."""
        source = self._behind_repeats(value)
        if source is not value and source.type.shape == ():
            yield source
        made = self.made(value)
        if made is not None and isinstance(made.op, BroadcastTo | BroadcastLike):
            yield made.args[0]

    def keeps(self, op: Op, args: Args, x: Value) -> bool:
        """Whether `op(args)` has the type of x: otherwise the other operand widens it."""
        return x.type.dtype.startswith("float") and _inferred(op, args) == x.type

    def if_same_type(self, op: Op, args: Args, others: Args) -> Value | None:
        """`op(others)` where its type is that of `op(args)`."""
        return self(op, *others) if _inferred(op, others) == _inferred(op, args) else None

    def _behind_repeats(self, value: Value) -> Value:
        while (made := self.made(value)) is not None and isinstance(made.op, REPEATING):
            value = made.args[0]
        return value


def _inferred(op: Op, args: Args) -> TensorType | None:
    """The type of `op(args)`; None where the operands break its rule."""
    try:
        result = op.infer(*(arg.type for arg in args))
    except ShapeError:
        return None
    assert isinstance(result, TensorType)
    return result
