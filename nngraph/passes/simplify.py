"""Simplification: the algebraic laws of `laws.LAWS`, applied until none fits any more."""

from __future__ import annotations

from nngraph.ir import Builder, Instr, Op, Origin, Program, Value
from nngraph.passes.laws import LAWS
from nngraph.passes.rewriting import finish_rewriting, stand_in, with_operands


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
    """A builder that knows how its values were made and applies the laws to what it builds."""

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

    def simpler(self, op: Op, args: tuple[Value, ...], origins: tuple[Origin, ...]) -> Value | None:
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
