"""What passes share: who uses a value, who makes it, and the walk that replaces values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from nngraph.errors import VerifyError
from nngraph.ir import Builder, Instr, Program, Value

Rule: TypeAlias = Callable[[Builder, Instr], Sequence[Value] | None]
"""Sees an instruction with its operands already replaced; gives the values that stand for its
results (old ones, or made with the builder), or None to keep the instruction as it is."""


def definitions(program: Program) -> dict[Value, Instr]:
    """The instruction that makes each value; leaves are not among the keys."""
    return {out: instr for instr in program.body for out in instr.outs}


def use_counts(program: Program) -> Counter[Value]:
    """How often each value is read: as an operand, an output or an update."""
    counts = Counter(arg for instr in program.body for arg in instr.args)
    counts.update(program.results())
    return counts


def rewrite(program: Program, rule: Rule) -> Program:
    """Walk the body once and put for each instruction what `rule` says.

    New instructions carry the origins of the one they replace.
    """
    builder = Builder(program.leaves)
    instead: dict[Value, Value] = {}
    for instr in program.body:
        seen = with_operands(instr, instead)
        builder.origins = seen.origins
        outs = rule(builder, seen)
        if outs is None:
            builder.body.append(seen)
        else:
            stand_in(instead, seen, outs)
    return finish_rewriting(program, builder, instead)


def with_operands(instr: Instr, instead: Mapping[Value, Value]) -> Instr:
    """The instruction with its operands replaced."""
    args = tuple([instead.get(arg, arg) for arg in instr.args])
    return instr if args == instr.args else replace(instr, args=args)


def stand_in(instead: dict[Value, Value], instr: Instr, outs: Sequence[Value]) -> None:
    """Note that `outs` stand for the results of an instruction; their types must agree."""
    for old, new in zip(instr.outs, outs, strict=True):
        if old.type != new.type:
            raise VerifyError(f"{instr}: a {new.type} cannot stand for a {old.type}")
        if old is not new:
            instead[old] = new


def finish_rewriting(program: Program, builder: Builder, instead: Mapping[Value, Value]) -> Program:
    """The rewritten program, with outputs and updates replaced like operands."""
    return builder.done(
        tuple((name, instead.get(value, value)) for name, value in program.outputs),
        tuple((leaf, instead.get(value, value)) for leaf, value in program.updates),
    )
