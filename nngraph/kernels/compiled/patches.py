"""Windows of images as rows, copied with their border of zeros in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel
from nngraph.kernels.compiled.memory import in_a_row, placed, plane

Array = NDArray[Any]
Extents = tuple[int, ...]


def patch_rows(
    x: Array,
    *,
    stride: Extents,
    dilation: Extents,
    before: Extents,
    block: Extents,
    out: Array,
) -> Array:
    """out[*block, N, *blocks, *size, C]: each window of x, with `before` zeros on each side."""
    rows = in_a_row(out, len(block))
    if rows is None:
        own = np.empty(out.shape, out.dtype)
        how = {"stride": stride, "dilation": dilation, "before": before, "block": block}
        np.copyto(out, patch_rows(x, **how, out=own))
        return out
    flat, step = rows
    _copy_windows(
        np.ascontiguousarray(x).reshape(-1),
        (x.shape[0], *plane(x.shape[1:-1], 1), x.shape[-1]),
        step,
        *placed(out.shape, block, stride, dilation, before),
        flat,
    )
    return out


@kernel
def _copy_windows(
    x: Array,
    shape: tuple[int, int, int, int],
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
    # all is written out here, for a call would cost as much as the row that it copies.
    batch, height, width, channels = shape
    run = size[1] * channels
    window = size[0] * run
    image = counts[0] * counts[1] * window
    zero = out.dtype.type(0)
    for n in range(batch):
        for position in range(block[0] * block[1]):
            first = position * step + n * image
            for i in range(counts[0]):
                top = (i * block[0] + position // block[1]) * stride[0] - before[0]
                for j in range(counts[1]):
                    left = (j * block[1] + position % block[1]) * stride[1] - before[1]
                    at = first + (i * counts[1] + j) * window
                    inside = dilation[1] == 1 and left >= 0 and left + size[1] <= width
                    for k in range(size[0]):
                        row, to = top + k * dilation[0], np.uint64(at + k * run)
                        if row < 0 or row >= height:
                            for e in range(run):
                                out[to + np.uint64(e)] = zero
                        elif inside:  # a row of the window is a row of pixels
                            source = np.uint64(((n * height + row) * width + left) * channels)
                            for e in range(run):
                                out[to + np.uint64(e)] = x[source + np.uint64(e)]
                        else:
                            for m in range(size[1]):
                                column = left + m * dilation[1]
                                pixel = to + np.uint64(m * channels)
                                if 0 <= column < width:
                                    start = ((n * height + row) * width + column) * channels
                                    source = np.uint64(start)
                                    for c in range(channels):
                                        out[pixel + np.uint64(c)] = x[source + np.uint64(c)]
                                else:
                                    for c in range(channels):
                                        out[pixel + np.uint64(c)] = zero
