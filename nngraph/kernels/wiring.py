"""How a stretch of single neurons is wired, as one frozen record of index arrays."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.words.aggregates import AGGREGATES, Aggregate

Indices = NDArray[np.int64]
Function = tuple[str, str, tuple[float, ...]]
"""The name of an aggregate, of an activation, and the numbers among the latter's options."""

SHOWN_AT_MOST = 64  # edges; a longer record is shown by its digest


@dataclass(frozen=True, slots=True)
class Segment:
    """Neurons start to stop, none of which reads another, with one function.

    Their edges are first to last. `learned` is where the cotangents of what they learn begin, one
    run of rows for each number; `apart` where those of their edges do, -1 where these are the
    neurons' own deltas.
    """

    start: int
    stop: int
    which: int
    first: int
    last: int
    learned: tuple[int, ...]
    apart: int
    aggregate: Aggregate


@dataclass(frozen=True, eq=False)
class Wiring:
    """Units are numbered: first the columns of x, then the S neurons, each after all it reads.

    sources[E]      the unit that an edge leaves; edges are sorted by the neuron that they enter
    slots[E]        where the edge's weight lies in w, which has `size` numbers
    offsets[S + 1]  edges of neuron j are offsets[j] to offsets[j + 1]
    biases[S]       where the neuron's bias lies in w, -1 for none
    slopes[S, L]    where the numbers lie that its activation learns, -1 for none
    segments        start, stop and the number of its function, for each run of equal neurons
    """

    columns: int
    size: int
    functions: tuple[Function, ...]
    sources: Indices
    slots: Indices
    offsets: Indices
    biases: Indices
    slopes: Indices
    segments: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, literal: tuple[Any, ...]) -> Wiring:
        """From its text form."""
        columns, size, functions, *arrays, segments = literal
        sources, slots, offsets, biases, slopes = (np.array(a, np.int64) for a in arrays)
        shaped = slopes.reshape(len(biases), -1 if slopes.size else 0)
        return cls(columns, size, functions, sources, slots, offsets, biases, shaped, segments)

    def __repr__(self) -> str:
        if self.edges > SHOWN_AT_MOST:
            return repr(self.digest)
        arrays = (self.sources, self.slots, self.offsets, self.biases)
        slopes = tuple(map(tuple, self.slopes.tolist()))
        plain = (tuple(array.tolist()) for array in arrays)
        return repr((self.columns, self.size, self.functions, *plain, slopes, self.segments))

    @cached_property
    def digest(self) -> str:
        """What tells two records apart."""
        found = hashlib.sha256(repr((self.columns, self.size, self.functions)).encode())
        found.update(repr(self.segments).encode())
        for array in (self.sources, self.slots, self.offsets, self.biases, self.slopes):
            found.update(repr(array.shape).encode() + array.tobytes())
        return found.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Wiring) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    # ---- what follows from it

    @property
    def neurons(self) -> int:
        """S."""
        return len(self.biases)

    @property
    def edges(self) -> int:
        """E."""
        return len(self.sources)

    @property
    def problem(self) -> str | None:
        """What does not belong together, or None."""
        fits = (
            len(self.slots) == self.edges
            and len(self.offsets) == self.neurons + 1
            and self.slopes.shape[:1] == (self.neurons,)
            and bool((np.diff(self.offsets) > 0).all())
            and int(self.offsets[-1]) == self.edges
            and [s for s, _, _ in self.segments] == [0, *(e for _, e, _ in self.segments[:-1])]
            and self.segments[-1][1] == self.neurons
            and max(which for _, _, which in self.segments) < len(self.functions)
        )
        return None if fits else "the parts of the wiring do not belong together"

    @cached_property
    def counts(self) -> Indices:
        """Edges of each neuron."""
        return np.diff(self.offsets)

    @cached_property
    def _laid_out(self) -> tuple[tuple[Segment, ...], Indices, int]:
        rows = np.repeat(np.arange(self.neurons), self.counts)
        segments: list[Segment] = []
        at = self.neurons
        for start, stop, which in self.segments:
            first, last = int(self.offsets[start]), int(self.offsets[stop])
            many = stop - start
            learned = int((self.slopes[start] >= 0).sum())
            blocks = tuple(at + k * many for k in range(learned))
            at += learned * many
            apart = -1
            row = AGGREGATES[self.functions[which][0]]
            if row.averages:
                apart, at = at, at + many
                rows[first:last] += apart - start
            elif not row.is_sum:
                apart, at = at, at + last - first
                rows[first:last] = np.arange(apart, at)
            segments.append(Segment(start, stop, which, first, last, blocks, apart, row))
        return tuple(segments), rows, at

    @cached_property
    def plan(self) -> tuple[Segment, ...]:
        """The segments, and where their cotangents lie."""
        return self._laid_out[0]

    @cached_property
    def rows(self) -> Indices:
        """By edge the row of deltas that is dL over its W_ij z_i."""
        return self._laid_out[1]

    @cached_property
    def height(self) -> int:
        """Rows of deltas: of neurons, of what they learn, of edges that have their own."""
        return self._laid_out[2]

    @cached_property
    def learned(self) -> tuple[Indices, Indices]:
        """Slots of what is learned, and the rows of their cotangents."""
        slots: list[int] = []
        rows: list[int] = []
        for segment in self.plan:
            for k, row in enumerate(segment.learned):
                slots += self.slopes[segment.start : segment.stop, k].tolist()
                rows += range(row, row + segment.stop - segment.start)
        return np.array(slots, np.int64), np.array(rows, np.int64)

    @cached_property
    def out_edges(self) -> Indices:
        """The edges again, sorted by the unit that they leave."""
        return np.argsort(self.sources, kind="stable")

    @cached_property
    def out_offsets(self) -> Indices:
        """Edges that leave unit u are out_edges[out_offsets[u] : out_offsets[u + 1]]."""
        units = self.columns + self.neurons
        return np.searchsorted(np.sort(self.sources), np.arange(units + 1))

    @cached_property
    def widest(self) -> int:
        """Neurons of the largest segment."""
        return max(stop - start for start, stop, _ in self.segments)

    @cached_property
    def most_terms(self) -> int:
        """Edges of the neuron that has the most of those whose terms the way back needs."""
        return max(
            (
                int(self.counts[segment.start : segment.stop].max())
                for segment in self.plan
                if not segment.aggregate.is_sum
            ),
            default=0,
        )

    @cached_property
    def compares_terms(self) -> bool:
        """Whether the way back needs the terms W_ij z_i themselves."""
        return not all(AGGREGATES[name].is_sum for name, _, _ in self.functions)
