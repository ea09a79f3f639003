"""What single numbers of weights are called: by the pair of units that they join."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from nngraph.lower import Weight
from nngraph.spec import EdgeEntry, End
from nngraph.spec.image_edges import DepthwiseEdge, WindowEdge

Shape = tuple[int, ...]
UnitNames = Mapping[str, Sequence[str]]
"""Node -> a name for each of its units, where it has names."""
UNNAMED: UnitNames = MappingProxyType({})


def unit_name(node: str, shape: Shape, place: Sequence[int]) -> str:
    """A unit by the node and its place there; the only unit of a node by the node alone.

    >>> unit_name("h", (4,), (2,)), unit_name("y", (1,), (0,)), unit_name("i", (2, 2, 1), (0, 1, 0))
    ('h[2]', 'y', 'i[0,1,0]')
    """
    if math.prod(shape) == 1:
        return node
    return f"{node}[{','.join(str(int(k)) for k in place)}]"


def given_name(names: UnitNames, node: str, shape: Shape, place: Sequence[int]) -> str:
    """What the data or the spec call a unit, "" where they say no more than its address does.

    >>> given_name({"x": ("height", "city=Bern")}, "x", (2,), (1,))
    'city=Bern'
    """
    known = names.get(node, ())
    if not known or len(known) != math.prod(shape) or (shape and len(place) != len(shape)):
        return ""
    name = known[int(np.ravel_multi_index(tuple(place), shape))] if shape else known[0]
    return "" if name in (node, unit_name(node, shape, place)) else name


def called(names: UnitNames, node: str, shape: Shape, place: Sequence[int]) -> str:
    """A unit by its address, and by its name where it has one: "x[1] (city=Bern)"."""
    address, name = unit_name(node, shape, place), given_name(names, node, shape, place)
    return f"{address} ({name})" if name else address


def source_place(end: End, shape: Shape, number: int) -> Shape:
    """Where unit `number` of those that an edge takes lies in its source of this shape.

    >>> source_place(End("x", 2, 4), (5,), 1), source_place(End("i"), (2, 3, 1), 4)
    ((3,), (1, 1, 0))
    """
    if not shape:
        return ()
    first = end.start or 0
    taken = shape[-1] if end.stop is None else end.stop - first
    *outer, last = np.unravel_index(number, (*shape[:-1], taken))
    return (*map(int, outer), int(last) + first)


def parameter_name(weight: Weight, place: Shape, shapes: Mapping[str, Shape]) -> str:
    """One number of a weight: "x[0]->h[2]", "image[0]->c[3] at 1,1", "h.bias[2]".

    `shapes` are those of the nodes, per sample.
    """
    edge = weight.entry
    if not isinstance(edge, EdgeEntry):
        return unit_name(weight.id, weight.shape, place)
    pair = "->".join(units_joined(edge, weight.shape, place, shapes))
    if isinstance(edge.options, WindowEdge):
        pair = f"{pair} at {','.join(map(str, place[:-2]))}"
    return f"{edge.id}: {pair}" if edge.named else pair


def units_joined(
    edge: EdgeEntry,
    array: Shape,
    place: Shape,
    shapes: Mapping[str, Shape],
    names: UnitNames = UNNAMED,
) -> tuple[str, str]:
    """The unit, or channel, that one number of an edge's array leads from, and that it leads to;
    what they are called behind them, where `names` has it: "x[1] (city=Bern)"."""
    source, channels = shapes[edge.source.node], shapes[edge.source.node][-1:] or (1,)
    units = shapes[edge.target.node][-1:] or (1,)
    first, into = edge.source.start or 0, edge.target.start or 0

    def joined(begin: Sequence[int], over: Shape, end: int) -> tuple[str, str]:
        to = called(names, edge.target.node, units, (into + end,))
        return called(names, edge.source.node, over, begin), to

    if isinstance(edge.options, WindowEdge):
        channel, unit = channel_pair(edge, array, place)
        return joined((first + channel,), channels, unit)
    if len(place) == 1:  # scale: each unit to its own
        return joined((first + place[0],), channels, place[0])
    return joined(source_place(edge.source, source, place[0]), source, place[1])


def channel_pair(edge: EdgeEntry, array: Shape, place: Shape) -> tuple[int, int]:
    """The channel of the source and the unit of the target, as numbers within what the edge
    joins, that one number of a kernel joins."""
    channel, unit = int(place[-2]), int(place[-1])
    if isinstance(edge.options, DepthwiseEdge):
        return channel, channel * array[-1] + unit
    groups = getattr(edge.options, "groups", 1)
    return unit // (array[-1] // groups) * array[-2] + channel, unit
