"""Edges: what each brings to its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from nngraph.errors import Note, Span
from nngraph.ir import BATCH, Value
from nngraph.lower.context import Lowering, Mistake, has_shape, origin, plural, shape_text
from nngraph.lower.image_edges import IMAGE_EDGE_ROWS
from nngraph.lower.weights import edge_weight, kind_of
from nngraph.ops import MatMul, Multiply, PlaceUnits, Reshape, SliceAxis
from nngraph.spec import EdgeEntry, End
from nngraph.spec.edges import DefaultEdge
from nngraph.spec.nodes import NeuronsNode

WEIGHT_KEYS = ("weight", "init", "share", "mask", "trainable")


def contribution(lowering: Lowering, edge: EdgeEntry) -> Value:
    """What an edge brings, its shape that of the units that it reaches. Errors: Mistake."""
    with lowering.builder.at(origin(edge)):
        return EDGE_ROWS[kind_of(lowering, edge)](lowering, edge)


def _lower_dense(lowering: Lowering, edge: EdgeEntry) -> Value:
    """z W: every unit of the source to every unit of the target."""
    return lowering.builder(MatMul(), *dense_operands(lowering, edge))


def dense_operands(lowering: Lowering, edge: EdgeEntry) -> tuple[Value, Value]:
    """The source's units as rows [N, in], and W [in, out]."""
    if lowering.entry(edge.target.node).node.kind != "neurons":
        raise wrong_kind(lowering, edge, "dense")
    z = flat(lowering, source(lowering, edge))
    start, stop = target_range(lowering, edge)
    return z, edge_weight(lowering, edge, (*z.type.sample_shape, stop - start))


def _lower_identity(lowering: Lowering, edge: EdgeEntry) -> Value:
    """z as it is."""
    _check_no_weights(lowering, edge)
    target_range(lowering, edge)
    return source(lowering, edge)


def _check_no_weights(lowering: Lowering, edge: EdgeEntry) -> None:
    """Weights on an edge without a kind into a node where the default is identity."""
    if not isinstance(options := edge.options, DefaultEdge):
        return
    written = [key for key in WEIGHT_KEYS if key in options.model_fields_set]
    if not written:
        return
    target = lowering.entry(edge.target.node)
    raise Mistake(
        "E225:weights",
        edge.span_of(written[0]),
        notes=(Note(target.span, f"'{target.id}' is no neurons node"),),
        edge=edge.id,
        key=written[0],
        node=target.id,
        kind=target.node.kind,
    )


def _lower_scale(lowering: Lowering, edge: EdgeEntry) -> Value:
    """z times one weight per unit or channel (the last axis)."""
    target_range(lowering, edge)
    z = source(lowering, edge)
    units = z.type.sample_shape[-1:] or (1,)
    return lowering.builder(Multiply(), z, edge_weight(lowering, edge, units))


def _over_image(
    lower: Callable[[Lowering, EdgeEntry, Value, int], Value],
) -> Callable[[Lowering, EdgeEntry], Value]:
    """An edge whose weights move over its source."""

    def row(lowering: Lowering, edge: EdgeEntry) -> Value:
        if lowering.entry(edge.target.node).node.kind != "neurons":
            raise wrong_kind(lowering, edge, str(edge.options.kind))
        start, stop = target_range(lowering, edge)
        return lower(lowering, edge, source(lowering, edge), stop - start)

    return row


EDGE_ROWS: Mapping[str, Callable[[Lowering, EdgeEntry], Value]] = {
    "dense": _lower_dense,
    "identity": _lower_identity,
    "scale": _lower_scale,
    **{kind: _over_image(lower) for kind, lower in IMAGE_EDGE_ROWS.items()},
}


def source(lowering: Lowering, edge: EdgeEntry) -> Value:
    """z of the edge's source, or the view of the units that it takes. Errors: Mistake."""
    return _units_of(lowering, lowering.value(edge.source.node), edge)


def _units_of(lowering: Lowering, z: Value, edge: EdgeEntry) -> Value:
    """The units of z that the source end of an edge takes."""
    start, stop = edge.source.start, edge.source.stop
    if start is None or stop is None:
        return z
    check_units(lowering, edge.source, edge.source_span)
    return lowering.builder(SliceAxis(len(z.type.sample_shape), start, stop), z)


