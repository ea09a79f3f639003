"""The kinds of nodes, and the section that lists them.

Functions live on nodes, weights live on edges.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeAlias, Union

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from nngraph.errors import Diagnostics, Note
from nngraph.spec import tree
from nngraph.spec.activations import Activation, PlainActivation
from nngraph.spec.arrows import id_problem
from nngraph.spec.image_nodes import PadNode, PoolNode, TransposeNode, UpsampleNode
from nngraph.spec.norm_nodes import BatchNormNode, LayerNormNode, NoiseNode
from nngraph.spec.weights import Bias, BiasValue, Nested, numbers, shape_of
from nngraph.words.aggregates import AGGREGATES
from nngraph.words.base import (
    ChosenBy,
    Labels,
    NodeModel,
    NotNegative,
    Rate,
    Shape,
    ShortForm,
    Size,
    see,
    value_error,
)

if TYPE_CHECKING:
    Aggregate: TypeAlias = str
else:
    Aggregate = Literal[tuple(AGGREGATES)]


class InputNode(NodeModel):
    """Where data enter."""

    kind: Literal["input"] = "input"
    shape: Shape = ()
    """Extents per sample; `[]`, the default, is a scalar, `4` is short for `[4]`, images are
    `[height, width, channels]`."""
    labels: Labels | None = None
    """Names of the units."""


class NeuronsNode(NodeModel):
    """a_j = aggregate over i of (W_ij z_i) + b_j, z_j = f(a_j), for each of `units` neurons."""

    kind: Literal["neurons"] = "neurons"
    default_edge: ClassVar[str] = "dense"
    observed: ClassVar[bool] = True
    units: Size = 1
    """How many neurons."""
    activation: Activation = PlainActivation()
    """f: a name, or a mapping with `kind` and options."""
    bias: BiasValue = Bias()
    """true (starts at 0), false (none), a number, a list, or `{value, init, trainable}`."""
    aggregate: Aggregate = "sum"
    """What combines the weighted inputs of a neuron."""
    labels: Labels | None = None
    """Names of the units, e.g. of the classes."""
    trainable: bool = True
    """false: training leaves the bias and the slopes of prelu as they are."""
    share: str | None = None
    """Another node whose bias and slopes of prelu are used here too."""
    learning_rate_scale: NotNegative = 1.0
    """Factor of the learning rate for this node's own parameters."""
    weight_decay_scale: NotNegative = 0.0
    """Factor of weight decay and l1 for this node's own parameters; by default they have none."""

    @model_validator(mode="after")
    def _labels_name_units(self) -> Self:
        if self.labels is not None and len(self.labels) != self.units:
            given = len(self.labels)
            raise value_error("E107:labels", at=("labels",), labels=given, units=self.units)
        return self


class ConstantNode(NodeModel):
    """Always the same, for every sample; beside inputs the only node that no edge enters."""

    kind: Literal["constant"] = "constant"
    value: Annotated[
        float | Nested, PlainValidator(numbers), WithJsonSchema({"anyOf": [see("Numbers")]})
    ] = 1.0
    """A number, or nested lists of numbers, whose extents are the shape."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents per sample; a number has none."""
        return shape_of(self.value)


class ActivationNode(NodeModel):
    """f alone, without weights or bias."""

    kind: Literal["activation"] = "activation"
    observed: ClassVar[bool] = True
    function: Activation
    """f: a name, or a mapping with `kind` and options."""
    trainable: bool = True
    """false: training leaves the slopes of prelu as they are."""
    share: str | None = None
    """Another node whose slopes of prelu are used here too."""
    learning_rate_scale: NotNegative = 1.0
    """Factor of the learning rate for this node's own parameters."""
    weight_decay_scale: NotNegative = 0.0
    """Factor of weight decay and l1 for this node's own parameters; by default they have none."""


class AddNode(NodeModel):
    """The sum of its inputs; a vector of channels broadcasts over an image."""

    kind: Literal["add"] = "add"


class SubtractNode(NodeModel):
    """Its first input less its second, in the order of its edges; a vector of channels broadcasts
    over an image."""

    kind: Literal["subtract"] = "subtract"


class MultiplyNode(NodeModel):
    """The product of its inputs; a vector of channels broadcasts over an image."""

    kind: Literal["multiply"] = "multiply"


class ConcatNode(NodeModel):
    """Its inputs side by side, in the order of its edges."""

    kind: Literal["concat"] = "concat"
    passes_on: ClassVar[bool] = True
    axis: int = -1
    """The axis along which they are joined: 0 is the first after the batch, -1 the last."""


