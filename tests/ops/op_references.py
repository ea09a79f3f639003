"""References written by hand with `math` on single numbers, loops and sums; never the package."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from op_row import Array


def each(f: Callable[..., float]) -> Callable[..., Array]:
    """A function of numbers applied element by element, broadcast."""

    def apply(*arrays: Array) -> Array:
        full = np.broadcast_arrays(*arrays)
        values = [f(*(v.item() for v in vs)) for vs in zip(*(a.flat for a in full), strict=True)]
        return np.array(values).reshape(full[0].shape)

    return apply


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > 0 else math.exp(x) / (1.0 + math.exp(x))


def softplus(x: float) -> float:
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def mish(x: float) -> float:
    return x * math.tanh(softplus(x))


def elu(x: float, alpha: float) -> float:
    return x if x > 0 else alpha * math.expm1(x)


def clip(x: float, low: float, high: float) -> float:
    return low if x < low else high if x > high else x


def product(x: Array, W: Array) -> Array:
    out = np.zeros((x.shape[0], W.shape[1]))
    for n, i, j in itertools.product(range(x.shape[0]), range(x.shape[1]), range(W.shape[1])):
        out[n, j] += float(x[n, i]) * float(W[i, j])
    return out


def rows_of(f: Callable[[list[float]], list[float]]) -> Callable[[Array], Array]:
    """A function of the list of elements along the last axis."""

    def apply(x: Array) -> Array:
        flat = [f([float(v) for v in row]) for row in x.reshape(-1, x.shape[-1])]
        return np.array(flat).reshape(*x.shape[:-1], -1)

    return apply


def softmax(a: list[float]) -> list[float]:
    e = [math.exp(v - max(a)) for v in a]
    return [v / math.fsum(e) for v in e]


def log_softmax(a: list[float]) -> list[float]:
    return [v - max(a) - math.log(math.fsum(math.exp(u - max(a)) for u in a)) for v in a]


def per_sample(f: Callable[[float, float], float], mean: bool) -> Callable[[Array, Array], Array]:
    """Sum or mean of f over the values of each sample."""

    def apply(y: Array, t: Array) -> Array:
        out = []
        for a, b in zip(y, t, strict=True):
            values = [f(float(u), float(v)) for u, v in zip(a.flat, b.flat, strict=True)]
            out.append(math.fsum(values) / (len(values) if mean else 1))
        return np.array(out)

    return apply


def cross_entropy(p: float, t: float) -> float:
    return -t * math.log(p)


def binary_cross_entropy(p: float, t: float) -> float:
    return -t * math.log(p) - (1.0 - t) * math.log1p(-p)


def softmax_cross_entropy(a: Array, t: Array, mean: bool = False) -> tuple[Array, Array]:
    logs = rows_of(log_softmax)(a)
    return per_sample(lambda log, t: -t * log, mean)(logs, t), rows_of(softmax)(a)


def sigmoid_cross_entropy(a: Array, t: Array, mean: bool = False) -> tuple[Array, Array]:
    def value(a: float, t: float) -> float:
        return t * softplus(-a) + (1.0 - t) * softplus(a)

    return per_sample(value, mean)(a, t), each(sigmoid)(a)


def reduced(f: Callable[[list[float]], float], axis: int) -> Callable[[Array], Array]:
    return lambda x: np.apply_along_axis(lambda v: f([float(u) for u in v]), axis, x)


def running_product(backward: bool) -> Callable[[Array], Array]:
    def along(v: list[float]) -> list[float]:
        return [math.prod(v[i:] if backward else v[: i + 1]) for i in range(len(v))]

    return lambda x: np.apply_along_axis(lambda v: np.array(along(list(v))), 1, x)
