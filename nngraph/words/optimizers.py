"""How weights follow their gradients: the words of `optimizer`, each with its one formula.

The formula is over terms: the gradient and the states are vectors, the rate eta and the number t of
the step, from 1, are scalars of double precision, rounded once where they meet a vector. All follow
PyTorch's conventions: the rate scales the finished step, states hold gradients and no rates.
"""

import math
from functools import cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, Union

from pydantic import Field, model_validator

from nngraph.formula import Formula, Term, at_least, clip, exp, number, sign, sqrt, square, trace
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

    `states` names the vectors that a step reads and writes, 0 at first; `moves` is the formula.
    `decay` is the weight decay where a file states none, `decoupled` whether it is taken from the
    weights, eta decay w before the step, and not added to the gradient. `reads_rates` is false
    where the learning rate is only that of the first step, so that no schedule can change it.
    `by_signs`: only the signs of gradients are followed, which on small batches change by chance.
    `usual_rates` are the least and the greatest learning rate that published recipes take, with a
    factor of about ten to spare.
    """

    decay: ClassVar[float] = 0.0
    decoupled: ClassVar[bool] = False
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

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states with these options."""
        return ()

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        """What is taken off the weights, then the new states."""
        raise NotImplementedError


@cache
def step_formula(row: Optimizer) -> Formula:
    """`moves` with a row's options, traced: of g, rate, t and the states."""
    return trace(row.moves, 3 + len(row.states))


class Sgd(Optimizer):
    """w <- w - eta grad, with momentum if asked for.

    With momentum mu: v <- mu v + g, and the direction is v, or mu v + g (nesterov).
    Source: Sutskever et al., On the importance of initialization and momentum, ICML 2013.
    """

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

    @property
    def states(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        if not states:
            return (g * rate,)
        v = self.momentum * states[0] + g
        d = self.momentum * v + g if self.nesterov else v
        return d * rate, v


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al., 2011).

    s <- s + g^2; w <- w - eta g / (sqrt(s) + epsilon), as in PyTorch (Keras has epsilon inside of
    the root and starts s at 0.1).
    Source: Duchi, Hazan and Singer, Adaptive subgradient methods, JMLR 12 (2011), figure 1.
    """

    kind: Literal["adagrad"] = "adagrad"
    usual_rates = (1e-5, 3.0)
    learning_rate: Positive = 0.01
    """eta, the length of a step."""
    initial_accumulator: NotNegative = 0.0
    """Where the sum of squares starts."""
    epsilon: Positive = 1e-10
    """Keeps the division finite."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("squares",)

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        (s,) = states
        if self.initial_accumulator:
            s = s + self.initial_accumulator * _is_first(t)
        s = s + square(g)
        return g / (sqrt(s) + self.epsilon) * rate, s


