"""Networks of single neurons without compiled kernels: level by level, as products.

Inside, arrays are unit-major, [units, N]. The rows that the neurons of a level read are taken side
by side, [M, F, N], and one product of [M, 1, F] with them gives all their sums; its last column is
the bias, beside a row of ones. Neurons with fewer connections than others of their run read a row
of zeros with weight 0. All arrays, views and calls are made once for a step.

Samples are filled up to a multiple of 16 with the last one again, so that a sample has the same
bits in any batch: products take the samples that are left over from their blocks another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.neurons import Functions, share_of_terms
from nngraph.kernels.rows import Spare
from nngraph.kernels.wiring import Indices, Segment, Wiring

Floats = NDArray[Any]
Calls = list[Callable[[], object]]

GATHERED_AT_MOST = 1 << 21
"""Elements of rows that are taken at a time."""
BLOCK = 16
PADDING = 1.25
"""Rows taken, over those that are connected."""


def runs_of(counts: Indices, most: int) -> Iterator[tuple[int, int, int]]:
    """First and last (excluded) of units taken together, and the most connections of one.

    >>> list(runs_of(np.array([2, 2, 2, 9, 9]), 100)), list(runs_of(np.array([5, 5, 5]), 10))
    ([(0, 3, 2), (3, 5, 9)], [(0, 2, 5), (2, 3, 5)])
    """
    first, widest, connected = 0, 0, 0
    for at, count in enumerate(counts.tolist()):
        wide = max(widest, count)
        taken = wide * (at + 1 - first)
        if at > first and (taken > PADDING * (connected + count) or taken > most):
            yield first, at, widest
            first, wide, connected = at, count, 0
        widest, connected = wide, connected + count
    if len(counts):
        yield first, len(counts), widest


def _table(offsets: Indices, units: Indices, wide: int, values: Indices, nothing: int) -> Indices:
    """Values of edges, one row for each unit, filled up with `nothing`."""
    places = offsets[units, np.newaxis] + np.arange(wide)
    valid = places < offsets[units + 1, np.newaxis]
    found = values[np.minimum(places, max(len(values) - 1, 0))] if len(values) else places
    return np.where(valid, found, nothing)


class _Weights:
    """Numbers of w, gathered once a step: each asker gets a view that is filled in then."""

    def __init__(self, size: int, dtype: np.dtype[Any]) -> None:
        self.zero = size
        self._from = np.zeros(size + 1, dtype)
        self._places: list[Indices] = []
        self._shapes: list[tuple[int, ...]] = []

    def ask(self, places: Indices) -> int:
        """Order numbers from these places; gives the number of the order."""
        self._places.append(places.ravel())
        self._shapes.append(places.shape)
        return len(self._places) - 1

    def prepare(self) -> list[Floats]:
        """The views, by the number of the order."""
        places = np.concatenate([np.zeros(0, np.int64), *self._places])
        found = np.zeros(len(places), self._from.dtype)
        self._take = partial(self._from.take, places, 0, found, "clip")
        ends = np.cumsum([0, *map(len, self._places)]).tolist()
        return [
            found[start : start + len(p)].reshape(shape)
            for start, p, shape in zip(ends, self._places, self._shapes, strict=False)
        ]

    def fill(self, w: Floats) -> None:
        """Take all numbers."""
        self._from[:-1] = w
        self._take()


class _Plan:
    """What both ways share: rows taken from an array whose last two are zeros and ones."""

    def __init__(self, wiring: Wiring, functions: Functions) -> None:
        self.wiring, self.functions = wiring, functions
        self.made_of: tuple[Any, ...] = (wiring, functions)
        self.out: Floats | None = None

    def fresh(self) -> Self:
        """One for another step."""
        return type(self)(*self.made_of)

    def begin(self, height: int, samples: int, dtype: np.dtype[Any]) -> int:
        """New arrays: `height` rows, a row of zeros, a row of ones; gives the length of rows."""
        self.samples = samples
        samples = -(-samples // BLOCK) * BLOCK
        self.taken_from = np.zeros((height + 2, samples), dtype)
        self.taken_from[-1] = 1.0
        self.zeros, self.ones = height, height + 1
        self.weights = _Weights(self.wiring.size, dtype)
        self.later: list[Callable[[list[Floats]], Iterator[Callable[[], object]]]] = []
        self.most_taken = 0
        self.most = max(1, GATHERED_AT_MOST // max(1, samples))
        return samples

    def finish(self) -> Calls:
        """All calls in order."""
        given = self.weights.prepare()
        self.rows = np.empty((self.most_taken, self.taken_from.shape[1]), self.taken_from.dtype)
        return [call for make in self.later for call in make(given)]

    def then(self, *calls: Callable[[], object]) -> None:
        """Calls that need nothing of what is not there yet."""
        self.later.append(lambda given: iter(calls))

    def add_products(self, sources: Indices, slots: Indices, out: Floats) -> None:
        """out_m = sum over f of w[slots[m, f]] row sources[m, f]."""
        many, wide = sources.shape
        order, samples = self.weights.ask(slots.reshape(many, 1, wide)), out.shape[1]
        self.most_taken = max(self.most_taken, many * wide)
        places = np.ascontiguousarray(sources.ravel())

        def make(given: list[Floats]) -> Iterator[Callable[[], object]]:
            rows = self.rows[: many * wide]
            yield partial(self.taken_from.take, places, 0, rows, "clip")
            stacked = rows.reshape(many, wide, samples)
            # `out` by its place, which NumPy reads in a fifth less time
            yield partial(np.matmul, given[order], stacked, out.reshape(many, 1, samples))

        self.later.append(make)

    def take_terms(
        self,
        sources: Indices,
        slots: Indices,
        use: Callable[[Floats], Iterator[Callable[[], object]]],
    ) -> None:
        """Terms w z [M, F, N] for `use`, which makes calls on them."""
        many, wide = sources.shape
        order = self.weights.ask(slots.reshape(-1, 1))
        self.most_taken = max(self.most_taken, many * wide)
        places = np.ascontiguousarray(sources.ravel())

        def make(given: list[Floats]) -> Iterator[Callable[[], object]]:
            rows = self.rows[: many * wide]
            yield partial(self.taken_from.take, places, 0, rows, "clip")
            yield partial(np.multiply, rows, given[order], out=rows)
            yield from use(rows.reshape(many, wide, rows.shape[1]))

        self.later.append(make)

    def slopes_of(self, segment: Segment) -> list[int]:
        """Orders for what the activations of a segment learn."""
        slopes = self.wiring.slopes[segment.start : segment.stop]
        return [self.weights.ask(slopes[:, k : k + 1]) for k in range(len(segment.learned))]

    def shares(self, segment: Segment, dtype: np.dtype[Any]) -> Floats:
        """1 / the number of connections, one number a row."""
        counts = self.wiring.counts[segment.start : segment.stop, np.newaxis]
        return (1.0 / counts).astype(dtype)


class StatesByLevel(_Plan):
    """z of all neurons, then a of all neurons: out[N, 2 S]."""

    def __call__(self, x: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        if out is not self.out:
            self._prepare(len(x), out)
        columns, neurons = self.wiring.columns, self.wiring.neurons
        _fill_up(self.taken_from[:columns], x.T)
        self.weights.fill(w)
        for call in self.calls:
            call()
        out[:, :neurons] = self.taken_from[columns : columns + neurons, : self.samples].T
        return out

    def _prepare(self, samples: int, out: Floats) -> None:
        wiring, dtype = self.wiring, out.dtype
        samples = self.begin(wiring.columns + wiring.neurons, samples, dtype)
        spare = Spare([f.forward for f in self.functions], (wiring.widest, samples), dtype)
        a = np.empty((wiring.neurons, samples), dtype)
        for segment in wiring.plan:
            here = a[segment.start : segment.stop]
            if segment.aggregate.is_sum:
                self._sum(segment, here)
            else:
                self._combine(segment, here)
            if segment.aggregate.averages or not segment.aggregate.is_sum:
                self._scale(segment, here)
            self._activate(segment, here, spare)
        self.then(partial(np.copyto, out[:, wiring.neurons :].T, a[:, : self.samples]))
        self.calls = self.finish()
        self.out = out

    def _sum(self, segment: Segment, here: Floats) -> None:
        """Sums; the bias is one more connection, unless they are averaged first."""
        wiring, at = self.wiring, segment.start
        counts = wiring.counts[at : segment.stop]
        biases = wiring.biases[:, np.newaxis]
        for first, last, wide in runs_of(counts, self.most):
            some = wiring.offsets, np.arange(at + first, at + last), wide
            sources = _table(*some, wiring.sources, self.zeros)
            slots = _table(*some, wiring.slots, self.weights.zero)
            mine = biases[at + first : at + last]
            if not segment.aggregate.averages and (mine >= 0).any():
                ones = np.full_like(mine, self.ones)
                sources = np.concatenate([sources, ones], axis=1)
                slots = np.concatenate([slots, np.where(mine < 0, self.weights.zero, mine)], axis=1)
            self.add_products(sources, slots, here[first:last])

    def _combine(self, segment: Segment, here: Floats) -> None:
        wiring, combine = self.wiring, self.functions[segment.which].combine
        counts = wiring.counts[segment.start : segment.stop]
        for first, last, wide in runs_of(counts, self.most):
            units = np.arange(segment.start + first, segment.start + last)
            some = wiring.offsets, units, wide
            out = here[first:last]

            def use(terms: Floats, out: Floats = out) -> Iterator[Callable[[], object]]:
                yield partial(combine.reduce, terms, axis=1, out=out)

            slots = _table(*some, wiring.slots, 0)
            self.take_terms(_table(*some, wiring.sources, 0), slots, use)

    def _scale(self, segment: Segment, here: Floats) -> None:
        """The mean of a sum, and then the bias."""
        if segment.aggregate.averages:
            self.then(partial(np.multiply, here, self.shares(segment, here.dtype), out=here))
        biases = self.wiring.biases[segment.start : segment.stop, np.newaxis]
        order = self.weights.ask(np.where(biases < 0, self.weights.zero, biases))
        self.later.append(lambda given: iter([partial(np.add, here, given[order], out=here)]))

    def _activate(self, segment: Segment, here: Floats, spare: Spare) -> None:
        columns, function = self.wiring.columns, self.functions[segment.which].forward
        z = self.taken_from[columns + segment.start : columns + segment.stop]
        orders = self.slopes_of(segment)
        self.later.append(
            lambda given: function.prepared([here, *(given[k] for k in orders)], [z], spare)
        )


class DeltasByLevel(_Plan):
    """delta_j = f_j'(a_j) (dL/dz_j from outside + sum_k W_jk delta_k) + dL/da_j from outside.

    Then the cotangents of what is learned, and those of single terms W_ij z_i where these are not
    the delta of their neuron: out[N, height]. `read` names the columns of z and a from outside.
    """

    def __init__(
        self, wiring: Wiring, functions: Functions, read: tuple[int, ...] | None = None
    ) -> None:
        super().__init__(wiring, functions)
        self.made_of = (wiring, functions, read)
        places = np.arange(2 * wiring.neurons) if read is None else np.array(read, np.int64)
        self.into_z, self.into_a = (
            np.flatnonzero(places < wiring.neurons),
            np.flatnonzero(places >= wiring.neurons),
        )
        self.places = places

    def __call__(self, g: Floats, states: Floats, x: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        if out is not self.out:
            self._prepare(out)
        neurons = self.wiring.neurons
        _fill_up(self.z_and_a, states.T)
        _spread_out(g, self.places, self.into_z, 0, self.outside)
        _spread_out(g, self.places, self.into_a, neurons, self.outside_a)
        if self.wiring.compares_terms:
            _fill_up(self.units[: self.wiring.columns], x.T)
            self.units[self.wiring.columns :] = self.z_and_a[:neurons]
        self.weights.fill(w)
        for call in self.calls:
            call()
        out.T[...] = self.taken_from[: self.wiring.height, : self.samples]
        return out

    def _prepare(self, out: Floats) -> None:
        wiring, dtype = self.wiring, out.dtype
        samples = self.begin(wiring.height, len(out), dtype)
        self.out_rows, self.out_slots = (
            wiring.rows[wiring.out_edges],
            wiring.slots[wiring.out_edges],
        )
        neurons = wiring.neurons
        self.outside = np.zeros((neurons if len(self.into_z) else 0, samples), dtype)
        self.outside_a = np.zeros((neurons if len(self.into_a) else 0, samples), dtype)
        self.units = np.zeros(
            (wiring.columns + neurons if wiring.compares_terms else 0, samples), dtype
        )
        self.z_and_a = np.empty((2 * neurons, samples), dtype)
        spare = Spare([f.back for f in self.functions], (wiring.widest, samples), dtype)
        back, self.sorted = (np.zeros((wiring.widest, samples), dtype) for _ in range(2))
        for segment in wiring.plan[::-1]:
            mine = back[: segment.stop - segment.start]
            self._pull(segment, mine)
            self._differentiate(segment, mine, spare)
            if segment.apart >= 0:
                self._tell_apart(segment)
        self.calls = self.finish()
        self.out = out

    def _is_read(self, segment: Segment, which: Indices, before: int) -> bool:
        places = self.places[which] - before
        return bool(((places >= segment.start) & (places < segment.stop)).any())

    def _pull(self, segment: Segment, back: Floats) -> None:
        """What comes back to z: from outside, and along the edges that leave."""
        wiring = self.wiring
        first_unit, last_unit = wiring.columns + segment.start, wiring.columns + segment.stop
        offsets = wiring.out_offsets
        counts = np.diff(offsets[first_unit : last_unit + 1])
        rows, slots = self.out_rows, self.out_slots
        order = np.argsort(counts, kind="stable")
        runs, sorted_runs = (list(runs_of(c, self.most)) for c in (counts, counts[order]))
        target = back
        if len(sorted_runs) + 1 < len(runs):
            runs, target = sorted_runs, self.sorted[: len(back)]
        else:
            order = np.arange(len(counts))
        for first, last, wide in runs:
            units = first_unit + order[first:last]
            if wide == 0:
                self.then(partial(target[first:last].fill, 0))
                continue
            sources = _table(offsets, units, wide, rows, self.zeros)
            mine = _table(offsets, units, wide, slots, self.weights.zero)
            self.add_products(sources, mine, target[first:last])
        if target is not back:
            self.then(partial(target.take, np.argsort(order, kind="stable"), 0, back, "clip"))
        if self._is_read(segment, self.into_z, 0):
            outside = self.outside[segment.start : segment.stop]
            self.then(partial(np.add, back, outside, out=back))

    def _differentiate(self, segment: Segment, back: Floats, spare: Spare) -> None:
        start, stop, neurons = segment.start, segment.stop, self.wiring.neurons
        function = self.functions[segment.which].back
        z, a = self.z_and_a[start:stop], self.z_and_a[neurons + start : neurons + stop]
        here = self.taken_from[start:stop]
        outs = [here, *(self.taken_from[row : row + stop - start] for row in segment.learned)]
        orders = self.slopes_of(segment)
        self.later.append(
            lambda given: function.prepared([back, z, a, *(given[k] for k in orders)], outs, spare)
        )
        if self._is_read(segment, self.into_a, neurons):
            self.then(partial(np.add, here, self.outside_a[start:stop], out=here))

    def _tell_apart(self, segment: Segment) -> None:
        """The cotangents of terms that are not the delta of their neuron."""
        wiring, start, stop = self.wiring, segment.start, segment.stop
        here = self.taken_from[start:stop]
        if segment.aggregate.averages:
            into = self.taken_from[segment.apart : segment.apart + stop - start]
            self.then(partial(np.multiply, here, self.shares(segment, here.dtype), out=into))
            return
        combine = self.functions[segment.which].combine
        weights = self.weights.ask(wiring.slots[segment.first : segment.last, np.newaxis])
        into = self.taken_from[segment.apart : segment.apart + segment.last - segment.first]
        sources = wiring.sources[segment.first : segment.last]
        shape = (stop - start, int(wiring.counts[start]), here.shape[1])

        def share(w: Floats) -> None:
            terms = self.units[sources]
            terms *= w
            share_of_terms(terms.reshape(shape), combine, here, into.reshape(shape))

        self.later.append(lambda given: iter([partial(share, given[weights])]))


def _spread_out(g: Floats, places: Indices, which: Indices, before: int, whole: Floats) -> None:
    """Columns at their places among zeros; several may have one place."""
    if not len(which):
        return
    whole.fill(0)
    samples = len(g)
    np.add.at(whole[:, :samples], places[which] - before, g.T[which])
    whole[:, samples:] = whole[:, samples - 1 : samples]


def _fill_up(rows: Floats, values: Floats) -> None:
    """Values, and then the last of each row again."""
    samples = values.shape[1]
    rows[:, :samples] = values
    rows[:, samples:] = values[:, samples - 1 : samples]
