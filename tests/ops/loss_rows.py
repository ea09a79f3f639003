"""Rows of losses with corners and of losses of masks, and of noise."""

from __future__ import annotations

import math

import numpy as np
from op_references import per_sample
from op_row import Array, Maker, Row, normal, one_hot, within

from nngraph import ops
from nngraph.ops.loss_word import LOSS_WORDS

SHAPES = ("float64[N, 3]", "float64[N]", "float64[N, 2, 3]")


def huber(delta: float):
    def value(y: float, t: float) -> float:
        e = abs(y - t)
        return e * e / 2 if e < delta else delta * e - delta * delta / 2

    return value


def hinge(y: float, t: float) -> float:
    return max(0.0, 1.0 - y if t > 0 else 1.0 + y)


def squared_hinge(y: float, t: float) -> float:
    return hinge(y, t) ** 2


def categorical_hinge(mean: bool):
    def apply(y: Array, t: Array) -> Array:
        out = []
        for sample, rows in zip(y, t, strict=True):
            values = []
            for scores, marks in zip(
                sample.reshape(-1, sample.shape[-1]), rows.reshape(-1, rows.shape[-1]), strict=True
            ):
                right = next(float(s) for s, m in zip(scores, marks, strict=True) if m)
                rivals = [float(s) for s, m in zip(scores, marks, strict=True) if not m]
                values.append(max(0.0, 1.0 + max(rivals) - right))
            out.append(math.fsum(values) / (len(values) if mean else 1))
        return np.array(out)

    return apply


def overlap(kind: str, smooth: float):
    def apply(p: Array, t: Array) -> Array:
        out = []
        for a, b in zip(p, t, strict=True):
            both = math.fsum(float(u) * float(v) for u, v in zip(a.flat, b.flat, strict=True))
            areas = math.fsum(map(float, a.flat)) + math.fsum(map(float, b.flat))
            if kind == "dice":
                out.append(1 - (2 * both + smooth) / (areas + smooth))
            else:
                out.append(1 - (both + smooth) / (areas - both + smooth))
        return np.array(out)

    return apply


def zero_or_one(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, 2, size=shape).astype(float)


def minus_or_one(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return 2.0 * rng.integers(0, 2, size=shape) - 1.0


def off_corners(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers at least 0.2 from -1 and 1, on both sides of them."""
    return rng.choice([-1.6, -0.5, 0.5, 1.6], size=shape) + rng.uniform(-0.2, 0.2, size=shape)


def far_apart(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Scores of which no two in a row, and none and 0, are nearer than 0.3."""
    steps = np.tile([-1.5, -0.6, 0.7, 1.4, 2.3], (*shape[:-1], 1))
    return rng.permuted(steps, axis=-1)[..., : shape[-1]] + rng.uniform(-0.02, 0.02, size=shape)


def simple(name: str, f, y: Maker, t: Maker, fixed=(), **options) -> list[Row]:
    return [
        Row(
            LOSS_WORDS[name](mean=mean, **options),
            (type_, type_),
            per_sample(f, mean),
            f"{type_}-{'mean' if mean else 'sum'}",
            (y, t),
            "richardson",
            fixed=fixed,
            scale=1e-15,
        )
        for type_ in SHAPES
        for mean in (False, True)
    ]


def masks() -> list[Row]:
    inside = within(0.05, 0.95)
    types = ("float64[N, 3]", "float64[N]", "float64[N, 2, 2, 1]")
    return [
        Row(
            LOSS_WORDS[name](smooth=smooth),
            (type_, type_),
            overlap(name, smooth),
            f"{type_}-{smooth}",
            (inside, t),
            scale=1e-15,
        )
        for name in ("dice", "jaccard")
        for type_ in types
        for smooth in (1.0, 1e-5)
        for t in (inside,)
    ]


def noise() -> list[Row]:
    def key(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.integers(2**63, size=shape).astype(np.uint64)

    def count(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return np.array(rng.integers(100))

    types = ("uint64[2]", "float64[N, 3]", "int64[]", "int64[]")
    return [
        Row(
            ops.GaussianNoise(0.0),
            types,
            lambda key, x, step, row: np.zeros(x.shape),
            "none",
            (key, normal, count, count),
            "none",
        )
    ]


def learning_rows() -> list[Row]:
    """The draws of noise are judged in a file of their own; a spread of 0 is silence."""
    zeros: Maker = lambda rng, shape: np.zeros(shape)  # noqa: E731
    return [
        *simple("huber", huber(1.0), off_corners, zeros),
        *simple("huber", huber(0.1), off_corners, zeros, delta=0.1),
        *simple("hinge", hinge, off_corners, minus_or_one, fixed=(1,)),
        *simple("hinge", hinge, off_corners, zero_or_one, fixed=(1,)),
        *simple("squared_hinge", squared_hinge, off_corners, zero_or_one, fixed=(1,)),
        *(
            Row(
                LOSS_WORDS["categorical_hinge"](mean=mean),
                (type_, type_),
                categorical_hinge(mean),
                f"{type_}-{'mean' if mean else 'sum'}",
                (far_apart, one_hot),
                "richardson",
                fixed=(1,),
                scale=1e-15,
            )
            for type_ in ("float64[N, 4]", "float64[N, 2, 3]")
            for mean in (False, True)
        ),
        *masks(),
        *noise(),
    ]
