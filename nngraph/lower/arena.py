"""Lays all weights of a network into two flat vectors, a bias right behind its matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from nngraph.ir import Arena, Arenas, DType, Leaf, Param, Region

ALIGNMENT = 16  # elements: a group starts on a cache line


def lay_out(leaves: Iterable[Leaf], bias_of: Mapping[str, str], dtype: DType) -> Arenas:
    """The arenas of some leaves, in their order.

    `bias_of` names for a matrix the bias that is added to its product: the two become neighbours,
    so that the stack of both is a view of the arena, and so is its gradient.
    """
    by_id = {leaf.id: leaf for leaf in leaves}
    trained = {id_: leaf for id_, leaf in by_id.items() if isinstance(leaf, Param)}
    fixed = {id_: leaf for id_, leaf in by_id.items() if id_ not in trained}
    return Arenas(
        _arena("parameters", trained, bias_of, dtype), _arena("fixed", fixed, bias_of, dtype)
    )


def _arena(
    role: Literal["parameters", "fixed"],
    leaves: Mapping[str, Leaf],
    bias_of: Mapping[str, str],
    dtype: DType,
) -> Arena:
    regions: dict[str, Region] = {}
    neighbours = {W: b for W, b in bias_of.items() if W in leaves and b in leaves}
    placed = set(neighbours.values())
    at = 0
    for id_ in leaves:
        if id_ in placed:
            continue
        at = -(-at // ALIGNMENT) * ALIGNMENT
        for member in (id_, neighbours.get(id_)):
            if member is not None:
                regions[member] = Region(at, leaves[member].type.sample_shape)
                at = regions[member].stop
    return Arena(role, dtype, regions, at)
