"""Edges whose weights move over an image or a sequence: conv, depthwise, conv_transpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from nngraph.errors import Note
from nngraph.ir import Value
from nngraph.lower.context import Lowering, Mistake, has_shape, plural
from nngraph.lower.weights import edge_weight, owner_of
from nngraph.lower.windows import (
    Laid,
    border,
    by,
    check_groups,
    does_not_fit,
    image_extents,
    padding_of,
    per_axis,
)
from nngraph.ops import Convolution, ConvolutionTransposed, PermuteAxes, Reshape
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry
from nngraph.spec.image_edges import ConvEdge, ConvTransposeEdge, DepthwiseEdge, WindowEdge
from nngraph.spec.weights import shape_of

Extents = tuple[int, ...]

LIKE_A_PICTURE = 8
"""Steps from which a sequence with as many channels as steps is suspected to be a picture."""


@dataclass(frozen=True, slots=True)
class KernelShape:
    """The array of an edge, and how many connections it makes into and out of one unit."""

    shape: Extents
    into: int
    out_of: int


def _lower_conv(lowering: Lowering, edge: EdgeEntry, z: Value, units: int) -> Value:
    """Each unit sees a window of z."""
    options = edge.options
    assert isinstance(options, ConvEdge)
    extents = _extents(lowering, edge, z)
    laid = _laid(lowering, edge, options, extents)
    kernel = kernel_of(lowering, edge, z.type.sample_shape, units)
    W = edge_weight(lowering, edge, kernel.shape)
    op = Convolution(laid.stride, laid.padding, laid.dilation, options.groups)
    return lowering.builder(op, z, W)


def _lower_depthwise(lowering: Lowering, edge: EdgeEntry, z: Value, units: int) -> Value:
    """Each channel of z has kernels of its own."""
    options = edge.options
    assert isinstance(options, DepthwiseEdge)
    extents = _extents(lowering, edge, z)
    laid = _laid(lowering, edge, options, extents)
    kernel = kernel_of(lowering, edge, z.type.sample_shape, units)
    W = edge_weight(lowering, edge, kernel.shape)
    *size, channels, many = kernel.shape
    side_by_side = lowering.builder(Reshape((*size, 1, channels * many)), W)
    op = Convolution(laid.stride, laid.padding, laid.dilation, groups=channels)
    return lowering.builder(op, z, side_by_side)


def _lower_conv_transpose(lowering: Lowering, edge: EdgeEntry, z: Value, units: int) -> Value:
    """Each pixel of z spreads over a window."""
    options = edge.options
    assert isinstance(options, ConvTransposeEdge)
    extents = _extents(lowering, edge, z)
    kernel = kernel_of(lowering, edge, z.type.sample_shape, units)
    rank = len(extents)
    size, stride = kernel.shape[:rank], per_axis(edge, "stride", options.stride, rank)
    dilation = per_axis(edge, "dilation", options.dilation, rank)
    full = tuple(
        (n - 1) * s + d * (k - 1) + 1
        for n, k, s, d in zip(extents, size, stride, dilation, strict=True)
    )
    sides, result = _cropped(lowering, edge, options, extents, stride, full)
    W = edge_weight(lowering, edge, kernel.shape)
    op = ConvolutionTransposed(result, stride, sides, dilation, options.groups)
    return lowering.builder(op, z, _turned(lowering, W, options.groups))


def _turned(lowering: Lowering, W: Value, groups: int) -> Value:
    """[*size, in / groups, units] as the transposed convolution wants it: [.., units, in]."""
    *size, channels, units = W.type.sample_shape
    rank, builder = len(size), lowering.builder
    if groups == 1:
        return builder(PermuteAxes((*range(rank), rank + 1, rank)), W)
    apart = builder(Reshape((*size, channels, groups, units // groups)), W)
    swapped = builder(PermuteAxes((*range(rank), rank + 2, rank + 1, rank)), apart)
    return builder(Reshape((*size, units // groups, groups * channels)), swapped)


def _cropped(
    lowering: Lowering,
    edge: EdgeEntry,
    options: WindowEdge,
    extents: Extents,
    stride: Extents,
    full: Extents,
) -> tuple[tuple[tuple[int, int], ...], Extents]:
    """What is cut off each side of the full result, and the extents that remain.

    `same` gives in * stride: what is missing there stays 0.
    """
    if options.padding == "valid":
        return ((0, 0),) * len(extents), full
    if options.padding == "same":
        result = tuple(n * s for n, s in zip(extents, stride, strict=True))
        odd = [max(f - r, 0) for f, r in zip(full, result, strict=True)]
        return tuple((o // 2, o - o // 2) for o in odd), result
    sides = border(edge, options.padding, len(extents))
    result = tuple(f - sum(p) for f, p in zip(full, sides, strict=True))
    if min(result) < 1:
        raise Mistake(
            "E229:cut-off",
            edge.span_of("padding"),
            notes=(has_shape(lowering, edge.source.node),),
            edge=edge.id,
            result=by(full),
            source=edge.source.node,
        )
    return sides, result


def _extents(lowering: Lowering, edge: EdgeEntry, z: Value) -> Extents:
    what, shape = f"the {edge.options.kind} edge '{edge.id}'", z.type.sample_shape
    extents = image_extents(lowering, edge, what, edge.source.node, shape)
    entry = lowering.entry(edge.source.node)
    if entry.node.kind == "input" and len(shape) == 2 and shape[0] == shape[1] >= LIKE_A_PICTURE:
        lowering.problems.tell(
            "L206", entry.span_of("shape"), id=entry.id, length=shape[0], channels=shape[1]
        )
    return extents


def _laid(lowering: Lowering, edge: EdgeEntry, options: WindowEdge, extents: Extents) -> Laid:
    """The windows of an edge on its source. Errors: Mistake where none fits."""
    rank = len(extents)
    size = kernel_size(lowering, edge, rank)
    stride = per_axis(edge, "stride", options.stride, rank)
    dilation = per_axis(edge, "dilation", options.dilation, rank)
    padding = padding_of(edge, options.padding, extents, (size, stride, dilation))
    laid = Laid(size, stride, dilation, padding)
    if min(laid.places(extents)) < 1:
        raise does_not_fit(lowering, edge, "kernel", laid, edge.source.node, extents)
    return laid


def kernel_size(lowering: Lowering, edge: EdgeEntry, rank: int) -> Extents:
    """The kernel's size: as written, that of the edge that owns it, or that of given weights."""
    options = edge.options
    assert isinstance(options, WindowEdge)
    if options.kernel is not None:
        return per_axis(edge, "kernel", options.kernel, rank)
    owner, _ = owner_of(lowering, edge)
    if owner is not edge and isinstance(owner.options, WindowEdge):
        return kernel_size(lowering, owner, rank)
    if isinstance(options.weight, tuple):
        given = shape_of(options.weight)
        if len(given) >= rank:
            return given[:rank]
    raise Mistake("E229:kernel", edge.span, edge=edge.id, kind=options.kind)


