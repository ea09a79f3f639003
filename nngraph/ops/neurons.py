"""Stretches of single neurons: one op over index arrays, however many neurons and edges.

What the wiring means stands in `nngraph.kernels.wiring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    DType,
    Op,
    ShapeError,
    TensorType,
    Value,
)
from nngraph.kernels.neuron_levels import DeltasByLevel
from nngraph.kernels.neurons import (
    Functions,
    NeuronFunction,
    WeightGradientByEdge,
    neuron_source_gradient,
)
from nngraph.kernels.wiring import Function, Wiring
from nngraph.ops.reduce import MaximumAxis, MinimumAxis, ProductAxis, SumAxis
from nngraph.ops.row_functions import backward_rows, forward_rows, pulled
from nngraph.ops.shared import floating, listed_types, only
from nngraph.ops.word import ROWS, op_for
from nngraph.records import dataclass
from nngraph.words.aggregates import AGGREGATES

REDUCTIONS: tuple[type[SumAxis | ProductAxis | MaximumAxis | MinimumAxis], ...] = (
    SumAxis,
    ProductAxis,
    MaximumAxis,
    MinimumAxis,
)
COMBINED_BY: Mapping[str, np.ufunc] = {
    row.name: next(op.ufunc for op in REDUCTIONS if op.name == row.reduction)
    for row in AGGREGATES.values()
    if row.reduction
}
"""NumPy's function of two terms, by aggregate."""


@cache
def functions_of(functions: tuple[Function, ...], dtype: DType) -> Functions:
    """The functions of a stretch, for its kernels."""
    return tuple(
        NeuronFunction(
            COMBINED_BY[aggregate],
            forward_rows(name, values, dtype),
            backward_rows(name, values, dtype),
        )
        for aggregate, name, values in functions
    )


