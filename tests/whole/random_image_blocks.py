"""Pieces of random networks that stand on images and sequences."""

from __future__ import annotations

from collections.abc import Sequence

from random_blocks import ANYWHERE, activation, scale, slices
from random_draft import Draft


def window(draft: Draft, source: str, kind: str, options: str, shape: Sequence[int]) -> str:
    name = draft.neurons(shape[-1], ", bias: 0.05", shape)
    init = draft.form("", f", init: {next(draft.inits)}")
    draft.edge(f"{source} -> {name}", f"{{kind: {kind}, {options}{init}}}")
    return name


def conv(draft: Draft, source: str) -> str:
    """A convolution: padded, strided, dilated or grouped."""
    *space, channels = draft.shapes[source]
    form = draft.form("same", "stride", "dilation", "groups", "both sides")
    if min(space) < 3 or form == "same":
        return window(draft, source, "conv", "kernel: 3, padding: same", (*space, 4))
    if form == "stride":
        shape = (*((n + 2 - 3) // 2 + 1 for n in space), 4)
        return window(draft, source, "conv", "kernel: 3, stride: 2, padding: 1", shape)
    if form == "dilation":
        shape = (*(n - 2 for n in space), 4)
        return window(draft, source, "conv", "kernel: 2, dilation: 2", shape)
    if form == "both sides":
        sides = [[1, 0]] * len(space)
        return window(draft, source, "conv", f"kernel: 2, padding: {sides}", (*space, 2))
    groups = 2 if channels % 2 == 0 else 1
    shape = (*(n - 1 for n in space), 4)
    return window(draft, source, "conv", f"kernel: 2, groups: {groups}", shape)


def shared_conv(draft: Draft, source: str) -> str:
    """One kernel used twice, beside the identity."""
    *space, channels = draft.shapes[source]
    first = window(draft, source, "conv", "kernel: 3, padding: same", (*space, channels))
    second = draft.neurons(channels, shape=(*space, channels))
    options = f"{{kind: conv, padding: same, share: {source}->{first}}}"
    draft.edge(f"{first} -> {second}", options)
    draft.edge(f"{source} -> {second}", "identity")
    return second


def depthwise(draft: Draft, source: str) -> str:
    """Kernels of their own for each channel."""
    *space, channels = draft.shapes[source]
    factor = draft.form(1, 2)
    shape = (*space, channels * factor)
    return window(draft, source, "depthwise", "kernel: 3, padding: same", shape)


def conv_transpose(draft: Draft, source: str) -> str:
    """Each pixel spreads."""
    *space, channels = draft.shapes[source]
    groups = draft.form(1, 2) if channels % 2 == 0 else 1
    if max(space) > 6:
        shape = (*space, 2)
        return window(draft, source, "conv_transpose", "kernel: 3, padding: 1", shape)
    shape = (*(2 * n for n in space), 2)
    options = f"kernel: 2, stride: 2, groups: {groups}"
    return window(draft, source, "conv_transpose", options, shape)


def pool(draft: Draft, source: str) -> str:
    """The greatest or the mean of windows, apart or overlapping."""
    *space, channels = draft.shapes[source]
    function = draft.form("max", "average")
    if min(space) < 4 or draft.form(True, False):
        options = f"size: 3, stride: 1, padding: same, function: {function}"
        return draft.plain(source, f"{{kind: pool, {options}}}")
    shape = (*(n // 2 for n in space), channels)
    return draft.plain(source, f"{{kind: pool, size: 2, function: {function}}}", shape)


def upsample(draft: Draft, source: str) -> str:
    """More pixels, where there are few."""
    *space, channels = draft.shapes[source]
    method = draft.form("nearest", "bilinear")
    factor = [2] + [1] * (len(space) - 1) if max(space) < 12 else [1] * len(space)
    shape = (*(n * f for n, f in zip(space, factor, strict=True)), channels)
    return draft.plain(source, f"{{kind: upsample, method: {method}, factor: {factor}}}", shape)


def pad(draft: Draft, source: str) -> str:
    """A border."""
    *space, channels = draft.shapes[source]
    sides = [[1, 0]] + [[0, 1]] * (len(space) - 1)
    value = draft.number()
    shape = (*(n + 1 for n in space), channels)
    return draft.plain(source, f"{{kind: pad, padding: {sides}, value: {value}}}", shape)


def transpose(draft: Draft, source: str) -> str:
    """Axes in another order."""
    shape = draft.shapes[source]
    if len(shape) == 2:
        return draft.plain(source, "transpose", shape[::-1])
    return draft.plain(source, "{kind: transpose, axes: [1, 0, 2]}", (shape[1], shape[0], shape[2]))


def squeeze(draft: Draft, source: str) -> str:
    """A gate for each channel, from the mean of the image (squeeze and excitation)."""
    shape = draft.shapes[source]
    options = "{kind: pool, size: global, function: average}"
    mean = draft.plain(source, options, (shape[-1],))
    gate = draft.node(f"{{units: {shape[-1]}, activation: sigmoid}}", (shape[-1],))
    product = draft.node("multiply", shape)
    draft.edge(f"{mean} -> {gate}")
    draft.edge(f"{source}, {gate} -> {product}")
    return product


def global_skip(draft: Draft, source: str) -> str:
    """The mean of each channel added to every pixel."""
    shape = draft.shapes[source]
    greatest = draft.plain(source, "{kind: pool, size: global}", (shape[-1],))
    total = draft.node("add", shape)
    draft.edge(f"{source}, {greatest} -> {total}")
    return total


def stacked(draft: Draft, source: str) -> str:
    """Two images one above the other."""
    shape = draft.shapes[source]
    joined = draft.node("{kind: concat, axis: 0}", (2 * shape[0], *shape[1:]))
    other = activation(draft, source)
    draft.edge(f"{source}, {other} -> {joined}")
    return joined


IMAGES = (
    *(conv, pool, depthwise, scale, conv_transpose, upsample, squeeze, pad, shared_conv),
    *(conv, transpose, slices, global_skip, stacked, pool, *ANYWHERE),
)
SEQUENCES = (
    *(conv, upsample, pool, transpose, depthwise, shared_conv, scale, pad, conv_transpose),
    *(slices, squeeze, *ANYWHERE),
)
