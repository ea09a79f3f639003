"""Single neurons, level by level: what they read is gathered, weighed and combined in a few nodes.

A level whose neurons are connected densely enough becomes a product with a matrix that has zeros
where there is no edge; of all others the terms w_ij z_i are formed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

import numpy as np

from nngraph.interop.onnx.writer import Writer
from nngraph.ir import Array, Instr, TensorType, Value
from nngraph.kernels.wiring import Segment, Wiring
from nngraph.ops import NeuronStretch
from nngraph.ops.word import ROWS, op_for
from nngraph.records import dataclass

DENSE_FROM = 1 / 8
"""Edges over all pairs, from which on a product takes no longer than gathering."""

REDUCTIONS: Mapping[str, str] = {
    "sum_axis": "ReduceSum",
    "product_axis": "ReduceProd",
    "maximum_axis": "ReduceMax",
    "minimum_axis": "ReduceMin",
}
"""ONNX's op for what an aggregate does along an axis."""


@dataclass
class Columns:
    """Numbers by unit, [N] each, that lie side by side in pieces [N, many]."""

    size: int
    names: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.piece = np.full(self.size, -1)
        self.place = np.zeros(self.size, np.int64)

    def add(self, units: Array, name: str) -> None:
        """These units are the columns of a piece, in this order."""
        self.piece[units] = len(self.names)
        self.place[units] = np.arange(len(units))
        self.names.append(name)
        self.widths.append(len(units))

    def gathered(self, w: Writer, units: Array) -> str:
        """Some units side by side: a piece itself where that is all of it in order."""
        used = np.unique(self.piece[units])
        widths = [self.widths[k] for k in used]
        begins = dict(zip(used.tolist(), np.cumsum([0, *widths[:-1]]).tolist(), strict=True))
        names = [self.names[k] for k in used]
        source = names[0] if len(names) == 1 else w.call("Concat", *names, axis=1)
        columns = np.array([begins[k] for k in self.piece[units].tolist()], np.int64)
        columns = columns + self.place[units]
        if np.array_equal(columns, np.arange(sum(widths))):
            return source
        return w.call("Gather", source, w.array(columns, "columns"), axis=1)


def neuron_stretch(w: Writer, instr: Instr) -> None:
    """z of all neurons, then a of all neurons."""
    assert isinstance(instr.op, NeuronStretch)
    (x, packed), wiring = instr.args, instr.op.wiring
    many, weights = wiring.neurons, w.known[packed]
    units, sums = Columns(wiring.columns + many), Columns(many)
    units.add(np.arange(wiring.columns), w.last(x))
    for segment in wiring.plan:
        for neurons in _alike(wiring, segment):
            a = _combined(w, wiring, segment, neurons, weights, units)
            a = _with_bias(w, a, wiring.biases[neurons], weights)
            sums.add(neurons, a)
            z = _activated(w, wiring, segment, neurons, weights, a, instr.outs[0].type)
            units.add(wiring.columns + neurons, z)
    w.later[instr.outs[0]] = lambda start, stop: _columns(w, wiring, units, sums, start, stop)


def _columns(
    w: Writer, wiring: Wiring, units: Columns, sums: Columns, start: int, stop: int
) -> str:
    """Some columns of the result, z before a."""
    many = wiring.neurons
    z, a = np.arange(start, min(stop, many)), np.arange(max(start, many), stop) - many
    halves = []
    if len(z):
        halves.append(units.gathered(w, wiring.columns + z))
    if len(a):
        halves.append(sums.gathered(w, a))
    return halves[0] if len(halves) == 1 else w.call("Concat", *halves, axis=1)


def _alike(wiring: Wiring, segment: Segment) -> Iterator[Array]:
    """Neurons of a segment with equally many edges each."""
    neurons = np.arange(segment.start, segment.stop)
    counts = wiring.counts[neurons]
    for count in np.unique(counts):
        yield neurons[counts == count]


def _combined(
    w: Writer, wiring: Wiring, segment: Segment, neurons: Array, weights: Array, units: Columns
) -> str:
    """The aggregate of what enters these neurons, [N, many]."""
    wide = int(wiring.counts[neurons[0]])
    edges = wiring.offsets[neurons, np.newaxis] + np.arange(wide)
    sources, w_ij = wiring.sources[edges], weights[wiring.slots[edges]]
    aggregate = segment.aggregate
    if aggregate.averages:
        w_ij = w_ij * w_ij.dtype.type(1.0 / wide)
    read, columns = np.unique(sources, return_inverse=True)
    if aggregate.is_sum and sources.size >= DENSE_FROM * len(read) * len(neurons):
        matrix = np.zeros((len(read), len(neurons)), weights.dtype)
        np.add.at(matrix, (columns.reshape(sources.shape), np.arange(len(neurons))[:, None]), w_ij)
        return w.call("Gemm", units.gathered(w, read), w.array(matrix, "weights"))
    terms = units.gathered(w, sources.ravel())
    shape = w.array(np.array([-1, *sources.shape], np.int64), "shape")
    terms = w.call("Mul", w.call("Reshape", terms, shape), w.array(w_ij, "weights"))
    axes = w.array(np.array([2], np.int64), "axes")
    return w.call(REDUCTIONS[aggregate.reduction], terms, axes, keepdims=0)


def _with_bias(w: Writer, a: str, biases: Array, weights: Array) -> str:
    """a + b; b is 0 for a neuron without one."""
    if not (biases >= 0).any():
        return a
    b = w.array(np.where(biases >= 0, weights[biases], 0).astype(weights.dtype), "biases")
    maker = w.maker(a)
    if maker is not None and maker.op_type == "Gemm":
        maker.input.append(b)
        return a
    return w.call("Add", a, b)


def _activated(
    w: Writer,
    wiring: Wiring,
    segment: Segment,
    neurons: Array,
    weights: Array,
    a: str,
    like: TensorType,
) -> str:
    """f(a), with what f learns for each neuron."""
    _, name, values = wiring.functions[segment.which]
    if not ROWS[name].steps(values).steps:
        return a
    type_ = like.with_shape((like.shape[0], len(neurons)))
    before, after = Value(type_), Value(type_)
    w.put(before, a)
    learned = []
    for k in range(len(segment.learned)):
        slope = Value(like.with_shape((len(neurons),)))
        w.known[slope] = weights[wiring.slopes[neurons, k]]
        learned.append(slope)
    w.write(Instr(op_for(ROWS[name], values), (before, *learned), (after,), w.origins))
    return w.last(after)
