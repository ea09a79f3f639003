"""Long, narrow graphs of neurons without compiled kernels: one number after the other, in Python.

A level of NumPy takes some microseconds however few neurons it has; a neuron of plain numbers takes
a quarter of one. Numbers are Python's, so in double precision whatever the dtype of the arrays.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.error_function import erfc
from nngraph.kernels.neuron_levels import StatesByLevel
from nngraph.kernels.neurons import Functions
from nngraph.kernels.rows import RowFunction
from nngraph.kernels.wiring import Wiring

Floats = NDArray[Any]
Scalar: TypeAlias = Callable[..., float]

OF_A_LEVEL, OF_A_NEURON, OF_AN_EDGE = 2.4, 0.2, 0.06
"""Microseconds: of NumPy's calls for a run of neurons, and of plain numbers for each sample."""


FEWEST_RUNS = 200
"""Below, where half a millisecond is at stake, a row keeps the same bits in any batch instead."""


def most_samples(neurons: int, edges: int, runs: int) -> int:
    """Up to so many samples plain numbers are quicker than calls for `runs` of equal neurons.

    >>> most_samples(20_000, 20_000, 20_000), most_samples(1_000, 10_000, 60)
    (9, 0)
    """
    if runs < FEWEST_RUNS:
        return 0
    return int(OF_A_LEVEL * runs / (OF_A_NEURON * neurons + OF_AN_EDGE * edges))


# ---- NumPy's functions of arrays as functions of plain numbers


Errors: TypeAlias = type[Exception] | tuple[type[Exception], ...]


def _guarded(function: Scalar, error: Errors, ufunc: np.ufunc) -> Scalar:
    """A function that gives what NumPy gives where Python raises an error."""

    def guarded(*operands: float) -> float:
        try:
            return function(*operands)
        except error:
            with np.errstate(all="ignore"):
                return float(ufunc(*operands))

    return guarded


def _maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y


def _minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _sign(x: float) -> float:
    return (x > 0.0) - (x < 0.0) if x == x else x


def _heaviside(x: float, y: float) -> float:
    return y if x == 0.0 else x if x != x else float(x > 0.0)


SCALARS: Mapping[Callable[..., Any], Scalar] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: _guarded(operator.truediv, ZeroDivisionError, np.divide),
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.less: operator.lt,
    np.logical_and: lambda x, y: bool(x) and bool(y),
    np.heaviside: _heaviside,
    np.power: _guarded(math.pow, (OverflowError, ValueError), np.power),
    np.negative: operator.neg,
    np.absolute: abs,
    np.square: lambda x: x * x,
    np.sqrt: _guarded(math.sqrt, ValueError, np.sqrt),
    np.sign: _sign,
    np.reciprocal: _guarded(lambda x: 1.0 / x, ZeroDivisionError, np.reciprocal),
    np.exp: _guarded(math.exp, OverflowError, np.exp),
    np.expm1: _guarded(math.expm1, OverflowError, np.expm1),
    np.log: _guarded(math.log, ValueError, np.log),
    np.log1p: _guarded(math.log1p, ValueError, np.log1p),
    np.tanh: math.tanh,
    np.sin: _guarded(math.sin, ValueError, np.sin),
    np.cos: _guarded(math.cos, ValueError, np.cos),
    erfc: math.erfc,
}


def _scalar_of(formula: RowFunction) -> Scalar:
    """A formula that gives one result, of numbers."""
    (place,) = formula.results
    if place is not None and place < formula.operands:
        return lambda *operands: operands[place]
    calls = [(SCALARS[call.function], call.operands, call.out) for call in formula.calls]
    if len(calls) == 1 and calls[0][1] == (0,):
        return calls[0][0]
    first = formula.operands + len(formula.results) + formula.floats + formula.bools
    before = [0.0] * (first - formula.operands)

    def scalar(*operands: float) -> float:
        registers = [*operands, *before, *formula.numbers]
        for function, places, out in calls:
            registers[out] = function(*[registers[k] for k in places])
        return 0.0 if place is None else registers[place]

    return scalar


# ---- how terms are combined


def _product(terms: Sequence[float]) -> float:
    return math.prod(terms)


