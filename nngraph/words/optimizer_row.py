"""What a row of an optimiser says: its states, and its one formula.

The formula is over terms: the gradient and the states are vectors, the rate eta and the number t of
the step, from 1, are scalars of double precision, rounded once where they meet a vector. All follow
PyTorch's conventions: the rate scales the finished step, states hold gradients and no rates.
"""

import math
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from nngraph.formula import Formula, Term, exp, number, trace
from nngraph.words.base import SpecModel


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


# ---- what several share


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
