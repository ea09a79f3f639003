"""How a network is trained: the words of `train`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from nngraph.spec.clip import ClipValue
from nngraph.words.base import NotNegative, ShortForm, Size, SpecModel, type_error, value_error
from nngraph.words.metrics import Metrics
from nngraph.words.optimizers import Adam, AnyOptimizer
from nngraph.words.schedules import AnySchedule, ConstantRate


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
    def _the_schedule_is_read(self) -> TrainSpec:
        changes = self.schedule.changes or self.schedule.warmup > 0
        if changes and not self.optimizer.reads_rates:
            raise value_error("E107:rates", at=("schedule",), optimizer=self.optimizer.kind)
        return self

    def rows_per_step(self, rows: int) -> int:
        """The samples of a step where there are so many rows to train on."""
        return rows if self.batch_size == "full" else min(self.batch_size, rows)

    @property
    def decay(self) -> float:
        """The weight decay, stated or the optimiser's own."""
        return self.optimizer.decay if self.weight_decay is None else self.weight_decay
