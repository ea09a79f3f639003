"""The verifier of plans: what lies over what, and whether each read finds what was written.

It shares no code with the planner. Buffers become arrays without memory (strides over one
element), places become NumPy views of them, and overlap is asked of NumPy itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nngraph.errors import VerifyError
from nngraph.ir import Array, Instr, Leaf, Program, Value, follow
from nngraph.plan.model import Plan

ROWS = 2  # a batch of two shows every overlap that a larger one would


def verify_plan(program: Program, plan: Plan, flat_size: int) -> None:
    """Simulate a step on places alone.

    Holds: every value has a place of its type; views and containers lie where they say; a call
    writes over an operand only where its op allows it; every value is still whole when it is
    read and, for results, at the end; filled buffers are written through their containers only.

    Errors: VerifyError.
    """
    simulation = _Simulation(program, plan, {"N": ROWS, "P": max(flat_size, 1)})
    for leaf in program.leaves:
        simulation.begin(leaf)
    for number, instr in enumerate(program.body):
        simulation.step(number, instr)
    simulation.finish()


@dataclass
class _Simulation:
    program: Program
    plan: Plan
    axes: dict[str, int]
    alive: dict[int, dict[Value, tuple[int, int]]] = field(default_factory=dict)
    arrays: dict[Value, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stored = [_without_memory(b.type.sizes(self.axes), b.dtype) for b in self.plan.buffers]
        self.pieces = {
            arg
            for instr in self.program.body
            if instr.op.container(*(a.type for a in instr.args)) is not None
            for arg in instr.args
        }

    def array(self, value: Value) -> Array:
        """The view that the plan gives to a value."""
        if value not in self.arrays:
            place = self.plan.places.get(value)
            if place is None:
                raise VerifyError("plan: a value has no place")
            try:
                array = follow(place.path, self.stored[place.buffer], self.axes)
            except ValueError as error:
                raise VerifyError(f"plan: a place cannot be viewed: {error}") from error
            if array.shape != value.type.sizes(self.axes) or array.dtype != value.type.dtype:
                raise VerifyError(f"plan: {value.type} lies in {array.dtype}{list(array.shape)}")
            self.arrays[value] = array
        return self.arrays[value]

    def begin(self, leaf: Leaf) -> None:
        """A leaf is there before the step and overlaps no other leaf."""
        if self._overlapping(leaf):
            raise VerifyError(f"plan: leaf {leaf.id!r} lies over another leaf")
        self._enter(leaf)

    def step(self, number: int, instr: Instr) -> None:
        """One instruction."""
        types = [a.type for a in instr.args]
        where = _Where(number, instr)
        for arg in instr.args:
            if arg not in self.alive.get(self._buffer(arg), {}):
                raise VerifyError(f"{where} reads a value that was overwritten")
        view, container = instr.op.view(*types), instr.op.container(*types)
        if view is not None:
            expected = view.apply(self.array(instr.args[0]), self.axes)
            self._expect_same(expected, self.array(instr.outs[0]), where)
        elif container is not None:
            whole = self.array(instr.outs[0])
            for arg, path in zip(instr.args, container.paths, strict=True):
                self._expect_same(follow(path, whole, self.axes), self.array(arg), where)
        else:
            self._write(instr, where)
        for out in instr.outs:
            self._enter(out)

    def _write(self, instr: Instr, where: object) -> None:
        call = instr.op.call(*(a.type for a in instr.args))
        if call is None:
            raise VerifyError(f"{where} is no call, view or container: the program is not legal")
        for out in instr.outs:
            self._check_operands(instr, out, call.overwrites, where)
            if self.plan.buffers[self._buffer(out)].fill is not None and out not in self.pieces:
                raise VerifyError(f"{where} writes over a filled buffer")
            for dead in self._overlapping(out):
                del self.alive[self._buffer(out)][dead]

    def _check_operands(
        self, instr: Instr, out: Value, overwrites: tuple[int, ...], where: object
    ) -> None:
        for n, arg in enumerate(instr.args):
            if self._buffer(arg) != self._buffer(out):
                continue
            mine, theirs = self.array(out), self.array(arg)
            if np.shares_memory(mine, theirs) and not (
                n in overwrites and _same_view(mine, theirs)
            ):
                raise VerifyError(f"{where} writes over its operand {n}")

    def finish(self) -> None:
        """Results are whole at the end; updates lie where their leaves do."""
        for value in self.program.results():
            if value not in self.alive.get(self._buffer(value), {}):
                raise VerifyError("plan: a result was overwritten")
        for leaf, value in self.program.updates:
            self._expect_same(self.array(leaf), self.array(value), f"plan: update of {leaf.id!r}")

    def _buffer(self, value: Value) -> int:
        self.array(value)
        return self.plan.places[value].buffer

    def _enter(self, value: Value) -> None:
        self.alive.setdefault(self._buffer(value), {})[value] = _bounds(self.array(value))

    def _overlapping(self, value: Value) -> list[Value]:
        low, high = _bounds(self.array(value))
        array = self.array(value)
        return [
            other
            for other, (start, stop) in self.alive.get(self._buffer(value), {}).items()
            if start < high and low < stop and np.shares_memory(array, self.array(other))
        ]

    def _expect_same(self, expected: Array, actual: Array, where: object) -> None:
        if not _same_view(expected, actual):
            raise VerifyError(f"{where}: the result does not lie where its operand says")


@dataclass(frozen=True, slots=True)
class _Where:
    """Names an instruction when something is wrong with it, and not before."""

    number: int
    instr: Instr

    def __str__(self) -> str:
        return f"plan: instruction {self.number} ({self.instr.op})"


def _without_memory(shape: tuple[int, ...], dtype: str) -> Array:
    """An array of this shape over one element: only its addresses mean something."""
    item = np.dtype(dtype).itemsize
    strides, step = [], item
    for size in reversed(shape):
        strides.append(step)
        step *= size
    base = np.zeros(1, dtype)
    return np.lib.stride_tricks.as_strided(base, shape, tuple(reversed(strides)), writeable=False)


def _bounds(array: Array) -> tuple[int, int]:
    start: int = array.__array_interface__["data"][0]
    span = sum((n - 1) * s for n, s in zip(array.shape, array.strides, strict=True))
    return start, start + span + array.itemsize


def _same_view(a: Array, b: Array) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    same_strides = all(
        n == 1 or s == t for n, s, t in zip(a.shape, a.strides, b.strides, strict=True)
    )
    return bool(same_strides and _bounds(a)[0] == _bounds(b)[0])
