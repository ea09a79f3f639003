"""The verifier of programs: what holds after lowering and after every pass."""

from __future__ import annotations

from collections.abc import Collection

from nngraph.errors import VerifyError
from nngraph.ir.op import ShapeError, arity_error
from nngraph.ir.program import Instr, Program
from nngraph.ir.values import Input, Param, State, Value


def verify_program(
    program: Program, after: str = "building", known: Collection[Instr] = ()
) -> Program:
    """Check a program and hand it back.

    Holds: each value is assigned once and before its uses; every type is what its op's rule
    says; outputs have distinct names; updated leaves exist, once, with values of their own type.
    Of instructions that are `known`, verified as part of another program, only the place is
    looked at: they are frozen, so their types are right still.

    Errors: VerifyError, which names the stage `after` which the program is broken.
    """
    seen: set[Value] = set(program.leaves)
    if len(seen) != len(program.leaves):
        raise VerifyError(f"after {after}: a leaf is listed twice")
    ids = [(leaf.id, leaf.fed_with if isinstance(leaf, Input) else None) for leaf in program.leaves]
    if len(set(ids)) != len(ids):
        twice = sorted({id_ for id_, feed in ids if ids.count((id_, feed)) > 1})
        raise VerifyError(f"after {after}: leaf ids {twice} occur twice")
    typed = set(map(id, known))
    for number, instr in enumerate(program.body):
        problem = _misplaced(instr, seen)
        if problem is None and id(instr) not in typed:
            problem = _mistyped(instr)
        if problem is not None:
            raise VerifyError(f"after {after}: instruction {number} ({instr}) {problem}")
        seen.update(instr.outs)
    _verify_results(program, seen, after)
    return program


def _misplaced(instr: Instr, seen: set[Value]) -> str | None:
    """What is wrong with where an instruction stands, or None."""
    if not seen.issuperset(instr.args):
        return "uses a value before its definition"
    if not seen.isdisjoint(instr.outs):
        return "assigns a value twice"
    return None


def _mistyped(instr: Instr) -> str | None:
    """What is wrong with an instruction by itself, or None."""
    if (problem := arity_error(instr.op, len(instr.args))) is not None:
        return f"breaks its op's contract: {problem}"
    try:
        types = instr.op.infer(*instr.types)
    except ShapeError as error:
        return f"breaks its op's rule: {error}"
    inferred = types if isinstance(types, tuple) else (types,)
    stated = tuple(out.type for out in instr.outs)
    if inferred != stated:
        says = ", ".join(map(str, inferred))
        return f"has type {', '.join(map(str, stated))}; its rule says {says}"
    return None


def _verify_results(program: Program, seen: set[Value], after: str) -> None:
    roles = [role for role, _ in program.outputs]
    if len(set(roles)) != len(roles):
        raise VerifyError(f"after {after}: two outputs share a name: {list(map(str, roles))}")
    for role, value in program.outputs:
        if value not in seen:
            raise VerifyError(f"after {after}: output {str(role)!r} is never defined")
    targets = [leaf for leaf, _ in program.updates]
    if len(set(targets)) != len(targets):
        raise VerifyError(f"after {after}: a leaf is updated twice")
    for leaf, value in program.updates:
        if leaf not in seen or not isinstance(leaf, Param | State):
            raise VerifyError(f"after {after}: {leaf.id!r} is updated but is no parameter or state")
        if value not in seen:
            raise VerifyError(f"after {after}: the update of {leaf.id!r} is never defined")
        if value.type != leaf.type:
            raise VerifyError(f"after {after}: {leaf.id!r} is {leaf.type}, its update {value.type}")
