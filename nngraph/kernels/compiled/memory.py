"""How arrays lie in memory: kernels run along what lies in a row."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def in_a_row(x: Array, axes: int) -> tuple[Array, int] | None:
    """The memory of x as one row, and the step between positions along its first axes.

    A batch that is a piece of a larger one leaves gaps between the positions. None where what
    belongs to one position does not lie in a row, or the positions not evenly.
    """
    if x.flags.c_contiguous:
        return x.reshape(-1), prod(x.shape[axes:])
    if 0 in x.shape:
        return None
    try:
        each = x.reshape(prod(x.shape[:axes]), prod(x.shape[axes:]), copy=False)
    except ValueError:
        return None
    step, item = each.strides
    if item != x.itemsize or step < 0 or step % item:
        return None
    size = step // item * (len(each) - 1) + each.shape[1]
    return np.lib.stride_tricks.as_strided(each, (size,), (item,)), step // item


def rows_of(x: Array) -> tuple[Array, int]:
    """The rows along the last axis as one run of memory, and the step between them.

    It is a copy where their elements do not lie side by side.
    """
    found = in_a_row(x, x.ndim - 1)
    return (np.ascontiguousarray(x).reshape(-1), x.shape[-1]) if found is None else found


def put_back(rows: Array, out: Array) -> None:
    """Bring results home that were written into a copy."""
    if not np.may_share_memory(rows, out):
        out[...] = rows.reshape(out.shape)


def plane(extents: tuple[int, ...], missing: int) -> tuple[int, int]:
    """Numbers for two axes; a line is a plane of one row."""
    if len(extents) == 1:
        return missing, extents[0]
    first, second = extents
    return first, second


Plane = tuple[int, int]


def placed(
    windows: tuple[int, ...],
    block: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    before: tuple[int, ...],
) -> tuple[Plane, Plane, Plane, Plane, Plane, Plane]:
    """How windows [*block, N, *blocks, *size, C] lie, in numbers for two axes each.

    Block, blocks, size, stride, dilation, and the border before the image.
    """
    rank, first = len(stride), len(block) + 1
    return (
        plane(block or (1,) * rank, 1),
        plane(windows[first : first + rank], 1),
        plane(windows[first + rank : -1], 1),
        plane(stride, 1),
        plane(dilation, 1),
        plane(before, 0),
    )