class FlattenNode(NodeModel):
    """Its input as one vector."""

    kind: Literal["flatten"] = "flatten"
    passes_on: ClassVar[bool] = True


class ReshapeNode(NodeModel):
    """Its input's values in another shape."""

    kind: Literal["reshape"] = "reshape"
    passes_on: ClassVar[bool] = True
    shape: Shape
    """Extents per sample; as many values as before."""


class SliceNode(NodeModel):
    """A stretch of its input along one axis."""

    kind: Literal["slice"] = "slice"
    passes_on: ClassVar[bool] = True
    axis: int = -1
    """The axis that is cut: 0 is the first after the batch, -1 the last."""
    start: Annotated[int, Field(ge=0)] = 0
    """First index, counted from 0."""
    stop: Size | None = None
    """End, excluded; by default the end of the axis."""

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.stop is not None and self.stop <= self.start:
            raise value_error("E107:slice", at=("stop",), start=self.start, stop=self.stop)
        return self


class DropoutNode(NodeModel):
    """Sets values to 0 at random while training and scales up the rest; else the identity."""

    kind: Literal["dropout"] = "dropout"
    rate: Rate
    """Probability that a value becomes 0."""
    per: Literal["unit", "channel"] = "unit"
    """What falls out together: single values, or whole channels of an image."""


NODES: tuple[type[NodeModel], ...] = (
    InputNode,
    ConstantNode,
    NeuronsNode,
    ActivationNode,
    AddNode,
    SubtractNode,
    MultiplyNode,
    ConcatNode,
    FlattenNode,
    ReshapeNode,
    SliceNode,
    DropoutNode,
    PoolNode,
    UpsampleNode,
    PadNode,
    TransposeNode,
    BatchNormNode,
    LayerNormNode,
    NoiseNode,
)
"""A kind of node is added by a row here, and by how it is written in `lower/nodes.py`."""

SOURCES: tuple[str, ...] = ("input", "constant")
"""The kinds that no edge enters."""

NODE_KINDS: tuple[str, ...] = tuple(row.word() for row in NODES)
"""Every kind of node by name."""

PLAIN_KINDS: tuple[str, ...] = tuple(
    row.word()
    for row in NODES
    if not any(field.is_required() for field in row.model_fields.values())
)
"""The kinds that need no options."""

if TYPE_CHECKING:
    AnyNode: TypeAlias = NodeModel
else:
    AnyNode = Union[NODES]  # noqa: UP007 (of a tuple)


def function_of(node: AnyNode) -> Activation | None:
    """The activation of a node, if it has one."""
    if isinstance(node, NeuronsNode):
        return node.activation
    return node.function if isinstance(node, ActivationNode) else None


def named_function(node: AnyNode) -> str:
    """The name of the function that a node applies, a pool's too; "" for none."""
    function = function_of(node)
    if function is not None:
        return function.kind
    return node.function if isinstance(node, PoolNode) else ""


def _node(value: Any) -> Any:
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict) and "kind" not in value:
        return {"kind": "neurons", **value}
    return value


Node = Annotated[
    AnyNode,
    ChosenBy("kind"),
    ShortForm(_node, {"enum": list(PLAIN_KINDS)}),
]
"""A kind, or a mapping; without `kind` it is `neurons`."""


# ---- the section `nodes`: `h1, h2: {...}` taken apart, ids checked


def expand_nodes(section: tree.Mapping, found: Diagnostics) -> tree.Mapping:
    """The same mapping with one entry per id; keys that are no ids are told and left out."""
    out = tree.Mapping(section.source, section.start, section.end)
    for key, value in section.entries.values():
        for word in _words(key):
            enter(out, word, value, found)
    return out


def enter(nodes: tree.Mapping, key: tree.Scalar, value: tree.Tree, found: Diagnostics) -> None:
    """Add a node, unless its id is none or already there."""
    if problem := id_problem(key.text):
        found.tell("E112:node", key.span, problem=problem)
        return
    first = nodes.entries.get(key.text)
    if first is not None:
        found.tell("E103:node", key.span, notes=(Note(first[0].span, "first"),), id=key.text)
        return
    nodes.entries[key.text] = (key, value)


def _words(key: tree.Scalar) -> list[tree.Scalar]:
    if "," not in key.text:
        return [key]
    words: list[tree.Scalar] = []
    at = 0
    for part in key.text.split(","):
        start = at + len(part) - len(part.lstrip())
        span = key.part(start, at + len(part.rstrip()))
        words.append(tree.Scalar(part.strip(), key.plain, key.source, span.start, span.end))
        at += len(part) + 1
    return words
