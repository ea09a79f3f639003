"""Formulas: one Python function over terms, traced into a list of steps.

A step names a primitive (`exp`, `scale_by`), its operands and its numbers, and knows neither NumPy
nor an op. The same steps write a program, run on rows of single neurons, and print as text.

Formulas of losses add up the values of each sample (`total`, `dot`); their pulls spread a number
of each sample over its values again (`spread`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any, TypeAlias

from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A number that depends on the dtype, by its name, times a sign."""

    name: str
    sign: float = 1.0

    def __neg__(self) -> Named:
        return Named(self.name, -self.sign)


EXP_LIMIT = Named("exp_limit")
"""The largest whole number whose exp, and 1 / exp, are normal numbers."""
SMALLEST = Named("smallest")
"""The smallest normal number."""
LARGEST_BELOW_ONE = Named("largest_below_one")
"""The largest number below 1."""

Number: TypeAlias = float | Named


@dataclass(frozen=True, slots=True)
class FormulaStep:
    """One primitive, or another word, applied to operands and earlier results by their places."""

    primitive: str
    operands: tuple[int, ...]
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """Steps in order. Places count the operands first, then the results of the steps.

    `results` are the places of what comes out; None where there is nothing (a derivative that is
    zero everywhere).
    """

    operands: int
    steps: tuple[FormulaStep, ...]
    results: tuple[int | None, ...]

    def is_just(self, primitive: str) -> bool:
        """Whether the formula is this one primitive, applied to its operands in order."""
        if len(self.steps) != 1 or self.results != (self.operands,):
            return False
        (step,) = self.steps
        return step.primitive == primitive and step.operands == tuple(range(self.operands))

    @property
    def named_numbers(self) -> tuple[Named, ...]:
        """The numbers that depend on the dtype, each once, in order."""
        found = (n for step in self.steps for n in step.numbers if isinstance(n, Named))
        return tuple(dict.fromkeys(Named(n.name) for n in found))


def trace(function: Callable[..., Any], operands: int) -> Formula:
    """The steps that a function over terms takes.

    >>> trace(lambda x: 1.0 / (1.0 + exp(-x)), 1).steps[-2:]
    (FormulaStep(primitive='shift_by', operands=(2,), numbers=(1.0,)), \
FormulaStep(primitive='reciprocal', operands=(3,), numbers=()))
    """
    tape = _Tape(operands)
    results = function(*(Term(tape, place) for place in range(operands)))
    if not isinstance(results, tuple):
        results = (results,)
    places = tuple(None if result is None else result.place for result in results)
    return Formula(operands, tuple(tape.steps), places)


