"""Formulas compiled for rows of single neurons: calls with `out` into arrays used again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cache

from nngraph.errors import InternalError
from nngraph.ir import (
    BATCH,
    Array,
    Builder,
    Call,
    DType,
    Input,
    Instr,
    Operand,
    TensorType,
    Value,
    interpret,
)
from nngraph.ir.op import Ones
from nngraph.kernels.rows import RowCall, RowFunction
from nngraph.ops.word import ROWS, op_for
from nngraph.records import dataclass

Leaves = tuple[Input, ...]


@cache
def forward_rows(name: str, values: tuple[float, ...], dtype: DType) -> RowFunction:
    """z of a and of what the word learns."""
    row = ROWS[name]
    builder, leaves = _start(row.operands, dtype)
    return _compiled(builder, leaves, (builder(op_for(row, values), *leaves),))


@cache
def backward_rows(name: str, values: tuple[float, ...], dtype: DType) -> RowFunction:
    """The cotangents of a and of what the word learns, of g, z, a and the latter."""
    builder, leaves, found = _pulled(name, values, dtype)
    return _compiled(builder, leaves, found)


def pulled(
    name: str, values: tuple[float, ...], g: Array, z: Array, a: Array, *learned: Array
) -> tuple[Array | None, ...]:
    """The same in plain NumPy, from the definitions."""
    arrays = (g, z, a, *learned)
    builder, leaves, found = _pulled(name, values, str(g.dtype))  # type: ignore[arg-type]
    named = [(str(k), value) for k, value in enumerate(found) if value is not None]
    results = interpret(builder.done(named), dict(zip(leaves, arrays, strict=True))).outputs
    return tuple(results.get(str(k)) for k in range(len(found)))


def _pulled(
    name: str, values: tuple[float, ...], dtype: DType
) -> tuple[Builder, Leaves, tuple[Value | None, ...]]:
    row = ROWS[name]
    builder, leaves = _start(2 + row.operands, dtype)
    g, z, *operands = leaves
    return builder, leaves, op_for(row, values).vjp(builder, (g,), (z,), *operands)


def _start(operands: int, dtype: DType) -> tuple[Builder, Leaves]:
    """A program of vectors that are as long as the batch."""
    builder = Builder()
    types = (TensorType((BATCH,), dtype) for _ in range(operands))
    return builder, tuple(builder.leaf(Input(t, f"{k}")) for k, t in enumerate(types))


def _compiled(builder: Builder, leaves: Leaves, results: Sequence[Value | None]) -> RowFunction:
    """Registers for a program, its calls, and where its results end up."""
    instead: dict[Value, Value] = {}
    calls = list(_calls(builder.body, instead))
    wanted = [None if value is None else _final(value, instead) for value in results]
    return _Registers(leaves, calls, wanted).function()


def _final(value: Value, instead: Mapping[Value, Value]) -> Value:
    while value in instead:
        value = instead[value]
    return value


def _calls(body: Sequence[Instr], instead: dict[Value, Value]) -> Iterator[Instr]:
    """Instructions that are one call each; `instead` gets what expansions give for a result."""
    for old in body:
        instr = replace(old, args=tuple(_final(arg, instead) for arg in old.args))
        if instr.op.call(*(arg.type for arg in instr.args)) is not None:
            yield instr
            continue
        inner = Builder()
        result = instr.op.expand(inner, *instr.args)
        if not isinstance(result, Value):
            raise InternalError(f"{instr.op} has no form for rows of neurons")
        yield from _calls(inner.body, instead)
        instead[instr.outs[0]] = result


@dataclass
class _Registers:
    """Gives each value an array: one that is free again, or that the call may write over."""

    leaves: Leaves
    body: Sequence[Instr]
    results: Sequence[Value | None]
    numbers: dict[float, None] = field(default_factory=dict)
    kinds: list[bool] = field(default_factory=list)
    """Of each spare array, whether it holds bools."""

    def __post_init__(self) -> None:
        self.last = {arg: at for at, instr in enumerate(self.body) for arg in instr.args}
        self.last |= {value: len(self.body) for value in self.results if value is not None}
        self.of: dict[Value, int] = {leaf: at for at, leaf in enumerate(self.leaves)}
        self.first_out = len(self.leaves)
        self.first_spare = self.first_out + len(self.results)

    def function(self) -> RowFunction:
        """The whole; spare arrays are told apart by kind only now."""
        calls = [(instr, *self._call(at, instr)) for at, instr in enumerate(self.body)]
        order = sorted(range(len(self.kinds)), key=lambda k: self.kinds[k])
        moved = {self.first_spare + k: self.first_spare + at for at, k in enumerate(order)}
        numbers = self.first_spare + len(order)
        known = {number: numbers + at for at, number in enumerate(self.numbers)}

        def place(operand: int | float) -> int:
            return known[operand] if isinstance(operand, float) else moved.get(operand, operand)

        return RowFunction(
            self.first_out,
            tuple(
                RowCall(call.function, tuple(map(place, operands)), place(self.of[instr.outs[0]]))
                for instr, call, operands in calls
            ),
            tuple(None if v is None else place(self.of[v]) for v in self.results),
            self.kinds.count(False),
            self.kinds.count(True),
            tuple(self.numbers),
        )

    def _call(self, at: int, instr: Instr) -> tuple[Call, list[int | float]]:
        """The call of an instruction, its operands; its result is given a register."""
        call = instr.op.call(*(arg.type for arg in instr.args))
        assert call is not None
        assert not call.keywords
        operands: list[int | float] = []
        for argument in call.arguments or tuple(map(Operand, range(len(instr.args)))):
            assert not isinstance(argument, Ones)
            if isinstance(argument, Operand):
                operands.append(self.of[instr.args[argument.index]])
            else:
                self.numbers[argument.value] = None
                operands.append(argument.value)
        self.of[instr.outs[0]] = self._register(at, instr, call)
        return call, operands

    def _register(self, at: int, instr: Instr, call: Call) -> int:
        """The result's own array, one that the call may write over, or one that is free."""
        value = instr.outs[0]
        is_bool = value.type.dtype == "bool"
        taken = {self.of[v] for v in self.of if self.last.get(v, -1) >= at}
        for index, operand in enumerate(instr.args):
            if self.last[operand] == at and call.may_overwrite(index, 0, 1):
                taken.discard(self.of[operand])
        taken |= set(range(self.first_out))
        outs = [] if is_bool else range(self.first_out, self.first_spare)
        own = [self.first_out + k for k, result in enumerate(self.results) if result is value]
        spare = (self.first_spare + k for k, kind in enumerate(self.kinds) if kind == is_bool)
        for register in (*own, *outs, *spare):
            if register not in taken and not self._is_awaited(register, value):
                return register
        self.kinds.append(is_bool)
        return self.first_spare + len(self.kinds) - 1

    def _is_awaited(self, register: int, value: Value) -> bool:
        """Whether a value that lasts to the end may not lie here: another's result does."""
        place = register - self.first_out
        if not 0 <= place < len(self.results) or self.last.get(value, -1) < len(self.body):
            return False
        return self.results[place] is not value
