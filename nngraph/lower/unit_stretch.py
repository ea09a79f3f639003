"""Edges between few units of layers, computed together as a stretch of single neurons is.

Each alone would be a slice, a product of one number, a place among zeros and a sum: 300 times the
time of a connection of a stretch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

import numpy as np

from nngraph.ir import Constant, Value
from nngraph.kernels.wiring import Wiring
from nngraph.lower.context import Lowering, origin
from nngraph.lower.gather import gather
from nngraph.lower.lowered import NeuronGroup
from nngraph.lower.packing import Small, array_of, packed
from nngraph.lower.singles import Unit, is_connection, is_there
from nngraph.lower.weights import kind_of
from nngraph.ops import Add, Concat, PlaceUnits, SliceAxis
from nngraph.ops.neurons import NeuronStretch
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.weighted import WeightedEdge
from nngraph.spec.weights import shape_of
from nngraph.words.aggregates import AGGREGATES

FEWEST = 8
"""Edges from which on one call for all of them pays."""
MOST = 64
"""Connections of an edge; more are a matrix that is worth its own product."""


@dataclass(frozen=True, slots=True)
class _Connection:
    """From a unit to a unit of the node, with number `at` of the array of an edge; -1 stands for
    an edge without one."""

    edge: EdgeEntry
    source: Unit
    target: int
    at: int


def few_units(lowering: Lowering, edge: EdgeEntry, units: int) -> bool:
    """Whether an edge connects few units of vectors, each by a weight of its own."""
    if edge.source.node not in lowering.values or edge.id in lowering.shared:
        return False
    if getattr(edge.given, "share", None) is not None:
        return False
    sides = _extent(lowering, edge, units)
    if sides is None or math.prod(sides) > MOST:
        return False
    if sides == (1, 1):
        return edge.given is None or (is_connection(lowering, edge) and is_there(lowering, edge))
    options = edge.given
    if options is None:
        return True
    if not isinstance(options, WeightedEdge) or kind_of(lowering, edge) != "dense":
        return False
    weight = options.weight
    is_known = weight is None or isinstance(weight, float) or _is_of(weight, sides)
    return is_known and options.mask is None


def _is_of(weight: object, shape: tuple[int, int]) -> bool:
    return isinstance(weight, tuple) and shape_of(weight) == shape


def _extent(lowering: Lowering, edge: EdgeEntry, units: int) -> tuple[int, int] | None:
    """How many units of the source an edge takes, and how many of the node it reaches; None where
    these are not all there, or all of both."""
    shape, (source, target) = lowering.shape(edge.source.node), (edge.source, edge.target)
    if len(shape) > 1 or (target.start is None and units > 1):
        return None
    width = (shape or (1,))[0]
    first, last = (0, width) if source.start is None else (source.start, source.stop or 0)
    start, stop = (0, units) if target.start is None else (target.start, target.stop or 0)
    if last > width or stop > units or (source.start is not None and not shape):
        return None
    return last - first, stop - start


def sum_of_units(
    lowering: Lowering, entry: NodeEntry, units: int, edges: Sequence[EdgeEntry]
) -> Value:
    """The sum of what edges between few units bring, as all units of the node."""
    z, rows = _stretch(lowering, entry, "sum", units, edges)
    total: Value | None = None
    for run in _runs(rows):
        part = z
        if len(run) < len(rows):
            part = lowering.builder(SliceAxis(1, run[0][0], run[-1][0] + 1), part)
        if len(run) < units:
            part = lowering.builder(PlaceUnits(1, run[0][1], units, 0.0), part)
        total = part if total is None else lowering.builder(Add(), total, part)
    assert total is not None
    return total


def aggregate_of_units(
    lowering: Lowering, entry: NodeEntry, kind: str, units: int, edges: Sequence[EdgeEntry]
) -> Value | None:
    """The aggregate of what edges between few units bring; None where they leave out a unit."""
    reached = {c.target for edge in edges for c in _connections(lowering, edge, units)}
    if len(reached) < units:
        return None
    return _stretch(lowering, entry, kind, units, edges)[0]


def _runs(rows: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """Neighbours among the units that are reached, each with its place among them."""
    for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
        yield list(run)


def _connections(lowering: Lowering, edge: EdgeEntry, units: int) -> Iterator[_Connection]:
    sides = _extent(lowering, edge, units)
    assert sides is not None
    has_weight = kind_of(lowering, edge) != "identity"
    first, start = edge.source.start or 0, edge.target.start or 0
    for i, j in np.ndindex(*sides):
        at = i * sides[1] + j if has_weight else -1
        yield _Connection(edge, (edge.source.node, first + i), start + j, at)


def _stretch(
    lowering: Lowering, entry: NodeEntry, kind: str, units: int, edges: Sequence[EdgeEntry]
) -> tuple[Value, list[int]]:
    """The aggregates of those units of a node that are reached, and which these are."""
    lowering.grouped.append(NeuronGroup("units", (entry.id,), len(edges)))
    with lowering.builder.at(*map(origin, edges)):
        w, slots, size = _weights(lowering, entry, edges)
        found = [c for edge in edges for c in _connections(lowering, edge, units)]
        found.sort(key=lambda connection: connection.target)
        x, columns = gather(lowering, (c.source for c in found), exact=False)
        rows, counts = np.unique([c.target for c in found], return_counts=True)
        wiring = Wiring(
            x.type.sample_shape[0],
            size,
            ((kind, "identity", ()),),
            np.array([columns[c.source] for c in found], np.int64),
            np.array([slots[c.edge.id] + c.at if c.at >= 0 else size - 1 for c in found], np.int64),
            np.concatenate([[0], np.cumsum(counts)]),
            np.full(len(rows), -1),
            np.zeros((len(rows), 0), np.int64),
            _segments(counts.tolist(), alike=AGGREGATES[kind].is_sum),
        )
        states = lowering.builder(NeuronStretch(wiring), x, w)
        return lowering.builder(SliceAxis(1, 0, len(rows)), states), rows.tolist()


def _segments(counts: Sequence[int], *, alike: bool) -> tuple[tuple[int, int, int], ...]:
    """Units with equally many connections, wherever the aggregate asks for that."""
    if alike:
        return ((0, len(counts), 0),)
    starts = [0, *(k for k in range(1, len(counts)) if counts[k] != counts[k - 1]), len(counts)]
    return tuple((start, stop, 0) for start, stop in pairwise(starts))


def _weights(
    lowering: Lowering, entry: NodeEntry, edges: Sequence[EdgeEntry]
) -> tuple[Value, Mapping[str, int], int]:
    """All numbers as one value, where the array of each edge begins, and how many there are; the
    last is the 1 of edges without an array, where there are such."""
    arrays: dict[bool, dict[int, Small]] = {True: {}, False: {}}
    sizes, slots = {True: 0, False: 0}, dict[str, int]()
    for edge in edges:
        if kind_of(lowering, edge) == "identity":
            continue
        sides = _extent(lowering, edge, lowering.neurons(entry.id).units)
        assert sides is not None
        small = array_of(lowering, edge, sides)
        slots[edge.id] = sizes[small.trainable]
        arrays[small.trainable][sizes[small.trainable]] = small
        sizes[small.trainable] += math.prod(small.shape)
    leaves = []
    for trained, suffix in ((True, ""), (False, ":fixed")):
        if arrays[trained]:
            shape = (sizes[trained],)
            leaves.append(packed(lowering, f"{entry.id}:units{suffix}", arrays[trained], shape))
    for small in arrays[False].values():
        slots[small.id] += sizes[True]
    size = sizes[True] + sizes[False]
    if len(slots) < len(edges):
        one = Constant(lowering.type(1), f"{entry.id}:units:one", np.ones(1, lowering.dtype))
        leaves.append(lowering.builder.leaf(one))
        size += 1
    w = leaves[0] if len(leaves) == 1 else lowering.builder(Concat(0), *leaves)
    return w, slots, size
