"""How many connections lead into and out of a unit, for the spread of first weights."""

from __future__ import annotations

import math

import numpy as np

from nngraph.ir import Array
from nngraph.lower.context import Lowering
from nngraph.lower.weights import kind_of, mask_of
from nngraph.spec import EdgeEntry, End


class Fans:
    """Connections into and out of each unit of each node, all weighted edges counted.

    Units are those of the last axis, the channels of an image. A node of one unit has a plain
    number instead of an array: networks of single neurons have many of them.
    """

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._shapes = {node: z.type.sample_shape for node, z in lowering.values.items()}
        self._into = {node: self._none(node) for node in self._shapes}
        self._out_of = {node: self._none(node) for node in self._shapes}
        for edge in lowering.document.edges:
            if (kind := kind_of(lowering, edge)) != "identity":
                self._count(edge, kind)

    def of(self, edge: EdgeEntry) -> tuple[int, int]:
        """Fan-in and fan-out of an edge: those of the units with the most connections."""
        return _most(self._into, edge.target), _most(self._out_of, edge.source)

    def into(self, node: str) -> int:
        """Fan-in of a node: that of its unit with the most connections."""
        return _most(self._into, End(node))

    def _none(self, node: str) -> int | Array:
        shape = self._shapes[node]
        return np.zeros(shape[-1], np.int64) if shape and shape[-1] > 1 else 0

    def _width(self, end: End) -> int:
        if end.start is not None and end.stop is not None:
            return end.stop - end.start
        shape = self._shapes[end.node]
        return shape[-1] if shape else 1

    def _count(self, edge: EdgeEntry, kind: str) -> None:
        units_out = self._width(edge.source)
        if kind != "dense":
            mask = mask_of(self._lowering, edge, (units_out,))
            each = 1 if mask is None else mask.astype(np.int64)
            _add(self._into, edge.target, each)
            _add(self._out_of, edge.source, each)
            return
        units_in, pixels = self._width(edge.target), math.prod(self._shapes[edge.source.node][:-1])
        mask = None
        if edge.given is not None:
            mask = mask_of(self._lowering, edge, (pixels * units_out, units_in))
        if mask is None:
            _add(self._into, edge.target, pixels * units_out)
            _add(self._out_of, edge.source, units_in)
        else:
            _add(self._into, edge.target, mask.sum(axis=0))
            by_pixel = mask.sum(axis=1).reshape(pixels, units_out)
            _add(self._out_of, edge.source, by_pixel.max(axis=0))


def _add(counts: dict[str, int | Array], end: End, more: int | Array) -> None:
    known = counts[end.node]
    if isinstance(known, int):
        counts[end.node] = known + (more if isinstance(more, int) else int(more.item()))
    else:
        known[end.start : end.stop] += more


def _most(counts: dict[str, int | Array], end: End) -> int:
    known = counts[end.node]
    most = known if isinstance(known, int) else int(known[end.start : end.stop].max())
    return max(1, most)
