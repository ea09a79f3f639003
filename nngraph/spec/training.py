"""What is minimised, and how: the words of `loss` and `train`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from nngraph.spec.base import ShortForm, Size, SpecModel, by_name, mistake, see
from nngraph.spec.metrics import METRICS, Metric
from nngraph.spec.optimizers import ADAMW_DECAY, Adam, Clip, NotNegative, Optimizer
from nngraph.spec.schedules import Constant, Schedule

LossName = Literal[
    "mean_squared_error",
    "mean_absolute_error",
    "cross_entropy",
    "binary_cross_entropy",
    "negative_log_likelihood",
]

LOSSES: tuple[str, ...] = (
    "mean_squared_error",
    "mean_absolute_error",
    "cross_entropy",
    "binary_cross_entropy",
    "negative_log_likelihood",
)
"""Every loss by name."""


class LossSpec(SpecModel):
    """One term of the loss: how far a node's output is from its target."""

    kind: LossName
    """The formula."""
    node: str | None = None
    """The node that is judged; by default the only output."""
    target: str | None = None
    """The column it is compared with, or an input node; by default named like the node."""
    weight: float = 1.0
    """Factor of this term in the sum."""
    reduction: Literal["mean", "sum"] = "mean"
    """Over the batch."""
    values: Literal["sum", "mean"] | None = None
    """Over the values of one sample; by default the sum for entropies, the mean for squared and
    absolute errors."""


def _losses(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Losses = Annotated[
    tuple[Annotated[LossSpec, by_name(*LOSSES)], ...],
    Field(min_length=1),
    ShortForm(_losses, {"anyOf": [{"enum": list(LOSSES)}, see("LossSpec")]}),
]
"""A name, a mapping, or a list of these, summed with their weights."""


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


def _batch_size(value: Any) -> Any:
    if isinstance(value, str) and value != "full":
        raise mistake("number", "a number of samples or `full` is expected", got=value)
    return value


BatchSize = Annotated[
    Annotated[Size, Tag("number")] | Annotated[Literal["full"], Tag("full")],
    Discriminator(lambda value: "full" if value == "full" else "number"),
    ShortForm(_batch_size, {"const": "full"}),
]
"""Samples per step."""


class TrainSpec(SpecModel):
    """How the network is trained."""

    epochs: Size = 10
    """Passes over the training data."""
    batch_size: BatchSize = 32
    """Samples per step; `full` is batch gradient descent, 1 is stochastic."""
    optimizer: Optimizer = Adam()
    """A name, or a mapping with `kind` and options."""
    schedule: Schedule = Constant()
    """How the learning rate changes: a name, or a mapping with `kind` and options."""
    weight_decay: NotNegative | None = None
    """Pulls edge weights towards 0: L2 added to the gradient, decoupled for adamw (there 0.01 by
    default, else 0). Biases only where `weight_decay_scale` of their node says so."""
    l1: NotNegative = 0.0
    """Pulls edge weights towards 0 by a constant: l1 sign(w) is added to the gradient."""
    clip: Clip | None = None
    """Bounds for the gradient, `{norm: 1.0}` or `{value: 0.5}`."""
    seed: Annotated[int, Field(ge=0, lt=2**64)] = 0
    """Decides first weights, order of the samples and dropout."""
    shuffle: bool = True
    """A new order of the samples in every epoch."""
    metrics: Annotated[tuple[Metric, ...], ShortForm(_as_tuple, {"enum": list(METRICS)})] = ()
    """Figures to watch, e.g. `[accuracy]`."""

    @model_validator(mode="after")
    def _rprop_reads_no_rates(self) -> TrainSpec:
        changes = self.schedule.kind != "constant" or self.schedule.warmup > 0
        if changes and self.optimizer.kind == "rprop":
            raise mistake(
                "contradiction",
                "a schedule has no effect on rprop, which finds a step for each weight by itself",
                at=("schedule",),
                help="leave the schedule out, or take another optimiser",
            )
        return self

    @property
    def decay(self) -> float:
        """The weight decay, stated or the optimiser's own."""
        if self.weight_decay is not None:
            return self.weight_decay
        return ADAMW_DECAY if self.optimizer.kind == "adamw" else 0.0