class _OfStretch(Op):
    """What the ops of a stretch share: its wiring, which may be given in its text form."""

    wiring: Wiring

    def __post_init__(self) -> None:
        """A wiring may be given in its text form."""
        if isinstance(self.wiring, tuple):
            self.__dict__["wiring"] = Wiring.of(self.wiring)

    def refuse(self, *types: TensorType) -> ShapeError:
        """For operands that do not fit."""
        return ShapeError(f"{self.name}: operands do not belong together: {listed_types(types)}")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Two for each edge, three for each neuron."""
        return 2 * self.wiring.edges + 3 * self.wiring.neurons, 0


@dataclass(frozen=True)
class NeuronStretch(_OfStretch):
    """a_j = aggregate over i of w_ij z_i + b_j and z_j = f_j(a_j), neuron by neuron.

    Types   x: T[N, K] outputs of other nodes, w: T[P] weights, biases and what is learned
            -> T[N, 2 S], z of all neurons and then a of all neurons.
    VJP     by `NeuronDeltas`, `NeuronSourceGradient` and `NeuronWeightGradient`.
    Errors  ShapeError where the operands do not belong together.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), section 5.1.
    """

    wiring: Wiring
    name: ClassVar[str] = "neuron_stretch"
    operands: ClassVar[tuple[str, ...]] = ("x", "w")

    def infer(self, *types: TensorType) -> TensorType:
        x, w = types
        floating(self, x, w)
        if (problem := self.wiring.problem) is not None:
            raise ShapeError(f"{self.name}: {problem}")
        if x.shape[1:] != (self.wiring.columns,) or w.shape != (self.wiring.size,):
            raise self.refuse(*types)
        return x.with_shape((x.shape[0], 2 * self.wiring.neurons))

    def evaluate(self, *arrays: Array) -> Array:
        x, w = arrays
        wiring = self.wiring
        units = list(x.T)
        pre_activations = []
        for segment in wiring.plan:
            aggregate, name, values = wiring.functions[segment.which]
            op = op_for(ROWS[name], values)
            for j in range(segment.start, segment.stop):
                edges = range(wiring.offsets[j], wiring.offsets[j + 1])
                terms = [w[wiring.slots[e]] * units[wiring.sources[e]] for e in edges]
                a = terms[0]
                for term in terms[1:]:
                    a = COMBINED_BY[aggregate](a, term)
                if segment.aggregate.averages:
                    a = a * (1.0 / len(terms))
                if wiring.biases[j] >= 0:
                    a = a + w[wiring.biases[j]]
                pre_activations.append(a)
                z = op.evaluate(a, *_learned(wiring, w, j))
                assert not isinstance(z, tuple)
                units.append(z)
        return np.stack([*units[x.shape[1] :], *pre_activations], axis=1)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, w = operands
        (states,) = outs
        delta = builder(NeuronDeltas(self.wiring), only(cotangents), states, x, w)
        into_x = builder(NeuronSourceGradient(self.wiring), delta, w)
        into_w = builder(NeuronWeightGradient(self.wiring), delta, states, x)
        return into_x, into_w

    def call(self, *types: TensorType) -> Call:
        from nngraph.kernels.neuron_scalars import StatesByNumber  # where there is a stretch

        functions = functions_of(self.wiring.functions, types[0].dtype)
        return Call(StatesByNumber(self.wiring, functions), "neuron_states")


@dataclass(frozen=True)
class NeuronDeltas(_OfStretch):
    """delta_j = f_j'(a_j) (g_j + sum over k of dL/d(w_jk z_j) w_jk) + h_j, from the last back.

    g is the cotangent of z, h that of a; both lie in `g` as z and a lie in `states`, or, where
    `read` names some columns of these, side by side as there; all others are 0. Behind the deltas
    lie the cotangents of what is learned, and of terms w z that have one of their own.

    Types   g: T[N, 2 S] or T[N, as many as are read], states: T[N, 2 S], x: T[N, K], w: T[P]
            -> T[N, height].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Rumelhart, Hinton & Williams, Nature 323 (1986) 533-536.
    """

    wiring: Wiring
    read: tuple[int, ...] | None = None
    name: ClassVar[str] = "neuron_deltas"
    operands: ClassVar[tuple[str, ...]] = ("g", "states", "x", "w")

    def infer(self, *types: TensorType) -> TensorType:
        g, states, x, w = types
        floating(self, g, states, x, w)
        width = 2 * self.wiring.neurons
        read = range(width) if self.read is None else self.read
        fits = g.shape == (states.shape[0], len(read)) and all(0 <= k < width for k in read)
        if not fits or states.shape[1:] != (width,):
            raise self.refuse(*types)
        return g.with_shape((g.shape[0], self.wiring.height))

    def evaluate(self, *arrays: Array) -> Array:
        g, states, x, w = arrays
        wiring = self.wiring
        neurons = wiring.neurons
        units = np.concatenate([x, states[:, :neurons]], axis=1)
        delta = np.zeros((len(g), wiring.height), g.dtype)
        if self.read is not None:
            whole = np.zeros_like(states)
            for column, place in enumerate(self.read):
                whole[:, place] += g[:, column]
            g = whole
        for segment in wiring.plan[::-1]:
            aggregate, name, values = wiring.functions[segment.which]
            for j in range(segment.start, segment.stop):
                back = g[:, j]
                for e in np.flatnonzero(wiring.sources == wiring.columns + j):
                    back = back + w[wiring.slots[e]] * delta[:, wiring.rows[e]]
                z, a = states[:, j], states[:, neurons + j]
                slopes = (np.broadcast_to(s, a.shape) for s in _learned(wiring, w, j))
                into_a, *learned = pulled(name, values, back, z, a, *slopes)
                delta[:, j] = g[:, neurons + j] + (0.0 if into_a is None else into_a)
                for row, cotangent in zip(segment.learned, learned, strict=True):
                    delta[:, row + j - segment.start] = cotangent
                edges = np.arange(wiring.offsets[j], wiring.offsets[j + 1])
                terms = w[wiring.slots[edges]] * units[:, wiring.sources[edges]]
                if aggregate != "sum":
                    into_terms = delta[:, j, None] * _shares(aggregate, terms)
                    delta[:, wiring.rows[edges]] = into_terms
        return delta

    def call(self, *types: TensorType) -> Call:
        functions = functions_of(self.wiring.functions, types[0].dtype)
        return Call(DeltasByLevel(self.wiring, functions, self.read), "neuron_deltas")


@dataclass(frozen=True)
class NeuronWeightGradient(_OfStretch):
    """dL/dw_ij = delta_j z_i, dL/db_j = delta_j, and of what is learned, summed over the batch.

    Slots that several share get the sum.

    Types   delta: T[N, height], states: T[N, 2 S], x: T[N, K] -> T[P].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.53.
    """

    wiring: Wiring
    name: ClassVar[str] = "neuron_weight_gradient"
    operands: ClassVar[tuple[str, ...]] = ("delta", "states", "x")

    def infer(self, *types: TensorType) -> TensorType:
        delta, states, x = types
        floating(self, *types)
        shapes = (delta.shape[1:], states.shape[1:], x.shape[1:])
        wiring = self.wiring
        if shapes != ((wiring.height,), (2 * wiring.neurons,), (wiring.columns,)):
            raise self.refuse(*types)
        return delta.with_shape((wiring.size,))

    def evaluate(self, *arrays: Array) -> Array:
        delta, states, x = arrays
        wiring = self.wiring
        units = np.concatenate([x, states[:, : wiring.neurons]], axis=1)
        total = np.zeros(wiring.size, delta.dtype)
        for e in range(wiring.edges):
            total[wiring.slots[e]] += delta[:, wiring.rows[e]] @ units[:, wiring.sources[e]]
        for j, slot in enumerate(wiring.biases):
            if slot >= 0:
                total[slot] += delta[:, j].sum()
        for slot, row in zip(*wiring.learned, strict=True):
            total[slot] += delta[:, row].sum()
        return total

    def call(self, *types: TensorType) -> Call:
        return Call(WeightGradientByEdge(self.wiring), "neuron_weight_gradient")


@dataclass(frozen=True)
class NeuronSourceGradient(_OfStretch):
    """dL/dx_i = sum over j of w_ij delta_j for the outputs that a stretch reads from outside.

    Types   delta: T[N, height], w: T[P] -> T[N, K].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Rumelhart, Hinton & Williams, Nature 323 (1986) 533-536.
    """

    wiring: Wiring
    name: ClassVar[str] = "neuron_source_gradient"
    operands: ClassVar[tuple[str, ...]] = ("delta", "w")

    def infer(self, *types: TensorType) -> TensorType:
        delta, w = types
        floating(self, delta, w)
        if delta.shape[1:] != (self.wiring.height,) or w.shape != (self.wiring.size,):
            raise self.refuse(*types)
        return delta.with_shape((delta.shape[0], self.wiring.columns))

    def evaluate(self, *arrays: Array) -> Array:
        delta, w = arrays
        wiring = self.wiring
        back = np.zeros((len(delta), wiring.columns), delta.dtype)
        for e, unit in enumerate(wiring.sources):
            if unit < wiring.columns:
                back[:, unit] += w[wiring.slots[e]] * delta[:, wiring.rows[e]]
        return back

    def call(self, *types: TensorType) -> Call:
        keywords = (("wiring", self.wiring),)
        return Call(neuron_source_gradient, "neuron_source_gradient", keywords=keywords)


NEURON_OPS: tuple[type[Op], ...] = (
    NeuronStretch,
    NeuronDeltas,
    NeuronWeightGradient,
    NeuronSourceGradient,
)


def _learned(wiring: Wiring, w: Array, neuron: int) -> list[Array]:
    """What the activation of a neuron learns."""
    return [np.asarray(w[slot]) for slot in wiring.slopes[neuron] if slot >= 0]


def _shares(aggregate: str, terms: Array) -> Array:
    """The derivative of an aggregate of terms [N, k] by each of them."""
    many = terms.shape[1]
    if aggregate == "mean":
        return np.full(terms.shape, 1.0 / many, terms.dtype)
    if aggregate == "product":
        others = [np.prod(np.delete(terms, k, axis=1), axis=1) for k in range(many)]
        return np.stack(others, axis=1)
    extreme = COMBINED_BY[aggregate].reduce(terms, axis=1, keepdims=True)
    chosen = terms == extreme
    return np.asarray(chosen / chosen.sum(axis=1, keepdims=True), terms.dtype)
