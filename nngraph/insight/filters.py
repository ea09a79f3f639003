"""Kernels of convolutions as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic
from nngraph.lower import Weight
from nngraph.network import Network
from nngraph.render.contact_sheet import SMALLEST_SIDE, SheetBlock, SheetImage
from nngraph.render.pixels import signed_pixels, strip_pixels
from nngraph.render.words import number
from nngraph.spec import EdgeEntry
from nngraph.spec.edges import WINDOW_KINDS

Array = NDArray[Any]

MOST_UNITS, MOST_CHANNELS, PER_ROW = 32, 8, 16
MOST_ROWS = 16  # channels of a kernel along time
LONGEST_SIDE = 66  # pixels of the longer side of a kernel over images
STRIP, WIDEST = 140, 800  # pixels of a kernel along time, and of a row of them


def filter_blocks(network: Network, weights: Mapping[str, Array]) -> tuple[SheetBlock, ...]:
    """One block per convolution, in the order of the spec; shared kernels stand with their owner.

    Kernels of one channel follow each other; with more, a column is a unit and a row a channel.

    Errors: UsageError for a network without convolutions.
    """
    found = [
        _block(weight.entry, np.asarray(weights[weight.id]))
        for weight in network.lowered.weights
        if _is_kernel(weight) and isinstance(weight.entry, EdgeEntry)
    ]
    if not found:
        raise UsageError(diagnostic("E002:no-filters"))
    return tuple(found)


def _is_kernel(weight: Weight) -> bool:
    return isinstance(weight.entry, EdgeEntry) and weight.entry.options.kind in WINDOW_KINDS


def _block(edge: EdgeEntry, kernels: Array) -> SheetBlock:
    """Kernels [height, width, channels, units], or without height along a sequence."""
    kernels = kernels.astype(np.float64)
    finite = kernels[np.isfinite(kernels)]
    strongest = float(np.abs(finite).max(initial=0.0))
    draw = _along_time if kernels.ndim == 3 else _over_images
    return draw(edge, kernels, strongest)


def _over_images(edge: EdgeEntry, kernels: Array, strongest: float) -> SheetBlock:
    height, width, channels, units = kernels.shape
    shown = kernels[:, :, :MOST_CHANNELS, : MOST_UNITS if channels == 1 else PER_ROW]
    is_row = 1 in (channels, units)
    if units == 1:  # the channels of the only unit follow each other
        shown = kernels[:, :, :MOST_UNITS].transpose(0, 1, 3, 2)
    images = [
        SheetImage(
            signed_pixels(shown[:, :, i, j], strongest),
            str(j) if is_row or i == shown.shape[2] - 1 else "",
        )
        for i in range(shown.shape[2])
        for j in range(shown.shape[3])
    ]
    if units == channels == 1:
        grid = f"1 {_unit(edge)}"
    elif units == 1:
        grid = f"1 {_unit(edge)}, {count(channels, 'channel')} across"
    elif channels == 1:
        grid = f"{count(units, _unit(edge))} across"
    else:
        grid = f"{count(units, _unit(edge))} across, {count(channels, 'channel')} down"
    return SheetBlock(
        title=_title(edge),
        detail=_detail(edge, f"{height}×{width}", grid, strongest),
        images=tuple(images),
        columns=PER_ROW if is_row else shown.shape[3],
        scale=(-strongest, strongest),
        note=_note(channels * units, len(images)),
        side=_side(height, width),
    )


def _side(height: int, width: int) -> int:
    """The shorter side on the sheet: of a long kernel less, so that the longer one stays small."""
    shorter, longer = sorted((height, width))
    factor = min(-(-SMALLEST_SIDE // shorter), LONGEST_SIDE // longer)
    return shorter * max(1, factor)


def _along_time(edge: EdgeEntry, kernels: Array, strongest: float) -> SheetBlock:
    """A picture per unit: time to the right, a row per channel."""
    length, channels, units = kernels.shape
    shown = kernels[:, :MOST_ROWS, :MOST_UNITS].transpose(2, 1, 0)
    images = tuple(
        SheetImage(strip_pixels(unit, strongest, STRIP), str(j)) for j, unit in enumerate(shown)
    )
    grid = f"{count(units, _unit(edge))}, time to the right"
    if channels > 1:
        grid += f", {count(channels, 'channel')} down"
    return SheetBlock(
        title=_title(edge),
        detail=_detail(edge, str(length), grid, strongest),
        images=images,
        columns=max(1, min(PER_ROW, WIDEST // images[0].pixels.shape[1])),
        scale=(-strongest, strongest),
        note=_note(channels * units, shown.shape[0] * shown.shape[1]),
        side=1,
    )


def _title(edge: EdgeEntry) -> str:
    ends = f"{edge.source} → {edge.target}"
    return f"{edge.id}: {ends}" if edge.named else ends


def _unit(edge: EdgeEntry) -> str:
    return "kernel" if edge.options.kind == "depthwise" else "unit"


def _detail(edge: EdgeEntry, size: str, grid: str, strongest: float) -> str:
    kind = str(edge.options.kind).replace("_", " ")
    return f"{kind} {size}, {grid}; largest |w| {number(strongest)}"


def _note(total: int, shown: int) -> str:
    return "" if shown == total else f"and {count(total - shown, 'more kernel')}"
