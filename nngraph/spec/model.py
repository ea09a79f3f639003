"""The whole file as one model, with its sections `loss`, `train` and `expect`.

Nodes, weights and `data` have files of their own; edges are in `Document`.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

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
from nngraph.spec.clip import ClipValue
from nngraph.spec.nodes import Node
from nngraph.spec.weights import GivenValue
from nngraph.words.base import (
    ChosenBy,
    NotNegative,
    Shape,
    ShortForm,
    Size,
    SpecModel,
    by_name,
    see,
    type_error,
    value_error,
)
from nngraph.words.losses import LOSSES as ROWS
from nngraph.words.metrics import Metrics
from nngraph.words.moments import Adam
from nngraph.words.optimizers import AnyOptimizer
from nngraph.words.row import LossRow, LossSpec, ValuesLoss
from nngraph.words.schedules import AnySchedule, ConstantRate
from nngraph.words.sources import DataSpec

# ---- train


def _batch_size(value: Any) -> Any:
    if isinstance(value, str) and value != "full":
        raise type_error("a number of samples or `full`", value)
    return value


BatchSize = Annotated[
    Annotated[Size, Tag("number")] | Annotated[Literal["full"], Tag("full")],
    Discriminator(lambda value: "full" if value == "full" else "number"),
    ShortForm(_batch_size, {"const": "full"}),
]
"""Samples per step."""


class EarlyStopping(SpecModel):
    """Ends the training when a figure has not become better for some epochs (Prechelt, 1998)."""

    monitor: str | None = None
    """The figure, e.g. `validation.accuracy`; by default validation.loss, or train.loss where
    there is no validation part."""
    patience: Size = 5
    """Epochs without progress after which it ends."""
    min_delta: NotNegative = 0.0
    """What counts as progress: better by more than this."""
    restore_best: bool = True
    """Use the weights of the best epoch afterwards, not the last ones."""


class Checkpoints(SpecModel):
    """How often a run is saved, to be continued with `train --resume`."""

    every: Size | None = None
    """Epochs between two checkpoints. By default every epoch and every five minutes, but seldom
    enough that saving takes no more than a twentieth of the time."""
    keep: Annotated[int, Field(ge=2)] = 3
    """How many of them are kept, 2 or more."""


class TrainSpec(SpecModel):
    """How the network is trained."""

    epochs: Size = 10
    """Passes over the training data."""
    batch_size: BatchSize = 32
    """Samples per step; `full` is batch gradient descent, 1 is stochastic."""
    optimizer: AnyOptimizer = Adam()
    """A name, or a mapping with `kind` and options."""
    schedule: AnySchedule = ConstantRate()
    """How the learning rate changes: a name, or a mapping with `kind` and options."""
    weight_decay: NotNegative | None = None
    """Pulls edge weights towards 0: L2 added to the gradient, decoupled for adamw (there 0.01 by
    default, else 0). Biases only where `weight_decay_scale` of their node says so."""
    l1: NotNegative = 0.0
    """Pulls edge weights towards 0 by a constant: l1 sign(w) is added to the gradient."""
    clip: ClipValue | None = None
    """Bounds for the gradient, `{norm: 1.0}` or `{value: 0.5}`."""
    early_stopping: EarlyStopping | None = None
    """When to end before all epochs are over, e.g. `{patience: 5}`."""
    checkpoint: Checkpoints = Checkpoints()
    """How often the run is saved, e.g. `{every: 1, keep: 3}`."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    """Decides first weights, order of the samples and dropout."""
    shuffle: bool = True
    """A new order of the samples in every epoch."""
    metrics: Metrics = ()
    """Figures to watch, e.g. `[accuracy]`."""

    @model_validator(mode="after")
    def _the_schedule_is_read(self) -> Self:
        changes = self.schedule.changes or self.schedule.warmup > 0
        if changes and not self.optimizer.reads_rates:
            raise value_error("E107:rates", at=("schedule",), optimizer=self.optimizer.kind)
        return self

    @model_validator(mode="after")
    def _a_search_sees_one_function(self) -> Self:
        if not self.optimizer.searches:
            return self
        kind, given = self.optimizer.kind, self.model_fields_set
        if self.batch_size != "full":
            at = ("batch_size",) if "batch_size" in given else ("optimizer",)
            raise value_error("E107:search-batches", at=at, optimizer=kind)
        if self.l1 > 0:
            raise value_error("E107:search-absolute", at=("l1",), optimizer=kind)
        if self.clip is not None:
            raise value_error("E107:search-clip", at=("clip",), optimizer=kind)
        return self

    def rows_per_step(self, rows: int) -> int:
        """The samples of a step where there are so many rows to train on."""
        return rows if self.batch_size == "full" else min(self.batch_size, rows)

    @property
    def decay(self) -> float:
        """The weight decay, stated or the optimiser's own."""
        return self.optimizer.decay if self.weight_decay is None else self.weight_decay


# ---- loss: one class for all that have no options, one for each other


LOSS_ROWS: Mapping[str, LossRow] = {row.name: row for row in ROWS}
"""The vocabulary by name."""

LOSSES: tuple[str, ...] = tuple(LOSS_ROWS)
"""Every loss by name."""

if TYPE_CHECKING:
    PlainName: TypeAlias = str
else:
    PlainName = Literal[tuple(row.name for row in ROWS if row.options is None)]


class PlainLoss(ValuesLoss):
    """A loss without options of its own."""

    kind: PlainName
    """The formula."""


_MODELS = (PlainLoss, *(row.options for row in ROWS if row.options is not None))

if TYPE_CHECKING:
    Loss: TypeAlias = LossSpec
else:
    Loss = Annotated[reduce(or_, _MODELS), ChosenBy("kind"), by_name(*LOSSES)]
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
    """Input node, or column that `data.inputs` lists -> raw data, before any normalisation."""
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
    def _has_a_bound(self) -> Self:
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
