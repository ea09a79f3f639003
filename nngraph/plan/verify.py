"""The verifier of plans: what lies over what, and whether each read finds what was written.

It shares no code with the planner. Buffers become arrays without memory (strides over one
element), places become NumPy views of them, and overlap is asked of NumPy itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TypeAlias

import numpy as np

from nngraph.errors import VerifyError
from nngraph.ir import (
    BATCH,
    Array,
    Call,
    Constant,
    Input,
    Instr,
    Leaf,
    Param,
    Program,
    State,
    Value,
    follow,
)
from nngraph.ir import (
    Key as RandomKey,
)
from nngraph.plan.intervals import Intervals
from nngraph.plan.model import Plan, Role, Tile
from nngraph.plan.pieces import piece_of
from nngraph.records import dataclass

ROWS = 2  # a batch of two shows every overlap that a larger one would
TILE_ROWS = 2  # and so do tiles of two samples, two full ones and a short one

WRITTEN: Mapping[type[Leaf], tuple[Role, ...]] = {
    Input: ("input", "gradients"),
    Param: ("parameters",),
    State: ("state", "fixed"),
    Constant: ("constant", "fixed"),
    RandomKey: ("key",),
}
"""In which buffers each kind of leaf is written before the step."""

Key: TypeAlias = tuple[Value, int | None]
"""A value, and the number of a tile, or None for all of it."""


def verify_plan(program: Program, plan: Plan, flat_size: int) -> None:
    """Simulate a step on places alone.

    Holds: every value has a place of its type; views and containers lie where they say; a call
    writes over an operand only where its op allows it; every value is still whole when it is
    read and, for results, at the end; filled buffers are written through their containers only.
    Tiles are simulated one after the other.

    Errors: VerifyError.
    """
    rows = ROWS
    if plan.tiling.tiles:
        plan = replace(plan, tiling=replace(plan.tiling, size=TILE_ROWS))
        rows = 2 * TILE_ROWS + 1
    simulation = _Simulation(program, plan, {BATCH: rows, "P": max(flat_size, 1)})
    for leaf in program.leaves:
        simulation.begin(leaf)
    at = 0
    for tile in plan.tiling.tiles:
        simulation.run(at, tile.start)
        simulation.run_tile(tile)
        at = tile.stop
    simulation.run(at, len(program.body))
    simulation.finish()


@dataclass
class _Simulation:
    program: Program
    plan: Plan
    axes: dict[str, int]
    alive: dict[int, Intervals[Key]] = field(default_factory=dict)
    arrays: dict[Key, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tiling = self.plan.tiling
        self.spans = tiling.pieces(self.axes[BATCH])
        self.stored = [
            _without_memory(b.sizes(self.axes, tiling), b.dtype) for b in self.plan.buffers
        ]
        self.pieces = self.program.pieces()

    def array(self, key: Key) -> Array:
        """The view that the plan gives to a value, or to one tile of it."""
        if key not in self.arrays:
            self.arrays[key] = self._checked(*key)
        return self.arrays[key]

    def _checked(self, value: Value, tile: int | None) -> Array:
        buffer = self._buffer(value)
        place, stored, axes = self.plan.places[value], self.stored[buffer], self.axes
        try:
            if tile is None:
                if self._extent(value) != "whole":
                    raise VerifyError("plan: a value is wanted whole and lies in tiles")
                array = follow(place.path, stored, axes)
            else:
                span = self.spans[tile]
                array = piece_of(self.plan, value, stored, axes, span)
                axes = {**axes, BATCH: span[1] - span[0]}
        except ValueError as error:
            raise VerifyError(f"plan: a place cannot be viewed: {error}") from error
        if array.shape != value.type.sizes(axes) or array.dtype != value.type.dtype:
            raise VerifyError(f"plan: {value.type} lies in {array.dtype}{list(array.shape)}")
        return array

    def _extent(self, value: Value) -> str:
        return self.plan.buffers[self._buffer(value)].extent

    def begin(self, leaf: Leaf) -> None:
        """A leaf is there before the step, where somebody writes it, and overlaps no other."""
        role = self.plan.buffers[self._buffer(leaf)].role
        if role not in WRITTEN[type(leaf)]:
            raise VerifyError(
                f"plan: leaf {leaf.id!r} would be read from a {role} buffer, where nobody writes it"
            )
        if self._overlapping((leaf, None)):
            raise VerifyError(f"plan: leaf {leaf.id!r} lies over another leaf")
        self._enter((leaf, None))

    def run(self, start: int, stop: int) -> None:
        """Instructions that see the whole batch; views of what lies in tiles see each of them."""
        for number in range(start, stop):
            instr = self.program.body[number]
            whole = all(self._extent(out) == "whole" for out in instr.outs)
            for tile in [None] if whole else range(len(self.spans)):
                self.step(number, instr, tile)

    def run_tile(self, tile: Tile) -> None:
        """All instructions of a tile for one tile after the other, then the sums of the tiles."""
        body = dict(enumerate(self.program.body[tile.start : tile.stop], tile.start))
        apart = {k: instr for k, instr in body.items() if _apart_from_batch(instr)}
        for value in {arg for instr in body.values() for arg in instr.args if arg.type.batched}:
            self._split(value)
        for number, instr in list(apart.items()):
            if self._is_alive((instr.args[0], None)):
                self.step(number, apart.pop(number), None)
        for piece in range(len(self.spans)):
            for number, instr in body.items():
                if not _apart_from_batch(instr):
                    self.step(number, instr, piece)
        for number, instr in body.items():
            for out in instr.outs:
                if out in self.plan.sums:
                    self._write_over((out, None))
                    self._enter((out, None))
            if number in apart:  # views of the sums
                self.step(number, instr, None)

    def _split(self, value: Value) -> None:
        """A value that was written whole is seen tile by tile from here on."""
        if self._there(value).remove((value, None)):
            for piece in range(len(self.spans)):
                self._enter((value, piece))

    def step(self, number: int, instr: Instr, tile: int | None) -> None:
        """One instruction, for the whole batch or one tile."""
        where = _Where(number, instr)
        view, container = instr.view, instr.container
        for arg in instr.args if view is None else instr.args[:1]:  # others only give a shape
            if not self._is_alive((arg, tile)):
                raise VerifyError(f"{where} reads a value that was overwritten")
        if view is not None:
            self._check_view(instr, tile, where)
        elif container is not None:
            whole = self.array(self._key(instr.outs[0], tile))
            for arg, path in zip(instr.args, container.paths, strict=True):
                expected = follow(path, whole, self._axes(tile))
                self._expect_same(expected, self.array(self._key(arg, tile)), where)
        else:
            self._write(instr, tile, where)
        for out in instr.outs:
            if tile is None or out not in self.plan.sums:
                self._enter(self._key(out, tile))

    def _check_view(self, instr: Instr, tile: int | None, where: object) -> None:
        (arg, *_), (out,) = instr.args, instr.outs
        view = instr.view
        assert view is not None
        if arg.type.batched == out.type.batched:
            expected = view.apply(self.array(self._key(arg, tile)), self._axes(tile))
            self._expect_same(expected, self.array(self._key(out, tile)), where)
        else:  # the batch axis comes in by repetition: all tiles see the same
            expected = view.apply(self.array((arg, None)), self._axes(tile))
            self._expect_same(expected, self.array(self._key(out, tile)), where)

    def _key(self, value: Value, tile: int | None) -> Key:
        return (value, tile if value.type.batched else None)

    def _axes(self, tile: int | None) -> dict[str, int]:
        if tile is None:
            return self.axes
        start, stop = self.spans[tile]
        return {**self.axes, BATCH: stop - start}

    def _is_alive(self, key: Key) -> bool:
        value, tile = key
        there = self._there(value)
        if self._key(value, tile) in there or (value, None) in there:
            return True
        return tile is None and all((value, k) in there for k in range(len(self.spans)))

    def _write(self, instr: Instr, tile: int | None, where: object) -> None:
        call = instr.call
        if call is None:
            raise VerifyError(f"{where} is no call, view or container: the program is not legal")
        for out in instr.outs:
            if tile is not None and out in self.plan.sums:
                continue  # each tile has memory of its own for what it adds
            self._check_operands(instr, out, tile, call, where)
            if self.plan.buffers[self._buffer(out)].fill is not None and out not in self.pieces:
                raise VerifyError(f"{where} writes over a filled buffer")
            self._write_over(self._key(out, tile))

    def _write_over(self, key: Key) -> None:
        for dead in self._overlapping(key):
            self._there(key[0]).remove(dead)

    def _check_operands(
        self, instr: Instr, out: Value, tile: int | None, call: Call, where: object
    ) -> None:
        number, count = instr.outs.index(out), len(instr.outs)
        for n, arg in enumerate(instr.args):
            if self._buffer(arg) != self._buffer(out):
                continue
            mine, theirs = self.array(self._key(out, tile)), self.array(self._key(arg, tile))
            if np.shares_memory(mine, theirs) and not (
                call.may_overwrite(n, number, count) and _same_view(mine, theirs)
            ):
                raise VerifyError(f"{where} writes over its operand {n}")

    def finish(self) -> None:
        """Results are whole at the end; updates lie where their leaves do."""
        for value in self.program.results():
            if not self._is_alive((value, None)):
                raise VerifyError("plan: a result was overwritten")
        for leaf, value in self.program.updates:
            mine, theirs = self.array((leaf, None)), self.array((value, None))
            self._expect_same(mine, theirs, f"plan: update of {leaf.id!r}")

    def _buffer(self, value: Value) -> int:
        place = self.plan.places.get(value)
        if place is None:
            raise VerifyError("plan: a value has no place")
        return place.buffer

    def _enter(self, key: Key) -> None:
        self._there(key[0]).add(key, *_bounds(self.array(key)))

    def _there(self, value: Value) -> Intervals[Key]:
        """What is alive in the buffer of a value."""
        return self.alive.setdefault(self._buffer(value), Intervals())

    def _overlapping(self, key: Key) -> list[Key]:
        array = self.array(key)
        return [
            other
            for other in self._there(key[0]).overlapping(*_bounds(array))
            if np.shares_memory(array, self.array(other))
        ]

    def _expect_same(self, expected: Array, actual: Array, where: object) -> None:
        if not _same_view(expected, actual):
            raise VerifyError(f"{where}: the result does not lie where its operand says")


def _apart_from_batch(instr: Instr) -> bool:
    """Whether an instruction is a view or container of values without the batch axis."""
    return not instr.is_work and not any(
        value.type.batched for value in (*instr.args[:1], *instr.outs)
    )


@dataclass(frozen=True, slots=True)
class _Where:
    """Names an instruction when something is wrong with it, and not before."""

    number: int
    instr: Instr

    def __str__(self) -> str:
        return f"plan: instruction {self.number} ({self.instr})"


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
