"""First weights: drawn from one stream per edge and node, or given by the file.

How widely they spread hangs on how many connections lead into and out of a unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.ir import Array
from nngraph.lower.context import Lowering
from nngraph.lower.image_edges import IMAGE_EDGE_ROWS, kernel_of
from nngraph.lower.lowered import Lowered, Weight
from nngraph.lower.singles import is_plain
from nngraph.lower.weights import kind_of, mask_of
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, End

Keys: TypeAlias = NDArray[np.uint64]

MOST_UNITS = 1 << 26  # of wider nodes the units are not told apart; such a network cannot be held

Counts = dict[str, int | Array]
"""By node: one count for all of its units, or one for each where edges reach some units only."""

PIECE = 1 << 18
"""Numbers drawn at a time, in float64: a large array is never there whole in double precision."""


def initial_weights(lowered: Lowered, seed: int) -> dict[str, Array]:
    """The first value of every array, by its name in files, in the dtype of the network.

    An array that several edges share is there once, under its owner. What the file gives is
    taken; what it does not give is a pure function of the seed, the id and what is drawn. Masked
    weights are 0. Drawn in float64 and rounded.
    """
    weights = {}
    for weight in lowered.weights:
        weights[weight.id] = np.empty(weight.shape, weight.leaf.type.dtype)
        first_weights(weight, seed, weights[weight.id])
    return weights


def first_weights(weight: Weight, seed: int, out: Array) -> None:
    """Write the first values of one array into `out`, of its shape and contiguous."""
    if weight.given is not None:
        out[...] = weight.given
    else:
        assert weight.init is not None
        key = streams.key(seed, weight.entry.id, weight.purpose)
        INIT_ROWS[weight.init.kind](weight, weight.init)(key, out)
    if weight.mask is not None:
        np.copyto(out, 0, where=~weight.mask)


def pack_weights(lowered: Lowered, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays by the id of their leaf, from arrays by their name in files.

    The two differ only for leaves that hold many small arrays, such as single neurons' weights.
    """
    packed: dict[str, Array] = {}
    for weight in lowered.weights:
        array = np.asarray(weights[weight.id], weight.leaf.type.dtype)
        if weight.part is None:
            packed[weight.leaf.id] = array
            continue
        if weight.leaf.id not in packed:
            packed[weight.leaf.id] = np.zeros(weight.leaf.type.sizes({}), array.dtype)
        flat = packed[weight.leaf.id].reshape(-1)
        flat[weight.part.start : weight.part.start + weight.part.size] = array.reshape(-1)
    return packed


