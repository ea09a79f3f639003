"""Source + plan + sizes -> a function without arguments over arrays made once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from types import FunctionType
from typing import Any, cast

import numpy as np

from nngraph.codegen.source import (
    Binding,
    Extra,
    Fixed,
    Function,
    Halves,
    Pieces,
    Several,
    Source,
    TileSum,
    TileSums,
    Turned,
)
from nngraph.errors import InternalError
from nngraph.ir import (
    BATCH,
    ITEM_BYTES,
    Array,
    Constant,
    Fill,
    Given,
    Input,
    Ones,
    Prepared,
    Program,
    Role,
    ScalarArgument,
    Value,
    follow,
)
from nngraph.plan import Buffer, Plan, piece_of
from nngraph.records import dataclass
from nngraph.run.halves import ProductInHalves
from nngraph.run.workers import ALONE, Workers

CACHE_LINE = 64


@dataclass(frozen=True)
class Bound:
    """A step bound to sizes. `run()` computes it; arrays are those of the namespace.

    `loss()` computes what is left for the loss, from what the last run left behind. `stored` are
    the buffers as they lie in memory (padding included), by number.
    """

    run: Callable[[], object]
    loss: Callable[[], object] | None
    program: Program
    plan: Plan
    axes: Mapping[str, int]
    stored: tuple[Array, ...]

    def array(self, value: Value) -> Array:
        """The array of a value: leaves to be fed, results to be read.

        Errors: InternalError where only tiles of it are ever there.
        """
        place = self.plan.places[value]
        if self.plan.buffers[place.buffer].extent != "whole":
            raise InternalError(f"binding: {value.type} lies in tiles, it is never there whole")
        return follow(place.path, self.stored[place.buffer], self.axes)

    def output(self, role: Role | str) -> Array:
        """The array of an output, by its role or its text form."""
        return self.array(self.program.output(role))

    def given(self, given: Given) -> list[Array]:
        """The array of what whoever runs the step knows; empty where the step does not read it."""
        leaves = (leaf for leaf in self.program.leaves if isinstance(leaf, Input))
        return [self.array(leaf) for leaf in leaves if leaf.fed_with == given and self._reads(leaf)]

    def _reads(self, leaf: Input) -> bool:
        return any(leaf in instr.args for instr in self.program.body)


def bind(
    program: Program,
    plan: Plan,
    source: Source,
    axes: Mapping[str, int],
    shared: Mapping[tuple[str, str], Array],
    workers: Workers = ALONE,
    loss: Source | None = None,
) -> Bound:
    """Make the buffers of one batch size and give the code objects their namespaces.

    `shared` holds the arrays that outlive the binding, by (role, name): arenas, states, keys.
    `workers` share the large products.
    Errors: InternalError where one is missing or has another shape.
    """
    data = {leaf.id: leaf.data for leaf in program.leaves if isinstance(leaf, Constant)}
    stored = _arrays(plan, axes, shared, data)
    binder = _Binder(plan, axes, stored, workers)
    run = binder.function(source)
    rest = None if loss is None else binder.function(loss)
    return Bound(run, rest, program, plan, axes, stored)


def _arrays(
    plan: Plan,
    axes: Mapping[str, int],
    shared: Mapping[tuple[str, str], Array],
    data: Mapping[str, Array | None],
) -> tuple[Array, ...]:
    """The arrays of all buffers. Those of the binding itself lie in one piece of memory.

    Large pieces are given in huge pages, in which addresses are found at once and caches are
    filled evenly.
    """
    sizes = [buffer.sizes(axes, plan.tiling) for buffer in plan.buffers]
    own = [k for k, buffer in enumerate(plan.buffers) if buffer.role in ("scratch", "input")]
    arrays = dict(zip(own, _side_by_side([(sizes[k], plan.buffers[k]) for k in own]), strict=True))
    return tuple(
        arrays[k] if k in arrays else _given(buffer, sizes[k], shared, data)
        for k, buffer in enumerate(plan.buffers)
    )


def _side_by_side(buffers: Sequence[tuple[tuple[int, ...], Buffer]]) -> list[Array]:
    """Filled arrays that start on cache lines, one behind the other."""
    lengths = [math.prod(sizes) * ITEM_BYTES[buffer.dtype] for sizes, buffer in buffers]
    starts = [0, *accumulate(-(-length // CACHE_LINE) * CACHE_LINE for length in lengths)]
    memory = aligned_empty((starts[-1],), "uint8")
    arrays = []
    for (sizes, buffer), start, length in zip(buffers, starts, lengths, strict=False):
        array = memory[start : start + length].view(buffer.dtype).reshape(sizes)
        array.fill(buffer.fill if buffer.fill is not None else 0)
        arrays.append(array)
    return arrays


def _given(
    buffer: Buffer,
    sizes: tuple[int, ...],
    shared: Mapping[tuple[str, str], Array],
    data: Mapping[str, Array | None],
) -> Array:
    """The array of a buffer that outlives the binding."""
    given = shared.get((buffer.role, buffer.name))
    if given is None and buffer.role == "constant":
        given = data.get(buffer.name)
    if given is None:
        raise InternalError(f"binding: no array for {buffer.role} {buffer.name!r}")
    if given.shape != sizes or given.dtype != buffer.dtype:
        raise InternalError(
            f"binding: {buffer.role} {buffer.name!r} is {given.dtype}{list(given.shape)}, "
            f"expected {buffer.dtype}{list(sizes)}"
        )
    return given


def aligned_empty(shape: tuple[int, ...], dtype: str) -> Array:
    """An uninitialised array in C order that starts on a cache line."""
    item = np.dtype(dtype).itemsize
    count = int(np.prod(shape, dtype=np.int64)) if shape else 1
    raw = np.empty(count * item + CACHE_LINE, np.uint8)
    start = -raw.__array_interface__["data"][0] % CACHE_LINE
    return raw[start : start + count * item].view(dtype).reshape(shape)


def aligned_zeros(shape: tuple[int, ...], dtype: str) -> Array:
    """As `aligned_empty`, filled with zeros."""
    array = aligned_empty(shape, dtype)
    array.fill(0)
    return array


@dataclass
class _Binder:
    plan: Plan
    axes: Mapping[str, int]
    stored: tuple[Array, ...]
    workers: Workers

    def __post_init__(self) -> None:
        self.arrays: dict[Value, Array] = {}
        self.extras: dict[tuple[object, ...], Array] = {}

    def function(self, source: Source) -> Callable[[], object]:
        """The code object with what its names stand for."""
        namespace = {name: self.resolve(binding) for name, binding in source.names.items()}
        namespace["__builtins__"] = {}
        return cast("Callable[[], object]", FunctionType(source.code, namespace))

    def resolve(self, binding: Binding) -> Any:
        """What a name stands for."""
        match binding:
            case Value():
                return self.array(binding)
            case Several(values):
                return tuple(self.array(v) for v in values)
            case Extra(argument, like):
                return self.extra(argument, self.array(like))
            case Turned(value):
                return self.array(value).T
            case Fixed(value):
                return value
            case Function(function):
                return function.fresh() if isinstance(function, Prepared) else function
            case Halves():
                return ProductInHalves(self.workers)
            case TileSums(value):
                return self.stored[self.plan.sums[value]]
            case Pieces(_, variables):
                pieces = self.plan.tiling.pieces(self.axes[BATCH])
                return tuple(
                    tuple(self.variable(v, number, piece) for v in variables)
                    for number, piece in enumerate(pieces)
                )
        raise InternalError(f"binding: {binding!r} is nothing that a name can stand for")

    def variable(self, binding: Binding, number: int, piece: tuple[int, int]) -> Any:
        """What the variable of a loop stands for in one tile."""
        match binding:
            case Value() if binding.type.batched:
                stored = self.stored[self.plan.places[binding].buffer]
                return piece_of(self.plan, binding, stored, self.axes, piece)
            case Value() as value:
                return self.stored[self.plan.sums[value]][number, ...]
            case TileSum(value):
                return self.variable(value, number, piece)
            case Several(values):
                return tuple(self.variable(v, number, piece) for v in values)
            case Extra(argument, like):
                return self.extra(argument, self.variable(like, number, piece))
        raise InternalError(f"binding: {binding!r} is nothing that differs from tile to tile")

    def array(self, value: Value) -> Array:
        if value not in self.arrays:
            place = self.plan.places[value]
            self.arrays[value] = follow(place.path, self.stored[place.buffer], self.axes)
        return self.arrays[value]

    def extra(self, argument: Fill | Ones | ScalarArgument, like: Array) -> Array:
        """An array of one number beside an operand; equal ones are shared, they are only read."""
        match argument:
            case ScalarArgument(value):
                return np.array(value, like.dtype)
            case Ones():
                key: tuple[object, ...] = ("ones", like.shape[0], like.dtype)
                shape, order, value = like.shape[:1], "C", 1.0
            case Fill(value):
                columns_first = like.flags.f_contiguous and not like.flags.c_contiguous
                order = "F" if columns_first else "C"
                key = (value, like.shape, like.dtype, order)
                shape = like.shape
        if key not in self.extras:
            flat = aligned_empty(shape if order == "C" else shape[::-1], str(like.dtype))
            flat.fill(value)
            self.extras[key] = flat if order == "C" else flat.T
        return self.extras[key]
