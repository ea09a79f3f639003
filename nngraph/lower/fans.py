"""How many connections lead into and out of a unit, for the spread of first weights."""

from __future__ import annotations

import math

import numpy as np

from nngraph.ir import Array
from nngraph.lower.context import Lowering
from nngraph.lower.weights import kind_of, mask_of
from nngraph.spec import EdgeEntry, End
from nngraph.spec.nodes import NeuronsNode


class Fans:
    """Connections into and out of each unit of each node, all weighted edges counted.

    Units are those of the last axis, the channels of an image.
    """

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._shapes = {node: z.type.sample_shape for node, z in lowering.values.items()}
        self._into = {node: np.zeros(self._width(node), np.int64) for node in self._shapes}
        self._out_of = {node: np.zeros(self._width(node), np.int64) for node in self._shapes}
        for edge in lowering.document.edges:
            if kind_of(lowering, edge) != "identity":
                self._count(edge)

    def of(self, edge: EdgeEntry) -> tuple[int, int]:
        """Fan-in and fan-out of an edge: those of the units with the most connections."""
        into = self._of(self._into, edge.target)
        out_of = self._of(self._out_of, edge.source)
        return max(1, int(into.max())), max(1, int(out_of.max()))

    def into(self, node: str) -> int:
        """Fan-in of a node: that of its unit with the most connections."""
        return max(1, int(self._into[node].max()))

    def _width(self, node: str) -> int:
        shape = self._shapes[node]
        return shape[-1] if shape else 1

    def _of(self, counts: dict[str, Array], end: End) -> Array:
        """The counts of the units that an end of an edge names."""
        return counts[end.node][end.start : end.stop]

    def _count(self, edge: EdgeEntry) -> None:
        into = self._of(self._into, edge.target)
        out_of = self._of(self._out_of, edge.source)
        target = self._lowering.entry(edge.target.node).node
        if kind_of(self._lowering, edge) != "dense" or not isinstance(target, NeuronsNode):
            mask = mask_of(self._lowering, edge, out_of.shape)
            present = 1 if mask is None else mask.astype(np.int64)
            into += present
            out_of += present
            return
        pixels = math.prod(self._shapes[edge.source.node][:-1])
        mask = None
        if edge.given is not None:
            mask = mask_of(self._lowering, edge, (pixels * len(out_of), len(into)))
        if mask is None:
            into += pixels * len(out_of)
            out_of += len(into)
        else:
            into += mask.sum(axis=0)
            out_of += mask.sum(axis=1).reshape(pixels, -1).max(axis=0)
