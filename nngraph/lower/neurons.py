"""Neurons: a_j = aggregate over i of (W_ij z_i) + b_j, z_j = f_j(a_j).

Bias and activation belong to the units of a node, which may share these with another node.
"""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.errors import Note
from nngraph.ir import Input, Leaf, Value
from nngraph.lower.aggregates import aggregate
from nngraph.lower.connections import into_units, place
from nngraph.lower.context import (
    Lowering,
    Mistake,
    every,
    origin,
    plural,
    shape_text,
    unlike_shapes,
)
from nngraph.lower.lowered import Weight
from nngraph.lower.weights import given_values, kind_of, make_leaf
from nngraph.ops import Add
from nngraph.ops.word import op_for
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS, Activation
from nngraph.spec.nodes import ActivationNode, AnyNode, NeuronsNode, function_of
from nngraph.words.aggregates import AGGREGATES


def lower_neurons(
    lowering: Lowering, entry: NodeEntry, node: NeuronsNode, edges: Sequence[EdgeEntry]
) -> Value:
    """z of a neurons node. Errors: Mistake, Poisoned."""
    if node.aggregate == "sum":
        a = _sum(lowering, entry, node.units, edges)
    else:
        a = _aggregate(lowering, entry, node, edges)
    if (bias := bias_of(lowering, entry, node)) is not None:
        if node.aggregate == "sum":
            _lay_beside(lowering, entry, edges, bias)
        a = lowering.builder(Add(), a, bias)
    return activate(lowering, entry, node.activation, a, "activation")


def _aggregate(
    lowering: Lowering, entry: NodeEntry, node: NeuronsNode, edges: Sequence[EdgeEntry]
) -> Value:
    from nngraph.lower.unit_stretch import FEWEST, aggregate_of_units, few_units

    kind, units = node.aggregate, node.units
    many = len(edges) >= FEWEST and bool(AGGREGATES[kind].reduction)
    if many and all(few_units(lowering, edge, units) for edge in edges):
        found = aggregate_of_units(lowering, entry, kind, units, edges)
        if found is not None:
            return found
    return aggregate(lowering, entry, kind, edges)


FEWEST_APART = 4  # edges that are worth a look at whether they are a matrix together


def _sum(lowering: Lowering, entry: NodeEntry, units: int, edges: Sequence[EdgeEntry]) -> Value:
    if len(edges) >= FEWEST_APART:
        from nngraph.lower.unit_edges import product_of_units  # which packs, as this file does not

        if (together := product_of_units(lowering, entry, units, edges)) is not None:
            return together
        if (total := _with_units_together(lowering, entry, units, edges)) is not None:
            return total
    return _added(lowering, _terms(lowering, entry, edges))


def _with_units_together(
    lowering: Lowering, entry: NodeEntry, units: int, edges: Sequence[EdgeEntry]
) -> Value | None:
    """The sum where many of the edges lead between few units, and these are computed at once."""
    from nngraph.lower.unit_stretch import FEWEST, few_units, sum_of_units

    apart = [edge for edge in edges if few_units(lowering, edge, units)]
    if len(apart) < FEWEST:
        return None
    numbers = set(map(id, apart))
    others = [edge for edge in edges if id(edge) not in numbers]
    terms = _terms(lowering, entry, others) if others else []
    if any(len(term.type.sample_shape) != 1 for term in terms):  # an image, which is told
        return None
    return _added(lowering, [*terms, sum_of_units(lowering, entry, units, apart)])


def _terms(lowering: Lowering, entry: NodeEntry, edges: Sequence[EdgeEntry]) -> Sequence[Value]:
    terms = every(lowering, edges, lambda edge: _term(lowering, edge))
    check_equal(entry, edges, terms)
    return terms


def _added(lowering: Lowering, terms: Sequence[Value]) -> Value:
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


# ---- what belongs to the units: bias and activation


def owner_of_units(lowering: Lowering, entry: NodeEntry) -> NodeEntry:
    """The node that owns the bias and slopes of this one."""
    share = getattr(entry.node, "share", None)
    return entry if share is None else lowering.entry(share)


