"""Which unit is connected to which, one by one: what the neuron view draws as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from nngraph.records import dataclass
from nngraph.render.picture import Mark, Picture, PictureEdge, PictureNode


@dataclass(frozen=True, slots=True)
class Connection:
    """One unit to one unit; `weight` is None where there is none or it is not known."""

    source: tuple[str, int]
    target: tuple[str, int]
    weight: float | None = None
    mark: Mark = ""


def connections(picture: Picture) -> list[Connection]:
    """All connections, edge by edge in the order of the picture.

    A dense edge joins all units of its ranges, a convolution each unit with the pixels of its
    window, every other edge joins units in pairs; one unit beside many is paired with each. Edges
    into a concat that name no range follow each other.
    """
    nodes = {node.id: node for node in picture.nodes}
    filled: dict[str, int] = {}
    found: list[Connection] = []
    for edge in picture.edges:
        target = nodes[edge.target]
        sources = _units(nodes[edge.source], edge.source_units)
        targets = _units(target, edge.target_units)
        if target.kind == "concat" and edge.target_units is None:
            start = filled.get(target.id, 0)
            targets = targets[start : start + len(sources)]
            filled[target.id] = start + len(sources)
        found += _joined(edge, sources, targets, nodes)
    return found


def _units(node: PictureNode, units: tuple[int, int] | None) -> range:
    return range(node.units) if units is None else range(*units)


def _joined(
    edge: PictureEdge, sources: range, targets: range, nodes: Mapping[str, PictureNode]
) -> Iterator[Connection]:
    if len(edge.shape or ()) > 2:
        yield from _through_windows(edge, nodes)
        return
    flat = None if edge.weights is None else edge.weights.reshape(-1)
    pairs = _all_pairs if edge.kind == "dense" else _pairs
    for place, (i, j) in enumerate(pairs(sources, targets)):
        weight = None
        if flat is not None and flat.size:
            weight = float(flat[place if flat.size > 1 else 0])
        yield Connection((edge.source, i), (edge.target, j), weight, edge.mark)


def _through_windows(edge: PictureEdge, nodes: Mapping[str, PictureNode]) -> Iterator[Connection]:
    """Each unit of a convolution with the pixels of its window; of other kernels all units, without
    weights."""
    source, target = nodes[edge.source], nodes[edge.target]
    if edge.window is None or edge.shape is None:
        for i, j in product(range(source.units), range(target.units)):
            yield Connection((edge.source, i), (edge.target, j), None, edge.mark)
        return
    window, (height, width, depth) = edge.window, source.shape
    for j, (y, x, unit) in enumerate(product(*map(range, target.shape))):
        for ky, kx, channel in product(*map(range, edge.shape[:3])):
            row = y * window.stride[0] + ky * window.dilation[0] - window.before[0]
            column = x * window.stride[1] + kx * window.dilation[1] - window.before[1]
            if not (0 <= row < height and 0 <= column < width):
                continue
            place = (row * width + column) * depth + channel
            weight = None if edge.weights is None else float(edge.weights[ky, kx, channel, unit])
            yield Connection((edge.source, place), (edge.target, j), weight, edge.mark)


def _all_pairs(sources: range, targets: range) -> Iterator[tuple[int, int]]:
    return ((i, j) for i in sources for j in targets)


def _pairs(sources: range, targets: range) -> Iterator[tuple[int, int]]:
    length = max(len(sources), len(targets))
    if len(sources) == 1:
        return ((sources[0], j) for j in targets)
    if len(targets) == 1:
        return ((i, targets[0]) for i in sources)
    return zip(sources[:length], targets[:length], strict=False)