def kernel_of(lowering: Lowering, edge: EdgeEntry, source: Extents, units: int) -> KernelShape:
    """Shape and connections of the array of an edge from a source of this shape."""
    options, channels, rank = edge.options, source[-1], len(source) - 1
    size = kernel_size(lowering, edge, rank)
    if isinstance(options, DepthwiseEdge):
        if units % channels:
            raise Mistake(
                "E229:multiple",
                edge.span,
                notes=(
                    has_shape(lowering, edge.source.node),
                    Note(lowering.entry(edge.target.node).span, plural(units, "unit")),
                ),
                node=edge.target.node,
                units=units,
                channels=channels,
                source=edge.source.node,
            )
        many = units // channels
        return KernelShape((*size, channels, many), prod(size), prod(size) * many)
    assert isinstance(options, ConvEdge | ConvTransposeEdge)
    check_groups(lowering, edge, options, channels, units)
    shape = (*size, channels // options.groups, units)
    into, out_of = prod(size) * shape[-2], prod(size) * units // options.groups
    if isinstance(options, ConvTransposeEdge):
        steps = prod(per_axis(edge, "stride", options.stride, rank))
        into = -(-into // steps)  # so many windows overlap in one pixel of the result
    return KernelShape(shape, into, out_of)


IMAGE_EDGE_ROWS: Mapping[str, Callable[[Lowering, EdgeEntry, Value, int], Value]] = {
    "conv": _lower_conv,
    "depthwise": _lower_depthwise,
    "conv_transpose": _lower_conv_transpose,
}