def bias_of(lowering: Lowering, entry: NodeEntry, node: NeuronsNode) -> Value | None:
    """b of a neurons node, or None. Errors: Mistake."""
    owner = owner_of_units(lowering, entry)
    its = owner.node
    if not node.bias.present or not isinstance(its, NeuronsNode) or not its.bias.present:
        return None
    id = f"{owner.id}.bias"
    if id not in lowering.weights:
        lowering.weights[id] = _own_bias(lowering, owner, its)
    weight = lowering.weights[id]
    _check_shared_units(entry, weight, node.units)
    return weight.leaf


def _own_bias(lowering: Lowering, owner: NodeEntry, node: NeuronsNode) -> Weight:
    bias, shape = node.bias, (node.units,)
    given = given_values(lowering, owner, bias.value, shape, ("bias",))
    if given is None and bias.init is None:
        given = 0.0
    trainable = bias.trainable and node.trainable
    leaf = make_leaf(lowering, f"{owner.id}.bias", shape, trainable)
    return Weight(leaf.id, leaf, shape, given, bias.init, owner, "bias")


def _check_shared_units(entry: NodeEntry, weight: Weight, units: int) -> None:
    if weight.shape == (units,):
        return
    owner = weight.entry
    raise Mistake(
        "E223:units",
        entry.span_of("share"),
        notes=(Note(owner.span, f"'{owner.id}' has {plural(weight.shape[0], 'unit')}"),),
        id=entry.id,
        units=units,
        owner=owner.id,
        its_units=weight.shape[0],
    )


def activate(
    lowering: Lowering,
    entry: NodeEntry,
    function: Activation,
    a: Value,
    key: str,
    slopes: Sequence[Value] | None = None,
) -> Value:
    """z = f(a), f written under `key` of a node. Errors: Mistake.

    `slopes` is what f learns; by default one leaf of the node for each.
    """
    row = ACTIVATION_ROWS[function.kind]
    values = row.values_of(function)
    if not row.steps(values).steps:  # the identity
        return a
    if row.over_last_axis:
        _check_classes(entry, function.kind, a, key)
    if slopes is None:
        slopes = [_slopes(lowering, entry, function, option, a) for option in row.learned]
    return lowering.builder(op_for(row, values), a, *slopes)


def _check_classes(entry: NodeEntry, kind: str, a: Value, key: str) -> None:
    shape = a.type.sample_shape
    if shape[-1:] not in ((), (1,)):
        return
    over = "one unit" if shape else "a scalar"
    constant = "1" if ACTIVATION_ROWS[kind].gives == "p" else "0"
    raise Mistake("E226", entry.span_of(key), kind=kind, over=over, id=entry.id, constant=constant)


def _slopes(
    lowering: Lowering, entry: NodeEntry, function: Activation, option: str, a: Value
) -> Value:
    """What an activation learns, one number per unit (the last axis), as alpha of a prelu."""
    units = (a.type.sample_shape or (1,))[-1]
    owner = owner_of_slopes(lowering, entry, function)
    id = f"{owner.id}.{option}"
    if id not in lowering.weights:
        leaf = make_leaf(lowering, id, (units,), is_trainable(owner.node))
        given = float(getattr(function_of(owner.node), option))
        lowering.weights[id] = Weight(id, leaf, (units,), given, None, owner, option)
    weight = lowering.weights[id]
    _check_shared_units(entry, weight, units)
    return weight.leaf


def owner_of_slopes(lowering: Lowering, entry: NodeEntry, function: Activation) -> NodeEntry:
    """The node that owns what an activation learns: another where that has the same one."""
    owner = owner_of_units(lowering, entry)
    its = function_of(owner.node)
    return owner if its is not None and its.kind == function.kind else entry


def is_trainable(node: AnyNode) -> bool:
    """Whether training changes the parameters of a node."""
    return isinstance(node, NeuronsNode | ActivationNode) and node.trainable
