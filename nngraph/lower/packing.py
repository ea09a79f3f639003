"""Many small arrays of weights in one leaf, each a named part of it."""

from __future__ import annotations

from dataclasses import field

from nngraph.ir import Constant, PackedPart, Param, Value
from nngraph.lower.context import Lowering
from nngraph.lower.lowered import Weight
from nngraph.lower.neurons import is_trainable, owner_of_slopes, owner_of_units
from nngraph.lower.weights import given_values, make_leaf, owner_of
from nngraph.ops import Concat
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode, function_of
from nngraph.spec.weighted import WeightedEdge
from nngraph.words.inits import InitOptions


@dataclass(frozen=True, slots=True)
class Small:
    """An array of one number that has no place yet: the weight of an edge between two units, a
    neuron's bias, or what its activation learns."""

    id: str
    shape: tuple[int, ...]
    given: float | None
    init: InitOptions | None
    trainable: bool
    entry: EdgeEntry | NodeEntry
    purpose: str

    def lying(self, leaf: Param | Constant, part: PackedPart) -> Weight:
        """The weight that has found its place."""
        return Weight(
            self.id, leaf, self.shape, self.given, self.init, self.entry, self.purpose, part
        )


def single_weight(lowering: Lowering, edge: EdgeEntry) -> Small:
    """The weight of an edge between two units, that of its owner where it is shared."""
    owner, _ = owner_of(lowering, edge)
    if owner.given is None:
        return Small(owner.id, (1, 1), owner.weight, None, True, owner, "weight")
    options = owner.given
    assert isinstance(options, WeightedEdge)
    given = _number(lowering, owner, options.weight, (1, 1), "weight")
    return Small(owner.id, (1, 1), given, options.init, options.trainable, owner, "weight")


def single_bias(lowering: Lowering, node: str) -> Small | None:
    """The bias of a single neuron, that of its owner where it is shared, or None."""
    owner = owner_of_units(lowering, lowering.entry(node))
    model = owner.node
    if not isinstance(model, NeuronsNode) or not model.bias.present:
        return None
    if not lowering.neurons(node).bias.present:
        return None
    bias = model.bias
    given = _number(lowering, owner, bias.value, (1,), "bias")
    if given is None and bias.init is None:
        given = 0.0
    trainable = bias.trainable and model.trainable
    return Small(f"{owner.id}.bias", (1,), given, bias.init, trainable, owner, "bias")


def single_slopes(lowering: Lowering, node: str) -> list[Small]:
    """What the activation of a single neuron learns, its owner's where that is shared."""
    entry = lowering.entry(node)
    function = lowering.neurons(node).activation
    row = ACTIVATION_ROWS[function.kind]
    owner = owner_of_slopes(lowering, entry, function)
    its = function_of(owner.node)
    return [
        Small(
            f"{owner.id}.{option}",
            (1,),
            float(getattr(its, option)),
            None,
            is_trainable(owner.node),
            owner,
            option,
        )
        for option in row.learned
    ]


def _number(
    lowering: Lowering,
    entry: EdgeEntry | NodeEntry,
    written: object,
    shape: tuple[int, ...],
    key: str,
) -> float | None:
    if written is None or isinstance(written, float):
        return written
    values = given_values(lowering, entry, written, shape, (key,))
    return None if values is None else float(values if isinstance(values, float) else values.item())


@dataclass
class Packing:
    """Trained numbers in one vector, fixed ones in another."""

    lowering: Lowering
    name: str
    trained: dict[str, Small] = field(default_factory=dict)
    fixed: dict[str, Small] = field(default_factory=dict)

    def add(self, small: Small) -> None:
        """Make room for a number; the same one twice is once."""
        (self.trained if small.trainable else self.fixed).setdefault(small.id, small)

    def vector(self) -> tuple[Value, dict[str, int]]:
        """All numbers as one value, and the place of each by its name."""
        leaves = [
            self._leaf(name, smalls)
            for name, smalls in ((self.name, self.trained), (f"{self.name}:fixed", self.fixed))
            if smalls
        ]
        places = {id: at for at, id in enumerate([*self.trained, *self.fixed])}
        if len(leaves) == 1:
            return leaves[0], places
        return self.lowering.builder(Concat(0), *leaves), places

    def _leaf(self, name: str, smalls: dict[str, Small]) -> Value:
        parts = tuple(
            PackedPart(id, at, small.shape) for at, (id, small) in enumerate(smalls.items())
        )
        trainable = smalls is self.trained
        leaf = make_leaf(self.lowering, name, (len(parts),), trainable, parts)
        for part, small in zip(parts, smalls.values(), strict=True):
            self.lowering.weights[small.id] = small.lying(leaf, part)
        return leaf