def _mean(terms: Sequence[float]) -> float:
    return sum(terms) / len(terms)


def _extreme(combine: Scalar) -> Callable[[Sequence[float]], float]:
    def extreme(terms: Sequence[float]) -> float:
        found = terms[0]
        for term in terms[1:]:
            found = combine(found, term)
        return found

    return extreme


COMBINED: Mapping[np.ufunc, Callable[[Sequence[float]], float]] = {
    np.multiply: _product,
    np.maximum: _extreme(_maximum),
    np.minimum: _extreme(_minimum),
}


@lru_cache(maxsize=8)
def scalar_neurons(wiring: Wiring, functions: Functions) -> Neurons | None:
    """The neurons in order; None where a formula calls what has no function of numbers."""
    formulas = [f.forward for f in functions]
    if not all(call.function in SCALARS for formula in formulas for call in formula.calls):
        return None
    found: list[Neuron] = []
    sources, slots, offsets = (a.tolist() for a in (wiring.sources, wiring.slots, wiring.offsets))
    biases, slopes = wiring.biases.tolist(), wiring.slopes.tolist()
    scalars = [_scalar_of(formula) for formula in formulas]
    for segment in wiring.plan:
        row, f = segment.aggregate, scalars[segment.which]
        how: Callable[[Sequence[float]], float] | None = None
        if row.averages:
            how = _mean
        elif not row.is_sum:
            how = COMBINED.get(functions[segment.which].combine)
            if how is None:
                return None
        for j in range(segment.start, segment.stop):
            some = slice(offsets[j], offsets[j + 1])
            pairs = tuple(zip(sources[some], slots[some], strict=True))
            learned = tuple(slot for slot in slopes[j] if slot >= 0)
            if how is None:
                found.append((*pairs[0], pairs[1:], biases[j], None, f, learned))
            else:
                found.append((0, 0, pairs, biases[j], how, f, learned))
    return found


Neuron: TypeAlias = tuple[
    int,
    int,
    tuple[tuple[int, int], ...],
    int,
    "Callable[[Sequence[float]], float] | None",
    Scalar,
    tuple[int, ...],
]
"""Unit and slot of the first connection of a sum, and of each other one, the slot of the bias or
-1, how terms are combined if not summed, the activation, and the slots of what it learns."""
Neurons: TypeAlias = list[Neuron]


def scalar_states(neurons: Neurons, x: Floats, w: Floats, out: Floats) -> None:
    """z of all neurons, then a of all neurons: out[N, 2 S]."""
    weights = [*w.tolist(), 0.0]  # -1 is a bias that is not there
    for sample, row in enumerate(x.tolist()):
        z, pre_activations = row, []
        for unit, slot, pairs, bias, how, f, learned in neurons:
            if how is None:
                a = weights[bias] + weights[slot] * z[unit]
                for unit, slot in pairs:
                    a += weights[slot] * z[unit]
            else:
                a = weights[bias] + how([weights[slot] * z[unit] for unit, slot in pairs])
            pre_activations.append(a)
            z.append(f(a, *[weights[slot] for slot in learned]) if learned else f(a))
        out[sample] = z[x.shape[1] :] + pre_activations


class StatesByNumber:
    """z of all neurons, then a of all neurons, out[N, 2 S]: by plain numbers where there are few
    samples for the neurons of a level, level by level elsewhere."""

    def __init__(self, wiring: Wiring, functions: Functions) -> None:
        self.made_of = (wiring, functions)
        self.by_level = StatesByLevel(wiring, functions)

    def fresh(self) -> StatesByNumber:
        """One for another step."""
        return StatesByNumber(*self.made_of)

    @cached_property
    def _neurons(self) -> tuple[int, Neurons | None]:
        """Up to how many samples plain numbers are taken, and the neurons for them."""
        wiring, functions = self.made_of
        most = most_samples(wiring.neurons, wiring.edges, len(wiring.plan))
        neurons = scalar_neurons(wiring, functions) if most else None
        return 0 if neurons is None else most, neurons

    def __call__(self, x: Floats, w: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        most, neurons = self._neurons
        if neurons is None or len(x) > most:
            return self.by_level(x, w, out=out)
        scalar_states(neurons, x, w, out)
        return out
