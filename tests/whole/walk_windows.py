"""Windows over images and sequences, by loops over places: convolutions, pools, upsampling."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Sides = list[tuple[int, int]]


def per_axis(numbers: Sequence[int], rank: int) -> list[int]:
    """One number for each spatial axis; one alone counts for all."""
    return list(numbers) * rank if len(numbers) == 1 else list(numbers)


def _sides(padding: Any, surplus: Sequence[int]) -> Sides:
    """Pixels before and after along each axis; `surplus` is what "same" has to hide."""
    if padding == "valid":
        return [(0, 0)] * len(surplus)
    if padding == "same":
        return [(n // 2, n - n // 2) for n in (max(n, 0) for n in surplus)]
    return [*padding] * len(surplus) if len(padding) == 1 else [*padding]


class Windows:
    """Where the windows of an image lie: place o begins at o * stride - before."""

    def __init__(
        self, extents: Sequence[int], size: Sequence[int], stride: Any, padding: Any, dilation: Any
    ) -> None:
        rank = len(extents)
        self.extents, self.size = list(extents), list(size)
        self.stride, self.dilation = per_axis(stride, rank), per_axis(dilation, rank)
        reach = [d * (k - 1) + 1 for d, k in zip(self.dilation, size, strict=True)]
        every = list(zip(extents, reach, self.stride, strict=True))
        self.sides = _sides(padding, [(-(-n // s) - 1) * s + r - n for n, r, s in every])
        self.places = [
            (n + sum(side) - r) // s + 1 for (n, r, s), side in zip(every, self.sides, strict=True)
        ]

    def pairs(self) -> Any:
        """Place, offset in the window, and the pixel seen there, where there is one."""
        for place in itertools.product(*map(range, self.places)):
            for offset in itertools.product(*map(range, self.size)):
                pixel = tuple(
                    o * s + k * d - before
                    for o, s, k, d, (before, _) in zip(
                        place, self.stride, offset, self.dilation, self.sides, strict=True
                    )
                )
                if all(0 <= at < n for at, n in zip(pixel, self.extents, strict=True)):
                    yield place, offset, pixel


def _by_groups(z: Array, W: Array, groups: int) -> Array:
    """z [n, channels] times W [channels / groups, units]: each part of the units sees its part."""
    inner, units = W.shape[0], W.shape[1] // groups
    parts = [
        z[:, g * inner : (g + 1) * inner] @ W[:, g * units : (g + 1) * units] for g in range(groups)
    ]
    return np.concatenate(parts, axis=1)


def conv(z: Array, W: Array, options: Any) -> Array:
    """a_oj = sum over k, i of W_kij z_(o s + k d - p)i."""
    at = Windows(z.shape[1:-1], W.shape[:-2], options.stride, options.padding, options.dilation)
    a = np.zeros((len(z), *at.places, W.shape[-1]))
    for place, offset, pixel in at.pairs():
        a[:, *place] += _by_groups(z[:, *pixel], W[offset], options.groups)
    return a


def depthwise(z: Array, W: Array, options: Any) -> Array:
    """As `conv`, each channel with kernels of its own: unit c m + j sees channel c."""
    at = Windows(z.shape[1:-1], W.shape[:-2], options.stride, options.padding, options.dilation)
    channels, multiplier = W.shape[-2:]
    a = np.zeros((len(z), *at.places, channels * multiplier))
    for place, offset, pixel in at.pairs():
        seen = z[:, *pixel][:, :, None] * W[offset]
        a[:, *place] += seen.reshape(len(z), channels * multiplier)
    return a


def conv_transpose(z: Array, W: Array, options: Any) -> Array:
    """Pixel o of z adds W_k z_o to the pixels o s + k d - p."""
    rank = z.ndim - 2
    stride, dilation = per_axis(options.stride, rank), per_axis(options.dilation, rank)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, W.shape[:rank], strict=True)]
    whole = [(n - 1) * s + r for n, s, r in zip(z.shape[1:-1], stride, reach, strict=True)]
    sides = _sides(options.padding, [r - s for r, s in zip(reach, stride, strict=True)])
    extents = [n - sum(side) for n, side in zip(whole, sides, strict=True)]
    if options.padding == "same":
        extents = [n * s for n, s in zip(z.shape[1:-1], stride, strict=True)]
    at = Windows(extents, W.shape[:rank], stride, sides, dilation)
    a = np.zeros((len(z), *extents, W.shape[-1]))
    for place, offset, pixel in at.pairs():
        a[:, *pixel] += _by_groups(z[:, *place], W[offset], options.groups)
    return a


def pool(z: Array, node: Any) -> Array:
    """The greatest or the mean of what lies inside each window."""
    if node.size == "global":
        axes = tuple(range(1, z.ndim - 1))
        return z.max(axis=axes) if node.function == "max" else z.mean(axis=axes)
    rank = z.ndim - 2
    size = per_axis(node.size, rank)
    at = Windows(z.shape[1:-1], size, node.stride or size, node.padding, (1,))
    seen: dict[tuple[int, ...], list[Array]] = {}
    for place, _, pixel in at.pairs():
        seen.setdefault(place, []).append(z[:, *pixel])
    out = np.zeros((len(z), *at.places, z.shape[-1]))
    for place, pixels in seen.items():
        out[:, *place] = np.max(pixels, axis=0) if node.function == "max" else np.mean(pixels, 0)
    return out


def upsample(z: Array, node: Any) -> Array:
    """Pixels repeated, or lines between their centres, axis by axis."""
    for axis, factor in enumerate(per_axis(node.factor, z.ndim - 2), start=1):
        if node.method == "nearest":
            z = np.repeat(z, factor, axis)
            continue
        length = z.shape[axis]
        centre = (np.arange(length * factor) + 0.5) / factor - 0.5
        centre = np.clip(centre, 0, length - 1)
        below = np.floor(centre).astype(int)
        above = np.minimum(below + 1, length - 1)
        share = (centre - below).reshape([-1 if k == axis else 1 for k in range(z.ndim)])
        z = (1 - share) * z.take(below, axis) + share * z.take(above, axis)
    return z
