"""Planned programs as tables of calls on one flat buffer, for the compiled loop over steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import InternalError
from nngraph.ir import (
    Argument,
    Array,
    Constant,
    Fill,
    Input,
    Instr,
    Key,
    Ones,
    Operand,
    Program,
    ScalarArgument,
    Value,
    follow,
)
from nngraph.kernels.compiled import loop
from nngraph.kernels.sums import sum_last, sum_leading
from nngraph.ops.rearrange import copy
from nngraph.plan import Buffer, Plan

Table = NDArray[np.int64]
REDUCTIONS: Mapping[Any, int] = {
    np.add.reduce: loop.SUM,
    np.maximum.reduce: loop.GREATEST,
    sum_last: loop.SUM,
    sum_leading: loop.SUM,
}
SHARED = ("parameters", "gradients", "state", "fixed")
"""Roles of buffers that all programs see."""


def fits_a_table(program: Program) -> bool:
    """Whether a program is of vectors and matrices, and of calls that the loop knows."""
    if any(isinstance(leaf, Key) for leaf in program.leaves):
        return False
    return all(map(_fits, program.body))


def _fits(instr: Instr) -> bool:
    if not instr.is_work:
        return True
    values = (*instr.args, *instr.outs)
    if instr.call is None or max(len(v.type.shape) for v in values) > 2 or len(instr.outs) > 1:
        return False
    function = instr.call.function
    is_known = function in loop.CODES or function in REDUCTIONS
    return is_known or function in (copy, np.matmul, np.vecdot)


class Memory:
    """The flat buffers of a loop: `F` of a network's dtype, `D` of float64 scalars beside it."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.sizes = {"F": 0, "D": 0}
        self.F, self.D = np.zeros(0, dtype), np.zeros(0)
        self._waiting: list[tuple[str, int, Any]] = []

    def bank(self, dtype: str) -> str:
        """In which buffer numbers of a dtype lie; truth lies beside what it is the truth of."""
        return "F" if dtype in (self.dtype, "bool") else "D"

    def reserve(self, bank: str, count: int, content: Any = 0) -> int:
        """A place for so many numbers, filled when there is memory."""
        place = self.sizes[bank]
        self.sizes[bank] += count
        self._waiting.append((bank, place, content))
        return place

    def allocate(self) -> None:
        """Make the buffers; what was reserved is filled."""
        self.F, self.D = np.zeros(self.sizes["F"], self.dtype), np.zeros(self.sizes["D"])
        for bank, place, content in self._waiting:
            values = np.ravel(content)
            self.buffer(bank)[place : place + len(values)] = values

    def buffer(self, bank: str) -> Array:
        """F or D."""
        return self.F if bank == "F" else self.D

    def place_of(self, array: Array) -> int:
        """Where the first number of a view lies in its buffer."""
        for buffer in (self.F, self.D):
            if np.may_share_memory(buffer, array):
                first = array.__array_interface__["data"][0]
                begin = buffer.__array_interface__["data"][0]
                return int(first - begin) // buffer.itemsize
        raise InternalError("a view lies in none of the buffers")


