"""How many connections lead into and out of a unit, for the spread of first weights."""

from __future__ import annotations

import math

import numpy as np

from nngraph.ir import Array
from nngraph.lower.context import Lowering
from nngraph.lower.image_edges import IMAGE_EDGE_ROWS, kernel_of
from nngraph.lower.weights import kind_of, mask_of
from nngraph.spec import EdgeEntry, End

MOST_UNITS = 1 << 26  # of wider nodes the units are not told apart; such a network cannot be held

Counts = dict[str, int | Array]
"""By node: one count for all of its units, or one for each where edges reach some units only."""


class Fans:
    """Connections into and out of each unit of each node, all weighted edges counted.

    Units are those of the last axis, the channels of an image.
    """

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._shapes = {node: z.type.sample_shape for node, z in lowering.values.items()}
        self._into: Counts = dict.fromkeys(self._shapes, 0)
        self._out_of: Counts = dict.fromkeys(self._shapes, 0)
        for edge in lowering.document.edges:
            if (kind := kind_of(lowering, edge)) != "identity":
                self._count(edge, kind)

    def of(self, edge: EdgeEntry) -> tuple[int, int]:
        """Fan-in and fan-out of an edge: those of the units with the most connections."""
        return _most(self._into, edge.target), _most(self._out_of, edge.source)

    def into(self, node: str) -> int:
        """Fan-in of a node: that of its unit with the most connections."""
        return _most(self._into, End(node))

    def _width(self, node: str) -> int:
        shape = self._shapes[node]
        return shape[-1] if shape else 1

    def _reach(self, end: End) -> int:
        if end.start is not None and end.stop is not None:
            return end.stop - end.start
        return self._width(end.node)

    def _count(self, edge: EdgeEntry, kind: str) -> None:
        units_out = self._reach(edge.source)
        if kind in IMAGE_EDGE_ROWS:
            self._count_windows(edge, units_out)
            return
        if kind != "dense":
            mask = mask_of(self._lowering, edge, (units_out,))
            each = 1 if mask is None else mask.astype(np.int64)
            self._add(self._into, edge.target, each)
            self._add(self._out_of, edge.source, each)
            return
        units_in = self._reach(edge.target)
        pixels = math.prod(self._shapes[edge.source.node][:-1])
        mask = None
        if edge.given is not None:
            mask = mask_of(self._lowering, edge, (pixels * units_out, units_in))
        if mask is None:
            self._add(self._into, edge.target, pixels * units_out)
            self._add(self._out_of, edge.source, units_in)
        else:
            self._add(self._into, edge.target, mask.sum(axis=0))
            by_pixel = mask.sum(axis=1).reshape(pixels, units_out)
            self._add(self._out_of, edge.source, by_pixel.max(axis=0))

    def _count_windows(self, edge: EdgeEntry, channels: int) -> None:
        """An edge whose weights move over its source."""
        source = (*self._shapes[edge.source.node][:-1], channels)
        kernel = kernel_of(self._lowering, edge, source, self._reach(edge.target))
        mask = mask_of(self._lowering, edge, kernel.shape)
        into: int | Array = kernel.into
        if mask is not None:
            rank = len(source) - 1
            kept = mask.sum(axis=tuple(range(rank)))
            into = kept.ravel() if edge.options.kind == "depthwise" else kept.sum(axis=0)
        self._add(self._into, edge.target, into)
        self._add(self._out_of, edge.source, kernel.out_of)

    def _add(self, counts: Counts, end: End, more: int | Array) -> None:
        known, width = counts[end.node], self._width(end.node)
        alike = width > MOST_UNITS or self._reach(end) == width
        if isinstance(known, int) and isinstance(more, int) and alike:
            counts[end.node] = known + more
            return
        if isinstance(known, int):
            known = counts[end.node] = np.full(width, known, np.int64)
        known[end.start : end.stop] += more


def _most(counts: Counts, end: End) -> int:
    known = counts[end.node]
    most = known if isinstance(known, int) else int(known[end.start : end.stop].max())
    return max(1, most)