def unpack_weights(lowered: Lowered, leaves: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays by their name in files, from arrays by the id of their leaf; copies."""
    arrays: dict[str, Array] = {}
    for weight in lowered.weights:
        array, part = np.asarray(leaves[weight.leaf.id]), weight.part
        if part is not None:
            array = array.reshape(-1)[part.start : part.start + part.size]
        arrays[weight.id] = array.reshape(weight.shape).copy()
    return arrays


Draw: TypeAlias = Callable[[Keys, Array], None]
"""Writes what a stream gives into an array."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One number everywhere."""

    value: float

    def __call__(self, key: Keys, out: Array) -> None:
        out.fill(self.value)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Independent numbers of a distribution of `streams`, by its two parameters."""

    distribution: Callable[..., NDArray[np.float64]]
    first: float
    second: float

    def __call__(self, key: Keys, out: Array) -> None:
        flat = out.reshape(-1)
        for start in range(0, flat.size, PIECE):
            piece = flat[start : start + PIECE]
            block = start // streams.WORDS_PER_BLOCK
            piece[...] = self.distribution(key, piece.size, self.first, self.second, block=block)


def evenly(limit: float) -> Draw:
    """Evenly spread from -limit to limit."""
    return Drawn(streams.uniform, -limit, limit)


def normally(stddev: float) -> Draw:
    """Normally distributed around 0."""
    return Drawn(streams.normal, 0.0, stddev)


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Orthonormal rows or columns, whichever are fewer, times the gain."""

    gain: float

    def __call__(self, key: Keys, out: Array) -> None:
        last = out.shape[-1]
        rows = out.size // last
        tall = streams.normal(key, (max(rows, last), min(rows, last)))
        q, r = np.linalg.qr(tall)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else not even over all directions
        q = q if rows >= last else q.T
        out[...] = self.gain * q.reshape(out.shape)


def _fans(weight: Weight) -> int:
    return weight.fan_in + weight.fan_out


INIT_ROWS: Mapping[str, Callable[[Weight, Any], Draw]] = {
    "zeros": lambda weight, init: Filled(0.0),
    "ones": lambda weight, init: Filled(1.0),
    "glorot_uniform": lambda weight, init: evenly(math.sqrt(6 / _fans(weight))),
    "glorot_normal": lambda weight, init: normally(math.sqrt(2 / _fans(weight))),
    "he_uniform": lambda weight, init: evenly(math.sqrt(6 / weight.fan_in)),
    "he_normal": lambda weight, init: normally(math.sqrt(2 / weight.fan_in)),
    "lecun_normal": lambda weight, init: normally(math.sqrt(1 / weight.fan_in)),
    "uniform": lambda weight, init: Drawn(streams.uniform, init.low, init.high),
    "normal": lambda weight, init: Drawn(streams.normal, init.mean, init.stddev),
    "truncated_normal": lambda weight, init: Drawn(
        streams.truncated_normal, init.mean, init.stddev
    ),
    "orthogonal": lambda weight, init: Orthogonal(init.gain),
}
"""What each row draws, by its name; the rows say where the spreads come from."""


# ---- connections


class Fans:
    """Connections into and out of each unit of each node, all weighted edges counted.

    Units are those of the last axis, the channels of an image.
    """

    def __init__(self, lowering: Lowering) -> None:
        self._shapes = {node: z.type.sample_shape for node, z in lowering.values.items()}
        self._into: Counts = dict.fromkeys(self._shapes, 0)
        self._out_of: Counts = dict.fromkeys(self._shapes, 0)
        others = self._count_singles(lowering)
        for edge in (lowering.document.edges[number] for number in others):
            if (kind := kind_of(lowering, edge)) != "identity":
                self._count(lowering, edge, kind)

    def _count_singles(self, lowering: Lowering) -> list[int]:
        """Count plain edges into single neurons, each one weight from one unit to one; the numbers
        of the others."""
        graph, edges = lowering.graph, lowering.document.edges
        wires, ends = graph.wires, edges.ends.known
        is_single = np.array([node in lowering.singles for node in graph.order])
        single = is_single[wires.targets]
        for at in np.flatnonzero(single & edges.with_options[wires.edges]).tolist():
            single[at] = is_plain(lowering, edges[wires.edges[at]])
        entered = np.bincount(wires.targets[single], minlength=len(is_single))
        for node in np.flatnonzero(entered).tolist():
            self._add(self._into, End(graph.order[node]), int(entered[node]))
        left = np.bincount(wires.starts[single], minlength=len(ends))
        for end in np.flatnonzero(left).tolist():
            self._add(self._out_of, ends[end], int(left[end]))
        others: list[int] = np.sort(wires.edges[~single]).tolist()
        return others

    def of(self, edge: EdgeEntry) -> tuple[int, int]:
        """Fan-in and fan-out of an edge: those of the units with the most connections."""
        return _most(self._into, edge.target), _most(self._out_of, edge.source)

    def into(self, node: str) -> int:
        """Fan-in of a node: that of its unit with the most connections."""
        return _most(self._into, End(node))

    def _width(self, node: str) -> int:
        shape = self._shapes[node]
        return shape[-1] if shape else 1

    def _reach(self, end: End) -> int:
        if end.start is not None and end.stop is not None:
            return end.stop - end.start
        return self._width(end.node)

    def _count(self, lowering: Lowering, edge: EdgeEntry, kind: str) -> None:
        units_out = self._reach(edge.source)
        if kind in IMAGE_EDGE_ROWS:
            self._count_windows(lowering, edge, units_out)
            return
        if kind != "dense":
            mask = mask_of(lowering, edge, (units_out,))
            each = 1 if mask is None else mask.astype(np.int64)
            self._add(self._into, edge.target, each)
            self._add(self._out_of, edge.source, each)
            return
        units_in = self._reach(edge.target)
        pixels = math.prod(self._shapes[edge.source.node][:-1])
        mask = None
        if edge.given is not None:
            mask = mask_of(lowering, edge, (pixels * units_out, units_in))
        if mask is None:
            self._add(self._into, edge.target, pixels * units_out)
            self._add(self._out_of, edge.source, units_in)
        else:
            self._add(self._into, edge.target, mask.sum(axis=0))
            by_pixel = mask.sum(axis=1).reshape(pixels, units_out)
            self._add(self._out_of, edge.source, by_pixel.max(axis=0))

    def _count_windows(self, lowering: Lowering, edge: EdgeEntry, channels: int) -> None:
        """An edge whose weights move over its source."""
        source = (*self._shapes[edge.source.node][:-1], channels)
        kernel = kernel_of(lowering, edge, source, self._reach(edge.target))
        mask = mask_of(lowering, edge, kernel.shape)
        into: int | Array = kernel.into
        if mask is not None:
            rank = len(source) - 1
            kept = mask.sum(axis=tuple(range(rank)))
            into = kept.ravel() if edge.options.kind == "depthwise" else kept.sum(axis=0)
        self._add(self._into, edge.target, into)
        self._add(self._out_of, edge.source, kernel.out_of)

    def _add(self, counts: Counts, end: End, more: int | Array) -> None:
        known, width = counts[end.node], self._width(end.node)
        alike = width > MOST_UNITS or self._reach(end) == width
        if isinstance(known, int) and isinstance(more, int) and alike:
            counts[end.node] = known + more
            return
        if isinstance(known, int):
            known = counts[end.node] = np.full(width, known, np.int64)
        known[end.start : end.stop] += more


def _most(counts: Counts, end: End) -> int:
    known = counts[end.node]
    most = known if isinstance(known, int) else int(known[end.start : end.stop].max())
    return max(1, most)
