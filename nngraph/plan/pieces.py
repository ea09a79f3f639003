"""Where the samples of one tile lie."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nngraph.ir import BATCH, Array, Value, follow
from nngraph.plan.model import Plan


def piece_of(
    plan: Plan, value: Value, stored: Array, axes: Mapping[str, int], piece: tuple[int, int]
) -> Array:
    """The view of samples start .. stop of a value with the batch axis.

    `stored` is the array of its buffer. Where the buffer holds tiles, the view is dense even if
    the batch is not the first axis.
    """
    place = plan.places[value]
    buffer = plan.buffers[place.buffer]
    start, stop = piece
    if buffer.extent == "whole":
        index = [slice(None)] * len(value.type.shape)
        index[value.type.shape.index(BATCH)] = slice(start, stop)
        return follow(place.path, stored, axes)[tuple(index)]
    own = {**axes, BATCH: stop - start}
    sizes = buffer.type.sizes(own)
    sample = math.prod(buffer.type.sizes({**axes, BATCH: 1}))
    first = start * sample if buffer.extent == "tiles" else 0
    dense = stored.reshape(-1, copy=False)[first : first + math.prod(sizes)]
    return follow(place.path, dense.reshape(sizes, copy=False), own)
