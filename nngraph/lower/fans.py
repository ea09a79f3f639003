"""How many connections lead into and out of a unit, for the spread of first weights."""

from __future__ import annotations

import numpy as np

from nngraph.ir import Array
from nngraph.lower.connections import connection_shape, source_range, target_range
from nngraph.lower.context import Lowering
from nngraph.lower.weights import kind_of, mask_of
from nngraph.spec import EdgeEntry


class Fans:
    """Connections into and out of each unit of each node, all weighted edges counted."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._into: dict[str, Array] = {}
        self._out_of: dict[str, Array] = {}
        for edge in lowering.document.edges:
            if kind_of(lowering, edge) != "identity":
                self._count(edge)

    def of(self, edge: EdgeEntry) -> tuple[int, int]:
        """Fan-in and fan-out of an edge: those of the units with the most connections."""
        start, stop = target_range(self._lowering, edge)
        first, last = source_range(self._lowering, edge)
        into = self._into[edge.target.node][start : stop or None]
        return int(into.max()), int(self._out_of[edge.source.node][first:last].max())

    def into(self, node: str) -> int:
        """Fan-in of a node: that of its unit with the most connections."""
        counts = self._into.get(node)
        return 1 if counts is None else max(1, int(counts.max()))

    def _count(self, edge: EdgeEntry) -> None:
        lowering = self._lowering
        start, stop = target_range(lowering, edge)
        first, last = source_range(lowering, edge)
        shape = connection_shape(lowering, edge)
        mask = mask_of(lowering, edge, shape)
        into: int | Array = shape[0] if len(shape) == 2 else 1
        out_of: int | Array = shape[-1] if len(shape) == 2 else 1
        if mask is not None and len(shape) == 2:
            into, out_of = mask.sum(axis=0), mask.sum(axis=1).reshape(-1, last - first).max(axis=0)
        elif mask is not None:
            into = out_of = mask.astype(np.int64)
        widths = (stop or shape[-1], last)
        self._of(self._into, edge.target.node, widths[0])[start : stop or None] += into
        self._of(self._out_of, edge.source.node, widths[1])[first:last] += out_of

    def _of(self, counts: dict[str, Array], node: str, least: int) -> Array:
        if node not in counts:
            shape = self._lowering.shape(node)
            counts[node] = np.zeros(max((shape or (1,))[-1], least), np.int64)
        return counts[node]
