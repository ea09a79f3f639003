"""A number for each weight, spread over the flat vector in which they lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nngraph.ir import Arena, Array, PackedPart


def spread_over_arena(
    arena: Arena, numbers: Sequence[tuple[str, PackedPart | None, float]]
) -> Array:
    """A flat vector of ones but for the leaves, or parts of them, that are named.

    Types: float64[P].
    """
    flat = np.ones(arena.size)
    for id_, part, number in numbers:
        region = arena.regions[id_]
        start, size = region.start, region.size
        if part is not None:
            start, size = start + part.start, part.size
        flat[start : start + size] = number
    return flat
