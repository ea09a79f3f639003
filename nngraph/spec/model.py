"""The whole file as one model, with its sections `loss` and `expect`.

Nodes, weights, `train` and `data` have files of their own; edges are in `Document`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from nngraph.spec.arrows import End, EndError, read_end
from nngraph.spec.nodes import Node
from nngraph.spec.training import TrainSpec
from nngraph.spec.weights import GivenValue
from nngraph.words.base import Shape, ShortForm, SpecModel, by_name, see, type_error, value_error
from nngraph.words.loss_row import LossRow, LossSpec, ValuesLoss
from nngraph.words.losses import LOSSES as ROWS
from nngraph.words.sources import DataSpec

LOSS_ROWS: Mapping[str, LossRow] = {row.name: row for row in ROWS}
"""The vocabulary by name."""

LOSSES: tuple[str, ...] = tuple(LOSS_ROWS)
"""Every loss by name."""

_PLAIN = tuple(row for row in ROWS if row.options is None)

if TYPE_CHECKING:
    PlainName: TypeAlias = str
else:
    PlainName = Literal[tuple(row.name for row in _PLAIN)]


class PlainLoss(ValuesLoss):
    """A loss without options of its own."""

    kind: PlainName
    """The formula."""


PlainLoss.__doc__ = f"{PlainLoss.__doc__}\n\n" + "; ".join(
    f"{row.name} {row.meaning}" for row in _PLAIN
)

_MODELS = (PlainLoss, *(row.options for row in ROWS if row.options is not None))

if TYPE_CHECKING:
    Loss: TypeAlias = LossSpec
else:
    Loss = Annotated[reduce(or_, _MODELS), Field(discriminator="kind"), by_name(*LOSSES)]
    """A name, or a mapping with `kind` and options."""


def _losses(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Losses = Annotated[
    tuple[Loss, ...],
    Field(min_length=1),
    ShortForm(
        _losses, {"anyOf": [{"enum": list(LOSSES)}, *(see(model.__name__) for model in _MODELS)]}
    ),
]
"""A name, a mapping, or a list of these, summed with their weights."""


# ---- expect: unit tests for networks


Values = Annotated[dict[str, GivenValue], Field(min_length=1)]


class GivenExpect(SpecModel):
    """For these inputs, these outputs."""

    given: Values
    """Input node -> raw data, before any normalisation."""
    output: Values
    """Any node -> what it must give."""
    within: Annotated[float, Field(ge=0)] = 1e-5
    """Largest absolute difference."""
    trained: bool = False
    """true: only a trained network has to meet it."""


class ShapeExpect(SpecModel):
    """Shapes of nodes, per sample."""

    shape: Annotated[dict[str, Shape], Field(min_length=1)]
    """Node -> extents."""


class ParametersExpect(SpecModel):
    """The number of parameters."""

    parameters: Annotated[int, Field(ge=0)]
    """All weights and biases, shared ones once."""


class MetricExpect(SpecModel):
    """A figure of the trained network."""

    metric: Annotated[str, Field(min_length=1)]
    """Name of the figure: `loss`, a metric, or NODE.METRIC."""
    part: Literal["train", "validation", "test"] = "test"
    """The part of the data."""
    at_least: float | None = None
    """Smallest good value."""
    at_most: float | None = None
    """Largest good value."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> MetricExpect:
        if self.at_least is None and self.at_most is None:
            raise value_error("E107:bound")
        return self


_FORMS: dict[str, str] = {
    "given": "given-form",
    "output": "given-form",
    "within": "given-form",
    "trained": "given-form",
    "shape": "shape-form",
    "parameters": "parameters-form",
    "metric": "metric-form",
    "part": "metric-form",
    "at_least": "metric-form",
    "at_most": "metric-form",
}


def _form(value: Any) -> str:
    keys = type(value).model_fields if isinstance(value, BaseModel) else value
    if not isinstance(keys, dict):
        return "given-form"
    return next((_FORMS[key] for key in keys if key in _FORMS), "given-form")


ExpectSpec = Annotated[
    Annotated[GivenExpect, Tag("given-form")]
    | Annotated[ShapeExpect, Tag("shape-form")]
    | Annotated[ParametersExpect, Tag("parameters-form")]
    | Annotated[MetricExpect, Tag("metric-form")],
    Discriminator(_form),
]
"""One expectation, told apart by its keys."""


# ---- the file


DType = Literal["float32", "float64"]


def _end(value: Any) -> End:
    if isinstance(value, End):
        return value
    if not isinstance(value, str):
        raise type_error("the id of a node, e.g. `y` or `h[0:3]`", value)
    try:
        return read_end(value)
    except EndError as error:
        inside, help = (error.start, error.stop), error.help
        raise value_error("E107:told", inside=inside, message=error.message, help=help) from error


def _ends(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


Ends = Annotated[
    tuple[Annotated[End, PlainValidator(_end), WithJsonSchema({"type": "string"})], ...],
    Field(min_length=1),
    ShortForm(_ends, {"type": "string"}),
]


def _source(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


Data = Annotated[DataSpec, ShortForm(_source, {"type": "string"})]


class Spec(SpecModel):
    """A network, how it is trained, and what it is expected to do. Its edges are in `Document`."""

    nngraph: Literal[1]
    """Version of the language."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] | None = None
    """Name of the network, also of its run folders: letters, digits, `_`, `-` and `.`; by default
    the file's."""
    description: str = ""
    """Free text."""
    dtype: DType = "float32"
    """Precision of all arrays."""
    nodes: dict[str, Node] = Field(default_factory=dict)
    """Id -> node."""
    outputs: Ends | None = None
    """What the network returns; by default the nodes without an outgoing edge."""
    loss: Losses = ()
    """What training makes small."""
    data: Data | None = None
    """Where samples come from."""
    train: TrainSpec | None = None
    """How the network is trained."""
    expect: tuple[ExpectSpec, ...] = ()
    """Unit tests for the network."""
