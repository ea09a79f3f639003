"""Rows of ops on windows that lie as rows: references move single numbers."""

from __future__ import annotations

import itertools

import numpy as np
from op_row import Array, Row

from nngraph import ops

Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]
N = 4


def folded(
    patches: Array, extents: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes, block: Sizes
) -> Array:
    """Every number of every window added to its pixel, if the pixel is there."""
    rank, lead = len(extents), len(block)
    counts = patches.shape[lead + 1 : lead + 1 + rank]
    size = patches.shape[lead + 1 + rank : -1]
    out = np.zeros((N, *extents, patches.shape[-1]))
    for p in itertools.product(*map(range, block)):
        for n, *place in itertools.product(range(N), *map(range, counts)):
            for k in itertools.product(*map(range, size)):
                at = []
                for axis in range(rank):
                    window = place[axis] * block[axis] + p[axis] if block else place[axis]
                    pixel = window * stride[axis] + k[axis] * dilation[axis]
                    at.append(pixel - padding[axis][0])
                if all(0 <= i < e for i, e in zip(at, extents, strict=True)):
                    out[n, *at] += patches[*p, n, *place, *k]
    return out


NONE: Pairs = ((0, 0), (0, 0))
FORMS: dict[str, tuple[str, Sizes, Sizes, Pairs, Sizes, Sizes]] = {
    # region: patches, extents, stride, padding, dilation, block
    "plain": ("N, 3, 2, 2, 3, 3", (4, 5), (1, 1), NONE, (1, 1), ()),
    "blocks": ("2, 3, N, 2, 1, 2, 2, 2", (5, 4), (1, 1), NONE, (1, 1), (2, 3)),
    "padded": ("N, 4, 3, 3, 3, 2", (4, 5), (1, 2), ((1, 1), (2, 0)), (1, 1), ()),
    "padded-blocks": ("2, 2, N, 2, 2, 3, 3, 1", (4, 4), (1, 1), ((1, 1), (1, 1)), (1, 1), (2, 2)),
    "dilated": ("N, 2, 2, 2, 2, 3", (4, 6), (2, 1), ((1, 0), (2, 0)), (2, 3), ()),
    "line": ("N, 3, 3, 2", (6,), (2,), ((1, 0),), (1,), ()),
    "line-blocks": ("3, N, 2, 2, 4", (7,), (1,), ((0, 1),), (2,), (3,)),
}


def patches_of(
    x: Array,
    size: Sizes,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    block: Sizes,
) -> Array:
    """Every number of every window read from its pixel, 0 where there is none."""
    rank, lead = len(size), len(block)
    counts = []
    for axis in range(rank):
        seen = x.shape[1 + axis] + sum(padding[axis]) - dilation[axis] * (size[axis] - 1)
        windows = len(range(0, seen, stride[axis]))
        counts.append(windows // block[axis] if block else windows)
    shape = (*block, len(x), *counts, *size, x.shape[-1])
    out = np.zeros(shape)
    for at in itertools.product(*map(range, shape)):
        p, n, place = at[:lead], at[lead], at[lead + 1 : lead + 1 + rank]
        k, c = at[lead + 1 + rank : -1], at[-1]
        pixel = []
        for axis in range(rank):
            window = place[axis] * block[axis] + p[axis] if block else place[axis]
            pixel.append(window * stride[axis] + k[axis] * dilation[axis] - padding[axis][0])
        if all(0 <= i < e for i, e in zip(pixel, x.shape[1:-1], strict=True)):
            out[at] = x[n, *pixel, c]
    return out


def folding_rows() -> list[Row]:
    rows = []
    for region, (patches, extents, stride, padding, dilation, block) in FORMS.items():
        sizes = tuple(N if d == "N" else int(d) for d in patches.split(", "))
        form = (stride, padding, dilation, block)
        size = sizes[len(block) + 1 + len(extents) : -1]
        image = ", ".join(map(str, ("N", *extents, sizes[-1])))
        rows += [
            Row(
                ops.FoldRows(extents, *form),
                (f"float64[{patches}]",),
                lambda x, form=(extents, *form): folded(x, *form),
                region,
                derivative="none",
                scale=1e-14,
            ),
            Row(
                ops.PatchRows(size, *form),
                (f"float64[{image}]",),
                lambda x, form=(size, *form): patches_of(x, *form),
                region,
                derivative="none",
            ),
        ]
    return rows
