"""Ops that read badly as a whole, written in smaller ones that have a form of their own."""

from __future__ import annotations

from dataclasses import replace

from nngraph.codegen.readable.names import is_activation
from nngraph.codegen.readable.rows import row_for
from nngraph.ir import Builder, Instr, Program, Value


def expanded_for_reading(program: Program) -> tuple[Program, dict[Value, Value]]:
    """The program with each op that neither has a row nor is one call written in smaller ones.

    Also the operand of each activation by its result, which the expansion may hide.
    """
    body: list[Instr] = []
    known: dict[tuple[object, ...], tuple[Value, ...]] = {}
    instead: dict[Value, Value] = {}

    def final(value: Value) -> Value:
        while value in instead:
            value = instead[value]
        return value

    pending = list(reversed(program.body))
    while pending:
        instr = pending.pop()
        args = tuple(final(arg) for arg in instr.args)
        expansion = Builder()
        new = known.get((instr.op, args))  # a derivative often repeats what forward has computed
        if new is None and not _can_be_printed(instr):
            outs = instr.op.expand(expansion, *args)
            new = outs if isinstance(outs, tuple) or outs is None else (outs,)
        if new is None:
            body.append(replace(instr, args=args))
            known[instr.op, args] = instr.outs
            continue
        pending += reversed(expansion.body)
        instead.update(zip(instr.outs, new, strict=True))
    activations = {
        final(instr.outs[-1]): final(instr.args[0])
        for instr in program.body
        if is_activation(instr.op)
    }
    outputs = tuple((name, final(value)) for name, value in program.outputs)
    return Program(program.leaves, tuple(body), outputs), activations


def _can_be_printed(instr: Instr) -> bool:
    return row_for(instr.op) is not None or instr.is_legal
