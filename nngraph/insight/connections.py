"""Which numbers of its source and its target each weight of an edge joins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.parameter_names import Shape, channel_pair, parameter_name, source_place
from nngraph.lower import Weight
from nngraph.network import Network
from nngraph.ops import Convolution, ConvolutionTransposed
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, End

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Connections:
    """The connections of one edge; `op` lays its windows, where it has some.

    `turned` says that it uses the array of another edge transposed.
    """

    network: Network
    edge: EdgeEntry
    kind: str
    weight: Weight | None
    turned: bool
    op: Convolution | ConvolutionTransposed | None

    def used(self, array: Array) -> Array:
        """An array of the weight's owner, as this edge uses it."""
        if not self.turned:
            return array
        if self.op is None:
            return array.T
        return np.swapaxes(array, -1, -2)

    @property
    def shape(self) -> Shape:
        """Of the array as this edge uses it."""
        assert self.weight is not None
        return tuple(self.used(np.broadcast_to(0.0, self.weight.shape)).shape)

    def name(self, place: Shape) -> str:
        """One number of the array, by the units that it joins."""
        assert self.weight is not None
        record = Weight(self.edge.id, self.weight.leaf, self.shape, None, None, self.edge, "weight")
        return parameter_name(record, place, self.network.lowered.shapes)

    def ends(self, place: Shape) -> tuple[Shape, Shape]:
        """The unit of the source and that of the target (channels, of a kernel) at a place."""
        edge = self.edge
        first, into = edge.source.start or 0, edge.target.start or 0
        if self.op is not None:
            channel, unit = channel_pair(edge, self.shape, place)
            return (first + channel,), (into + unit,)
        if len(place) == 1:
            return (first + place[0],), (into + place[0],)
        source = self.network.lowered.shapes[edge.source.node]
        return source_place(edge.source, source, place[0]), (into + place[1],)

    # ---- products

    def products(self, z: Array, delta: Array) -> Array:
        """delta_j z_i of each number of the array, summed over places; 0 where a mask is 0."""
        z, delta = _units(self.edge.source, z), _units(self.edge.target, delta)
        if self.op is not None:
            found = self._of_kernel(z, delta)
        elif self.kind == "scale":
            found = (z * delta).reshape(-1, max(1, z.shape[-1] if z.ndim else 1)).sum(axis=0)
        else:
            found = np.outer(z, delta)
        assert self.weight is not None
        mask = self.weight.mask
        return found if mask is None else found * self.used(mask)

    def _of_kernel(self, z: Array, delta: Array) -> Array:
        found = np.zeros(self.shape, np.result_type(z, delta))
        for tap, at_z, at_delta in self._taps(z, delta):
            apart = np.tensordot(at_z, at_delta, (range(z.ndim - 1), range(z.ndim - 1)))
            for place in product(*map(range, self.shape[-2:])):
                found[*tap, *place] = apart[channel_pair(self.edge, self.shape, place)]
        return found

    def _taps(self, z: Array, delta: Array) -> Iterator[tuple[Shape, Array, Array]]:
        """For each place of the kernel, what it meets: z and delta, place by place."""
        assert self.op is not None
        size = self.shape[:-2]
        spreads = isinstance(self.op, ConvolutionTransposed)
        wide, few = (delta, z) if spreads else (z, delta)
        border = [*self.op.padding, (0, 0)]
        wide = np.pad(wide, border)
        for tap in product(*map(range, size)):
            cut = tuple(
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, s, n in zip(
                    tap, self.op.dilation, self.op.stride, few.shape[:-1], strict=True
                )
            )
            met = wide[cut]
            yield (tap, few, met) if spreads else (tap, met, few)

    def terms(self, place: Shape, z: Array, delta: Array) -> tuple[Array, Array]:
        """z_i and delta_j of one number of the array, flat: one pair, or one for each place."""
        z, delta = _units(self.edge.source, z), _units(self.edge.target, delta)
        if self.op is None:
            if len(place) == 1:
                return z[..., place[0]].ravel(), delta[..., place[0]].ravel()
            return z.ravel()[place[0] : place[0] + 1], delta.ravel()[place[1] : place[1] + 1]
        channel, unit = channel_pair(self.edge, self.shape, place)
        taps = self._taps(z, delta)
        at_z, at_delta = next((a, b) for tap, a, b in taps if tap == tuple(place[:-2]))
        return at_z[..., channel].ravel(), at_delta[..., unit].ravel()


def _units(end: End, array: Array) -> Array:
    return array if end.start is None else array[..., end.units]


class Finder:
    """Finds the connections of the edges of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._edges = {edge.id: edge for edge in network.document.edges}
        self._weights = {weight.id: weight for weight in network.lowered.weights}
        self._ops = {
            origin.id: instr.op
            for instr in network.lowered.program.body
            if isinstance(instr.op, Convolution | ConvolutionTransposed)
            for origin in instr.origins
        }

    def of(self, edge: EdgeEntry) -> Connections:
        """The connections of one edge."""
        owner, turned = edge, False
        while (share := getattr(owner.given, "share", None)) is not None:
            owner, turned = self._edges[share.edge], turned != share.transpose
        target = self._network.document.nodes[edge.target.node].node
        weight, op = self._weights.get(owner.id), self._ops.get(edge.id)
        return Connections(self._network, edge, edge.kind_into(target), weight, turned, op)
