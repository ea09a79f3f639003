"""Stretches of single neurons: one op over index arrays, however many neurons and edges.

What each index array means stands in `nngraph.kernels.neurons`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Op,
    Operand,
    ShapeError,
    TensorType,
    Value,
)
from nngraph.kernels.neuron_functions import derivative, function
from nngraph.kernels.neurons import (
    neuron_deltas,
    neuron_source_gradient,
    neuron_states,
    neuron_weight_gradient,
)
from nngraph.ops.shared import floating, listed, only

Functions = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class NeuronStretch(Op):
    """a_j = sum over i of w_ij z_i + b_j and z_j = f_j(a_j), neuron by neuron in one instruction.

    `functions` are the names of the activations that occur, each with its option (alpha, at_zero).

    Types   x: T[N, K] outputs of other nodes, w: T[P]; int64: sources[E], slots[E],
            offsets[S + 1], biases[S], segments[G, 3], out_edges[E], out_offsets[K + S + 1]
            -> T[N, 2 S], z of all neurons and then a of all neurons.
    VJP     by `NeuronDeltas`, `NeuronSourceGradient` and `NeuronWeightGradient`.
    Errors  ShapeError where the operands do not belong together.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), section 5.1.
    """

    functions: Functions = ()
    name: ClassVar[str] = "neuron_stretch"
    operands: ClassVar[tuple[str, ...]] = (
        "x",
        "w",
        "sources",
        "slots",
        "offsets",
        "biases",
        "segments",
        "out_edges",
        "out_offsets",
    )

    def infer(self, *types: TensorType) -> TensorType:
        x, w, sources, slots, offsets, biases, segments, out_edges, out_offsets = types
        floating(self, x, w)
        neurons = _length(self, offsets) - 1
        fits = (
            len(x.shape) == 2
            and len(w.shape) == 1
            and _length(self, sources) == _length(self, slots) == _length(self, out_edges)
            and _length(self, biases) == neurons
            and _length(self, out_offsets) - 1 == neurons + _columns(self, x)
            and segments.dtype == "int64"
            and segments.shape[1:] == (3,)
        )
        if not fits:
            raise ShapeError(f"{self.name}: operands do not belong together: {listed(types)}")
        return x.with_shape((x.shape[0], 2 * neurons))

    def evaluate(self, *arrays: Array) -> Array:
        x, w, sources, slots, offsets, biases, segments, _, _ = arrays
        units = list(x.T)
        pre_activations = []
        for start, stop, which in segments:
            name, option = self.functions[which]
            for j in range(start, stop):
                a = np.zeros(len(x), x.dtype)
                for e in range(offsets[j], offsets[j + 1]):
                    a = a + w[slots[e]] * units[sources[e]]
                if biases[j] >= 0:
                    a = a + w[biases[j]]
                pre_activations.append(a)
                units.append(function(name, option, a))
        return np.stack([*units[x.shape[1] :], *pre_activations], axis=1)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, w, sources, slots, offsets, biases, segments, out_edges, out_offsets = operands
        (states,) = outs
        delta = builder(
            NeuronDeltas(self.functions),
            only(cotangents),
            states,
            w,
            slots,
            offsets,
            segments,
            out_edges,
            out_offsets,
        )
        into_x = builder(
            NeuronSourceGradient(_columns(self, x.type)),
            delta,
            w,
            slots,
            offsets,
            out_edges,
            out_offsets,
        )
        into_w = builder(
            NeuronWeightGradient(_length_of(w.type)),
            delta,
            states,
            x,
            sources,
            slots,
            offsets,
            biases,
        )
        return into_x, into_w, *[None] * 7

    def call(self, *types: TensorType) -> Call:
        first_seven = tuple(Operand(at) for at in range(7))
        keywords = (("functions", self.functions),)
        return Call(neuron_states, "neuron_states", first_seven, keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Two for each edge, two for each neuron."""
        return 2 * _length_of(types[2]) + 2 * _length_of(types[5]), 0


