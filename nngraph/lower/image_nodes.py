"""Nodes that look at images and sequences: pool, upsample, pad, transpose."""

from __future__ import annotations

from math import prod

import numpy as np

from nngraph.ir import BATCH, Constant, Op, Value
from nngraph.lower.context import Lowering, Mistake, has_shape, shape_text
from nngraph.lower.windows import (
    Extents,
    Laid,
    border,
    does_not_fit,
    image_extents,
    padding_of,
    per_axis,
)
from nngraph.ops import (
    AveragePool,
    MaximumAxis,
    MaxPool,
    Multiply,
    Pad,
    PermuteAxes,
    Reshape,
    ScaleBy,
    SumAxis,
    UpsampleBilinear,
    UpsampleNearest,
)
from nngraph.spec import NodeEntry
from nngraph.spec.image_nodes import PadNode, PoolNode, TransposeNode, UpsampleNode


def lower_pool(
    lowering: Lowering, entry: NodeEntry, node: PoolNode, z: Value, source: str
) -> Value:
    """The greatest or the mean value of each window."""
    extents = _extents(lowering, entry, z, source)
    if isinstance(node.size, str):
        return _global(lowering, node, z, extents)
    rank = len(extents)
    size = per_axis(entry, "size", node.size, rank)
    stride = size if node.stride is None else per_axis(entry, "stride", node.stride, rank)
    ones = (1,) * rank
    padding = padding_of(entry, node.padding, extents, (size, stride, ones))
    laid = Laid(size, stride, ones, padding)
    if min(laid.places(extents)) < 1:
        raise does_not_fit(lowering, entry, "pool", laid, source, extents)
    if any(n >= k for k, pair in zip(size, padding, strict=True) for n in pair):
        note = has_shape(lowering, source)
        raise Mistake("E229:border", entry.span_of("padding"), notes=(note,), id=entry.id)
    if node.function == "max":
        return lowering.builder(MaxPool(size, stride, padding), z)
    mean = lowering.builder(AveragePool(size, stride, padding), z)
    if node.count_padding:
        return mean
    return _without_border(lowering, entry, laid, extents, mean)


def _without_border(
    lowering: Lowering, entry: NodeEntry, laid: Laid, extents: Extents, mean: Value
) -> Value:
    """Means over the pixels of the image alone: where a window sees the border, less is divided."""
    if not any(n for pair in laid.padding for n in pair):
        return mean
    share = np.ones((1, *(1,) * len(extents), 1))
    for axis, (n, count) in enumerate(zip(extents, laid.places(extents), strict=True)):
        start = np.arange(count) * laid.stride[axis] - laid.padding[axis][0]
        seen = np.minimum(start + laid.size[axis], n) - np.maximum(start, 0)
        along = [1] * (len(extents) + 2)
        along[axis + 1] = count
        share = share * (laid.size[axis] / seen).reshape(along)
    leaf = Constant(lowering.type(*share.shape), f"{entry.id}:border", share.astype(lowering.dtype))
    return lowering.builder(Multiply(), mean, lowering.builder.leaf(leaf))


def _global(lowering: Lowering, node: PoolNode, z: Value, extents: Extents) -> Value:
    """One number per channel."""
    builder = lowering.builder
    pixels = builder(Reshape((BATCH, prod(extents), z.type.sample_shape[-1])), z)
    if node.function == "max":
        return builder(MaximumAxis(1), pixels)
    return builder(ScaleBy(1.0 / prod(extents)), builder(SumAxis(1), pixels))


def lower_upsample(
    lowering: Lowering, entry: NodeEntry, node: UpsampleNode, z: Value, source: str
) -> Value:
    """More pixels: each one repeated, or lines between them."""
    rank = len(_extents(lowering, entry, z, source))
    factor = per_axis(entry, "factor", node.factor, rank)
    op: Op = UpsampleNearest(factor) if node.method == "nearest" else UpsampleBilinear(factor)
    return lowering.builder(op, z)


def lower_pad(lowering: Lowering, entry: NodeEntry, node: PadNode, z: Value, source: str) -> Value:
    """A border of one number."""
    rank = len(_extents(lowering, entry, z, source))
    return lowering.builder(Pad(border(entry, node.padding, rank), node.value), z)


def lower_transpose(
    lowering: Lowering, entry: NodeEntry, node: TransposeNode, z: Value, source: str
) -> Value:
    """The axes in another order."""
    rank = len(z.type.sample_shape)
    axes = tuple(reversed(range(rank))) if node.axes is None else node.axes
    if sorted(axes) != list(range(rank)):
        raise Mistake(
            "E227:order",
            entry.span_of("axes"),
            notes=(has_shape(lowering, source),),
            id=entry.id,
            axes=shape_text(axes),
            source=source,
            rank=rank,
            remedy=f"name each of the axes 0 to {rank - 1} once"
            if rank
            else "a scalar has no axes",
        )
    return lowering.builder(PermuteAxes((0, *(axis + 1 for axis in axes))), z)


def _extents(lowering: Lowering, entry: NodeEntry, z: Value, source: str) -> Extents:
    what = f"the {entry.node.kind} node '{entry.id}'"
    return image_extents(lowering, entry, what, source, z.type.sample_shape)
