"""What one sample does in a network, as colours and numbers on its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.slopes import steepest_slope
from nngraph.insight.trace import EdgeTrace, NodeTrace, Trace
from nngraph.render import Overlay, Picture, PictureEdge, PictureNode
from nngraph.render.palette import heat_fill, signed_fill
from nngraph.render.words import number
from nngraph.spec.activations import ACTIVATION_ROWS

Array = NDArray[Any]

SHOWN: Mapping[Overlay, str] = {
    "gradients": "dL/db",
    "activations": "z",
    "deltas": "delta = dL/da",
    "saturation": "the slope f'(a), the more orange the flatter",
}
"""The numbers of nodes."""

FLAT = 0.92  # how much is gone of the steepest slope where a function counts as flat
NOTHING = "#ffffff"  # of circles in which nothing stands


def overlaid(picture: Picture, trace: Trace, what: Overlay, *, neurons: bool) -> Picture:
    """The picture with numbers of one sample: in each circle and on each line where all `neurons`
    are drawn, else as statistics of each node, which is the more orange the larger they are.

    Activations are coloured on a scale of each node, deltas and gradients on one of all, so that
    one sees them vanish.

    `trace` must have gone back for gradients and deltas.
    """
    numbers = {node.id: _numbers(trace, node, what) for node in trace.nodes}
    largest = {id_: _largest(found) for id_, found in numbers.items() if found is not None}
    most = max(largest.values(), default=0.0)
    scale = largest if what == "activations" else dict.fromkeys(largest, most)
    edges = tuple(
        _edge(edge, traced, what)
        for edge, traced in zip(picture.edges, _in_order(trace), strict=True)
    )
    nodes = tuple(
        _node(node, numbers[node.id], scale.get(node.id, most), what) for node in picture.nodes
    )
    place = "in the circles" if neurons else "mean and spread of"
    about = f"{trace.title}; {place}{':' if neurons else ''} {SHOWN[what]}"
    lines = {"gradients": "gradients dL/dW", "deltas": "products delta_j z_i"}.get(what, "weights")
    return replace(picture, nodes=nodes, edges=edges, note=about, lines=lines)


def with_weight_statistics(picture: Picture) -> Picture:
    """The picture with mean and spread of the weights into each node, more orange the larger."""
    into: dict[str, list[Array]] = {node.id: [] for node in picture.nodes}
    for edge in picture.edges:
        if edge.weights is not None:
            into[edge.target].append(np.ravel(edge.weights).astype(np.float64))
    flat = {id_: np.concatenate(arrays) for id_, arrays in into.items() if arrays}
    roots = {id_: float(np.sqrt(np.mean(array**2))) for id_, array in flat.items()}
    largest = max(roots.values(), default=0.0) or 1.0
    nodes = [
        replace(node, note=_statistics(flat[node.id]), heat=roots[node.id] / largest)
        if node.id in flat
        else node
        for node in picture.nodes
    ]
    return replace(
        picture, nodes=tuple(nodes), note="mean and spread of the weights into each node"
    )


def needs_targets(what: Overlay) -> bool:
    """Whether the way back is shown."""
    return what in ("gradients", "deltas")


def _in_order(trace: Trace) -> list[EdgeTrace]:
    """The edges as the document has them."""
    by_id = {edge.id: edge for edge in trace.edges}
    return [by_id[edge.id] for edge in trace.network.document.edges]


def _numbers(trace: Trace, node: NodeTrace, what: Overlay) -> Array | None:
    """What stands in the circles of a node, None for nothing; slopes as shares of the steepest."""
    match what:
        case "gradients":
            return trace.gradients.get(f"{node.id}.bias")
        case "activations":
            return node.z
        case "deltas":
            return node.delta
        case _:
            return None if node.function in ("", "identity") else node.slope


def _edge(edge: PictureEdge, traced: EdgeTrace, what: Overlay) -> PictureEdge:
    if what not in ("gradients", "deltas"):
        return edge
    products = traced.products
    if products is None or edge.shape is None:
        return replace(edge, weights=None)
    return replace(edge, weights=products.reshape(edge.shape))


def _node(node: PictureNode, found: Array | None, strongest: float, what: Overlay) -> PictureNode:
    if found is None or node.units == 0:
        return replace(node, bias=None, fills=(NOTHING,) * node.units, heat=0.0)
    flat = np.broadcast_to(found, node.shape).ravel().astype(np.float64)
    if what == "saturation":
        steepest = steepest_slope(ACTIVATION_ROWS[node.activation])
        flatness = 1 - np.abs(flat) / steepest
        fills = tuple(heat_fill(share) for share in flatness)
        heat = float((flatness > FLAT).mean())
        note = f"{heat:.0%} of {flat.size:,} flat"
    else:
        fills = tuple(signed_fill(value, strongest) for value in flat)
        heat = float(np.sqrt(np.mean(flat**2))) / (strongest or 1.0)
        note = _statistics(flat)
    return replace(node, values=tuple(flat.tolist()), fills=fills, bias=None, note=note, heat=heat)


def _statistics(flat: Array) -> str:
    """Mean and spread over the units.

    >>> _statistics(np.array([1.0, 3.0])), _statistics(np.array([0.5]))
    ('2 ± 1', '0.5')
    """
    mean = number(float(flat.mean()))
    return f"{mean} ± {number(float(flat.std()))}" if flat.size > 1 else mean


def _largest(found: Array) -> float:
    return float(np.abs(np.nan_to_num(found)).max(initial=0.0))