class Tabulated:
    """A planned program laid out in a memory: `table()` gives its calls, once that is allocated.

    `shared` says where the vectors lie that several programs see, by (role, name).
    """

    def __init__(
        self,
        program: Program,
        plan: Plan,
        axes: Mapping[str, int],
        memory: Memory,
        shared: Mapping[tuple[str, str], int],
    ) -> None:
        self.program, self.plan, self.axes, self.memory = program, plan, axes, memory
        data = {leaf.id: leaf.data for leaf in program.leaves if isinstance(leaf, Constant)}
        self._places = [self._place(buffer, shared, data) for buffer in plan.buffers]
        self._numbers: dict[tuple[float, str], int] = {}
        for instr in program.body:
            for argument in (instr.call.arguments or ()) if instr.call is not None else ():
                self._reserve_number(instr, argument)

    def _place(
        self,
        buffer: Buffer,
        shared: Mapping[tuple[str, str], int],
        data: Mapping[str, Array | None],
    ) -> tuple[str, int]:
        bank = self.memory.bank(buffer.dtype)
        if buffer.role in SHARED:
            return bank, shared[buffer.role, buffer.name]
        sizes = buffer.sizes(self.axes, self.plan.tiling)
        count = int(np.prod(sizes, dtype=np.int64))
        given = data.get(buffer.name) if buffer.role == "constant" else None
        content = given if given is not None else np.full(count, buffer.fill or 0)
        return bank, self.memory.reserve(bank, count, content)

    def _reserve_number(self, instr: Instr, argument: Argument) -> None:
        if isinstance(argument, Operand):
            return
        value = 1.0 if isinstance(argument, Ones) else float(argument.value)
        bank = self.memory.bank(instr.args[argument.like].type.dtype)
        if (value, bank) not in self._numbers:
            self._numbers[value, bank] = self.memory.reserve(bank, 1, value)

    def view(self, value: Value) -> Array:
        """Where a value lies, as an array."""
        place = self.plan.places[value]
        buffer = self.plan.buffers[place.buffer]
        bank, start = self._places[place.buffer]
        sizes = buffer.sizes(self.axes, self.plan.tiling)
        count = int(np.prod(sizes, dtype=np.int64))
        stored = self.memory.buffer(bank)[start : start + count].reshape(sizes)
        return follow(place.path, stored, self.axes)

    def given(self, role: Any) -> list[Array]:
        """Where what whoever runs the program knows is read."""
        leaves = [leaf for leaf in self.program.leaves if isinstance(leaf, Input)]
        return [self.view(leaf) for leaf in leaves if leaf.fed_with == role]

    def table(self, before: Iterable[Table] = ()) -> Table:
        """All calls, one a row, behind those `before`."""
        rows = [*before, *(self._row(instr) for instr in self.program.body if instr.is_work)]
        return np.array(rows, np.int64).reshape(-1, loop.WIDTH)

    def _row(self, instr: Instr) -> Table:
        assert instr.call is not None
        call, (out,) = instr.call, map(self.view, instr.outs)
        arguments = call.arguments
        if arguments is None:
            arguments = tuple(Operand(n) for n in range(len(instr.args)))
        operands = [self._operand(instr, argument) for argument in arguments]
        function = call.function
        if function in REDUCTIONS:
            keywords = dict(call.keywords)
            axis = {sum_last: -1, sum_leading: 0}.get(function, keywords.get("axis"))
            return self._reduced(REDUCTIONS[function], out, operands[0], axis=axis)
        if function is np.vecdot:
            return self._reduced(loop.DOT, out, *operands, axis=-1)
        if function is np.matmul:
            return self._product(out, *operands)
        if function is copy:
            return self.copied(operands[0], out)
        return self._elementwise(loop.CODES[function], out, operands)

    def _operand(self, instr: Instr, argument: Argument) -> Array:
        if isinstance(argument, Operand):
            return self.view(instr.args[argument.index])
        like = self.view(instr.args[argument.like])
        value = 1.0 if isinstance(argument, Ones) else float(argument.value)
        bank = self.memory.bank(instr.args[argument.like].type.dtype)
        place = self._numbers[value, bank]
        number = self.memory.buffer(bank)[place : place + 1].reshape(())
        if isinstance(argument, Ones):
            return np.broadcast_to(number, like.shape[:1])
        assert isinstance(argument, Fill | ScalarArgument)
        return number

    def copied(self, source: Array, out: Array) -> Table:
        """A copy; a scalar may go from one buffer to the other."""
        if source.dtype == out.dtype and self._bank(source) == self._bank(out):
            return self._elementwise(loop.CODES[np.positive], out, [source])
        if out.size != 1:
            raise InternalError("only scalars change their type in a table")
        code = loop.WIDEN if self._bank(out) == "D" else loop.NARROW
        return self._written(code, (1, 1, 0), (out, (0, 0)), (source, (0, 0)))

    def _bank(self, array: Array) -> str:
        return "F" if np.may_share_memory(self.memory.F, array) else "D"

    def _elementwise(self, code: int, out: Array, operands: list[Array]) -> Table:
        arrays = [out, *(np.broadcast_to(array, out.shape) for array in operands)]
        strides = [_steps(array) for array in arrays]
        shape = out.shape
        if len(shape) == 2:  # one run where all lie in the same order
            turned = [(b, a) for a, b in strides]
            for (rows, columns), steps in ((shape, strides), (shape[::-1], turned)):
                if all(a == b * columns for a, b in steps) or rows == 1:
                    shape, strides = (rows * columns,), [(b,) for _, b in steps]
                    break
        extents = (1, *shape, 0) if len(shape) == 1 else (*(shape or (1, 1)), 0)
        padded = [(0, *step) if len(step) == 1 else (step or (0, 0)) for step in strides]
        return self._written(code, extents, *zip(arrays, padded, strict=True))

    def _reduced(self, code: int, out: Array, *operands: Array, axis: Any) -> Table:
        x = operands[0]
        axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
        if len(axes) == x.ndim == 2:
            flat = [array.reshape(-1, copy=False) for array in operands]
            return self._reduced(code, out, *flat, axis=0)
        last = [np.moveaxis(array, int(axes[0]), -1) for array in operands]
        kept = out.reshape(last[0].shape[:-1], copy=False)
        extents = (kept.size, last[0].shape[-1], 0)
        padded = [(0, *_steps(array)) if array.ndim == 1 else _steps(array) for array in last]
        places = list(zip(last, padded, strict=True))
        return self._written(code, extents, (kept, (*_steps(kept), 0, 0)[:2]), *places)

    def _product(self, out: Array, left: Array, right: Array) -> Table:
        if left.ndim == 1:
            left, out = left[np.newaxis], out[np.newaxis]
        extents = (*out.shape, left.shape[1])
        return self._written(
            loop.PRODUCT,
            extents,
            (out, _steps(out)),
            (left, _steps(left)),
            (right, _steps(right)),
        )

    def _written(
        self, code: int, extents: tuple[int, ...], *places: tuple[Array, tuple[int, ...]]
    ) -> Table:
        banks = {self._bank(array) for array, _ in places}
        if len(banks) > 1 and code not in (loop.WIDEN, loop.NARROW):
            raise InternalError("a call in a table reads and writes one buffer")
        row = np.zeros(loop.WIDTH, np.int64)
        row[:5] = code, banks == {"D"}, *extents
        for at, (array, steps) in enumerate(places):
            row[5 + 3 * at : 8 + 3 * at] = self.memory.place_of(array), *steps
        return row


def _steps(array: Array) -> tuple[int, ...]:
    """From one element to the next, in elements."""
    return tuple(stride // array.itemsize for stride in array.strides)
