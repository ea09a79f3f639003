"""What a node does to its units: bias, activation, and sharing these with another node."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.errors import Note
from nngraph.ir import Value
from nngraph.lower.context import Lowering, Mistake, plural
from nngraph.lower.weight import Weight
from nngraph.lower.weights import given_values, make_leaf
from nngraph.ops.word import op_for
from nngraph.spec import NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS, Activation
from nngraph.spec.nodes import ActivationNode, AnyNode, NeuronsNode


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
    constant = "1" if kind == "softmax" else "0"
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


def function_of(node: AnyNode) -> Activation | None:
    """The activation of a node, if it has one."""
    if isinstance(node, NeuronsNode):
        return node.activation
    return node.function if isinstance(node, ActivationNode) else None


def is_trainable(node: AnyNode) -> bool:
    """Whether training changes the parameters of a node."""
    return isinstance(node, NeuronsNode | ActivationNode) and node.trainable
