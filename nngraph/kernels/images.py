"""Kernels on images, channels last: products of patches, sums over windows, first maxima."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def patch_product(patches: Array, weights: Array, *, groups: int, outer: bool, out: Array) -> Array:
    """out[..., u] = sum over k of patches[..., k] W[k, u], for each group of channels.

    The axes k come last in `patches`, or first where `outer`; with several groups the axis of the
    groups comes before everything.
    """
    rows = _patch_rows(patches, weights.shape[0], groups, outer)
    units = out.shape[-1]
    try:
        target = out.reshape(-1, units, copy=False)
    except ValueError:  # a piece of something larger whose rows do not lie one after the other
        target = np.empty((rows.shape[-2], units), out.dtype)
    if groups == 1:
        np.matmul(rows, weights, out=target)
    else:
        np.matmul(rows, _by_group(weights, groups), out=_by_group(target, groups))
    if target.base is None:
        np.copyto(out, target.reshape(out.shape))
    return out


def patch_gradient(patches: Array, delta: Array, *, groups: int, outer: bool, out: Array) -> Array:
    """dW[k, u] = sum over all places of patches[..., k] delta[..., u]: delta_j z_i, summed."""
    units = out.shape[-1]
    size = out.size // units
    rows = _patch_rows(patches, size, groups, outer)
    delta = delta.reshape(-1, units)
    try:
        target = out.reshape(size, units, copy=False)
    except ValueError:
        target = np.empty((size, units), out.dtype)
    if groups == 1 and not outer and units < size:
        # the longer axis last: up to half as fast again where there are few units
        turned = np.matmul(delta.T, rows)
        np.copyto(target, turned.T)
    elif groups == 1:
        np.matmul(rows.T, delta, out=target)
    else:
        turned = rows.transpose(0, 2, 1)
        np.matmul(turned, _by_group(delta, groups), out=_by_group(target, groups))
    if target.base is None:
        np.copyto(out, target.reshape(out.shape))
    return out


def _patch_rows(patches: Array, size: int, groups: int, outer: bool) -> Array:
    """[places, k], or [groups, places, k]."""
    if groups == 1:
        return patches.reshape(size, -1).T if outer else patches.reshape(-1, size)
    if outer:
        return patches.reshape(groups, size, -1).transpose(0, 2, 1)
    return patches.reshape(groups, -1, size)


def _by_group(matrix: Array, groups: int) -> Array:
    """[rows, groups * u] as [groups, rows, u]."""
    rows, units = matrix.shape
    return matrix.reshape(rows, groups, units // groups, copy=False).transpose(1, 0, 2)


def offset_product(delta: Array, weights: Array, *, groups: int, out: Array) -> Array:
    """out[k, ..., c] = sum over u of delta[..., u] W[k, c, u] for each offset k of a window."""
    *size, channels, units = weights.shape
    rows = delta.reshape(-1, units)
    grouped = rows.reshape(-1, groups, units // groups).transpose(1, 0, 2)
    for at in product(*map(range, size)):
        target, matrix = out[at].reshape(-1, groups * channels), weights[at]
        if groups == 1:
            np.matmul(rows, matrix.T, out=target)
        else:
            turned = matrix.reshape(channels, groups, -1).transpose(1, 2, 0)
            np.matmul(grouped, turned, out=_by_group(target, groups))
        if not np.may_share_memory(target, out):
            np.copyto(out[at], target.reshape(out[at].shape))
    return out


def fold(
    patches: Array,
    *,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    out: Array,
) -> Array:
    """Add each pixel of each window [*size, N, *windows, C] to where it lies in the image."""
    counts = patches.shape[len(size) + 1 : -1]
    disjoint = all(d * (k - 1) < s for k, s, d in zip(size, stride, dilation, strict=True))
    out.fill(0)
    for offset in product(*map(range, size)):
        where = tuple(
            slice(k * d, k * d + s * n, s)
            for k, s, d, n in zip(offset, stride, dilation, counts, strict=True)
        )
        target = out[:, *where]
        if disjoint:
            np.copyto(target, patches[offset])
        else:
            np.add(target, patches[offset], out=target)
    return out


def repeat_pixels(x: Array, *, factor: tuple[int, ...], out: Array) -> Array:
    """Each pixel of [N, *extents, C] `factor` times along each spatial axis."""
    for offset in product(*map(range, factor)):
        where = (slice(k, None, f) for k, f in zip(offset, factor, strict=True))
        np.copyto(out[:, *where], x)
    return out


def maximum_first(x: Array, *, axes: int, out: Array) -> Array:
    """The maximum over the first axes."""
    return _over_first(np.maximum, x, axes, out)


def sum_first(x: Array, *, axes: int, out: Array) -> Array:
    """The sum over the first axes."""
    return _over_first(np.add, x, axes, out)


def _over_first(combine: np.ufunc, x: Array, axes: int, out: Array) -> Array:
    """Whole arrays combined one after the other: on windows 4 to 7 times as fast as `reduce`."""
    first, *others = product(*map(range, x.shape[:axes]))
    if not others:
        np.copyto(out, x[first])
        return out
    combine(x[first], x[others[0]], out=out)
    for place in others[1:]:
        combine(out, x[place], out=out)
    return out


def first_maximum(x: Array, y: Array, *, axes: int, out: Array) -> Array:
    """Where, along the first axes of x, the first element lies that equals the maximum y."""
    np.equal(x, y, out=out)
    places = list(product(*map(range, x.shape[:axes])))
    for before, here in pairwise(places):
        np.logical_or(out[before], out[here], out=out[here])  # here or anywhere before
    for here, before in pairwise(reversed(places)):
        np.greater(out[here], out[before], out=out[here])  # here but nowhere before
    return out
