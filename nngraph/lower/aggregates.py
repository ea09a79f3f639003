"""Aggregates other than the sum: single connections W_ij z_i, combined per unit j.

Masked connections and units that an edge does not reach are absent: they are given the value that
changes nothing (1 for the product, -inf for the maximum). The mean is the sum over the number of
connections.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nngraph.errors import CapacityError, Note, diagnostic
from nngraph.ir import BATCH, Array, Constant, Value
from nngraph.lower.connections import (
    connection_shape,
    dense_operands,
    into_units,
    place,
    target_range,
)
from nngraph.lower.context import Lowering, Mistake, every, origin, shape_text, unlike_shapes
from nngraph.lower.image_edges import IMAGE_EDGE_ROWS
from nngraph.lower.weights import kind_of, mask_of
from nngraph.ops import (
    OPS_BY_NAME,
    Add,
    Cast,
    Concat,
    GreaterEqual,
    MaximumAxis,
    MinimumAxis,
    Multiply,
    Negative,
    Reshape,
    ScaleBy,
    SortAxis,
    SubtractFrom,
    SumAxis,
)
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.words.aggregates import AGGREGATES

MOST_UNITS = 1 << 26  # of a node whose units must be told apart


def aggregate(lowering: Lowering, entry: NodeEntry, kind: str, edges: Sequence[EdgeEntry]) -> Value:
    """The aggregate of all connections into a node. Errors: Mistake, Poisoned."""
    row = AGGREGATES[kind]
    found = every(lowering, edges, lambda edge: _connections(lowering, edge, row.absent))
    _check_shapes(entry, edges, found)
    counts = _counts(lowering, entry, edges)
    _check_connected(entry, kind, counts)
    together = found[0] if len(found) == 1 else lowering.builder(Concat(1), *found)
    if kind == "maxabs":
        return _farthest(lowering, together)
    if kind == "median":
        return _middle(lowering, entry, together, counts)
    result = lowering.builder(OPS_BY_NAME[row.reduction](1), together)
    if not row.averages:
        return result
    if isinstance(counts, int):
        return lowering.builder(ScaleBy(1.0 / counts), result)
    share = (1.0 / counts).astype(lowering.dtype)
    leaf = Constant(lowering.type(len(counts)), f"{entry.id}:mean", share)
    return lowering.builder(Multiply(), result, lowering.builder.leaf(leaf))


def _farthest(lowering: Lowering, x: Value) -> Value:
    """The largest in magnitude, with its sign; of two equally large ones the positive."""
    builder = lowering.builder
    high, low = builder(MaximumAxis(1), x), builder(MinimumAxis(1), x)
    is_high = builder(Cast(lowering.dtype), builder(GreaterEqual(), high, builder(Negative(), low)))
    above = builder(Multiply(), is_high, high)
    return builder(Add(), above, builder(Multiply(), builder(SubtractFrom(1.0), is_high), low))


def _middle(lowering: Lowering, entry: NodeEntry, x: Value, counts: int | Array) -> Value:
    """The mean of the two connections in the middle of their order, of an odd number the one."""
    total, *rest = x.type.sample_shape
    each = np.broadcast_to(np.asarray(counts), rest[-1:] or (1,))
    share = np.zeros((total, *each.shape))
    for unit, count in enumerate(each.tolist()):
        share[(count - 1) // 2, unit] += 0.5
        share[count // 2, unit] += 0.5
    share = share.reshape(total, *(1,) * (len(rest) - 1), *each.shape[: len(rest)])
    data = share.astype(lowering.dtype)
    leaf = Constant(lowering.type(*data.shape), f"{entry.id}:middle", data)
    builder = lowering.builder
    weighed = builder(Multiply(), builder(SortAxis(1), x), builder.leaf(leaf))
    return builder(SumAxis(1), weighed)


def _connections(lowering: Lowering, edge: EdgeEntry, absent: float) -> Value:
    """The connections of one edge, [N, in, *shape of the target]."""
    with lowering.builder.at(origin(edge)):
        if (kind := kind_of(lowering, edge)) in IMAGE_EDGE_ROWS:
            raise _only_summed(lowering, edge, kind)
        if kind == "dense":
            singles = _singles(lowering, edge, absent)
        else:
            value = into_units(lowering, edge)
            singles = lowering.builder(Reshape((BATCH, 1, *value.type.sample_shape)), value)
            mask = mask_of(lowering, edge, connection_shape(lowering, edge))
            if mask is not None:
                singles = _hide(lowering, edge, singles, mask, absent)
        return place(lowering, singles, edge, absent)


def _only_summed(lowering: Lowering, edge: EdgeEntry, kind: str) -> Mistake:
    entry = lowering.entry(edge.target.node)
    notes = (Note(entry.span_of("aggregate"), "combines single connections"),)
    return Mistake("E225:sum", edge.span, notes=notes, kind=kind, edge=edge.id, node=entry.id)


def _singles(lowering: Lowering, edge: EdgeEntry, absent: float) -> Value:
    """W_ij z_i for all i and j of a dense edge, [N, in, out]."""
    z, W = dense_operands(lowering, edge)
    column = lowering.builder(Reshape((BATCH, *z.type.sample_shape, 1)), z)
    singles = lowering.builder(Multiply(), column, W)
    mask = mask_of(lowering, edge, connection_shape(lowering, edge))
    return singles if mask is None else _hide(lowering, edge, singles, mask, absent)


def _hide(lowering: Lowering, edge: EdgeEntry, singles: Value, mask: Array, absent: float) -> Value:
    """Masked connections hold `absent`; those of W z are 0 already."""
    if absent == 0.0:
        return singles
    filled = np.where(mask, 0.0, absent).astype(lowering.dtype)
    leaf = Constant(lowering.type(*mask.shape), f"{edge.id}:absent", filled)
    return lowering.builder(Add(), singles, lowering.builder.leaf(leaf))


def _counts(lowering: Lowering, entry: NodeEntry, edges: Sequence[EdgeEntry]) -> int | Array:
    """Number of connections into each unit of a node; one number where they are all the same."""
    units = lowering.neurons(entry.id).units
    shapes = [connection_shape(lowering, edge) for edge in edges]
    masks = [mask_of(lowering, edge, shape) for edge, shape in zip(edges, shapes, strict=True)]
    if all(mask is None for mask in masks) and all(shape[-1] == units for shape in shapes):
        return sum(shape[0] if len(shape) == 2 else 1 for shape in shapes)
    if units > MOST_UNITS:
        raise CapacityError(diagnostic("E601:units", entry.span, id=entry.id, units=units))
    counts = np.zeros(units, np.int64)
    for edge, shape, mask in zip(edges, shapes, masks, strict=True):
        start, stop = target_range(lowering, edge)
        each: int | Array = shape[0] if len(shape) == 2 else 1
        if mask is not None:
            each = mask.sum(axis=0) if len(shape) == 2 else mask.astype(np.int64)
        counts[start:stop] += each
    return counts


def _check_shapes(entry: NodeEntry, edges: Sequence[EdgeEntry], found: Sequence[Value]) -> None:
    first = found[0].type.shape[2:]
    for edge, other in zip(edges, found, strict=True):
        if other.type.shape[2:] != first:
            here, there = (shape_text(v.type.sample_shape[1:]) for v in (other, found[0]))
            raise unlike_shapes(entry, edges[0], there, edge, here)


def _check_connected(entry: NodeEntry, kind: str, counts: int | Array) -> None:
    lonely = np.flatnonzero(np.asarray(counts) == 0)
    if not len(lonely):
        return
    which = ", ".join(map(str, lonely[:5])) + (", ..." if len(lonely) > 5 else "")
    raise Mistake(
        "E229:unconnected",
        entry.span_of("aggregate"),
        kind=kind,
        units=len(lonely),
        node=entry.id,
        which=which,
    )
