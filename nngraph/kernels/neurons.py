"""Networks of single neurons over index arrays: forward, deltas, gradients.

Units are numbered: first the K columns of x, then the S neurons, each after all that it reads.
Inside, arrays are unit-major, [units, N], so that gathering a unit is copying one run of memory.

    sources[E]      the unit that an edge leaves; edges are sorted by the neuron that they enter
    slots[E]        where the edge's weight lies in w
    offsets[S + 1]  edges of neuron j are offsets[j] to offsets[j + 1]
    biases[S]       where the neuron's bias lies in w, -1 for none
    segments[G, 3]  neurons start to stop, none of which reads another, with functions[which]
    out_edges[E]    the edges again, sorted by the unit that they leave
    out_offsets[K + S + 1]  edges that leave unit u are out_edges[out_offsets[u] : ...[u + 1]]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.neuron_functions import derivative, function

Floats = NDArray[Any]
Indices = NDArray[np.int64]
Functions = tuple[tuple[str, float], ...]

GATHERED_AT_MOST = 1 << 21  # elements of gathered rows at a time


def neuron_states(
    x: Floats,
    w: Floats,
    sources: Indices,
    slots: Indices,
    offsets: Indices,
    biases: Indices,
    segments: Indices,
    *,
    functions: Functions,
    out: Floats,
) -> Floats:
    """z of all neurons, then a of all neurons: out[N, 2 S]."""
    columns, neurons = x.shape[1], len(biases)
    z = np.empty((columns + neurons, len(x)), x.dtype)
    z[:columns] = x.T
    a = np.empty((neurons, len(x)), x.dtype)
    b = np.where(biases < 0, w.dtype.type(0), w[biases])[:, np.newaxis]
    for start, stop, which in segments.tolist():
        here = a[start:stop]
        _weighted_sums(z, w, sources, slots, offsets[start : stop + 1], here)
        here += b[start:stop]
        name, option = functions[which]
        z[columns + start : columns + stop] = function(name, option, here)
    out[:, :neurons] = z[columns:].T
    out[:, neurons:] = a.T
    return out


def neuron_deltas(
    g: Floats,
    states: Floats,
    w: Floats,
    slots: Indices,
    offsets: Indices,
    segments: Indices,
    out_edges: Indices,
    out_offsets: Indices,
    *,
    functions: Functions,
    out: Floats,
) -> Floats:
    """delta_j = f_j'(a_j) (dL/dz_j from outside + sum_k W_jk delta_k) + dL/da_j from outside."""
    neurons = out.shape[1]
    targets = _targets(offsets)
    own = out_offsets[-1 - neurons :]
    delta = np.empty((neurons, len(g)), g.dtype)
    for start, stop, which in segments.tolist()[::-1]:
        back = g[:, start:stop].T.copy()
        _pull(delta, w, slots, targets, out_edges, own[start : stop + 1], back)
        z, a = (states[:, at : at + stop - start].T for at in (start, neurons + start))
        name, option = functions[which]
        back *= derivative(name, option, a, z)
        back += g[:, neurons + start : neurons + stop].T
        delta[start:stop] = back
    out[...] = delta.T
    return out


def neuron_weight_gradient(
    delta: Floats,
    states: Floats,
    x: Floats,
    sources: Indices,
    slots: Indices,
    offsets: Indices,
    biases: Indices,
    *,
    size: int,
    out: Floats,
) -> Floats:
    """dL/dW_ij = delta_j z_i and dL/db_j = delta_j, summed over the batch, by slot of w."""
    delta_rows = np.ascontiguousarray(delta.T)
    z = np.concatenate([x.T, states[:, : len(biases)].T])
    targets = _targets(offsets)
    total = np.zeros(size)
    for first, last in _pieces(len(sources), len(x)):
        products = np.einsum("en,en->e", z[sources[first:last]], delta_rows[targets[first:last]])
        total += np.bincount(slots[first:last], products, size)
    has = biases >= 0
    total += np.bincount(biases[has], delta_rows[has].sum(axis=1), size)
    out[...] = total
    return out


def neuron_source_gradient(
    delta: Floats,
    w: Floats,
    slots: Indices,
    offsets: Indices,
    out_edges: Indices,
    out_offsets: Indices,
    *,
    out: Floats,
) -> Floats:
    """dL/dx_i = sum_j W_ij delta_j for the columns of x: out[N, K]."""
    columns = out.shape[1]
    back = np.zeros((columns, len(delta)), delta.dtype)
    delta_rows = np.ascontiguousarray(delta.T)
    own = out_offsets[: columns + 1]
    _pull(delta_rows, w, slots, _targets(offsets), out_edges, own, back)
    out[...] = back.T
    return out


def _targets(offsets: Indices) -> Indices:
    """The neuron that each edge enters."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _weighted_sums(
    z: Floats, w: Floats, sources: Indices, slots: Indices, offsets: Indices, out: Floats
) -> None:
    """out_j = sum over the edges of j of w z; every neuron has an edge."""
    for first, last in _chunks(offsets, z.shape[1]):
        edges = slice(offsets[first], offsets[last])
        rows = z[sources[edges]]
        rows *= w[slots[edges], np.newaxis]
        np.add.reduceat(rows, offsets[first:last] - offsets[first], axis=0, out=out[first:last])


def _pull(
    delta: Floats,
    w: Floats,
    slots: Indices,
    targets: Indices,
    out_edges: Indices,
    offsets: Indices,
    back: Floats,
) -> None:
    """back_i += sum over the edges that leave i of w delta; some units have none."""
    for first, last in _chunks(offsets, delta.shape[1]):
        edges = out_edges[offsets[first] : offsets[last]]
        starts = offsets[first:last]
        has = np.diff(offsets[first : last + 1]) > 0
        if not has.any():
            continue
        rows = delta[targets[edges]]
        rows *= w[slots[edges], np.newaxis]
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
