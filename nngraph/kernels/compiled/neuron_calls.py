"""Compiled stretches of neurons as ops call them: samples first, scratch made once for a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.neuron_tables import NeuronTables
from nngraph.kernels.compiled.neurons import deltas_of, sources_of, states_of, weights_of

Floats = NDArray[Any]

GROUP = 1024
"""Numbers of each register of a formula: few enough for the first cache."""
WIDEST = 128
NARROWEST = 32
CACHED = 1 << 23
"""Bytes of all units that may lie beside each other; more samples than fit are cut into blocks."""


def block_width(samples: int, units: int, item: int) -> int:
    """Samples of a block: one, or a multiple of 16."""
    if samples <= 1:
        return 1
    width = min(WIDEST, -(-samples // 16) * 16)
    while width > NARROWEST and width * units * item > CACHED:
        width //= 2
    return -(-width // 16) * 16


def units_first(values: Floats) -> Floats:
    """[units, N], dense: the array itself where it lies so."""
    return np.ascontiguousarray(values.T)


class _Scratch:
    """A block of so many rows of samples, and registers of which the last hold constants.

    `results` are rows of the block that lie in the result itself where a block has all samples.
    """

    def __init__(
        self, tables: NeuronTables, rows: int, samples: int, dtype: np.dtype[Any], results: int = 0
    ) -> None:
        self.samples, self.dtype = samples, dtype
        self.width = block_width(samples, rows + results, dtype.itemsize)
        rows += 0 if self.width == samples else results
        widest = tables.wiring.widest * self.width
        self.room = max(self.width, min(GROUP // self.width * self.width, widest))
        held = tables.registers + len(tables.numbers)
        self.memory = np.zeros(rows * self.width + held * self.room, dtype)
        at = rows * self.width + tables.registers * self.room
        for number in tables.numbers:
            self.memory[at : at + self.room] = number
            at += self.room

    def fits(self, samples: int, dtype: np.dtype[Any]) -> bool:
        """Whether it serves for arrays of this many samples."""
        return samples == self.samples and dtype == self.dtype


class StatesCall:
    """z of all neurons, then a of all neurons: out[N, 2 S]."""

    def __init__(self, tables: NeuronTables) -> None:
        self.tables = tables
        self.scratch: _Scratch | None = None

    def fresh(self) -> StatesCall:
        """One for another step."""
        return StatesCall(self.tables)

    def __call__(self, x: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        tables, wiring, scratch = self.tables, self.tables.wiring, self.scratch
        if scratch is None or not scratch.fits(len(x), x.dtype):
            held = wiring.columns + wiring.neurons
            scratch = self.scratch = _Scratch(tables, held, len(x), x.dtype)
        rows = out.T
        units = np.ascontiguousarray(rows)
        states_of(
            units_first(x), w, tables.whole, scratch.memory, units, scratch.width, scratch.room
        )
        if units is not rows:
            rows[...] = units
        return out


class DeltasCall:
    """delta, by the rows of `Wiring.rows`: out[N, height]."""

    def __init__(self, tables: NeuronTables, read: Sequence[int] | None) -> None:
        self.tables, self.read = tables, read
        all_of_them = range(2 * tables.wiring.neurons)
        self.places = np.array(all_of_them if read is None else read, np.int32)
        self.reads_a = bool((self.places >= tables.wiring.neurons).any())
        self.scratch: _Scratch | None = None

    def fresh(self) -> DeltasCall:
        """One for another step."""
        return DeltasCall(self.tables, self.read)

    def __call__(self, g: Floats, states: Floats, x: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        tables, wiring, scratch = self.tables, self.tables.wiring, self.scratch
        if scratch is None or not scratch.fits(len(x), x.dtype):
            held = wiring.most_terms + 2 + self.reads_a * wiring.neurons
            scratch = _Scratch(tables, held, len(x), x.dtype, results=wiring.height)
            self.scratch = scratch
        rows = out.T
        units = np.ascontiguousarray(rows)
        deltas_of(
            units_first(g),
            units_first(states),
            units_first(x),
            w,
            tables.whole,
            scratch.memory,
            units,
            scratch.width,
            scratch.room,
            self.places,
            self.reads_a,
        )
        if units is not rows:
            rows[...] = units
        return out


class WeightGradientCall:
    """dL/dw by slot."""

    def __init__(self, tables: NeuronTables) -> None:
        self.tables = tables

    def fresh(self) -> WeightGradientCall:
        """One for another step."""
        return WeightGradientCall(self.tables)

    def __call__(self, delta: Floats, states: Floats, x: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        units = units_first(delta), units_first(states), units_first(x)
        weights_of(*units, self.tables.whole, out)
        return out


class SourceGradientCall:
    """dL/dx: out[N, K]."""

    def __init__(self, tables: NeuronTables) -> None:
        self.tables = tables

    def fresh(self) -> SourceGradientCall:
        """One for another step."""
        return SourceGradientCall(self.tables)

    def __call__(self, delta: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        rows = out.T
        units = np.ascontiguousarray(rows)
        sources_of(units_first(delta), w, self.tables.whole, units)
        if units is not rows:
            rows[...] = units
        return out
