"""A row of the table of ops: an op, its operands, a reference, how its derivative is judged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.ir import Op

Array = NDArray[Any]
Maker = Callable[[np.random.Generator, tuple[int, ...]], Array]

N = 4  # rows of a batch, wherever a type says "N"


@dataclass(frozen=True)
class Row:
    """An op on operands of some types and values.

    `derivative` says how its vjp is judged: "complex" step, "richardson" extrapolated
    differences, or "none" where there is none. `fixed` lists operands without a cotangent.
    `scale` is the absolute tolerance, for sums that may cancel.
    """

    op: Op
    types: tuple[str, ...]
    reference: Callable[..., Any]
    region: str = "normal"
    values: tuple[Maker, ...] = ()
    derivative: str = "complex"
    fixed: tuple[int, ...] = ()
    scale: float = 0.0

    def __str__(self) -> str:
        return f"{self.op.name}-{self.region}"


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape)


def within(low: float, high: float) -> Maker:
    return lambda rng, shape: rng.uniform(low, high, size=shape)


def off_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of both signs at least 0.1 from 0, where kinks are."""
    return rng.uniform(0.1, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def mask(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.random(shape) < 0.5


def one_hot(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


def probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    p = rng.uniform(0.05, 1.0, size=shape)
    return p / p.sum(axis=-1, keepdims=True)


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers at least 0.3 from each other, so that no difference quotient crosses a tie."""
    return (rng.permutation(math.prod(shape)).reshape(shape) - math.prod(shape) / 2) * 0.3


def zeros_in_it(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    x = rng.normal(size=shape)
    x[..., 0] = 0.0
    x[0, :2] = 0.0
    return x


def rounded(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Whole numbers from -1 to 1: many are equal."""
    return rng.integers(-1, 2, size=shape).astype(float)
