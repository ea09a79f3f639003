"""How weights follow their gradients: the words of `optimizer`, `clip`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

from nngraph.words.base import Positive, Rate, SpecModel, by_name, value_error

NotNegative = Annotated[float, Field(ge=0)]


class Sgd(SpecModel):
    """w <- w - eta grad, with momentum if asked for."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    momentum: Rate = 0.0
    """How much of the last step is kept."""
    nesterov: bool = False
    """Look ahead along the momentum (Nesterov)."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Sgd:
        if self.nesterov and self.momentum == 0:
            raise value_error("E107:nesterov", at=("nesterov",))
        return self


class Adagrad(SpecModel):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al., 2011)."""

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    initial_accumulator: NotNegative = 0.0
    """Where the sum of squares starts."""
    epsilon: Positive = 1e-10
    """Keeps the division finite."""


class Adadelta(SpecModel):
    """Steps as long as the last ones were, against the last gradients (Zeiler, 2012)."""

    kind: Literal["adadelta"] = "adadelta"
    learning_rate: Positive = 1.0
    """eta, a factor of each step."""
    rho: Rate = 0.9
    """How much of the running means of squares is kept."""
    epsilon: Positive = 1e-6
    """Keeps roots and division from 0; it also decides how the first steps begin."""


class RmsProp(SpecModel):
    """Steps divided by the root of a running mean of squared gradients (Hinton, 2012)."""

    kind: Literal["rmsprop"] = "rmsprop"
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    rho: Rate = 0.99
    """How much of the running mean of squares is kept."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""
    momentum: Rate = 0.0
    """How much of the last step is kept."""
    centered: bool = False
    """Divide by the spread of the gradients around their mean instead."""


class Adam(SpecModel):
    """Adam: steps scaled by running moments of the gradient (Kingma and Ba, 2015)."""

    kind: Literal["adam"] = "adam"
    learning_rate: Positive = 0.001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""


class AdamW(SpecModel):
    """Adam with decoupled weight decay, 0.01 unless `weight_decay` says otherwise (Loshchilov
    and Hutter, 2019)."""

    kind: Literal["adamw"] = "adamw"
    learning_rate: Positive = 0.001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""


class Rprop(SpecModel):
    """Each weight has a step of its own, which grows while the sign of its gradient stays
    (Riedmiller and Braun, 1993). For `batch_size: full`."""

    kind: Literal["rprop"] = "rprop"
    learning_rate: Positive = 0.01
    """Length of the first steps."""
    shrink: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Factor of a step after a change of sign."""
    grow: Annotated[float, Field(gt=1)] = 1.2
    """Factor of a step after an equal sign."""
    smallest: Positive = 1e-6
    """No step becomes shorter."""
    largest: Positive = 50.0
    """No step becomes longer."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Rprop:
        if self.smallest > self.largest:
            raise value_error(
                "E107:steps", at=("smallest",), smallest=self.smallest, largest=self.largest
            )
        return self


OPTIMIZERS: tuple[str, ...] = (
    "sgd",
    "adagrad",
    "adadelta",
    "rmsprop",
    "adam",
    "adamw",
    "rprop",
)
"""Every optimiser by name."""

Optimizer = Annotated[
    Sgd | Adagrad | Adadelta | RmsProp | Adam | AdamW | Rprop,
    Field(discriminator="kind"),
    by_name(*OPTIMIZERS),
]
"""A name, or a mapping with `kind` and options."""

ADAMW_DECAY = 0.01  # what PyTorch and Keras take where nothing is said: 0.01 and 0.004


class Clip(SpecModel):
    """Bounds for the gradient, applied before everything else the optimiser does."""

    norm: Positive | None = None
    """The whole gradient is shortened to at most this length."""
    value: Positive | None = None
    """Each number of the gradient is cut to between -value and value; before `norm`."""

    @model_validator(mode="after")
    def _clips_something(self) -> Clip:
        if self.norm is None and self.value is None:
            raise value_error("E107:clip")
        return self


class _Bounds:
    """Says how a bound is written where a number alone stands."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_clip, handler(source))


def _clip(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise value_error("E107:clip-number", number=value)
    return value


ClipValue = Annotated[Clip, _Bounds()]
"""Bounds for the gradient."""
