"""A network walked node by node in plain NumPy, from the definitions of the language alone.

    walk(model.document, model.weights, {"x": x})["h"]      # z of every node, float64

It reads the document for who is connected with what and for options, and knows nothing of programs.
Nodes that only act while training (dropout, noise) are the identity; `training` says whether a
batch_norm takes the statistics of these rows or the running ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from walk_edges import Edges, taken
from walk_functions import apply
from walk_windows import pool, upsample

Array = np.ndarray[Any, Any]


def walk(
    document: Any,
    weights: Mapping[str, Array],
    inputs: Mapping[str, Array],
    *,
    training: bool = False,
) -> dict[str, Array]:
    """z of every node, [n, *shape]."""
    walker = _Walker(document, {k: np.asarray(w, float) for k, w in weights.items()}, training)
    walker.z |= {name: np.asarray(x, float) for name, x in inputs.items()}
    return {name: walker.value(name) for name in document.nodes}


class _Walker:
    def __init__(self, document: Any, weights: Mapping[str, Array], training: bool) -> None:
        self.nodes, self.weights, self.training = document.nodes, weights, training
        self.edges = Edges(document, weights)
        self.z: dict[str, Array] = {}

    def value(self, name: str) -> Array:
        """z of a node, once all before it have theirs."""
        if name not in self.z:
            node, edges = self.nodes[name].node, self.edges.into[name]
            sources = [taken(edge, self.value(edge.source.node)) for edge in edges]
            if node.kind == "neurons":
                self.z[name] = self.neurons(name, node, edges, sources)
            else:
                brought = [self.edges.brought(e, z) for e, z in zip(edges, sources, strict=True)]
                self.z[name] = getattr(self, node.kind)(name, node, *brought)
        return self.z[name]

    def parameter(self, name: str, what: str) -> Array | None:
        """A node's own array, or that of the node that shares its own."""
        owner = getattr(self.nodes[name].node, "share", None)
        return self.weights.get(f"{name}.{what}") if owner is None else self.parameter(owner, what)

    # ---- nodes with weights

    def neurons(self, name: str, node: Any, edges: Any, sources: Any) -> Array:
        if node.aggregate == "sum":
            a = self.edges.summed(edges, sources, node.units)
        else:
            a = self.edges.combined(node.aggregate, edges, sources, node.units)
        bias = self.parameter(name, "bias")
        a = a if bias is None else a + bias
        return apply(node.activation, a, self.parameter(name, "alpha"))

    def activation(self, name: str, node: Any, z: Array) -> Array:
        return apply(node.function, z, self.parameter(name, "alpha"))

    def batch_norm(self, name: str, node: Any, z: Array) -> Array:
        mean, variance = self.weights[f"{name}.mean"], self.weights[f"{name}.variance"]
        if self.training:
            rows = z.reshape(-1, z.shape[-1])
            mean, variance = rows.mean(axis=0), rows.var(axis=0)
        return self._normalised(name, node, z, mean, variance)

    def layer_norm(self, name: str, node: Any, z: Array) -> Array:
        mean, variance = z.mean(axis=-1, keepdims=True), z.var(axis=-1, keepdims=True)
        return self._normalised(name, node, z, mean, variance)

    def _normalised(self, name: str, node: Any, z: Array, mean: Array, variance: Array) -> Array:
        scale, shift = self.parameter(name, "scale"), self.parameter(name, "shift")
        return (z - mean) / np.sqrt(variance + node.epsilon) * scale + shift

    # ---- nodes without

    def dropout(self, name: str, node: Any, z: Array) -> Array:
        return z

    def noise(self, name: str, node: Any, z: Array) -> Array:
        return z

    def flatten(self, name: str, node: Any, z: Array) -> Array:
        return z.reshape(len(z), -1)

    def reshape(self, name: str, node: Any, z: Array) -> Array:
        return z.reshape(len(z), *node.shape)

    def transpose(self, name: str, node: Any, z: Array) -> Array:
        axes = node.axes or range(z.ndim - 1)[::-1]
        return z.transpose(0, *(axis + 1 for axis in axes))

    def slice(self, name: str, node: Any, z: Array) -> Array:
        axis = node.axis % (z.ndim - 1) + 1
        stop = z.shape[axis] if node.stop is None else node.stop
        return z.take(range(node.start, stop), axis)

    def pad(self, name: str, node: Any, z: Array) -> Array:
        rank = z.ndim - 2
        sides = list(node.padding) * rank if len(node.padding) == 1 else node.padding
        return np.pad(z, [(0, 0), *sides, (0, 0)], constant_values=node.value)

    def concat(self, name: str, node: Any, *z: Array) -> Array:
        z = tuple(one[:, None] if one.ndim == 1 else one for one in z)
        return np.concatenate(z, axis=node.axis % (z[0].ndim - 1) + 1)

    def add(self, name: str, node: Any, *z: Array) -> Array:
        return sum(_aligned(z))

    def constant(self, name: str, node: Any) -> Array:
        value = np.asarray(node.value, np.float64)
        rows = len(next(z for id_, z in self.z.items() if self.nodes[id_].node.kind == "input"))
        return np.broadcast_to(value, (rows, *value.shape))

    def subtract(self, name: str, node: Any, *z: Array) -> Array:
        first, second = _aligned(z)
        return first - second

    def multiply(self, name: str, node: Any, *z: Array) -> Array:
        return np.prod(np.broadcast_arrays(*_aligned(z)), axis=0)

    def pool(self, name: str, node: Any, z: Array) -> Array:
        return pool(z, node)

    def upsample(self, name: str, node: Any, z: Array) -> Array:
        return upsample(z, node)


def _aligned(z: tuple[Array, ...]) -> list[Array]:
    """A vector per channel beside an image: the same at every pixel."""
    rank = max(one.ndim for one in z)
    return [one.reshape(len(one), *[1] * (rank - one.ndim), *one.shape[1:]) for one in z]
