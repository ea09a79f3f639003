"""The reverse sweep: the backward program, written in the same ops as the forward one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nngraph.errors import InternalError
from nngraph.ir import (
    Builder,
    Constant,
    Gradient,
    Instr,
    Loss,
    Param,
    Program,
    Role,
    TensorType,
    Value,
)
from nngraph.ops import Add
from nngraph.records import dataclass

SEED = "gradient:seed"
LOSS = Loss()


def differentiate(program: Program, wrt: Sequence[Param] | None, output: Role = LOSS) -> Program:
    """Continue a program with the gradients of a scalar output.

    Visits the body backwards; the cotangents of a value used several times are added, the last
    use first. Only what leads from `wrt` to the output is visited, so nothing is computed
    for inputs and fixed weights. Without any `wrt` the program stays as it is;
    None stands for all its parameters.

    Types: adds an output `Gradient(parameter)` of the type of each parameter of `wrt`. A parameter
        that does not reach the output has no gradient and gets no output.
    Source: Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 3.
    """
    swept = sweep(program, wrt, output)
    return program if swept is None else swept.program(program)


@dataclass(frozen=True)
class Sweep:
    """What the way back has found, and the program so far.

    `totals` are the cotangents of values, `into` those that an instruction, named by its first
    result, gave to its operands; `gradients` are the wanted ones.
    """

    builder: Builder
    totals: dict[Value, Value]
    into: dict[Value, tuple[Value | None, ...]]
    gradients: list[tuple[Role, Value]]

    def program(self, program: Program, more: Sequence[tuple[Role, Value]] = ()) -> Program:
        """The program with the gradients, and with more that the sweep has found."""
        outputs = (*program.outputs, *more, *self.gradients)
        return _without_waste(self.builder, len(program.body), outputs, program)


def sweep(program: Program, wrt: Sequence[Param] | None, output: Role = LOSS) -> Sweep | None:
    """The way back from a scalar output, as `differentiate` says; None without any `wrt`."""
    if wrt is None:
        wrt = [leaf for leaf in program.leaves if isinstance(leaf, Param)]
    if not wrt:
        return None
    loss = program.output(output)
    if loss.type.shape != ():
        raise InternalError(f"only a scalar has a gradient; {str(output)!r} is {loss.type}")
    swept = Sweep(Builder(program.leaves, program.body), {}, {}, [])
    active = _active_values(program, wrt)
    pending: dict[Value, list[Value]] = {}
    if loss in active:
        pending[loss] = [_one(swept.builder, loss.type)]
    for instr in reversed(program.body):
        if any(out in pending for out in instr.outs):
            _pull_back(swept, instr, active, pending)
    swept.gradients.extend(
        (Gradient(param), _total(swept.builder, pending.pop(param)))
        for param in wrt
        if param in pending
    )
    return swept


def _active_values(program: Program, wrt: Iterable[Value]) -> set[Value]:
    """The values that change when one of `wrt` does."""
    active = set(wrt)
    for instr in program.body:
        if any(arg in active for arg in instr.args):
            active.update(instr.outs)
    return active


def _one(builder: Builder, type_: TensorType) -> Value:
    """dL/dL."""
    return builder.leaf(Constant(type_, SEED, np.ones((), type_.dtype)))


def _pull_back(
    swept: Sweep, instr: Instr, active: set[Value], pending: dict[Value, list[Value]]
) -> None:
    """From the cotangents of an instruction's results to those of its active operands."""
    builder = swept.builder
    with builder.at(*instr.origins):
        cotangents = tuple(
            _total(builder, pending.pop(out)) if out in pending else None for out in instr.outs
        )
        backward = instr.op.vjp(builder, cotangents, instr.outs, *instr.args)
    found = zip(instr.outs, cotangents, strict=True)
    swept.totals.update((out, total) for out, total in found if total is not None)
    swept.into[instr.outs[0]] = backward
    for arg, cotangent in zip(instr.args, backward, strict=True):
        if cotangent is None or arg not in active:
            continue
        if cotangent.type != arg.type:
            raise InternalError(
                f"{instr.op}: the cotangent of a {arg.type} operand is {cotangent.type}"
            )
        pending.setdefault(arg, []).append(cotangent)


def _total(builder: Builder, cotangents: list[Value]) -> Value:
    total, *others = cotangents
    for other in others:
        total = builder(Add(), total, other)
    return total


def _without_waste(
    builder: Builder, start: int, outputs: Sequence[tuple[Role, Value]], program: Program
) -> Program:
    """Drop new instructions that no gradient needs: an op pulls back to all its operands."""
    needed = {value for _, value in outputs}
    kept: list[Instr] = []
    for instr in reversed(builder.body[start:]):
        if any(out in needed for out in instr.outs):
            needed.update(instr.args)
            kept.append(instr)
    body = (*program.body, *reversed(kept))
    return Program(tuple(builder.leaves), body, tuple(outputs), program.updates)
