"""Rows of ops that move, join and sum elements."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from op_references import (
    each,
    product,
    reduced,
    rows_of,
    running_product,
)
from op_row import (
    Array,
    N,
    Row,
    distinct,
    mask,
    normal,
    zeros_in_it,
)

from nngraph import ops


def linear_rows() -> list[Row]:
    return [
        Row(ops.MatMul(), ("float64[N, 3]", "float64[3, 5]"), product, scale=1e-14),
        Row(ops.MatMul(), ("float64[3, N]", "float64[N, 2]"), product, "gradient", scale=1e-14),
        Row(ops.MatMul(), ("float64[N, 1]", "float64[1, 1]"), product, "single", scale=1e-14),
    ]


def shape_rows() -> list[Row]:
    ones = ops.AppendOne()
    return [
        Row(ops.Reshape(("N", 6)), ("float64[N, 2, 3]",), lambda x: x.reshape(N, 6), "flatten"),
        Row(ops.Reshape((3, "N", 2)), ("float64[3, N, 2]",), lambda x: x, "same"),
        Row(ops.Reshape((2, 3)), ("float64[6]",), lambda x: x.reshape(2, 3), "rows"),
        Row(ops.Reshape(("N", 1)), ("float64[N]",), lambda x: x[:, None], "column"),
        Row(ops.Transpose(), ("float64[N, 3]",), lambda x: np.array(list(zip(*x, strict=True)))),
        Row(ops.SliceAxis(1, 1, 3), ("float64[N, 5]",), lambda x: x[:, 1:3]),
        Row(ops.SliceAxis(-1, 0, 1), ("float64[N, 5]",), lambda x: x[:, :1], "last"),
        Row(ops.SliceAxis(0, 2, 3), ("float64[3, 2]",), lambda x: x[2:], "rows"),
        Row(ops.PlaceUnits(1, 1, 5), ("float64[N, 3]",), lambda x: np.pad(x, ((0, 0), (1, 1)))),
        Row(
            ops.PlaceUnits(-1, 0, 4, 1.0),
            ("float64[N, 3]",),
            lambda x: np.pad(x, ((0, 0), (0, 1)), constant_values=1.0),
            "filled",
        ),
        Row(
            ops.Concat(),
            ("float64[N, 2]", "float64[N, 3]", "float64[N, 1]"),
            lambda *xs: np.array([[*a, *b, *c] for a, b, c in zip(*xs, strict=True)]),
        ),
        Row(
            ops.Concat(1),
            ("float64[N, 2, 3]", "float64[N, 1, 3]"),
            lambda x, y: np.array([[*a, *b] for a, b in zip(x, y, strict=True)]),
            "middle",
        ),
        Row(ones, ("float64[N, 3]",), lambda z: np.array([[*row, 1.0] for row in z])),
        Row(
            ops.StackBias(),
            ("float64[3, 2]", "float64[2]"),
            lambda W, b: np.array([*W, b]),
        ),
        Row(ops.Copy(), ("float64[N, 3]",), lambda x: x),
        Row(ops.Copy(), ("bool[N, 3]",), lambda x: x, "mask", (mask,), "none"),
        Row(ops.Cast("float64"), ("bool[N, 3]",), each(float), "mask", (mask,), "none"),
        Row(
            ops.Cast("float64"),
            ("float64[N, 3]",),
            lambda x: x,
            "same",
            derivative="richardson",
        ),
        Row(
            ops.Cast("float64"),
            ("int64[]",),
            each(float),
            "whole",
            (lambda rng, shape: np.array(7),),
            "none",
        ),
    ]


def sum_rows() -> list[Row]:
    total = reduced(math.fsum, 0)

    def all_of(x: Array) -> Array:
        return np.array(math.fsum(x.flat))

    def repeat(x: Array) -> Array:
        return np.array([x.tolist()] * N)

    def sum_to_column(x: Array) -> Array:
        return np.array([[math.fsum(x[:, i].flat)] for i in range(x.shape[1])])

    def inner(x: Array, y: Array) -> Array:
        return np.array(
            [math.fsum(u * v for u, v in zip(a, b, strict=True)) for a, b in zip(x, y, strict=True)]
        )

    def kept(f: Callable[[list[float]], float]) -> Callable[[Array], Array]:
        return rows_of(lambda row: [f(row)])

    def ordered(x: Array, axis: int) -> Array:
        return np.apply_along_axis(lambda row: sorted(row), axis, x)

    def put_back(g: Array, x: Array) -> Array:
        out = np.zeros_like(g)
        for n, c in np.ndindex(len(x), x.shape[2]):
            ranks = sorted(range(x.shape[1]), key=lambda k: x[n, k, c])
            for rank, k in enumerate(ranks):
                out[n, k, c] = g[n, rank, c]
        return out

    x, image, s = "float64[N, 3]", "float64[N, 2, 3]", 1e-15
    return [
        Row(ops.BroadcastTo(("N", 3)), ("float64[N, 1]",), lambda x: np.repeat(x, 3, 1)),
        Row(ops.BroadcastTo((4, 3)), ("float64[3]",), repeat, "rows"),
        Row(ops.BroadcastLike(), ("float64[3]", x), lambda x, like: repeat(x), fixed=(1,)),
        Row(
            ops.BroadcastLike(),
            ("float64[]", "float64[N]"),
            lambda x, like: repeat(x),
            "scalar",
            fixed=(1,),
        ),
        Row(ops.SumTo((3,)), (x,), total, "rows", scale=s),
        Row(ops.SumTo(("N", 3)), (x,), lambda x: x, "same"),
        Row(ops.SumTo(()), (image,), all_of, "all", scale=s),
        Row(ops.SumTo(("N", 1)), (x,), kept(math.fsum), "column", scale=s),
        Row(ops.SumTo((1,)), ("float64[N]",), lambda x: all_of(x).reshape(1), "vector", scale=s),
        Row(ops.SumTo((2, 1)), (image,), sum_to_column, "both", scale=s),
        Row(
            ops.SumTo((1, 3)),
            (image,),
            lambda x: [total(x.reshape(-1, 3))],
            "lead-and-one",
            scale=s,
        ),
        Row(ops.SumRows(), (x,), total, scale=s),
        Row(ops.SumRows(), ("float64[N]",), all_of, "vector", scale=s),
        Row(ops.SumRows(), (image,), total, "image", scale=s),
        Row(ops.SumLast(), (image,), kept(math.fsum), scale=s),
        Row(ops.MaxLast(), (x,), kept(max), "", (distinct,)),
        Row(ops.SumAxis(1), (image,), reduced(math.fsum, 1), scale=s),
        Row(ops.SumAxis(-1), (image,), reduced(math.fsum, -1), "last", scale=s),
        Row(ops.ProductAxis(1), (image,), reduced(math.prod, 1)),
        Row(ops.ProductAxis(-1), (x,), reduced(math.prod, -1), "zeros", (zeros_in_it,)),
        Row(ops.ProductAxis(1), ("float64[N, 1, 2]",), reduced(math.prod, 1), "single"),
        Row(ops.CumulativeProduct(1), (image,), running_product(False), derivative="none"),
        Row(
            ops.CumulativeProduct(1, backward=True),
            (image,),
            running_product(True),
            "backward",
            derivative="none",
        ),
        Row(ops.MaximumAxis(1), (image,), reduced(max, 1), "", (distinct,)),
        Row(ops.MinimumAxis(1), (image,), reduced(min, 1), "", (distinct,)),
        Row(ops.SortAxis(1), (image,), lambda x: ordered(x, 1), "", (distinct,)),
        Row(ops.SortAxis(-1), (x,), lambda x: ordered(x, 1), "last", (distinct,)),
        Row(ops.UnsortAxis(1), (image, image), put_back, derivative="none"),
        Row(ops.SumAll(), (image,), all_of, scale=s),
        Row(ops.SumSample(), (image,), lambda x: np.array([math.fsum(v.flat) for v in x]), scale=s),
        Row(ops.DotSample(), (x, x), inner, scale=s),
    ]


def dropout_rows() -> list[Row]:
    """The mask itself is judged in a file of its own; a rate of 0 keeps everything."""

    def key(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.integers(2**63, size=shape).astype(np.uint64)

    def count(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return np.array(rng.integers(100))

    types = ("uint64[2]", "float64[N, 3]", "int64[]", "int64[]")
    return [
        Row(
            ops.DropoutMask(0.0),
            types,
            lambda key, x, step, row: np.ones(x.shape),
            "keep-all",
            (key, normal, count, count),
            "none",
        )
    ]
