"""Nodes without weights of their own: they rearrange, combine, or regularise."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nngraph.errors import Note
from nngraph.ir import BATCH, Constant, Input, Op, Row, ShapeError, Value
from nngraph.lower.connections import contribution, target_range, wrong_kind
from nngraph.lower.context import (
    Lowering,
    Mistake,
    every,
    has_shape,
    origin,
    plural,
    shape_text,
)
from nngraph.lower.image_nodes import lower_pad, lower_pool, lower_transpose, lower_upsample
from nngraph.lower.neurons import activate, lower_neurons
from nngraph.lower.norm_nodes import drawn, lower_batch_norm, lower_layer_norm, lower_noise
from nngraph.lower.weights import kind_of
from nngraph.ops import (
    Add,
    BroadcastLike,
    BroadcastTo,
    Concat,
    DropoutMask,
    Multiply,
    Reshape,
    SliceAxis,
    Subtract,
)
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.nodes import (
    ActivationNode,
    AddNode,
    ConcatNode,
    ConstantNode,
    DropoutNode,
    FlattenNode,
    InputNode,
    MultiplyNode,
    ReshapeNode,
    SliceNode,
    SubtractNode,
)

Edges = Sequence[EdgeEntry]


def lower_node(lowering: Lowering, entry: NodeEntry) -> Value:
    """z of a node. Errors: Mistake, Poisoned."""
    with lowering.builder.at(origin(entry)):
        edges = lowering.graph.incoming.get(entry.id, ())
        try:
            return NODE_ROWS[entry.node.kind](lowering, entry, entry.node, edges)
        except ShapeError as error:
            notes = [has_shape(lowering, edge.source.node) for edge in edges]
            raise Mistake(
                "E220:node", entry.span, notes=notes, id=entry.id, reason=error
            ) from error


def _lower_input(lowering: Lowering, entry: NodeEntry, node: InputNode, edges: Edges) -> Value:
    """Where data enter."""
    leaf = Input.of(Row(entry.id), lowering.batch(node.shape))
    lowering.inputs[entry.id] = leaf
    return lowering.builder.leaf(leaf)


def _lower_constant(
    lowering: Lowering, entry: NodeEntry, node: ConstantNode, edges: Edges
) -> Value:
    """The same for each row of an input, of which nothing but their number is read."""
    builder, shape = lowering.builder, node.shape
    data = np.asarray(node.value, lowering.dtype)
    leaf = builder.leaf(Constant(lowering.type(*shape), entry.id, data))
    x = lowering.value(lowering.graph.inputs[0])
    rows = builder(Reshape((BATCH, math.prod(x.type.sample_shape))), x)
    rows = builder(SliceAxis(1, 0, 1), rows)
    rows = builder(Reshape((BATCH, *(1 for _ in shape))), rows)
    return builder(BroadcastLike(), leaf, builder(BroadcastTo((BATCH, *shape)), rows))


def _lower_activation(
    lowering: Lowering, entry: NodeEntry, node: ActivationNode, edges: Edges
) -> Value:
    """f alone."""
    return activate(lowering, entry, node.function, _only(lowering, entry, edges), "function")


def _lower_flatten(lowering: Lowering, entry: NodeEntry, node: FlattenNode, edges: Edges) -> Value:
    """The input as one vector."""
    z = _only(lowering, entry, edges)
    return lowering.builder(Reshape((BATCH, math.prod(z.type.sample_shape))), z)


def _lower_reshape(lowering: Lowering, entry: NodeEntry, node: ReshapeNode, edges: Edges) -> Value:
    """The input's values in another shape; one extent may be -1, the one that is left."""
    z = _only(lowering, entry, edges)
    shape, count = tuple(node.shape), math.prod(z.type.sample_shape)
    known = math.prod(d for d in shape if d != -1)
    if shape.count(-1) == 1 and count % known == 0:
        shape = tuple(count // known if d == -1 else d for d in shape)
    if math.prod(shape) != count or -1 in shape:
        raise Mistake(
            "E227:reshape",
            entry.span_of("shape"),
            label=f"holds {plural(known, 'value')}" if -1 not in shape else "does not divide",
            notes=(has_shape(lowering, edges[0].source.node),),
            id=entry.id,
            shape=shape_text(shape),
            values=count,
        )
    return lowering.builder(Reshape((BATCH, *shape)), z)


def _lower_slice(lowering: Lowering, entry: NodeEntry, node: SliceNode, edges: Edges) -> Value:
    """A stretch of the input along one axis."""
    z = _only(lowering, entry, edges)
    shape = z.type.sample_shape
    axis = _axis(lowering, entry, node.axis, edges, len(shape))
    stop = shape[axis] if node.stop is None else node.stop
    if node.start < stop <= shape[axis]:
        return lowering.builder(SliceAxis(axis + 1, node.start, stop), z)
    key = "start" if node.start >= shape[axis] else "stop"
    raise Mistake(
        "E227:slice",
        entry.span_of(key),
        notes=(has_shape(lowering, edges[0].source.node),),
        id=entry.id,
        start=node.start,
        stop=stop,
        length=shape[axis],
    )


def _lower_concat(lowering: Lowering, entry: NodeEntry, node: ConcatNode, edges: Edges) -> Value:
    """The inputs side by side; a scalar counts as a vector of one."""
    values = every(lowering, edges, lambda edge: _carried(lowering, edge))
    values = [
        v if v.type.sample_shape else lowering.builder(Reshape((BATCH, 1)), v) for v in values
    ]
    axis = _axis(lowering, entry, node.axis, edges, len(values[0].type.sample_shape))
    first = values[0].type.sample_shape
    for edge, value in zip(edges, values, strict=True):
        shape = value.type.sample_shape
        if len(shape) == len(first) and all(
            d == e for at, (d, e) in enumerate(zip(shape, first, strict=True)) if at != axis
        ):
            continue
        raise _unlike(lowering, entry, edges[0], edge, first, shape, f" along axis {axis}")
    return values[0] if len(values) == 1 else lowering.builder(Concat(axis + 1), *values)


def _lower_add(lowering: Lowering, entry: NodeEntry, node: AddNode, edges: Edges) -> Value:
    """The sum of the inputs."""
    return _combine(lowering, entry, edges, Add())


def _lower_subtract(
    lowering: Lowering, entry: NodeEntry, node: SubtractNode, edges: Edges
) -> Value:
    """The first input less the second. Errors: Mistake where there are not two."""
    if len(edges) != 2:
        place = edges[2].span if len(edges) > 2 else entry.span
        raise Mistake("E228:two", place, id=entry.id, count=len(edges))
    return _combine(lowering, entry, edges, Subtract())


def _lower_multiply(
    lowering: Lowering, entry: NodeEntry, node: MultiplyNode, edges: Edges
) -> Value:
    """The product of the inputs."""
    return _combine(lowering, entry, edges, Multiply())


def _lower_dropout(lowering: Lowering, entry: NodeEntry, node: DropoutNode, edges: Edges) -> Value:
    """Random values become 0 while training, the rest grows by 1 / (1 - rate)."""
    z = _only(lowering, entry, edges)
    if node.rate == 0 or not lowering.is_training():
        return z
    builder, like = lowering.builder, z
    if node.per == "channel":  # one bit per channel: the first row and column stand for all
        for axis in range(1, len(z.type.shape) - 1):
            like = builder(SliceAxis(axis, 0, 1), like)
    mask = drawn(lowering, entry, DropoutMask(node.rate), like, "dropout")
    return builder(Multiply(), z, mask)


def _of_one(
    lower: Callable[[Lowering, NodeEntry, Any, Value, str], Value],
) -> Callable[..., Value]:
    """A node that looks at what its one edge brings."""

    def row(lowering: Lowering, entry: NodeEntry, node: Any, edges: Edges) -> Value:
        z = _only(lowering, entry, edges)
        return lower(lowering, entry, node, z, edges[0].source.node)

    return row


NODE_ROWS: Mapping[str, Callable[..., Value]] = {
    "input": _lower_input,
    "neurons": lower_neurons,
    "constant": _lower_constant,
    "activation": _lower_activation,
    "add": _lower_add,
    "subtract": _lower_subtract,
    "multiply": _lower_multiply,
    "concat": _lower_concat,
    "flatten": _lower_flatten,
    "reshape": _lower_reshape,
    "slice": _lower_slice,
    "dropout": _lower_dropout,
    "pool": _of_one(lower_pool),
    "upsample": _of_one(lower_upsample),
    "pad": _of_one(lower_pad),
    "transpose": _of_one(lower_transpose),
    "batch_norm": _of_one(lower_batch_norm),
    "layer_norm": _of_one(lower_layer_norm),
    "noise": _of_one(lower_noise),
}


def _carried(lowering: Lowering, edge: EdgeEntry) -> Value:
    if (kind := kind_of(lowering, edge)) not in ("identity", "scale"):
        raise wrong_kind(lowering, edge, kind)
    target_range(lowering, edge)
    return contribution(lowering, edge)


def _only(lowering: Lowering, entry: NodeEntry, edges: Edges) -> Value:
    """What the one edge into a node brings. Errors: Mistake where there are several."""
    if len(edges) > 1:
        raise Mistake(
            "E228",
            edges[1].span,
            notes=(Note(edges[0].span, "the first edge"),),
            id=entry.id,
            kind=entry.node.kind,
            count=len(edges),
        )
    return every(lowering, edges, lambda edge: _carried(lowering, edge))[0]


def _axis(lowering: Lowering, entry: NodeEntry, axis: int, edges: Edges, rank: int) -> int:
    """The axis of a node, counted from 0. Errors: Mistake where there is no such axis."""
    if -rank <= axis < rank:
        return axis % rank
    has = f"has {plural(rank, 'axis').replace('axiss', 'axes')}" if rank else "is a scalar"
    raise Mistake(
        "E227:axis",
        entry.span_of("axis"),
        notes=(has_shape(lowering, edges[0].source.node),),
        id=entry.id,
        axis=axis,
        source=edges[0].source.node,
        has=has,
    )


def _combine(lowering: Lowering, entry: NodeEntry, edges: Edges, op: Op) -> Value:
    """All inputs combined element by element, in the order of the edges."""
    values = every(lowering, edges, lambda edge: _carried(lowering, edge))
    widest = max(range(len(values)), key=lambda at: (_rank(values[at]), -at))
    shape = values[widest].type.sample_shape
    spread = []
    for edge, value in zip(edges, values, strict=True):
        source = lowering.entry(edge.source.node).node
        anywhere = isinstance(op, Multiply) or isinstance(source, ConstantNode)
        fitted = _spread(lowering, value, shape, scalars=anywhere)
        if fitted is None:
            got = value.type.sample_shape
            raise _unlike(lowering, entry, edges[widest], edge, shape, got, "")
        spread.append(fitted)
    total = spread[0]
    for value in spread[1:]:
        total = lowering.builder(op, total, value)
    return total


def _rank(value: Value) -> tuple[int, int]:
    shape = value.type.sample_shape
    return len(shape), math.prod(shape)


def _spread(
    lowering: Lowering, value: Value, shape: tuple[int, ...], *, scalars: bool
) -> Value | None:
    """A value ready to be combined with one of `shape`; None where they do not fit.

    A vector of channels goes along the last axis of an image; a single number fits [1], and as a
    factor, or where it is a constant, anything.
    """
    own = value.type.sample_shape
    if own == shape:
        return value
    single = math.prod(own) == 1 and len(own) <= 1 and (scalars or shape == (1,))
    if single or (len(own) == 1 and len(shape) > 1 and own[0] == shape[-1]):
        ones = (1,) * (len(shape) - len(own))
        return lowering.builder(Reshape((BATCH, *ones, *own)), value)
    return None


def _unlike(
    lowering: Lowering,
    entry: NodeEntry,
    one: EdgeEntry,
    other: EdgeEntry,
    first: tuple[int, ...],
    second: tuple[int, ...],
    where: str,
) -> Mistake:
    kind = entry.node.kind
    return Mistake(
        "E227:concat" if kind == "concat" else "E227",
        other.span,
        notes=(
            Note(one.span, f"brings {shape_text(first)}"),
            has_shape(lowering, other.source.node),
        ),
        id=entry.id,
        does=kind,
        first=shape_text(first),
        second=shape_text(second),
        where=where,
    )
