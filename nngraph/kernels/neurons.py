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


def _pieces(edges: int, width: int) -> Iterator[tuple[int, int]]:
    most = max(1, GATHERED_AT_MOST // max(1, width))
    for first in range(0, edges, most):
        yield first, min(edges, first + most)
