"""Networks of single neurons over index arrays: forward, deltas, gradients.

Inside, arrays are unit-major, [units, N], so that gathering a unit is copying one run of memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.rows import RowFunction
from nngraph.kernels.wiring import Indices, Wiring
from nngraph.records import dataclass

Floats = NDArray[Any]

GATHERED_AT_MOST = 1 << 21  # elements of gathered rows at a time
TAKEN_AT_ONCE = 1 << 16  # so that both factors of a product stay in the second cache


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


class WeightGradientByEdge:
    """dL/dW_ij = delta_j z_i, dL/db_j = delta_j, what is learned: summed by slot of w.

    Rows of edges are taken into arrays that are used again: new ones cost ten times the products.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.made_of = (wiring,)
        self.rows: tuple[Floats, Floats] | None = None

    def fresh(self) -> WeightGradientByEdge:
        """One for another step."""
        return WeightGradientByEdge(*self.made_of)

    def __call__(self, delta: Floats, states: Floats, x: Floats, *, out: Floats) -> Floats:
        """Write `out`."""
        wiring, samples = self.wiring, len(x)
        size, neurons, columns = wiring.size, wiring.neurons, wiring.columns
        at_once = min(GATHERED_AT_MOST, TAKEN_AT_ONCE) // max(1, samples)
        most = min(wiring.edges, max(1, at_once))
        if self.rows is None or self.rows[0].shape != (most, samples):
            self.rows = np.empty((most, samples), x.dtype), np.empty((most, samples), x.dtype)
            self.z = np.empty((columns + neurons, samples), x.dtype)
            self.products = np.empty(wiring.edges, x.dtype)
        self.z[:columns], self.z[columns:] = x.T, states[:, :neurons].T
        deltas = np.ascontiguousarray(delta.T)
        for first in range(0, wiring.edges, most):
            last = min(first + most, wiring.edges)
            of_z, of_delta = (rows[: last - first] for rows in self.rows)
            self.z.take(wiring.sources[first:last], 0, of_z, "clip")
            deltas.take(wiring.rows[first:last], 0, of_delta, "clip")
            np.vecdot(of_z, of_delta, out=self.products[first:last])
        total = np.bincount(wiring.slots, self.products, size)
        has = np.flatnonzero(wiring.biases >= 0)
        total += np.bincount(wiring.biases[has], deltas[has].sum(axis=1), size)
        learned, at = wiring.learned
        if len(learned):
            total += np.bincount(learned, deltas[at].sum(axis=1), size)
        out[...] = total
        return out


def neuron_source_gradient(delta: Floats, w: Floats, *, wiring: Wiring, out: Floats) -> Floats:
    """dL/dx_i = sum_j W_ij delta_j for the columns of x: out[N, K]."""
    columns = wiring.columns
    back = np.zeros((columns, len(delta)), delta.dtype)
    _pull(np.ascontiguousarray(delta.T), w, wiring, wiring.out_offsets[: columns + 1], back)
    out[...] = back.T
    return out


def share_of_terms(terms: Floats, combine: np.ufunc, g: Floats, shares: Floats) -> None:
    """The cotangents [M, F, N] of terms w z from those [M, N] of their aggregates: times all others
    for the product; for an extreme whole for the term that is it, in equal parts where several are.
    """
    if combine is np.multiply:
        shares[:, :1] = 1.0
        np.cumprod(terms[:, :-1], axis=1, out=shares[:, 1:])
        after = np.cumprod(terms[:, :0:-1], axis=1)[:, ::-1]
        shares[:, :-1] *= after
    else:
        extreme = combine.reduce(terms, axis=1, keepdims=True)
        chosen = terms == extreme
        np.divide(chosen, chosen.sum(axis=1, keepdims=True), out=shares, casting="same_kind")
    shares *= g[:, np.newaxis]


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