@dataclass(frozen=True, slots=True)
class NeuronDeltas(Op):
    """delta_j = f_j'(a_j) (g_j + sum over k of w_jk delta_k) + h_j, from the last neuron back.

    g is the cotangent of z, h that of a; both lie in `g` as z and a lie in `states`.

    Types   g: T[N, 2 S], states: T[N, 2 S], w: T[P], index arrays -> T[N, S].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Rumelhart, Hinton & Williams, Nature 323 (1986) 533-536.
    """

    functions: Functions = ()
    name: ClassVar[str] = "neuron_deltas"
    operands: ClassVar[tuple[str, ...]] = (
        "g",
        "states",
        "w",
        "slots",
        "offsets",
        "segments",
        "out_edges",
        "out_offsets",
    )

    def infer(self, *types: TensorType) -> TensorType:
        g, states, w, _, offsets, *_ = types
        neurons = _length(self, offsets) - 1
        floating(self, g, states, w)
        if g != states or g.shape[1:] != (2 * neurons,):
            raise ShapeError(f"{self.name}: operands do not belong together: {listed(types)}")
        return g.with_shape((g.shape[0], neurons))

    def evaluate(self, *arrays: Array) -> Array:
        g, states, w, slots, offsets, segments, out_edges, out_offsets = arrays
        neurons = len(offsets) - 1
        columns = len(out_offsets) - 1 - neurons
        targets = np.searchsorted(offsets, np.arange(len(slots)), side="right") - 1
        delta = np.zeros((len(g), neurons), g.dtype)
        for start, stop, which in segments[::-1]:
            name, option = self.functions[which]
            for j in range(start, stop):
                back = g[:, j]
                for e in out_edges[out_offsets[columns + j] : out_offsets[columns + j + 1]]:
                    back = back + w[slots[e]] * delta[:, targets[e]]
                slope = derivative(name, option, states[:, neurons + j], states[:, j])
                delta[:, j] = slope * back + g[:, neurons + j]
        return delta

    def call(self, *types: TensorType) -> Call:
        keywords = (("functions", self.functions),)
        return Call(neuron_deltas, "neuron_deltas", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Two for each edge, three for each neuron."""
        return 2 * _length_of(types[3]) + 3 * _length_of(types[4]), 0


@dataclass(frozen=True, slots=True)
class NeuronWeightGradient(Op):
    """dL/dw_ij = delta_j z_i and dL/db_j = delta_j, summed over the batch and over shared slots.

    `size` is the length of w.

    Types   delta: T[N, S], states: T[N, 2 S], x: T[N, K], index arrays -> T[size].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.53.
    """

    size: int = 1
    name: ClassVar[str] = "neuron_weight_gradient"
    operands: ClassVar[tuple[str, ...]] = (
        "delta",
        "states",
        "x",
        "sources",
        "slots",
        "offsets",
        "biases",
    )

    def infer(self, *types: TensorType) -> TensorType:
        delta, states, x, *_, biases = types
        floating(self, delta, states, x)
        neurons = _length(self, biases)
        if delta.shape[1:] != (neurons,) or states.shape[1:] != (2 * neurons,):
            raise ShapeError(f"{self.name}: operands do not belong together: {listed(types)}")
        return delta.with_shape((self.size,))

    def evaluate(self, *arrays: Array) -> Array:
        delta, states, x, sources, slots, offsets, biases = arrays
        units = np.concatenate([x, states[:, : len(biases)]], axis=1)
        total = np.zeros(self.size, delta.dtype)
        for j in range(len(biases)):
            for e in range(offsets[j], offsets[j + 1]):
                total[slots[e]] += delta[:, j] @ units[:, sources[e]]
            if biases[j] >= 0:
                total[biases[j]] += delta[:, j].sum()
        return total

    def call(self, *types: TensorType) -> Call:
        keywords = (("size", self.size),)
        return Call(neuron_weight_gradient, "neuron_weight_gradient", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Two for each edge, one for each neuron."""
        return 2 * _length_of(types[4]) + _length_of(types[6]), 0


@dataclass(frozen=True, slots=True)
class NeuronSourceGradient(Op):
    """dL/dx_i = sum over j of w_ij delta_j for the outputs that a stretch reads from outside.

    Types   delta: T[N, S], w: T[P], index arrays -> T[N, columns].
    VJP     none.
    Errors  ShapeError where the operands do not belong together.
    Source  Rumelhart, Hinton & Williams, Nature 323 (1986) 533-536.
    """

    columns: int = 1
    name: ClassVar[str] = "neuron_source_gradient"
    operands: ClassVar[tuple[str, ...]] = (
        "delta",
        "w",
        "slots",
        "offsets",
        "out_edges",
        "out_offsets",
    )

    def infer(self, *types: TensorType) -> TensorType:
        delta, w, _, offsets, _, out_offsets = types
        floating(self, delta, w)
        neurons = _length(self, offsets) - 1
        if delta.shape[1:] != (neurons,) or out_offsets.shape != (self.columns + neurons + 1,):
            raise ShapeError(f"{self.name}: operands do not belong together: {listed(types)}")
        return delta.with_shape((delta.shape[0], self.columns))

    def evaluate(self, *arrays: Array) -> Array:
        delta, w, slots, offsets, out_edges, out_offsets = arrays
        targets = np.searchsorted(offsets, np.arange(len(slots)), side="right") - 1
        back = np.zeros((len(delta), self.columns), delta.dtype)
        for i in range(self.columns):
            for e in out_edges[out_offsets[i] : out_offsets[i + 1]]:
                back[:, i] += w[slots[e]] * delta[:, targets[e]]
        return back

    def call(self, *types: TensorType) -> Call:
        return Call(neuron_source_gradient, "neuron_source_gradient")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Two for each edge, at most."""
        return 2 * _length_of(types[2]), 0


NEURON_OPS: tuple[type[Op], ...] = (
    NeuronStretch,
    NeuronDeltas,
    NeuronWeightGradient,
    NeuronSourceGradient,
)


def _length(op: Op, t: TensorType) -> int:
    """The length of an index array. Errors: ShapeError."""
    if t.dtype != "int64" or len(t.shape) != 1 or isinstance(t.shape[0], str):
        raise ShapeError(f"{op.name}: expected an index array, got {t}")
    return t.shape[0]


def _length_of(t: TensorType) -> int:
    size = t.shape[0]
    assert isinstance(size, int)
    return size


def _columns(op: Op, x: TensorType) -> int:
    size = x.shape[-1] if len(x.shape) == 2 else "?"
    if isinstance(size, str):
        raise ShapeError(f"{op.name}: expected rows of a fixed number of units, got {x}")
    return size
