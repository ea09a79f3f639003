"""From a compiled network to what a drawing needs to know of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.parameter_names import UNNAMED, UnitNames
from nngraph.insight.picture_options import edge_options, node_options
from nngraph.lower import Weight
from nngraph.network import Network
from nngraph.render import Picture, PictureEdge, PictureLoss, PictureNode
from nngraph.render.picture import Window
from nngraph.spec import EdgeEntry, End, NodeEntry
from nngraph.spec.image_edges import ConvEdge
from nngraph.spec.nodes import named_function
from nngraph.spec.spatial import Sides

Array = NDArray[Any]


def picture_of(
    network: Network,
    weights: Mapping[str, Array] | None = None,
    names: UnitNames = UNNAMED,
) -> Picture:
    """The picture of a network; `names` are those of units, by node.

    Without `weights` (by id in files) those that the spec gives are shown, and no others.
    """
    adapter = _Adapter(network, weights, names)
    document = network.document
    return Picture(
        name=document.name,
        description=document.spec.description,
        nodes=tuple(adapter.node(document.nodes[id_]) for id_ in network.graph.order),
        edges=tuple(adapter.edge(edge) for edge in document.edges),
        losses=_losses(network),
        parameters=network.parameters,
    )


class _Adapter:
    """Nodes and edges with their own weights found by id."""

    def __init__(
        self, network: Network, weights: Mapping[str, Array] | None, names: UnitNames
    ) -> None:
        self._compiled = network
        self._names = names
        self._weights = {weight.id: weight for weight in network.lowered.weights}
        self._own = Counter[str]()  # numbers that belong to each node
        for id_, weight in self._weights.items():
            if isinstance(weight.entry, NodeEntry):
                self._own[id_.partition(".")[0]] += weight.size
        self._edges = {edge.id: edge for edge in network.document.edges}
        self._values = dict(weights) if weights is not None else self._given()
        self._outputs = {end.node for end in network.graph.outputs}

    def _given(self) -> dict[str, Array]:
        return {
            id_: np.broadcast_to(np.asarray(weight.given, np.float64), weight.shape)
            for id_, weight in self._weights.items()
            if weight.given is not None
        }

    def node(self, entry: NodeEntry) -> PictureNode:
        """One node with its own bias and slopes; shared ones count for their owner."""
        node = entry.node
        bias = self._values.get(f"{entry.id}.bias")
        return PictureNode(
            id=entry.id,
            title=node.title or "",
            kind=node.kind,
            shape=self._compiled.lowered.shapes[entry.id],
            activation=named_function(node),
            parameters=self._own[entry.id],
            is_output=entry.id in self._outputs,
            bias=None if bias is None else tuple(map(float, bias.ravel())),
            labels=tuple(names)
            if (names := self._names.get(entry.id))
            else getattr(node, "labels", None),
            options=node_options(node) + self._difference(entry),
        )

    def edge(self, edge: EdgeEntry) -> PictureEdge:
        """One edge, with the array of its owner, turned the way this edge reads it."""
        owner, transposed = self._owner(edge)
        weight: Weight | None = self._weights.get(owner.id)
        values = self._values.get(owner.id)
        shape = None if weight is None else weight.shape
        if transposed and shape is not None:
            shape, values = shape[::-1], None if values is None else values.T
        is_own = owner is edge
        return PictureEdge(
            source=edge.source.node,
            source_units=_units(edge.source),
            target=edge.target.node,
            target_units=_units(edge.target),
            kind=edge.kind_into(self._compiled.document.nodes[edge.target.node].node),
            shape=shape,
            parameters=weight.size if weight is not None and is_own else 0,
            weights=values,
            trainable=weight.trainable if weight is not None else True,
            shared_with=None if is_own else owner.id,
            options=edge_options(edge.options) + self._sign(edge),
            window=self._window(edge, shape),
        )

    def _difference(self, entry: NodeEntry) -> tuple[str, ...]:
        """What a `subtract` node takes from what."""
        if entry.node.kind != "subtract":
            return ()
        return (" − ".join(edge.source.node for edge in self._into(entry.id)),)

    def _sign(self, edge: EdgeEntry) -> tuple[str, ...]:
        """Of an edge into a `subtract` node: the first adds, the second is taken away."""
        if self._compiled.document.nodes[edge.target.node].node.kind != "subtract":
            return ()
        return ("+" if self._into(edge.target.node)[0] is edge else "−",)

    def _into(self, node: str) -> list[EdgeEntry]:
        return [edge for edge in self._compiled.document.edges if edge.target.node == node]

    def _window(self, edge: EdgeEntry, kernel: tuple[int, ...] | None) -> Window | None:
        """That of a convolution of images, all of whose units see all channels."""
        options, image = edge.options, self._compiled.lowered.shapes[edge.source.node]
        if not isinstance(options, ConvEdge) or options.groups != 1:
            return None
        if kernel is None or len(kernel) != 4 or len(image) != 3:
            return None
        stride, dilation = (_both(n) for n in (options.stride, options.dilation))
        before = [
            _before(options.padding, axis, image[axis], kernel[axis], stride[axis], dilation[axis])
            for axis in (0, 1)
        ]
        return Window(stride, (before[0], before[1]), dilation)

    def _owner(self, edge: EdgeEntry) -> tuple[EdgeEntry, bool]:
        transposed = False
        while (share := getattr(edge.options, "share", None)) is not None:
            transposed ^= share.transpose
            edge = self._edges[share.edge]
        return edge, transposed


def _both(per_axis: tuple[int, ...]) -> tuple[int, int]:
    return per_axis[0], per_axis[-1]


def _before(
    padding: str | Sides, axis: int, length: int, kernel: int, stride: int, dilation: int
) -> int:
    """Zeros before the first pixel; of "same" what is odd stands at the end."""
    if not isinstance(padding, str):
        return padding[axis if len(padding) > 1 else 0][0]
    if padding == "valid":
        return 0
    places = -(-length // stride)
    return max(0, (places - 1) * stride + dilation * (kernel - 1) + 1 - length) // 2


def _units(end: End) -> tuple[int, int] | None:
    return None if end.start is None or end.stop is None else (end.start, end.stop)


def _losses(network: Network) -> tuple[PictureLoss, ...]:
    output = network.graph.outputs[0].node
    nodes = [(loss, loss.node or output) for loss in network.document.spec.loss]
    return tuple(PictureLoss(loss.kind, node, loss.target or node) for loss, node in nodes)