def check_units(lowering: Lowering, end: End, span: Span) -> None:
    """Refuse units that a node does not have. Errors: Mistake; Poisoned."""
    if end.stop is None:
        return
    shape, note = lowering.shape(end.node), has_shape(lowering, end.node)
    if not shape:
        raise Mistake("E222:scalar", span, notes=(note,), end=end, node=end.node)
    if end.stop > shape[-1]:
        raise _beyond(span, end, shape[-1], note)


def target_range(lowering: Lowering, edge: EdgeEntry) -> tuple[int, int]:
    """First and last (excluded) unit of the target that an edge reaches. Errors: Mistake."""
    node = lowering.entry(edge.target.node).node
    start, stop = edge.target.start, edge.target.stop
    if not isinstance(node, NeuronsNode):
        if start is not None:
            end, id = edge.target, edge.target.node
            raise Mistake("E225:units", edge.target_span, end=end, node=id, kind=node.kind)
        return 0, 0
    if start is None or stop is None:
        return 0, node.units
    if stop > node.units:
        entry = lowering.entry(edge.target.node)
        note = Note(entry.span, f"'{entry.id}' has {plural(node.units, 'unit')}")
        raise _beyond(edge.target_span, edge.target, node.units, note)
    return start, stop


def connection_shape(lowering: Lowering, edge: EdgeEntry) -> tuple[int, ...]:
    """Shape of the array of single connections of an edge: [in, out], or [units]."""
    first, last = _source_range(lowering, edge)
    if kind_of(lowering, edge) != "dense":
        return (last - first,)
    start, stop = target_range(lowering, edge)
    return math.prod(lowering.shape(edge.source.node)[:-1]) * (last - first), stop - start


def _source_range(lowering: Lowering, edge: EdgeEntry) -> tuple[int, int]:
    """First and last (excluded) unit of the source's last axis that an edge takes."""
    start, stop = edge.source.start, edge.source.stop
    if start is None or stop is None:
        return 0, (lowering.shape(edge.source.node) or (1,))[-1]
    return start, stop


def _beyond(span: Span, end: End, units: int, note: Note) -> Mistake:
    assert end.stop is not None
    unit, last = end.stop - 1, units - 1
    return Mistake("E222", span, notes=(note,), end=end, units=units, unit=unit, last=last)


def wrong_kind(lowering: Lowering, edge: EdgeEntry, kind: str) -> Mistake:
    """A weighted edge into a node that takes none."""
    target = lowering.entry(edge.target.node)
    return Mistake(
        "E225",
        edge.span,
        notes=(Note(target.span, f"'{target.id}' is no neurons node"),),
        kind=kind,
        node=target.id,
        its_kind=target.node.kind,
    )


def flat(lowering: Lowering, z: Value) -> Value:
    """z as rows [N, units]: images are flattened, a scalar is one unit."""
    shape = z.type.sample_shape
    if len(shape) == 1:
        return z
    return lowering.builder(Reshape((BATCH, math.prod(shape))), z)


def place(lowering: Lowering, z: Value, edge: EdgeEntry, fill: float = 0.0) -> Value:
    """z of the units that an edge reaches as all units of its target, the others filled."""
    if edge.target.start is None:
        return z
    units = lowering.neurons(edge.target.node).units
    axis = len(z.type.shape) - 1
    if z.type.shape[axis] == units:
        return z
    return lowering.builder(PlaceUnits(axis, edge.target.start, units, fill), z)


def into_units(lowering: Lowering, edge: EdgeEntry) -> Value:
    """What an edge brings to neurons, its last axis the units that it reaches.

    A scalar counts as one unit. Errors: Mistake where the widths differ.
    """
    value = contribution(lowering, edge)
    start, stop = target_range(lowering, edge)
    shape = value.type.sample_shape
    if not shape and stop - start == 1:
        return flat(lowering, value)
    if shape[-1:] != (stop - start,):
        raise _width_mistake(lowering, edge, shape, stop - start)
    return value


def _width_mistake(
    lowering: Lowering, edge: EdgeEntry, shape: tuple[int, ...], units: int
) -> Mistake:
    kind = kind_of(lowering, edge)
    note = Note(lowering.entry(edge.target.node).span, f"'{edge.target}': {plural(units, 'unit')}")
    return Mistake(
        "E220:width",
        edge.span,
        notes=(has_shape(lowering, edge.source.node), note),
        kind=kind,
        edge=edge.id,
        shape=shape_text(shape),
        units=units,
        node=edge.target.node,
        a_kind="an identity" if kind == "identity" else "a scale",
    )
