"""Rows of folds of windows that lie as rows: the adjoint of reading windows pixel by pixel."""

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


def folding_rows() -> list[Row]:
    return [
        Row(
            ops.FoldRows(*form),
            (f"float64[{patches}]",),
            lambda x, form=form: folded(x, *form),
            region,
            derivative="none",
            scale=1e-14,
        )
        for region, (patches, *form) in FORMS.items()
    ]
