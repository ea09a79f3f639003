"""How weights follow their gradients: the words of `optimizer`."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, Union

from pydantic import Field, model_validator

from nngraph.words.base import (
    ChosenBy,
    NotNegative,
    Positive,
    Rate,
    SpecModel,
    by_name,
    value_error,
)


class Optimizer(SpecModel):
    """What every row is.

    `decay` is the weight decay where a file states none. `reads_rates` is false where the learning
    rate is only that of the first step, so that no schedule can change it. `by_signs`: only the
    signs of gradients are followed, which on small batches change by chance. `usual_rates` are
    the least and the greatest learning rate that published recipes take, with a factor of about
    ten to spare.
    """

    decay: ClassVar[float] = 0.0
    reads_rates: ClassVar[bool] = True
    by_signs: ClassVar[bool] = False
    usual_rates: ClassVar[tuple[float, float]] = (1e-6, 0.3)

    if TYPE_CHECKING:
        kind: str  # each row has its own word
        learning_rate: float  # and its own default

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


class Sgd(Optimizer):
    """w <- w - eta grad, with momentum if asked for."""

    kind: Literal["sgd"] = "sgd"
    usual_rates = (1e-6, 30.0)  # Nielsen takes 3 for a quadratic loss
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    momentum: Rate = 0.0
    """How much of the last step is kept."""
    nesterov: bool = False
    """Look ahead along the momentum (Nesterov)."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise value_error("E107:nesterov", at=("nesterov",))
        return self


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al., 2011)."""

    kind: Literal["adagrad"] = "adagrad"
    usual_rates = (1e-5, 3.0)
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    initial_accumulator: NotNegative = 0.0
    """Where the sum of squares starts."""
    epsilon: Positive = 1e-10
    """Keeps the division finite."""


class Adadelta(Optimizer):
    """Steps as long as the last ones were, against the last gradients (Zeiler, 2012)."""

    kind: Literal["adadelta"] = "adadelta"
    usual_rates = (1e-4, 30.0)
    learning_rate: Positive = 1.0
    """eta, a factor of each step."""
    rho: Rate = 0.9
    """How much of the running means of squares is kept."""
    epsilon: Positive = 1e-6
    """Keeps roots and division from 0; it also decides how the first steps begin."""


class RmsProp(Optimizer):
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


class Adam(Optimizer):
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


class AdamW(Optimizer):
    """Adam with decoupled weight decay, 0.01 unless `weight_decay` says otherwise (Loshchilov
    and Hutter, 2019)."""

    kind: Literal["adamw"] = "adamw"
    decay = 0.01  # what PyTorch takes where nothing is said; Keras 0.004
    learning_rate: Positive = 0.001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""


class Rprop(Optimizer):
    """Each weight has a step of its own, which grows while the sign of its gradient stays
    (Riedmiller and Braun, 1993). For `batch_size: full`."""

    kind: Literal["rprop"] = "rprop"
    reads_rates = False
    by_signs = True
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
    def _bounds_in_order(self) -> Self:
        if self.smallest > self.largest:
            raise value_error(
                "E107:steps", at=("smallest",), smallest=self.smallest, largest=self.largest
            )
        return self


OPTIMIZERS: tuple[type[Optimizer], ...] = (
    Sgd,
    Adagrad,
    Adadelta,
    RmsProp,
    Adam,
    AdamW,
    Rprop,
)
"""An optimiser is added by a row here, and by its step in `lower/optimizers.py`."""

if TYPE_CHECKING:
    AnyOptimizer = Optimizer
else:
    AnyOptimizer = Annotated[
        Union[OPTIMIZERS],  # noqa: UP007 (of a tuple)
        ChosenBy("kind"),
        by_name(*(row.word() for row in OPTIMIZERS)),
    ]
"""A name, or a mapping with `kind` and options."""
