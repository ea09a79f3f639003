"""What edges bring to a node, by hand: weighted sums, or single connections to aggregate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from walk_windows import conv, conv_transpose, depthwise

Array = np.ndarray[Any, Any]

WINDOWS = {"conv": conv, "depthwise": depthwise, "conv_transpose": conv_transpose}
COMBINED = {
    "product": np.prod,
    "maximum": np.max,
    "minimum": np.min,
    "mean": np.mean,
}
"""How the single connections into a unit become one number; the sum is done edge by edge."""


class Edges:
    """The edges of a document with the arrays on them, `weights` by id."""

    def __init__(self, document: Any, weights: Mapping[str, Array]) -> None:
        self.nodes = document.nodes
        self.by_id = {edge.id: edge for edge in document.edges}
        self.weights = weights
        self.into: dict[str, list[Any]] = {name: [] for name in document.nodes}
        for edge in document.edges:
            self.into[edge.target.node].append(edge)

    def kind(self, edge: Any) -> str:
        """Its kind, or the default of its target."""
        default = "dense" if self.nodes[edge.target.node].node.kind == "neurons" else "identity"
        return str(edge.options.kind or default)

    def array(self, edge: Any) -> Array:
        """W as this edge uses it: the array that it owns or shares, 0 where masked."""
        W, mask = self._array_and_mask(edge)
        return W * mask

    def _array_and_mask(self, edge: Any) -> tuple[Array, Array]:
        """A shared array brings its owner's mask along; an edge may mask more of it."""
        share = edge.options.share
        if share is None:
            W = self.weights[edge.id]
            mask = np.ones(W.shape)
        else:
            W, mask = self._array_and_mask(self.by_id[share.edge])
            W, mask = (W.T, mask.T) if share.transpose else (W, mask)
        if edge.options.mask is not None:
            mask = mask * np.array(edge.options.mask, float).reshape(W.shape)
        return W, mask

    # ---- sums

    def brought(self, edge: Any, z: Array) -> Array:
        """sum_i W_ij z_i of one edge, for the units of the target that it reaches."""
        kind = self.kind(edge)
        if kind == "identity":
            return z
        W = self.array(edge)
        if kind == "scale":
            return z * W if z.ndim > 1 else z * W[0]
        if kind == "dense":
            return z.reshape(len(z), -1) @ W
        return WINDOWS[kind](z, W, edge.options)

    def summed(self, edges: Sequence[Any], sources: Sequence[Array], units: int) -> Array:
        """The sum over all edges into a node."""
        total: Any = 0.0
        for edge, z in zip(edges, sources, strict=True):
            part = self.brought(edge, z)
            part = part[:, None] if part.ndim == 1 else part
            start, stop = reached(edge, units)
            whole = np.zeros((*part.shape[:-1], units))
            whole[..., start:stop] = part
            total = total + whole
        return np.asarray(total)

    # ---- single connections

    def combined(self, how: str, edges: Sequence[Any], sources: Sequence[Array], units: int) -> Any:
        """Product, maximum, minimum or mean over the connections into each unit; absent ones
        are left out."""
        found: list[list[Array]] = [[] for _ in range(units)]
        for edge, z in zip(edges, sources, strict=True):
            start, _ = reached(edge, units)
            for unit, connection in self.connections(edge, z):
                found[start + unit].append(connection)
        return np.stack([COMBINED[how](those, axis=0) for those in found], axis=-1)

    def connections(self, edge: Any, z: Array) -> list[tuple[int, Array]]:
        """Each connection of an edge: the unit that it reaches, and W_ij z_i."""
        z = z[:, None] if z.ndim == 1 else z
        kind = self.kind(edge)
        if kind == "dense":
            z = z.reshape(len(z), math.prod(z.shape[1:]))
            W, mask = self._array_and_mask(edge)
            return [(j, W[i, j] * z[:, i]) for i, j in np.ndindex(*W.shape) if mask[i, j]]
        ones = np.ones(z.shape[-1])
        W, mask = self._array_and_mask(edge) if kind == "scale" else (ones, ones)
        return [(j, W[j] * z[..., j]) for j in range(len(W)) if mask[j]]


def reached(edge: Any, units: int) -> tuple[int, int]:
    """The units of the target at which an edge ends."""
    return (0, units) if edge.target.start is None else (edge.target.start, edge.target.stop)


def taken(edge: Any, z: Array) -> Array:
    """The units of the source from which an edge starts."""
    return z if edge.source.start is None else z[..., edge.source.start : edge.source.stop]