@dataclass
class _Tape:
    operands: int
    steps: list[FormulaStep] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An operand of a formula, or the result of one of its steps; operators append steps."""

    tape: _Tape
    place: int

    def take(self, primitive: str, *others: Term, numbers: tuple[Number, ...] = ()) -> Term:
        """The result of one more step on this term and others."""
        tape = self.tape
        tape.steps.append(FormulaStep(primitive, (self.place, *(o.place for o in others)), numbers))
        return Term(tape, tape.operands + len(tape.steps) - 1)

    def __add__(self, other: Term | float) -> Term:
        if isinstance(other, Term):
            return self.take("add", other)
        return self.take("shift_by", numbers=(other,))

    def __radd__(self, other: float) -> Term:
        return self + other

    def __sub__(self, other: Term | float) -> Term:
        if isinstance(other, Term):
            return self.take("subtract", other)
        return self.take("shift_by", numbers=(-other,))

    def __rsub__(self, other: float) -> Term:
        return self.take("subtract_from", numbers=(other,))

    def __mul__(self, other: Term | float) -> Term:
        if isinstance(other, Term):
            return self.take("multiply", other)
        return self.take("scale_by", numbers=(other,))

    def __rmul__(self, other: float) -> Term:
        return self * other

    def __truediv__(self, other: Term | float) -> Term:
        if isinstance(other, Term):
            return self.take("divide", other)
        return self * (1.0 / other)

    def __rtruediv__(self, other: float) -> Term:
        reciprocal = self.take("reciprocal")
        return reciprocal if other == 1.0 else reciprocal * other

    def __neg__(self) -> Term:
        return self.take("negative")

    def __abs__(self) -> Term:
        return self.take("abs")

    def __gt__(self, threshold: float) -> Term:
        return self.take("greater", numbers=(threshold,))

    def __lt__(self, threshold: float) -> Term:
        return self.take("less", numbers=(threshold,))


# ---- functions of one term


def exp(x: Term) -> Term:
    """e^x."""
    return x.take("exp")


def expm1(x: Term) -> Term:
    """e^x - 1, exact near 0."""
    return x.take("expm1")


def log(x: Term) -> Term:
    """ln x."""
    return x.take("log")


def log1p(x: Term) -> Term:
    """ln(1 + x), exact near 0."""
    return x.take("log1p")


def sin(x: Term) -> Term:
    """sin x, x in radians."""
    return x.take("sin")


def cos(x: Term) -> Term:
    """cos x, x in radians."""
    return x.take("cos")


def tanh(x: Term) -> Term:
    """tanh x."""
    return x.take("tanh")


def erfc(x: Term) -> Term:
    """2 / sqrt(pi) times the integral of e^-t^2 from x on."""
    return x.take("erfc")


def square(x: Term) -> Term:
    """x^2."""
    return x.take("square")


def sqrt(x: Term) -> Term:
    """The square root of x."""
    return x.take("sqrt")


def sign(x: Term) -> Term:
    """-1, 0 or 1."""
    return x.take("sign")


def step(x: Term, at_zero: float = 0.0) -> Term:
    """1 where x > 0, 0 where x < 0, `at_zero` where x = 0."""
    return x.take("step", numbers=(at_zero,))


def between(x: Term, low: float, high: float) -> Term:
    """Whether low < x < high."""
    return x.take("between", numbers=(low, high))


def at_least(x: Term, floor: Number) -> Term:
    """max(x, floor)."""
    return x.take("clamp_below", numbers=(floor,))


def at_most(x: Term, cap: Number) -> Term:
    """min(x, cap)."""
    return x.take("clamp_above", numbers=(cap,))


def clip(x: Term, low: Number, high: Number) -> Term:
    """min(max(x, low), high)."""
    return at_most(at_least(x, low), high)


def power(x: Term, exponent: float) -> Term:
    """x^exponent; a negative x wants a whole exponent."""
    return x.take("power", numbers=(exponent,))


def number(x: Term) -> Term:
    """1 where x is true, 0 elsewhere."""
    return x.take("number")


# ---- functions of two terms, and over the last axis


def maximum(x: Term, y: Term) -> Term:
    """The greater of the two."""
    return x.take("maximum", y)


def minimum(x: Term, y: Term) -> Term:
    """The smaller of the two."""
    return x.take("minimum", y)


def max_last(x: Term) -> Term:
    """The greatest element along the last axis, which stays with size 1."""
    return x.take("max_last")


def sum_last(x: Term) -> Term:
    """The sum along the last axis, which stays with size 1."""
    return x.take("sum_last")


def to_greatest(g: Term, greatest: Term, x: Term) -> Term:
    """g of each row in equal parts for those elements of x that are its greatest (max_last)."""
    return g.take("to_greatest", greatest, x)


# ---- within each sample, all axes but the first; where a loss is a mean, over as many values as x


def total(x: Term, factor: float = 1.0) -> Term:
    """factor times the sum of the values of each sample."""
    return x.take("total", numbers=(factor,))


def dot(x: Term, y: Term, factor: float = 1.0) -> Term:
    """factor times the sum of x y over the values of each sample."""
    return x.take("dot", y, numbers=(factor,))


def spread(g: Term, x: Term, factor: float = 1.0) -> Term:
    """factor times g, one number of each sample, beside each of the values of x."""
    return g.take("spread", x, numbers=(factor,))


def another_word(name: str, x: Term, *others: Term, numbers: tuple[Number, ...] = ()) -> Term:
    """A word within a formula, left whole: a pass may know it, a reader does."""
    return x.take(name, *others, numbers=numbers)
