"""Rows of pools that remember where their maxima lay: references look at single numbers."""

from __future__ import annotations

import numpy as np
from op_row import Array, Row, distinct, normal, rounded

from nngraph import ops


def pooled(x: Array, axes: int, relu: bool, bias: Array | None = None) -> tuple[Array, Array]:
    """Every channel of every place by itself."""
    first, rest = x.shape[:axes], x.shape[axes:]
    y, chosen = np.empty(rest), np.empty(rest, np.uint8)
    for at in np.ndindex(*rest):
        seen = [float(x[*k, *at]) for k in np.ndindex(*first)]
        a = max(seen) + (0.0 if bias is None else float(bias[at[-1]]))
        y[at] = a if a > 0 or not relu else 0.0
        chosen[at] = seen.index(max(seen)) if a > 0 or not relu else len(seen)
    return y, chosen


def unpooled(g: Array, chosen: Array, first: tuple[int, ...]) -> Array:
    out = np.zeros((*first, *g.shape))
    for at in np.ndindex(*g.shape):
        for position, k in enumerate(np.ndindex(*first)):
            if chosen[at] == position:
                out[*k, *at] = g[at]
    return out


def folded(
    g: Array,
    chosen: Array,
    extents: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
) -> Array:
    out = np.zeros((len(g), *extents, g.shape[-1]))
    for n, i, j, c in np.ndindex(*g.shape):
        if chosen[n, i, j, c] < size[0] * size[1]:
            down, right = divmod(int(chosen[n, i, j, c]), size[1])
            out[n, i * stride[0] + down, j * stride[1] + right, c] += g[n, i, j, c]
    return out


def let_through(g: Array, chosen: Array, count: int) -> Array:
    total = np.zeros(g.shape[-1])
    for at in np.ndindex(*g.shape):
        total[at[-1]] += g[at] if chosen[at] < count else 0.0
    return total


def choices(most: int):  # type: ignore[no-untyped-def]
    return lambda rng, shape: rng.integers(0, most + 1, size=shape)


def choosing_rows() -> list[Row]:
    x, b, g, c = "float64[2, 2, N, 3, 5]", "float64[5]", "float64[N, 3, 5]", "uint8[N, 3, 5]"
    return [
        Row(
            ops.PoolFirst(2, True),
            (x, b),
            lambda x, b: pooled(x, 2, True, b),
            "ties",
            (rounded, normal),
            "none",
        ),
        Row(
            ops.PoolFirst(1),
            ("float64[3, N, 2]",),
            lambda x: pooled(x, 1, False),
            "alone",
            (distinct,),
            "none",
        ),
        Row(
            ops.PoolFirst(2, True),
            (x,),
            lambda x: pooled(x, 2, True),
            "no-bias",
            (rounded,),
            "none",
        ),
        Row(
            ops.PoolFirst(2),
            (x, b),
            lambda x, b: pooled(x, 2, False, b),
            "no-relu",
            derivative="none",
        ),
        Row(
            ops.UnpoolFirst((2, 2)),
            (g, c),
            lambda g, c: unpooled(g, c, (2, 2)),
            values=(normal, choices(4)),
            derivative="none",
        ),
        Row(
            ops.FoldChosen((5, 7), (2, 3), (2, 2)),
            ("float64[N, 2, 3, 2]", "uint8[N, 2, 3, 2]"),
            lambda g, c: folded(g, c, (5, 7), (2, 3), (2, 2)),
            "overlapping",
            (normal, choices(6)),
            "none",
            scale=1e-15,
        ),
        Row(
            ops.FoldChosen((9,), (2,), (3,)),
            ("float64[N, 3, 2]", "uint8[N, 3, 2]"),
            lambda g, c: folded(g[:, None], c[:, None], (1, 9), (1, 2), (1, 3))[:, 0],
            "line",
            (normal, choices(2)),
            "none",
        ),
        Row(
            ops.SumChosen(4),
            (g, c),
            lambda g, c: let_through(g, c, 4),
            values=(normal, choices(4)),
            derivative="none",
            scale=1e-14,
        ),
    ]
