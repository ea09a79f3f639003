"""Neurons: a_j = aggregate over i of (W_ij z_i) + b_j, z_j = f_j(a_j)."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.ir import Input, Leaf, Value
from nngraph.lower.aggregates import aggregate
from nngraph.lower.connections import into_units, place
from nngraph.lower.context import Lowering, every, origin, shape_text, unlike_shapes
from nngraph.lower.units import activate, bias_of, owner_of_units
from nngraph.lower.weights import kind_of
from nngraph.ops import Add
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.nodes import NeuronsNode


def lower_neurons(
    lowering: Lowering, entry: NodeEntry, node: NeuronsNode, edges: Sequence[EdgeEntry]
) -> Value:
    """z of a neurons node. Errors: Mistake, Poisoned."""
    if node.aggregate == "sum":
        a = _sum(lowering, entry, edges)
    else:
        a = aggregate(lowering, entry, node.aggregate, edges)
    if (bias := bias_of(lowering, entry, node)) is not None:
        if node.aggregate == "sum":
            _lay_beside(lowering, entry, edges, bias)
        a = lowering.builder(Add(), a, bias)
    return activate(lowering, entry, node.activation, a, "activation")


def _sum(lowering: Lowering, entry: NodeEntry, edges: Sequence[EdgeEntry]) -> Value:
    terms = every(lowering, edges, lambda edge: _term(lowering, edge))
    check_equal(entry, edges, terms)
    total = terms[0]
    for term in terms[1:]:
        total = lowering.builder(Add(), total, term)
    return total


def _lay_beside(
    lowering: Lowering, entry: NodeEntry, edges: Sequence[EdgeEntry], bias: Value
) -> None:
    """The bias right behind the matrix of the first edge whose product can add it.

    Only where both belong to this node alone, for another user would need them apart.
    """
    if owner_of_units(lowering, entry) is not entry or entry.id in lowering.shared:
        return
    assert isinstance(bias, Leaf)
    matrices = (_matrix(lowering, edge) for edge in edges)
    for W in matrices:
        if W is not None and type(W) is type(bias) and W.type.shape[1:] == bias.type.shape:
            lowering.bias_of[W.id] = bias.id
            return


def _matrix(lowering: Lowering, edge: EdgeEntry) -> Leaf | None:
    """W of an edge that brings x W, where x can have a one beside it without a costly copy."""
    weight = lowering.weights.get(edge.id)
    if kind_of(lowering, edge) != "dense" or weight is None or edge.id in lowering.shared:
        return None
    if weight.mask is not None:
        return None
    source, (units_in, units_out) = edge.source, weight.shape
    is_input = isinstance(lowering.values[source.node], Input)
    is_row = is_input or len(lowering.shape(source.node)) == 1
    is_written = source.start is None and is_row  # a slice or an image is a view
    return weight.leaf if is_written or units_in <= units_out else None


def _term(lowering: Lowering, edge: EdgeEntry) -> Value:
    """What an edge brings, as all units of its target."""
    value = into_units(lowering, edge)
    with lowering.builder.at(origin(edge)):
        return place(lowering, value, edge)


def check_equal(entry: NodeEntry, edges: Sequence[EdgeEntry], terms: Sequence[Value]) -> None:
    """All edges into a neurons node give equal shapes. Errors: Mistake."""
    first, *others = terms
    for edge, other in zip(edges[1:], others, strict=True):
        if other.type.shape[:-1] == first.type.shape[:-1]:
            continue
        here, there = shape_text(other.type.sample_shape), shape_text(first.type.sample_shape)
        raise unlike_shapes(entry, edges[0], there, edge, here)