class Adadelta(Optimizer):
    """Steps as long as the last ones were, against the last gradients (Zeiler, 2012).

    v <- rho v + (1 - rho) g^2; d = g sqrt(u + epsilon) / sqrt(v + epsilon);
    u <- rho u + (1 - rho) d^2; w <- w - eta d.
    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012, algorithm 1.
    """

    kind: Literal["adadelta"] = "adadelta"
    usual_rates = (1e-4, 30.0)
    learning_rate: Positive = 1.0
    """eta, a factor of each step."""
    rho: Rate = 0.9
    """How much of the running means of squares is kept."""
    epsilon: Positive = 1e-6
    """Keeps roots and division from 0; it also decides how the first steps begin."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("squares", "lengths")

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        v, u = states
        v = _running(v, self.rho, square(g))
        d = sqrt(u + self.epsilon) / sqrt(v + self.epsilon) * g
        return d * rate, v, _running(u, self.rho, square(d))


class RmsProp(Optimizer):
    """Steps divided by the root of a running mean of squared gradients (Hinton, 2012).

    v <- rho v + (1 - rho) g^2; w <- w - eta g / (sqrt(v) + epsilon). Centered: the running mean
    of g squared is taken from v. With momentum mu: b <- mu b + g / (sqrt(v) + epsilon),
    w <- w - eta b.
    As in PyTorch (Keras has epsilon inside of the root).
    Source: Hinton, Neural networks for machine learning, lecture 6e, 2012.
    """

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

    @property
    def states(self) -> tuple[str, ...]:
        mean = ("mean",) if self.centered else ()
        return ("squares", *mean, *(("velocity",) if self.momentum else ()))

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        old = dict(zip(self.states, states, strict=True))
        new = {"squares": _running(old["squares"], self.rho, square(g))}
        spread = new["squares"]
        if self.centered:
            new["mean"] = _running(old["mean"], self.rho, g)
            spread = at_least(spread - square(new["mean"]), 0.0)
        d = g / (sqrt(spread) + self.epsilon)
        if self.momentum:
            d = new["velocity"] = self.momentum * old["velocity"] + d
        return d * rate, *new.values()


class Adam(Optimizer):
    """Adam: steps scaled by running moments of the gradient (Kingma and Ba, 2015).

    m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; with both corrected for their start,
    w <- w - eta m / (sqrt(v) + epsilon), the convention of the paper and of PyTorch.
    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """

    kind: Literal["adam"] = "adam"
    learning_rate: Positive = 0.001
    """eta, the length of a step."""
    beta1: Rate = 0.9
    """Decay of the running mean of the gradient."""
    beta2: Rate = 0.999
    """Decay of the running mean of its square."""
    epsilon: Positive = 1e-8
    """Keeps the division finite."""

    @property
    def states(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment")

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        """On moments that are kept rescaled, M = m / (1 - b1) and V = v / (1 - b2).

        The corrections of their start lie in two scalars, s = sqrt((1 - b2) / (1 - b2^t)) and
        alpha = eta (1 - b1) / ((1 - b1^t) s): w <- w - alpha M / (sqrt(V) + epsilon / s). So it
        takes ten passes over the vectors where each operation is one.
        """
        M, V = states
        over_s = 1.0 / sqrt((1.0 - self.beta2) * _over_correction(self.beta2, t))
        alpha = (1.0 - self.beta1) * _over_correction(self.beta1, t) * over_s * rate
        M = self.beta1 * M + g
        V = self.beta2 * V + square(g)
        return M / (sqrt(V) + self.epsilon * over_s) * alpha, M, V


class AdamW(Adam):
    """Adam with decoupled weight decay, 0.01 unless `weight_decay` says otherwise (Loshchilov
    and Hutter, 2019).

    w <- w - eta decay w, then the step of adam, whose moments see no decay.
    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2
    with its schedule in eta, as PyTorch has it.
    """

    kind: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    decay = 0.01  # what PyTorch takes where nothing is said; Keras 0.004
    decoupled = True


class Rprop(Optimizer):
    """Each weight has a step of its own, which grows while the sign of its gradient stays
    (Riedmiller and Braun, 1993). For `batch_size: full`.

    It shrinks when the sign changes, and then the weight rests once: w <- w - step sign(g). The
    first steps are eta long; later rates are not read, since each weight finds its own.
    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning,
    ICNN 1993, in the form without backtracking of PyTorch (iRprop-: Igel and Huesken, 2000).
    """

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

    @property
    def states(self) -> tuple[str, ...]:
        return ("last_gradient", "steps")

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        before, length = states
        agreement = g * before
        same, changed = number(agreement > 0.0), number(agreement < 0.0)
        factor = (self.grow - 1.0) * same + (self.shrink - 1.0) * changed
        length = (length + rate * _is_first(t)) * (factor + 1.0)
        length = clip(length, self.smallest, self.largest)
        g = g * (1.0 - changed)
        return sign(g) * length, g, length


# ---- what several share


def _running(mean: Term, keep: float, new: Term) -> Term:
    """keep mean + (1 - keep) new."""
    return keep * mean + (1.0 - keep) * new


def _over_correction(beta: float, t: Term) -> Term:
    """1 / (1 - beta^t)."""
    power = exp(math.log(beta) * t) if beta else 0.0 * t
    return 1.0 / (1.0 - power)


def _is_first(t: Term) -> Term:
    """1 in the first step, 0 in all later ones."""
    return number(t < 1.5)


OPTIMIZERS: tuple[type[Optimizer], ...] = (
    Sgd,
    Adagrad,
    Adadelta,
    RmsProp,
    Adam,
    AdamW,
    Rprop,
)
"""An optimiser is added by its row here: its options, its states and its formula."""

if TYPE_CHECKING:
    AnyOptimizer = Optimizer
else:
    AnyOptimizer = Annotated[
        Union[OPTIMIZERS],  # noqa: UP007 (of a tuple)
        ChosenBy("kind"),
        by_name(*(row.word() for row in OPTIMIZERS)),
    ]
"""A name, or a mapping with `kind` and options."""
