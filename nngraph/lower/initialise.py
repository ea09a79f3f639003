"""First weights: drawn from one stream per edge and node, or given by the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.ir import Array
from nngraph.lower.lowered import Lowered, Weight

Draws: TypeAlias = NDArray[np.float64]
Keys: TypeAlias = NDArray[np.uint64]


def initial_weights(lowered: Lowered, seed: int) -> dict[str, Array]:
    """The first value of every array, by its name in files, in the dtype of the network.

    An array that several edges share is there once, under its owner. What the file gives is
    taken; what it does not give is a pure function of the seed, the id and what is drawn. Masked
    weights are 0. Drawn in float64 and rounded.
    """
    return {weight.id: _first(weight, seed) for weight in lowered.weights}


def pack_weights(lowered: Lowered, weights: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays by the id of their leaf, from arrays by their name in files.

    The two differ only for leaves that hold many small arrays, such as single neurons' weights.
    """
    packed: dict[str, Array] = {}
    for weight in lowered.weights:
        array = np.asarray(weights[weight.id], weight.leaf.type.dtype)
        if weight.part is None:
            packed[weight.leaf.id] = array
            continue
        if weight.leaf.id not in packed:
            packed[weight.leaf.id] = np.zeros(weight.leaf.type.sizes({}), array.dtype)
        flat = packed[weight.leaf.id].reshape(-1)
        flat[weight.part.start : weight.part.start + weight.part.size] = array.reshape(-1)
    return packed


def unpack_weights(lowered: Lowered, leaves: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays by their name in files, from arrays by the id of their leaf; copies."""
    arrays: dict[str, Array] = {}
    for weight in lowered.weights:
        array, part = np.asarray(leaves[weight.leaf.id]), weight.part
        if part is not None:
            array = array.reshape(-1)[part.start : part.start + part.size]
        arrays[weight.id] = array.reshape(weight.shape).copy()
    return arrays


def _first(weight: Weight, seed: int) -> Array:
    if weight.given is not None:
        first = np.broadcast_to(np.asarray(weight.given, np.float64), weight.shape)
    else:
        assert weight.init is not None
        key = streams.key(seed, weight.stream, weight.purpose)
        first = INIT_ROWS[weight.init.kind](weight, weight.init, key)
    if weight.mask is not None:
        first = np.where(weight.mask, first, 0.0)
    return np.array(first, weight.leaf.type.dtype)


def _uniform(weight: Weight, key: Keys, limit: float) -> Draws:
    return streams.uniform(key, weight.shape, -limit, limit)


def _normal(weight: Weight, key: Keys, stddev: float) -> Draws:
    return streams.normal(key, weight.shape, 0.0, stddev)


def _fans(weight: Weight) -> int:
    return weight.fan_in + weight.fan_out


def orthogonal(weight: Weight, init: Any, key: Keys) -> Draws:
    """Orthonormal rows or columns, whichever are fewer, times the gain.

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks, ICLR 2014.
    """
    last = weight.shape[-1]
    rows = weight.size // last
    tall = streams.normal(key, (max(rows, last), min(rows, last)))
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else not spread evenly over all directions
    q = q if rows >= last else q.T
    return np.asarray(init.gain * q.reshape(weight.shape), np.float64)


INIT_ROWS: Mapping[str, Callable[[Weight, Any, Keys], Draws]] = {
    "zeros": lambda weight, init, key: np.zeros(weight.shape),
    "ones": lambda weight, init, key: np.ones(weight.shape),
    # Glorot and Bengio, Understanding the difficulty of training deep networks, 2010, eq. 16
    "glorot_uniform": lambda weight, init, key: _uniform(weight, key, math.sqrt(6 / _fans(weight))),
    "glorot_normal": lambda weight, init, key: _normal(weight, key, math.sqrt(2 / _fans(weight))),
    # He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, eq. 10
    "he_uniform": lambda weight, init, key: _uniform(weight, key, math.sqrt(6 / weight.fan_in)),
    "he_normal": lambda weight, init, key: _normal(weight, key, math.sqrt(2 / weight.fan_in)),
    # LeCun, Bottou, Orr and Mueller, Efficient BackProp, 1998, eq. 16
    "lecun_normal": lambda weight, init, key: _normal(weight, key, math.sqrt(1 / weight.fan_in)),
    "uniform": lambda weight, init, key: streams.uniform(key, weight.shape, init.low, init.high),
    "normal": lambda weight, init, key: streams.normal(key, weight.shape, init.mean, init.stddev),
    "orthogonal": orthogonal,
}
"""Every way to draw first values; `uniform` and `normal` around 0 with the spread stated."""
