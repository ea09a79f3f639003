"""What a row of the vocabulary says of a word that has a formula: an activation, a loss, or an
optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from nngraph.formula import Formula, Term, exp, number, spread, total, trace
from nngraph.records import dataclass
from nngraph.words.base import SpecModel

ANY = (-math.inf, math.inf)
UNIT = (0.0, 1.0)
SIGNED = (-1.0, 1.0)
POSITIVE = (0.0, math.inf)
"""Ranges of results, ends included."""

HE = "he_uniform"


# ---- activations


class ActivationOptions(SpecModel):
    """What a file says of an activation: its name, and its options where it has any."""

    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Activation:
    """One activation, z = f(a).

    `formula(a, *learned, **options)` is f over terms, `pull(g, z, a, *learned, **options)` the
    cotangent of a, and of each learned operand, from g, that of z; from z where that is cheaper.
    A word that is a primitive needs none: the primitive has its own.

    `learned` names the options that only start an operand that is trained, one number a unit.
    `rising` is true where f never falls, whatever its options; `trainable` false where f' is zero
    everywhere. `saturated` are values at or beyond which f is almost flat: f' below 8 % of its
    largest. `rectifies`: exactly 0, and flat, on one side. `gives` says that results are
    probabilities p, or their logarithms. `init` is how weights into it are drawn by default, the
    name of a row of `inits`.
    """

    name: str
    meaning: str
    formula: Callable[..., Any]
    pull: Callable[..., Any] | None = None
    options: type[ActivationOptions] | None = None
    learned: tuple[str, ...] = ()
    range: tuple[float, float] = ANY
    rising: bool = False
    trainable: bool = True
    saturated: tuple[float, float] | None = None
    rectifies: bool = False
    over_last_axis: bool = False
    gives: Literal["p", "ln p"] | None = None
    init: str = "glorot_uniform"
    source: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The options that are plain numbers of the formula, in the order of their model."""
        if self.options is None:
            return ()
        names = self.options.model_fields
        return tuple(name for name in names if name != "kind" and name not in self.learned)

    @property
    def defaults(self) -> tuple[float, ...]:
        """The numbers where nothing else is said."""
        if self.options is None:
            return ()
        return tuple(self.options.model_fields[name].default for name in self.numbers)

    @property
    def operands(self) -> int:
        """How many terms the formula takes: a, and what is learned."""
        return 1 + len(self.learned)

    @property
    def is_primitive(self) -> bool:
        """Whether the word is a primitive under its own name."""
        return _is_primitive(self)

    def steps(self, values: tuple[float, ...]) -> Formula:
        """The formula with these numbers, traced."""
        return _traced(self, values)

    def pull_steps(self, values: tuple[float, ...]) -> Formula:
        """The cotangents with these numbers, traced: of g, z, a and what is learned."""
        return _pull_traced(self, values)

    def values_of(self, options: ActivationOptions) -> tuple[float, ...]:
        """The numbers that a file gives."""
        return tuple(float(getattr(options, name)) for name in self.numbers)


def with_options(
    options: type[ActivationOptions],
    formula: Callable[..., Any],
    pull: Callable[..., Any] | None = None,
    **facts: Any,
) -> Activation:
    """The row of an activation that has options: their model says its name and what it means."""
    name = str(options.model_fields["kind"].default)
    meaning = (options.__doc__ or "").partition("\n")[0].rstrip(".")
    return Activation(name, meaning, formula, pull, options, **facts)


@cache
def _is_primitive(row: Activation) -> bool:
    return row.steps(row.defaults).is_just(row.name)


@cache
def _traced(row: Activation, values: tuple[float, ...]) -> Formula:
    options = dict(zip(row.numbers, values, strict=True))
    return trace(lambda *terms: row.formula(*terms, **options), row.operands)


@cache
def _pull_traced(row: Activation, values: tuple[float, ...]) -> Formula:
    pull = row.pull
    if pull is None:
        raise ValueError(f"'{row.name}' has no derivative of its own")
    options = dict(zip(row.numbers, values, strict=True))
    return trace(lambda *terms: pull(*terms, **options), 2 + row.operands)


# ---- losses


TargetKind: TypeAlias = Literal["values", "classes", "binary", "signs", "yes_or_no"]
"""What the numbers of a target mean: a one-hot row (or one a pixel), zeros and ones, those or -1
and 1, anything."""

Range: TypeAlias = tuple[float, float]
Setting: TypeAlias = float | bool | None
"""A number of a formula beside output and target."""


class LossSpec(SpecModel):
    """One term of the loss: how far a node's output is from its target."""

    kind: str
    """The formula."""
    node: str | None = None
    """The node that is judged; by default the only output."""
    target: str | None = None
    """The column it is compared with, or an input node; by default named like the node."""
    weight: float = 1.0
    """Factor of this term in the sum."""
    reduction: Literal["mean", "sum"] = "mean"
    """Over the batch."""


class ValuesLoss(LossSpec):
    """A loss that adds up one number for each value of a sample."""

    values: Literal["sum", "mean"] | None = None
    """Over the values of one sample; by default the sum for entropies and hinges, the mean for
    squared and absolute errors and huber."""


