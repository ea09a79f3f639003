"""First weights: drawn from one stream per edge and node, or given by the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.ir import Array
from nngraph.lower.lowered import Lowered
from nngraph.lower.weight import Weight

Keys: TypeAlias = NDArray[np.uint64]

PIECE = 1 << 18
"""Numbers drawn at a time, in float64: a large array is never there whole in double precision."""


def initial_weights(lowered: Lowered, seed: int) -> dict[str, Array]:
    """The first value of every array, by its name in files, in the dtype of the network.

    An array that several edges share is there once, under its owner. What the file gives is
    taken; what it does not give is a pure function of the seed, the id and what is drawn. Masked
    weights are 0. Drawn in float64 and rounded.
    """
    weights = {}
    for weight in lowered.weights:
        weights[weight.id] = np.empty(weight.shape, weight.leaf.type.dtype)
        first_weights(weight, seed, weights[weight.id])
    return weights


def first_weights(weight: Weight, seed: int, out: Array) -> None:
    """Write the first values of one array into `out`, of its shape and contiguous."""
    if weight.given is not None:
        out[...] = weight.given
    else:
        assert weight.init is not None
        key = streams.key(seed, weight.entry.id, weight.purpose)
        INIT_ROWS[weight.init.kind](weight, weight.init)(key, out)
    if weight.mask is not None:
        np.copyto(out, 0, where=~weight.mask)


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


Draw: TypeAlias = Callable[[Keys, Array], None]
"""Writes what a stream gives into an array."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One number everywhere."""

    value: float

    def __call__(self, key: Keys, out: Array) -> None:
        out.fill(self.value)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Independent numbers of a distribution of `streams`, by its two parameters."""

    distribution: Callable[..., NDArray[np.float64]]
    first: float
    second: float

    def __call__(self, key: Keys, out: Array) -> None:
        flat = out.reshape(-1)
        for start in range(0, flat.size, PIECE):
            piece = flat[start : start + PIECE]
            block = start // streams.WORDS_PER_BLOCK
            piece[...] = self.distribution(key, piece.size, self.first, self.second, block=block)


def evenly(limit: float) -> Draw:
    """Evenly spread from -limit to limit."""
    return Drawn(streams.uniform, -limit, limit)


def normally(stddev: float) -> Draw:
    """Normally distributed around 0."""
    return Drawn(streams.normal, 0.0, stddev)


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """Orthonormal rows or columns, whichever are fewer, times the gain."""

    gain: float

    def __call__(self, key: Keys, out: Array) -> None:
        last = out.shape[-1]
        rows = out.size // last
        tall = streams.normal(key, (max(rows, last), min(rows, last)))
        q, r = np.linalg.qr(tall)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # else not even over all directions
        q = q if rows >= last else q.T
        out[...] = self.gain * q.reshape(out.shape)


def _fans(weight: Weight) -> int:
    return weight.fan_in + weight.fan_out


INIT_ROWS: Mapping[str, Callable[[Weight, Any], Draw]] = {
    "zeros": lambda weight, init: Filled(0.0),
    "ones": lambda weight, init: Filled(1.0),
    "glorot_uniform": lambda weight, init: evenly(math.sqrt(6 / _fans(weight))),
    "glorot_normal": lambda weight, init: normally(math.sqrt(2 / _fans(weight))),
    "he_uniform": lambda weight, init: evenly(math.sqrt(6 / weight.fan_in)),
    "he_normal": lambda weight, init: normally(math.sqrt(2 / weight.fan_in)),
    "lecun_normal": lambda weight, init: normally(math.sqrt(1 / weight.fan_in)),
    "uniform": lambda weight, init: Drawn(streams.uniform, init.low, init.high),
    "normal": lambda weight, init: Drawn(streams.normal, init.mean, init.stddev),
    "orthogonal": lambda weight, init: Orthogonal(init.gain),
}
"""What each row draws, by its name; the rows say where the spreads come from."""
