"""How weights follow their gradients: the words of `optimizer`, each with its one formula."""

from typing import TYPE_CHECKING, Annotated, Literal, Self, Union

from pydantic import Field, model_validator

from nngraph.formula import Term, at_least, clip, number, sign, sqrt, square
from nngraph.words.base import ChosenBy, NotNegative, Positive, Rate, Size, by_name, value_error
from nngraph.words.moments import Adam, Adamax, AdamW, Lion, Nadam
from nngraph.words.row import Optimizer, is_first, running


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
            s = s + self.initial_accumulator * is_first(t)
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
        v = running(v, self.rho, square(g))
        d = sqrt(u + self.epsilon) / sqrt(v + self.epsilon) * g
        return d * rate, v, running(u, self.rho, square(d))


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
        new = {"squares": running(old["squares"], self.rho, square(g))}
        spread = new["squares"]
        if self.centered:
            new["mean"] = running(old["mean"], self.rho, g)
            spread = at_least(spread - square(new["mean"]), 0.0)
        d = g / (sqrt(spread) + self.epsilon)
        if self.momentum:
            d = new["velocity"] = self.momentum * old["velocity"] + d
        return d * rate, *new.values()


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
        length = (length + rate * is_first(t)) * (factor + 1.0)
        length = clip(length, self.smallest, self.largest)
        g = g * (1.0 - changed)
        return sign(g) * length, g, length


class Lbfgs(Optimizer):
    """L-BFGS: steps like Newton's, their curvature guessed from the last few gradients, each with a
    search along its line. For `batch_size: full`, without anything random.

    An epoch is one step, of two or three passes over the data. Weight decay is part of what it
    makes smaller; l1, clipping and scales of learning rates are refused.
    Source: Liu and Nocedal, On the limited memory BFGS method for large scale optimization,
    Mathematical Programming 45 (1989); Nocedal and Wright, Numerical optimization (2006), 7.2.
    """

    kind: Literal["lbfgs"] = "lbfgs"
    reads_rates = False
    searches = True
    usual_rates = (1e-3, 10.0)
    learning_rate: Positive = 1.0
    """How far the first try along each line goes; of the very first line a short way."""
    history: Annotated[int, Field(ge=1, le=1000)] = 10
    """How many steps, and changes of the gradient, are kept."""
    line_search: Literal["strong_wolfe", "backtracking"] = "strong_wolfe"
    """strong_wolfe goes on until the loss falls and is flatter, backtracking until it falls."""
    evaluations: Size = 25
    """A search ends after so many tries, each a pass over the data."""

    def held(self, weights: int) -> tuple[int, int]:
        """The history, and eight vectors of double precision."""
        return 2 * self.history, 8 * 8 * weights


SEARCHES: tuple[type[Optimizer], ...] = (Lbfgs,)
"""Optimisers that search along lines; what they do is written in `run/descent.py`."""

OPTIMIZERS: tuple[type[Optimizer], ...] = (
    Sgd,
    Adagrad,
    Adadelta,
    RmsProp,
    Adam,
    AdamW,
    Nadam,
    Adamax,
    Lion,
    Rprop,
)
"""An optimiser is added by its row here: its options, its states and its formula."""

ALL: tuple[type[Optimizer], ...] = (*OPTIMIZERS, *SEARCHES)

if TYPE_CHECKING:
    AnyOptimizer = Optimizer
else:
    AnyOptimizer = Annotated[
        Union[ALL],  # noqa: UP007 (of a tuple)
        ChosenBy("kind"),
        by_name(*(row.word() for row in ALL)),
    ]
"""A name, or a mapping with `kind` and options."""