@dataclass(frozen=True, slots=True)
class ExactWith:
    """A loss of z = activation(a) from a itself, exact however sure the network is.

    With a `pull`, `formula(a, t, **options)` is the loss of each sample and z, and
    `pull(g, z, a, t, **options)` the cotangents of a and t from g, that of the loss. Without one
    it is the loss alone.
    """

    activation: str
    formula: Callable[..., Any]
    pull: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LossRow:
    """One loss of an output y and its target t, one number for each sample.

    `formula(y, t, **options)` is the loss over terms, `pull(g, y, t, **options)` the cotangents of
    y and t (None for nothing) from g, that of each sample. A loss without a `pull` is spelled out
    while lowering, and the reverse sweep finds its derivative.

    `numbers` names what the formula takes beside y and t: options, or properties of their model.
    `values` is what is done by default with the values of a sample, None where there is no choice.

    Facts: `target` is what it compares with, over a softmax `over_softmax` where that differs.
    `needs` is the activation whose output alone makes sense, or a range that holds all outputs.
    `margin`: outputs are scores, the right one to lie 1 ahead; yes begins at 0.
    `over_last_axis`: it couples the elements of the last axis.
    """

    name: str
    meaning: str
    formula: Callable[..., Any]
    pull: Callable[..., Any] | None = None
    options: type[LossSpec] | None = None
    numbers: tuple[str, ...] = ()
    values: Literal["sum", "mean"] | None = "sum"
    target: TargetKind = "values"
    over_softmax: TargetKind | None = None
    needs: str | Range | None = None
    margin: bool = False
    over_last_axis: bool = False
    exact_with: tuple[ExactWith, ...] = ()
    source: str = ""

    @property
    def op(self) -> str:
        """The name in programs, without what `values` says."""
        return self.name.removeprefix("mean_")

    def target_of(self, activation: str | None) -> TargetKind:
        """What the target of a node with this activation means."""
        if activation == "softmax" and self.over_softmax is not None:
            return self.over_softmax
        return self.target

    def exact(self, activation: str) -> ExactWith | None:
        """The form that is exact with this activation, if there is one."""
        return next((form for form in self.exact_with if form.activation == activation), None)

    def settings_of(self, options: LossSpec) -> tuple[Setting, ...]:
        """The numbers that a file gives."""
        return tuple(getattr(options, name) for name in self.numbers)

    @property
    def defaults(self) -> tuple[Setting, ...]:
        """The numbers where nothing else is said."""
        return self.settings_of(self.options.model_validate({})) if self.options is not None else ()

    def traced(
        self, function: Callable[..., Any], operands: int, settings: tuple[Setting, ...]
    ) -> Formula:
        """One of its functions with these numbers, as steps."""
        return _loss_traced(function, operands, self.numbers, settings)


@cache
def _loss_traced(
    function: Callable[..., Any],
    operands: int,
    numbers: tuple[str, ...],
    settings: tuple[Setting, ...],
) -> Formula:
    options = dict(zip(numbers, settings, strict=True))
    return trace(lambda *terms: function(*terms, **options), operands)


def loss_with(
    options: type[LossSpec],
    formula: Callable[..., Any],
    pull: Callable[..., Any] | None = None,
    **facts: Any,
) -> LossRow:
    """The row of a loss that has options: their model says its name and what it means."""
    name = str(options.model_fields["kind"].default)
    meaning = (options.__doc__ or "").partition("\n")[0].rstrip(".")
    return LossRow(name, meaning, formula, pull, options, **facts)


def of_errors(
    name: str,
    meaning: str,
    value: Callable[[Term], Term],
    slope: Callable[[Term], Term],
    source: str = "",
) -> LossRow:
    """A loss that averages `value(e)` of the errors e = y - t; `slope` is its derivative."""

    def pull(g: Term, y: Term, t: Term) -> tuple[Term, Term]:
        w = spread(g, y)
        into_y = slope(y - t) * w
        return into_y, -into_y

    return LossRow(
        name, meaning, lambda y, t: total(value(y - t)), pull, values="mean", source=source
    )


# ---- optimisers: formulas over terms. The gradient and the states are vectors; the rate eta and
# the number t of the step, from 1, are scalars of double precision, rounded where they meet a
# vector. As in PyTorch the rate scales the finished step, and states hold gradients and no rates.


class Optimizer(SpecModel):
    """What every row is.

    `states` names the vectors that a step reads and writes, 0 at first; `moves` is the formula.
    `decay` is the weight decay where a file states none, `decoupled` whether it is taken from the
    weights, eta decay w before the step, and not added to the gradient. `reads_rates` is false
    where the learning rate is only that of the first step, so that no schedule can change it.
    `by_signs`: only the signs of gradients are followed, which on small batches change by chance.
    `searches`: a step tries several places along a line, so it needs the loss of all rows, and has
    no formula of its own (`run/descent.py`).
    `usual_rates` are the least and the greatest learning rate that published recipes take, with a
    factor of about ten to spare.
    """

    decay: ClassVar[float] = 0.0
    decoupled: ClassVar[bool] = False
    reads_rates: ClassVar[bool] = True
    by_signs: ClassVar[bool] = False
    searches: ClassVar[bool] = False
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

    def held(self, weights: int) -> tuple[int, int]:
        """Where no formula says it: the numbers kept for each weight, and the bytes of all that
        lies between while a step is made."""
        raise NotImplementedError

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        """What is taken off the weights, then the new states."""
        raise NotImplementedError


@cache
def step_formula(row: Optimizer) -> Formula:
    """`moves` with a row's options, traced: of g, rate, t and the states."""
    return trace(row.moves, 3 + len(row.states))


def running(mean: Term, keep: float, new: Term) -> Term:
    """keep mean + (1 - keep) new."""
    return keep * mean + (1.0 - keep) * new


def over_correction(beta: float, t: Term) -> Term:
    """1 / (1 - beta^t)."""
    power = exp(math.log(beta) * t) if beta else 0.0 * t
    return 1.0 / (1.0 - power)


def is_first(t: Term) -> Term:
    """1 in the first step, 0 in all later ones."""
    return number(t < 1.5)
