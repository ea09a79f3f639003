"""What a row of the vocabulary says of a word."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from nngraph.formula import Formula, trace
from nngraph.words.base import SpecModel

ANY = (-math.inf, math.inf)
UNIT = (0.0, 1.0)
SIGNED = (-1.0, 1.0)
POSITIVE = (0.0, math.inf)
"""Ranges of results, ends included."""

HE = "he_uniform"


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
        return self.steps(self.defaults).is_just(self.name)

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
