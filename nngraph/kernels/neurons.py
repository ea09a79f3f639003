"""Networks of single neurons over index arrays: forward, deltas, gradients.

Inside, arrays are unit-major, [units, N], so that gathering a unit is copying one run of memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.rows import RowFunction, Spare
from nngraph.kernels.wiring import Indices, Segment, Wiring
from nngraph.records import dataclass

Floats = NDArray[Any]

GATHERED_AT_MOST = 1 << 21  # elements of gathered rows at a time


@dataclass(frozen=True, slots=True)
class NeuronFunction:
    """a_j = aggregate over i of W_ij z_i + b_j and z_j = f(a_j), for one f and one aggregate.

    `forward` gives z of a and what is learned, `back` the cotangents of these of g, z, a and what
    is learned. `combine` is the aggregate of two terms.
    """

    combine: np.ufunc
    forward: RowFunction
    back: RowFunction


Functions = tuple[NeuronFunction, ...]


def neuron_states(
    x: Floats, w: Floats, *, wiring: Wiring, functions: Functions, out: Floats
) -> Floats:
    """z of all neurons, then a of all neurons: out[N, 2 S]."""
    columns, neurons = wiring.columns, wiring.neurons
    z = np.empty((columns + neurons, len(x)), x.dtype)
    z[:columns] = x.T
    a = np.empty((neurons, len(x)), x.dtype)
    b = np.where(wiring.biases < 0, w.dtype.type(0), w[wiring.biases])[:, np.newaxis]
    spare = Spare([f.forward for f in functions], (wiring.widest, len(x)), x.dtype)
    for segment in wiring.plan:
        start, stop, function = segment.start, segment.stop, functions[segment.which]
        here = a[start:stop]
        if segment.aggregate.is_sum:
            _weighted_sums(z, w, wiring, segment, here)
        else:
            _combined(z, w, wiring, segment, function.combine, here)
        if segment.aggregate.averages:
            here *= _shares(wiring, segment, w)
        here += b[start:stop]
        slopes = _slopes(wiring, segment, w) if segment.learned else ()
        function.forward(here, *slopes, outs=(z[columns + start : columns + stop],), spare=spare)
    out[:, :neurons] = z[columns:].T
    out[:, neurons:] = a.T
    return out


def neuron_deltas(
    g: Floats,
    states: Floats,
    x: Floats,
    w: Floats,
    *,
    wiring: Wiring,
    functions: Functions,
    read: tuple[int, ...] | None = None,
    out: Floats,
) -> Floats:
    """delta_j = f_j'(a_j) (dL/dz_j from outside + sum_k W_jk delta_k) + dL/da_j from outside.

    Then the cotangents of what is learned, and those of single terms W_ij z_i where these are not
    the delta of their neuron: out[N, height].
    """
    neurons = wiring.neurons
    if read is not None:
        g = _spread_out(g, read, 2 * neurons)
    own = wiring.out_offsets[wiring.columns :]
    delta = np.empty((wiring.height, len(g)), g.dtype)
    units = np.concatenate([x.T, states[:, :neurons].T]) if wiring.compares_terms else None
    spare = Spare([f.back for f in functions], (wiring.widest, len(g)), g.dtype)
    for segment in wiring.plan[::-1]:
        start, stop, function = segment.start, segment.stop, functions[segment.which]
        back = g[:, start:stop].T.copy()
        _pull(delta, w, wiring, own[start : stop + 1], back)
        z, a = (states[:, at : at + stop - start].T for at in (start, neurons + start))
        here = delta[start:stop]
        if segment.learned:
            learned = (delta[row : row + stop - start] for row in segment.learned)
            slopes = _slopes(wiring, segment, w)
            function.back(back, z, a, *slopes, outs=(here, *learned), spare=spare)
        else:
            function.back(back, z, a, outs=(here,), spare=spare)
        here += g[:, neurons + start : neurons + stop].T
        if segment.aggregate.averages:
            shares = _shares(wiring, segment, w)
            np.multiply(here, shares, out=delta[segment.apart : segment.apart + stop - start])
        elif not segment.aggregate.is_sum:
            assert units is not None
            _term_deltas(units, w, wiring, segment, function.combine, delta)
    out[...] = delta.T
    return out


def _spread_out(g: Floats, read: tuple[int, ...], width: int) -> Floats:
    """Columns at their places among zeros; several may have one place."""
    whole = np.zeros((width, len(g)), g.dtype)
    for column, place in enumerate(read):
        whole[place] += g[:, column]
    return whole.T


def neuron_weight_gradient(
    delta: Floats, states: Floats, x: Floats, *, wiring: Wiring, out: Floats
) -> Floats:
    """dL/dW_ij = delta_j z_i, dL/db_j = delta_j, what is learned: summed by slot of w."""
    delta_rows = np.ascontiguousarray(delta.T)
    z = np.concatenate([x.T, states[:, : wiring.neurons].T])
    size, sources, rows, slots = wiring.size, wiring.sources, wiring.rows, wiring.slots
    total = np.zeros(size)
    for first, last in _pieces(len(sources), len(x)):
        products = np.einsum("en,en->e", z[sources[first:last]], delta_rows[rows[first:last]])
        total += np.bincount(slots[first:last], products, size)
    has = np.flatnonzero(wiring.biases >= 0)
    total += np.bincount(wiring.biases[has], delta_rows[has].sum(axis=1), size)
    learned, at = wiring.learned
    if len(learned):
        total += np.bincount(learned, delta_rows[at].sum(axis=1), size)
    out[...] = total
    return out


def neuron_source_gradient(delta: Floats, w: Floats, *, wiring: Wiring, out: Floats) -> Floats:
    """dL/dx_i = sum_j W_ij delta_j for the columns of x: out[N, K]."""
    columns = wiring.columns
    back = np.zeros((columns, len(delta)), delta.dtype)
    _pull(np.ascontiguousarray(delta.T), w, wiring, wiring.out_offsets[: columns + 1], back)
    out[...] = back.T
    return out


def _slopes(wiring: Wiring, segment: Segment, w: Floats) -> list[Floats]:
    """What the activations of a segment learn, one number a row."""
    of = wiring.slopes[segment.start : segment.stop]
    return [w[of[:, k], np.newaxis] for k in range(len(segment.learned))]


def _shares(wiring: Wiring, segment: Segment, w: Floats) -> Floats:
    """1 / the number of connections, one number a row."""
    counts = wiring.counts[segment.start : segment.stop, np.newaxis]
    return (1.0 / counts).astype(w.dtype)


def _weighted_sums(z: Floats, w: Floats, wiring: Wiring, segment: Segment, out: Floats) -> None:
    """out_j = sum over the edges of j of w z; every neuron has an edge."""
    offsets = wiring.offsets[segment.start : segment.stop + 1]
    for first, last in _chunks(offsets, z.shape[1]):
        rows = _terms(z, w, wiring, offsets[first], offsets[last])
        np.add.reduceat(rows, offsets[first:last] - offsets[first], axis=0, out=out[first:last])


def _terms(z: Floats, w: Floats, wiring: Wiring, first: int, last: int) -> Floats:
    """w z of some edges."""
    rows: Floats = z[wiring.sources[first:last]]
    rows *= w[wiring.slots[first:last], np.newaxis]
    return rows


def _combined(
    z: Floats, w: Floats, wiring: Wiring, segment: Segment, combine: np.ufunc, out: Floats
) -> None:
    """out_j = the aggregate of w z over the edges of j, of which all have equally many."""
    offsets = wiring.offsets[segment.start : segment.stop + 1]
    many = offsets[1] - offsets[0]
    for first, last in _chunks(offsets, z.shape[1]):
        rows = _terms(z, w, wiring, offsets[first], offsets[last])
        stacked = rows.reshape(last - first, many, z.shape[1])
        combine.reduce(stacked, axis=1, out=out[first:last])


def _term_deltas(
    z: Floats, w: Floats, wiring: Wiring, segment: Segment, combine: np.ufunc, delta: Floats
) -> None:
    """The cotangents of the terms w z of a segment: times all others for the product; for an
    extreme whole for the term that is it, in equal parts where several are."""
    shape = (segment.stop - segment.start, int(wiring.counts[segment.start]), z.shape[1])
    terms = _terms(z, w, wiring, segment.first, segment.last).reshape(shape)
    into = delta[segment.apart : segment.apart + segment.last - segment.first]
    g, shares = delta[segment.start : segment.stop, np.newaxis], into.reshape(shape)
    if combine is np.multiply:
        shares[:, :1] = 1.0
        np.cumprod(terms[:, :-1], axis=1, out=shares[:, 1:])
        after = np.cumprod(terms[:, :0:-1], axis=1)[:, ::-1]
        shares[:, :-1] *= after
    else:
        extreme = combine.reduce(terms, axis=1, keepdims=True)
        chosen = terms == extreme
        np.divide(chosen, chosen.sum(axis=1, keepdims=True), out=shares, casting="same_kind")
    shares *= g


def _pull(delta: Floats, w: Floats, wiring: Wiring, offsets: Indices, back: Floats) -> None:
    """back_i += sum over the edges that leave i of w delta; some units have none."""
    for first, last in _chunks(offsets, delta.shape[1]):
        edges = wiring.out_edges[offsets[first] : offsets[last]]
        starts = offsets[first:last]
        has = np.diff(offsets[first : last + 1]) > 0
        if not has.any():
            continue
        rows = delta[wiring.rows[edges]]
        rows *= w[wiring.slots[edges], np.newaxis]
        back[first:last][has] += np.add.reduceat(rows, starts[has] - starts[0], axis=0)


def _chunks(offsets: Indices, width: int) -> Iterator[tuple[int, int]]:
    """Runs of units whose gathered edges fit into the limit, at least one unit each."""
    units = len(offsets) - 1
    most = max(1, GATHERED_AT_MOST // max(1, width))
    if offsets[-1] - offsets[0] <= most:
        yield 0, units
        return
    first = 0
    while first < units:
        last = int(np.searchsorted(offsets, offsets[first] + most, side="right")) - 1
        last = min(units, max(last, first + 1))
        yield first, last
        first = last


def _pieces(edges: int, width: int) -> Iterator[tuple[int, int]]:
    most = max(1, GATHERED_AT_MOST // max(1, width))
    for first in range(0, edges, most):
        yield first, min(edges, first + most)
