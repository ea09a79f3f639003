"""What a node does to its units: bias, activation, and sharing these with another node."""

from __future__ import annotations

from nngraph.errors import Note
from nngraph.ir import Value
from nngraph.lower.context import Lowering, Mistake, plural
from nngraph.lower.weights import Owned, given_values, make_leaf
from nngraph.lower.words import ACTIVATION_ROWS
from nngraph.ops import PRelu
from nngraph.spec import NodeEntry


def owner_of_units(lowering: Lowering, entry: NodeEntry) -> NodeEntry:
    """The node that owns the bias and slopes of this one.

    Errors: Mistake where the shares go round in a circle or end at a node without parameters.
    """
    owner, seen = entry, {entry.id}
    while (share := getattr(owner.node, "share", None)) is not None:
        following = lowering.entry(share)
        if following.id in seen:
            raise Mistake(
                "E223",
                f"'{entry.id}' shares its own parameters in a circle",
                entry.span_of("share"),
                help="one node of the circle must own them",
            )
        if following.node.kind not in ("neurons", "activation"):
            raise Mistake(
                "E223",
                f"'{following.id}' is a node of kind {following.node.kind} "
                f"and has no parameters to share",
                owner.span_of("share"),
                notes=(Note(following.span, f"'{following.id}'"),),
                help="share a neurons node",
            )
        seen.add(following.id)
        owner = following
    return owner


def bias_of(lowering: Lowering, entry: NodeEntry) -> Value | None:
    """b of a neurons node, or None. Errors: Mistake."""
    if not entry.node.bias.present:
        return None
    owner = owner_of_units(lowering, entry)
    if owner.node.kind != "neurons" or not owner.node.bias.present:
        return None
    id = f"{owner.id}.bias"
    if id not in lowering.owned:
        lowering.owned[id] = _own_bias(lowering, owner, entry)
    owned = lowering.owned[id]
    _check_shared_units(lowering, entry, owned, entry.node.units)
    return owned.value


def _own_bias(lowering: Lowering, owner: NodeEntry, user: NodeEntry) -> Owned:
    bias, shape = owner.node.bias, (owner.node.units,)
    given = given_values(lowering, owner, bias.value, shape, ("bias",))
    if given is None and bias.init is None:
        given = 0.0
    trainable = bias.trainable and owner.node.trainable
    leaf = make_leaf(lowering, f"{owner.id}.bias", shape, trainable)
    return Owned(leaf.id, leaf, leaf, shape, given, bias.init, owner, user, "bias")


def _check_shared_units(lowering: Lowering, entry: NodeEntry, owned: Owned, units: int) -> None:
    if owned.shape == (units,):
        return
    owner = owned.entry
    raise Mistake(
        "E223",
        f"'{entry.id}' has {plural(units, 'unit')} and cannot share with '{owner.id}', "
        f"which has {owned.shape[0]}",
        entry.span_of("share"),
        notes=(Note(owner.span, f"'{owner.id}' has {plural(owned.shape[0], 'unit')}"),),
        help="only nodes with equally many units can share",
    )


def activate(lowering: Lowering, entry: NodeEntry, a: Value, key: str) -> Value:
    """z = f(a), f written under `key` of a node. Errors: Mistake."""
    function = getattr(entry.node, key)
    row = ACTIVATION_ROWS[function.kind]
    op = row.make(function)
    if op is None:
        return a
    if op.reduces_last_axis or function.kind in ("softmax", "log_softmax"):
        _check_classes(entry, a, key)
    if isinstance(op, PRelu):
        return lowering.builder(op, a, _slopes(lowering, entry, a, key))
    return lowering.builder(op, a)


def _check_classes(entry: NodeEntry, a: Value, key: str) -> None:
    kind = getattr(entry.node, key).kind
    shape = a.type.sample_shape
    if shape[-1:] not in ((), (1,)):
        return
    over = "one unit" if shape else "a scalar"
    constant = "1" if kind == "softmax" else "0"
    raise Mistake(
        "E226",
        f"{kind} over {over}: '{entry.id}' would always be {constant}",
        entry.span_of(key),
        label="needs two units or more",
        help="for a yes or no from one unit use `activation: sigmoid`; "
        "for classes give the node one unit per class",
    )


def _slopes(lowering: Lowering, entry: NodeEntry, a: Value, key: str) -> Value:
    """alpha of a prelu, one per unit (the last axis)."""
    units = (a.type.sample_shape or (1,))[-1]
    owner = owner_of_units(lowering, entry)
    its_key = "activation" if owner.node.kind == "neurons" else "function"
    function = getattr(owner.node, its_key)
    if function.kind != "prelu":
        owner, function = entry, getattr(entry.node, key)  # nothing to share: its own
    id = f"{owner.id}.alpha"
    if id not in lowering.owned:
        leaf = make_leaf(lowering, id, (units,), owner.node.trainable)
        lowering.owned[id] = Owned(
            id, leaf, leaf, (units,), function.alpha, None, owner, entry, "alpha"
        )
    owned = lowering.owned[id]
    _check_shared_units(lowering, entry, owned, units)
    return owned.value
