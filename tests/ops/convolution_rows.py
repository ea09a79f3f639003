"""Rows of ops on images: references are loops over single pixels, channels and units."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from op_row import Array, Row, distinct

from nngraph import ops

Pairs = tuple[tuple[int, int], ...]
Sizes = tuple[int, ...]


def convolve(
    x: Array,
    W: Array,
    stride: Sizes,
    padding: Pairs,
    dilation: Sizes,
    groups: int = 1,
    block: Sizes = (),
) -> Array:
    """Every output number as a sum of single products."""
    rank = len(stride)
    size, (channels, units) = W.shape[:rank], W.shape[rank:]
    extents = x.shape[1:-1]
    places = [
        (e + sum(p) - d * (k - 1) - 1) // s + 1
        for e, p, k, s, d in zip(extents, padding, size, stride, dilation, strict=True)
    ]
    a = np.zeros((len(x), *places, units))
    weighted = [k for k in itertools.product(*map(range, size)) if W[k].any()]
    for n, j in itertools.product(range(len(x)), range(units)):
        for o in itertools.product(*map(range, places)):
            for k in weighted:
                at = [
                    u * s + v * d - p[0]
                    for u, v, s, d, p in zip(o, k, stride, dilation, padding, strict=True)
                ]
                if any(not 0 <= i < e for i, e in zip(at, extents, strict=True)):
                    continue
                for i in range(channels):
                    channel = (j // (units // groups)) * channels + i
                    a[n, *o, j] += x[n, *at, channel] * W[*k, i, j]
    if not block:
        return a
    blocks = [p // b for p, b in zip(places, block, strict=True)]
    out = np.zeros((*block, len(x), *blocks, units))
    for p in itertools.product(*map(range, block)):
        for o in itertools.product(*map(range, blocks)):
            out[*p, :, *o] = a[:, *(u * b + q for u, b, q in zip(o, block, p, strict=True))]
    return out


def adjoint(f: Callable[[Array], Array], shape: tuple[int, ...], y: Array) -> Array:
    """The transpose of a linear map, from the map of each single number alone."""
    out = np.zeros(shape)
    for at in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[at] = 1.0
        out[at] = np.sum(f(unit) * y)
    return out


def adjoint_by_sample(
    f: Callable[[Array], Array], shape: tuple[int, ...], y: Array, batch: int
) -> Array:
    """The same of a map of samples [n, ...] to y, where they are apart along the axis `batch`."""
    out = np.zeros(shape)
    samples = np.moveaxis(y, batch, 0)
    for at in np.ndindex(*shape[1:]):
        unit = np.zeros((1, *shape[1:]))
        unit[0, *at] = 1.0
        image = np.moveaxis(f(unit), batch, 0)
        out[:, *at] = np.sum(image * samples, axis=tuple(range(1, y.ndim)))
    return out


def pool(
    x: Array,
    size: Sizes,
    stride: Sizes,
    padding: Pairs,
    f: Callable[[list[float]], float],
    edge: float,
) -> Array:
    extents = x.shape[1:-1]
    places = [
        (e + sum(p) - k) // s + 1 for e, p, k, s in zip(extents, padding, size, stride, strict=True)
    ]
    y = np.zeros((len(x), *places, x.shape[-1]))
    for n, c in itertools.product(range(len(x)), range(x.shape[-1])):
        for o in itertools.product(*map(range, places)):
            seen = []
            for k in itertools.product(*map(range, size)):
                at = [u * s + v - p[0] for u, v, s, p in zip(o, k, stride, padding, strict=True)]
                inside = all(0 <= i < e for i, e in zip(at, extents, strict=True))
                seen.append(float(x[n, *at, c]) if inside else edge)
            y[n, *o, c] = f(seen)
    return y


NONE_2D: Pairs = ((0, 0), (0, 0))
FORMS: dict[str, tuple[str, str, Sizes, Pairs, Sizes, int, Sizes]] = {
    # region: x, W, stride, padding, dilation, groups, block
    "plain": ("N, 4, 5, 5", "3, 2, 5, 4", (1, 1), NONE_2D, (1, 1), 1, ()),
    "one-channel": ("N, 5, 4, 1", "3, 3, 1, 2", (1, 1), NONE_2D, (1, 1), 1, ()),
    "padded-strided": ("N, 4, 5, 2", "3, 3, 2, 3", (2, 3), ((1, 2), (0, 1)), (1, 1), 1, ()),
    "dilated": ("N, 5, 6, 2", "2, 2, 2, 2", (1, 2), ((0, 1), (0, 0)), (3, 2), 1, ()),
    "pointwise": ("N, 2, 3, 3", "1, 1, 3, 2", (1, 1), NONE_2D, (1, 1), 1, ()),
    "groups": ("N, 3, 4, 4", "2, 2, 2, 6", (1, 1), ((1, 0), (0, 0)), (1, 1), 2, ()),
    "wide-groups": ("N, 3, 4, 10", "2, 2, 5, 4", (1, 1), NONE_2D, (1, 1), 2, ()),
    "blocks": ("N, 6, 7, 5", "2, 2, 5, 3", (1, 1), NONE_2D, (1, 1), 1, (2, 2)),
    "one-channel-blocks": ("N, 6, 5, 1", "2, 2, 1, 3", (1, 1), NONE_2D, (1, 1), 1, (2, 2)),
    "group-blocks": ("N, 5, 5, 4", "2, 2, 2, 4", (1, 1), ((0, 0), (1, 1)), (1, 1), 2, (2, 3)),
    "line": ("N, 7, 2", "3, 2, 4", (2,), ((1, 1),), (1,), 1, ()),
    "line-blocks": ("N, 8, 3", "2, 3, 2", (1,), ((0, 0),), (2,), 1, (3,)),
    "depthwise": ("N, 4, 5, 3", "3, 2, 1, 3", (1, 1), NONE_2D, (1, 1), 3, ()),
    "depthwise-multiplied": ("N, 4, 5, 3", "2, 3, 1, 6", (2, 1), ((1, 1), (0, 2)), (1, 2), 3, ()),
    "depthwise-line": ("N, 7, 2", "3, 1, 2", (2,), ((0, 1),), (1,), 2, ()),
    "depthwise-blocks": ("N, 5, 5, 2", "2, 2, 1, 2", (1, 1), NONE_2D, (1, 1), 2, (2, 2)),
    "whole": ("N, 2, 3, 2", "2, 3, 2, 5", (1, 1), NONE_2D, (1, 1), 1, ()),
}


def extents(text: str) -> tuple[int, ...]:
    return tuple(4 if d == "N" else int(d) for d in text.split(", "))


def form_rows() -> list[Row]:
    rows = []
    for region, (x, W, stride, padding, dilation, groups, block) in FORMS.items():
        shape, kernel = extents(x), extents(W)
        rank, form = len(stride), (stride, padding, dilation, groups, block)
        size = kernel[:rank]

        def forward(x: Array, W: Array, form: tuple[object, ...] = form) -> Array:
            return convolve(x, W, *form)  # type: ignore[arg-type]

        def kernel_of(
            z: Array, y: Array, f: Callable[..., Array] = forward, of: Sizes = kernel
        ) -> Array:
            return adjoint(lambda w: f(z, w), of, y)

        def image_of(
            y: Array,
            k: Array,
            f: Callable[..., Array] = forward,
            of: Sizes = shape,
            batch: int = len(block),
        ) -> Array:
            return adjoint_by_sample(lambda z: f(z, k), of, y, batch)

        a = forward(np.zeros(shape), np.zeros(kernel)).shape
        at = len(block)
        out = ", ".join(str(d) if k != at else "N" for k, d in enumerate(a))
        tx, tw, ty = f"float64[{x}]", f"float64[{W}]", f"float64[{out}]"
        scale = 1e-14
        rows += [
            Row(ops.Convolution(*form), (tx, tw), forward, region, scale=scale),
            Row(ops.ConvolutionKernel(size, *form), (tx, ty), kernel_of, region, scale=scale),
            Row(
                ops.ConvolutionTransposed(shape[1:-1], *form),
                (ty, tw),
                image_of,
                region,
                scale=scale,
            ),
        ]
    return rows


def pool_rows() -> list[Row]:
    def mean(values: list[float]) -> float:
        return math.fsum(values) / len(values)

    cases: dict[str, tuple[str, Sizes, Sizes, Pairs]] = {
        "plain": ("N, 4, 5, 3", (2, 2), (2, 2), NONE_2D),
        "overlapping": ("N, 5, 5, 2", (3, 2), (2, 1), NONE_2D),
        "padded": ("N, 4, 4, 2", (3, 3), (2, 2), ((1, 1), (0, 1))),
        "apart": ("N, 7, 1", (2,), (3,), ((0, 0),)),
    }
    rows = []
    for region, (x, size, stride, padding) in cases.items():
        types, form = (f"float64[{x}]",), (size, stride, padding)
        rows += [
            Row(
                ops.MaxPool(*form),
                types,
                lambda x, form=form: pool(x, *form, max, -math.inf),
                region,
                (distinct,),
                "richardson",
            ),
            Row(
                ops.AveragePool(*form),
                types,
                lambda x, form=form: pool(x, *form, mean, 0.0),
                region,
                scale=1e-15,
            ),
        ]
    return rows


def window_rows() -> list[Row]:
    def seen(x: Array) -> Array:
        """Windows of 3 by 2 with steps 1 and 2, the second axis dilated by 2: [k, N, o, c]."""
        out = np.zeros((3, 2, len(x), 2, 2, x.shape[-1]))
        for i, j, p, q in itertools.product(range(3), range(2), range(2), range(2)):
            out[i, j, :, p, q] = x[:, p + i, 2 * q + 2 * j]
        return out

    def blocks(x: Array) -> Array:
        """Windows of 2 by 2, two by two of them in a block: [g, p, N, o, k, c]."""
        out = np.zeros((2, 2, 2, len(x), 1, 1, 2, 2, 2))
        for g, p, q, i, j in itertools.product(range(2), repeat=5):
            out[g, p, q, :, 0, 0, i, j] = x[:, p + i, q + j, 2 * g : 2 * g + 2]
        return out

    def first(x: Array, y: Array) -> Array:
        out = np.zeros(x.shape, bool)
        for at in np.ndindex(*y.shape):
            i, j = next(k for k in np.ndindex(*x.shape[:2]) if x[*k, *at] == y[at])
            out[i, j, *at] = True
        return out

    image = "float64[N, 4, 6, 2]"
    form = ((3, 2), (1, 2), (1, 2), (1, 1))
    ties = np.array([[[2.0, 1, 0], [2, 3, 0]], [[1, 3, 0], [2, 3, 0]]])[:, :, None, :].repeat(4, 2)
    return [
        Row(ops.Windows(*form), (image,), seen),
        Row(
            ops.Windows(*form, 1, "Nokc"),
            (image,),
            lambda x: seen(x).transpose(2, 3, 4, 0, 1, 5),
            "rows",
        ),
        Row(
            ops.Windows((2, 2), (1, 1), (1, 1), (2, 2), 2, "gpNokc"),
            ("float64[N, 3, 4, 4]",),
            blocks,
            "blocks",
            derivative="none",
        ),
        Row(
            ops.Fold((5, 6), (1, 2), (1, 2)),
            ("float64[3, 2, N, 2, 2, 2]",),
            lambda y: adjoint(lambda x: seen(x[:, :4]), (4, 5, 6, 2), y),
            scale=1e-15,
        ),
        Row(
            ops.Fold((4, 5), (2, 2), (1, 1)),
            ("float64[2, 2, N, 2, 2, 1]",),
            lambda y: np.pad(
                y.transpose(2, 3, 0, 4, 1, 5).reshape(4, 4, 4, 1), ((0, 0), (0, 0), (0, 1), (0, 0))
            ),
            "disjoint",
        ),
        Row(
            ops.MaximumFirst(2), ("float64[2, 3, N, 2]",), lambda x: x.max((0, 1)), "", (distinct,)
        ),
        Row(
            ops.SumFirst(2),
            ("float64[2, 3, N, 2]",),
            lambda x: np.array(
                [[math.fsum(x[:, :, n, c].flat) for c in range(2)] for n in range(4)]
            ),
            scale=1e-15,
        ),
        Row(
            ops.FirstMaximum(2),
            ("float64[2, 2, N, 3]", "float64[N, 3]"),
            first,
            "ties",
            (lambda rng, shape: ties, lambda rng, shape: ties.max((0, 1))),
            "none",
        ),
    ]


def patch_rows() -> list[Row]:
    def product(patches: Array, W: Array) -> Array:
        return np.einsum("ncdkl,klu->ncdu", patches, W.reshape(2, 3, -1))

    def gradient(patches: Array, d: Array) -> Array:
        return np.einsum("ncdkl,ncdu->klu", patches, d)

    def grouped(patches: Array, W: Array) -> Array:
        apart = [
            np.einsum("nok,ku->nou", p, w) for p, w in zip(patches, np.split(W, 2, 1), strict=True)
        ]
        return np.concatenate(apart, -1)

    def grouped_gradient(patches: Array, d: Array) -> Array:
        apart = [
            np.einsum("nok,nou->ku", p, e) for p, e in zip(patches, np.split(d, 2, -1), strict=True)
        ]
        return np.concatenate(apart, -1)

    def offsets(d: Array, W: Array) -> Array:
        out = np.zeros((2, 4, 3, 2 * W.shape[-2]))
        for k, g in itertools.product(range(2), range(2)):
            out[k][..., g * 3 : g * 3 + 3] = (
                d[..., 2 * g : 2 * g + 2] @ W[k][:, 2 * g : 2 * g + 2].T
            )
        return out

    p, w, d = "float64[N, 2, 3, 2, 3]", "float64[6, 4]", "float64[N, 2, 3, 4]"
    turned = "float64[2, 3, N, 2, 3]"

    def turn(x: Array) -> Array:
        return x.transpose(2, 3, 4, 0, 1)

    groups = ("float64[2, N, 3, 5]", "float64[5, 4]")
    s = 1e-14
    rows = [
        Row(ops.PatchProduct(3), (p, w), product, scale=s),
        Row(
            ops.PatchProduct(3, 1, True),
            (turned, w),
            lambda x, W: product(turn(x), W),
            "outer",
            scale=s,
        ),
        Row(ops.PatchProduct(2, 2), groups, grouped, "groups", scale=s),
        Row(
            ops.PatchProduct(2, 2, True),
            ("float64[2, 5, N, 3]", "float64[5, 4]"),
            lambda x, W: grouped(x.transpose(0, 2, 3, 1), W),
            "outer-groups",
            scale=s,
        ),
        Row(ops.PatchGradient((2, 3), 3), (p, d), gradient, scale=s),
        Row(
            ops.PatchGradient((2, 3), 3, 1, True),
            (turned, d),
            lambda x, d: gradient(turn(x), d),
            "outer",
            scale=s,
        ),
        Row(
            ops.PatchGradient((5,), 2, 2),
            (groups[0], "float64[N, 3, 4]"),
            grouped_gradient,
            "groups",
            scale=s,
        ),
        Row(ops.OffsetProduct(2), ("float64[N, 3, 4]", "float64[2, 3, 4]"), offsets, scale=s),
        Row(
            ops.OffsetProduct(),
            ("float64[N, 3, 4]", "float64[2, 5, 4]"),
            lambda d, W: np.einsum("nou,kcu->knoc", d, W),
            "one-group",
            scale=s,
        ),
    ]
    return [Row(r.op, r.types, r.reference, r.region, (), "none", (), r.scale) for r in rows]


def image_rows() -> list[Row]:
    image = "float64[N, 2, 3, 2]"

    def lines(x: Array) -> Array:
        """Twice as long along each axis, each new number from its two old ones."""
        for axis in (1, 2):
            n = x.shape[axis]
            new = []
            for i in range(2 * n):
                at = (i + 0.5) / 2 - 0.5
                low = min(max(math.floor(at), 0), n - 1)
                high = min(max(math.floor(at) + 1, 0), n - 1)
                part = at - math.floor(at)
                new.append((1 - part) * x.take(low, axis) + part * x.take(high, axis))
            x = np.stack(new, axis)
        return x

    def thrice(x: Array) -> Array:
        """Two numbers a and b as a, a, (2 a + b) / 3, (a + 2 b) / 3, b, b, but drawn apart."""
        a, b = x[:, 0], x[:, 1]
        return np.stack([a, a, (2 * a + b) / 3, (a + 2 * b) / 3, b, b], 1)

    return [
        Row(ops.PermuteAxes((0, 2, 3, 1)), (image,), lambda x: np.moveaxis(x, 1, -1)),
        Row(
            ops.PermuteAxes((2, 0, 1)),
            ("float64[N, 2, 3]",),
            lambda x: np.einsum("abc->cab", x),
            "first",
        ),
        Row(
            ops.Pad(((1, 0), (0, 2))),
            (image,),
            lambda x: np.array(
                [[[[0, 0]] * 5, *([*map(list, row), [0, 0], [0, 0]] for row in one)] for one in x]
            ),
        ),
        Row(
            ops.Pad(((1, 1),), -2.5),
            ("float64[N, 2, 1]",),
            lambda x: np.array([[[-2.5], *map(list, one), [-2.5]] for one in x]),
            "filled",
        ),
        Row(
            ops.UpsampleNearest((2, 3)),
            (image,),
            lambda x: np.array(
                [
                    [[x[n, i // 2, j // 3] for j in range(9)] for i in range(4)]
                    for n in range(len(x))
                ]
            ),
            scale=1e-15,
        ),
        Row(
            ops.UpsampleNearest((2,)),
            ("float64[N, 3, 1]",),
            lambda x: x[:, [0, 0, 1, 1, 2, 2]],
            "line",
        ),
        Row(ops.UpsampleBilinear((2, 2)), (image,), lines, scale=1e-15),
        Row(ops.UpsampleBilinear((3,)), ("float64[N, 2, 1]",), thrice, "thrice", scale=1e-15),
        Row(
            ops.UpsampleBilinear((1, 2)),
            ("float64[N, 2, 1, 1]",),
            lambda x: np.repeat(x, 2, 2),
            "single",
        ),
    ]


def convolution_rows() -> list[Row]:
    return [
        *form_rows(),
        *pool_rows(),
        *window_rows(),
        *patch_rows(),
        *image_rows(),
    ]
