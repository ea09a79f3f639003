"""Sums over windows into images, each image folded while it lies in the first cache."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.memory import in_a_row, placed, plane

Array = NDArray[Any]
Extents = tuple[int, ...]


def fold_rows(
    patches: Array,
    *,
    stride: Extents,
    dilation: Extents,
    before: Extents,
    block: Extents,
    out: Array,
) -> Array:
    """Add each pixel of each window [*block, N, *blocks, *size, C] to where it lies in the image.

    What lies in the border, `before` pixels of it before the image along each axis, is left out.
    """
    rows = in_a_row(patches, len(block))
    if rows is None or not out.flags.c_contiguous:
        whole, own = np.ascontiguousarray(patches), np.empty(out.shape, out.dtype)
        how = {"stride": stride, "dilation": dilation, "before": before, "block": block}
        np.copyto(out, fold_rows(whole, **how, out=own))
        return out
    flat, step = rows
    _fold_rows(
        flat,
        step,
        *placed(patches.shape, block, stride, dilation, before),
        out.reshape(out.shape[0], *plane(out.shape[1:-1], 1), out.shape[-1]),
    )
    return out


@kernel
def _fold_rows(
    patches: Array,
    step: int,
    block: tuple[int, int],
    counts: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    before: tuple[int, int],
    out: Array,
) -> None:
    # Indices without a sign are never taken from the end, so that loops run in whole registers;
    # all is written out here, for a call would cost as much as the row that it adds.
    batch, height, width, channels = out.shape
    run = size[1] * channels
    window = size[0] * run
    image = counts[0] * counts[1] * window
    for n in range(batch):
        pixels = out[n].reshape(height * width * channels)
        pixels[:] = out.dtype.type(0)
        for position in range(block[0] * block[1]):
            first = position * step + n * image
            for i in range(counts[0]):
                top = (i * block[0] + position // block[1]) * stride[0] - before[0]
                for j in range(counts[1]):
                    left = (j * block[1] + position % block[1]) * stride[1] - before[1]
                    at = first + (i * counts[1] + j) * window
                    inside = dilation[1] == 1 and left >= 0 and left + size[1] <= width
                    for k in range(size[0]):
                        row = top + k * dilation[0]
                        if row < 0 or row >= height:
                            continue
                        source = np.uint64(at + k * run)
                        if inside:  # a row of the window is a row of pixels
                            to = np.uint64((row * width + left) * channels)
                            for e in range(run):
                                pixels[to + np.uint64(e)] += patches[source + np.uint64(e)]
                            continue
                        for m in range(size[1]):
                            column = left + m * dilation[1]
                            if 0 <= column < width:
                                to = np.uint64((row * width + column) * channels)
                                seen = source + np.uint64(m * channels)
                                for c in range(channels):
                                    pixels[to + np.uint64(c)] += patches[seen + np.uint64(c)]
