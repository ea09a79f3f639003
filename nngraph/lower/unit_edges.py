"""Edges between single units that together are one matrix: a layer written edge by edge."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.ir import Value
from nngraph.lower.context import Lowering, origin
from nngraph.lower.gather import gather
from nngraph.lower.lowered import NeuronGroup
from nngraph.lower.packing import packed, single_weight
from nngraph.lower.singles import is_plain, unit_of
from nngraph.ops import MatMul
from nngraph.spec import EdgeEntry, NodeEntry


def product_of_units(
    lowering: Lowering, entry: NodeEntry, units: int, edges: Sequence[EdgeEntry]
) -> Value | None:
    """The sum of what edges bring that lead from each of some units to each unit of a node.

    None where they are not complete, or anything else about them is unusual: then each is lowered
    alone, and tells its mistakes. As so many products of one number, the output of 784-128-10
    written neuron by neuron took 25 times as long as the whole network.
    """
    if not all(_is_usual(lowering, edge, units) for edge in edges):
        return None
    places = {(unit_of(edge), edge.target.start or 0): edge for edge in edges}
    sources = dict.fromkeys(unit for unit, _ in places)
    if not len(edges) == len(places) == len(sources) * units:
        return None
    trained = {getattr(edge.given, "trainable", True) for edge in edges}
    if len(trained) > 1:
        return None
    lowering.grouped.append(NeuronGroup("matrix", (entry.id,), len(edges)))
    with lowering.builder.at(*map(origin, edges)):
        x, columns = gather(lowering, sources, exact=True)
        weights = {
            columns[unit] * units + target: single_weight(lowering, edge)
            for (unit, target), edge in places.items()
        }
        W = packed(lowering, f"{entry.id}:edges", weights, (len(columns), units))
        return lowering.builder(MatMul(), x, W)


def _is_usual(lowering: Lowering, edge: EdgeEntry, units: int) -> bool:
    """Whether an edge leads from one unit to one unit, with a dense weight of its own."""
    source, target = edge.source, edge.target
    if source.node not in lowering.values or edge.id in lowering.shared:
        return False
    if edge.given is not None and not is_plain(lowering, edge):
        return False
    if getattr(edge.given, "share", None) is not None or target.stop is None:
        return False
    if target.stop != (target.start or 0) + 1 or target.stop > units:
        return False
    shape = lowering.shape(source.node)
    width = (shape or (1,))[0] if len(shape) < 2 else 0
    if source.start is None or source.stop is None:
        return width == 1
    return source.stop == source.start + 1 and source.stop <= width
