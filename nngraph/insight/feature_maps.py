"""What convolutions make of one picture: the channels of their nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic, join_words, suggest
from nngraph.insight.answers import part_to_show
from nngraph.network import Network
from nngraph.render.contact_sheet import SMALLEST_SIDE, SheetBlock, SheetImage
from nngraph.render.pixels import (
    LARGEST_SIDE,
    ROW,
    enlargement,
    grey_pixels,
    reduced,
    shades_of,
    signed_pixels,
    strip_pixels,
)
from nngraph.render.words import number, shape_words
from nngraph.spec.edges import WINDOW_KINDS
from nngraph.train.learner import Learner

Array = NDArray[Any]

MOST_CHANNELS, PER_ROW = 32, (16, 8, 4, 2)
WIDEST = 1100  # pixels of the pictures in a row
LARGEST_ALONE = 640  # pixels of a picture with no others beside it
STRIP, SINGLE_ROW = 768, 24  # pixels of a sequence, and of its only channel


def sample_inputs(data: DataSet, sample: int) -> tuple[dict[str, Array], str]:
    """The scaled inputs [1, *shape] of a sample of the test part, and what it is called.

    Errors: as `part_to_show`.
    """
    name, part = part_to_show(data, sample)
    inputs = {key: array[sample : sample + 1] for key, array in part.inputs.items()}
    return inputs, f"sample {sample} of the {name} part"


def feature_map_blocks(
    learner: Learner, inputs: Mapping[str, Array], nodes: Sequence[str], what: str
) -> tuple[SheetBlock, ...]:
    """A block for each input that is a picture or a sequence, and for each node of `nodes`, by
    default of a convolution.

    Errors: UsageError for an unknown node, one whose values are neither, or none at all.
    """
    shapes = learner.network.lowered.shapes
    wanted = list(dict.fromkeys(nodes)) or convolved_nodes(learner.network)
    if not wanted:
        raise UsageError(diagnostic("E002:no-feature-maps"))
    for node in wanted:
        _check(node, shapes)
    values = learner.outputs(inputs, wanted)
    seen = [node for node in inputs if _is_drawn(shapes[node]) and node not in wanted]
    first = [_input_block(node, np.asarray(inputs[node])[0], what) for node in seen]
    return (*first, *(_block(node, values[node][0]) for node in wanted))


def convolved_nodes(network: Network) -> list[str]:
    """The nodes with images or sequences that a convolution leads to, in order."""
    targets = {e.target.node for e in network.document.edges if e.options.kind in WINDOW_KINDS}
    shapes = network.lowered.shapes
    return [n for n in network.graph.order if n in targets and _is_drawn(shapes[n])]


def _is_drawn(shape: tuple[int, ...]) -> bool:
    """Images [height, width, channels] and sequences [length, channels]."""
    return len(shape) in (2, 3)


def _check(node: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    drawn = [name for name, shape in shapes.items() if _is_drawn(shape)]
    if node in drawn:
        return
    shown = join_words([f"'{name}'" for name in drawn[:8]])
    if node in shapes:
        advice = f"nodes with images: {shown}" if drawn else "no node of the network has images"
        told = diagnostic("E002:no-image", node=node, shape=list(shapes[node]), help=advice)
        raise UsageError(told)
    advice = suggest(node, shapes) or f"nodes with images: {shown}"
    raise UsageError(diagnostic("E002:no-node", node=node, help=advice))


def _input_block(node: str, values: Array, what: str) -> SheetBlock:
    """The picture itself, its darkest value black and its lightest white."""
    if values.ndim == 2 or values.shape[2] not in (1, 3):
        block = _block(node, values)
        return replace(block, detail=f"{what}, {block.detail}")
    pixels = grey_pixels(values, shades_of(values[None]), LARGEST_ALONE)
    colours = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    detail = f"{what}, {shape_words(values.shape)}"
    return SheetBlock(node, detail, (SheetImage(colours),), 1)


def _block(node: str, values: Array) -> SheetBlock:
    """All channels in the same colours, so that they can be compared."""
    values = values.astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    strongest = max(-low, high)
    scale = (low, high) if high > low else None
    detail = f"{shape_words(values.shape)}, values from {number(low)} to {number(high)}"
    if values.ndim == 2:
        return _sequence_block(node, f"{detail}; time to the right", values, strongest, scale)
    channels = values.shape[2]
    shown = min(channels, MOST_CHANNELS)
    small = reduced(values[:, :, :shown], LARGEST_SIDE if channels > 1 else LARGEST_ALONE)
    if small.shape[:2] != values.shape[:2]:
        detail += f", drawn at {small.shape[0]} × {small.shape[1]}"
    images = tuple(
        SheetImage(signed_pixels(small[:, :, c], strongest), str(c) if channels > 1 else "")
        for c in range(shown)
    )
    wide = small.shape[1] * enlargement(small, SMALLEST_SIDE)
    columns = next((n for n in PER_ROW if n * wide <= WIDEST), 1)
    return SheetBlock(node, detail, images, columns, scale, _more(channels, shown))


def _sequence_block(
    node: str, detail: str, values: Array, strongest: float, scale: tuple[float, float] | None
) -> SheetBlock:
    """A sequence [length, channels] as one strip, a row per channel."""
    channels = values.shape[1]
    shown = min(channels, MOST_CHANNELS)
    if channels > 1:
        detail += ", a row per channel"
    rows = np.nan_to_num(values[:, :shown].T)
    pixels = strip_pixels(rows, strongest, STRIP, SINGLE_ROW if channels == 1 else ROW)
    more = _more(channels, shown)
    return SheetBlock(node, detail, (SheetImage(pixels),), 1, scale, more, side=1)


def _more(channels: int, shown: int) -> str:
    return f"and {count(channels - shown, 'more channel')}" if shown < channels else ""
