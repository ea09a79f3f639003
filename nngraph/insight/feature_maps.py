"""What convolutions make of one picture: the channels of their nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.compiler import Compiled
from nngraph.data import DataSet, Part
from nngraph.errors import Diagnostic, UsageError, join_words, suggest
from nngraph.insight.filters import CONVOLUTIONS
from nngraph.render.image_sheet import SheetBlock, SheetImage, signed_pixels
from nngraph.render.words import count, number, shape_text
from nngraph.train import Network

Array = NDArray[Any]

MOST_CHANNELS, PER_ROW = 32, (16, 8, 4, 2)
WIDEST = 320  # pixels of the pictures in a row, before they are enlarged


def part_to_show(data: DataSet, sample: int | None) -> tuple[str, Part]:
    """The test part with its name; without one the validation part, without that the training part.

    Errors: UsageError for a sample that the part does not have.
    """
    name = next(part for part in ("test", "validation", "train") if part in data.parts)
    part = data.parts[name]
    if sample is not None and not 0 <= sample < part.rows:
        raise UsageError(
            f"the {name} part has {count(part.rows, 'sample')}, numbered from 0: there is no "
            f"sample {sample}; choose --sample 0 to --sample {part.rows - 1}"
        )
    return name, part


def sample_inputs(data: DataSet, sample: int) -> tuple[dict[str, Array], str]:
    """The scaled inputs [1, *shape] of a sample of the test part, and what it is called.

    Errors: as `part_to_show`.
    """
    name, part = part_to_show(data, sample)
    inputs = {key: array[sample : sample + 1] for key, array in part.inputs.items()}
    return inputs, f"sample {sample} of the {name} part"


def feature_map_blocks(
    network: Network, inputs: Mapping[str, Array], nodes: Sequence[str], what: str
) -> tuple[SheetBlock, ...]:
    """A block for each image input, and for each node of `nodes`, by default of a convolution.

    Errors: UsageError for an unknown node, one whose values are no image, or none at all.
    """
    shapes = network.compiled.lowered.shapes
    wanted = list(dict.fromkeys(nodes)) or convolved(network.compiled)
    if not wanted:
        raise UsageError(
            "the network has no convolution over images, so no feature maps to draw; "
            "--node NODE names another node of shape [height, width, channels]"
        )
    for node in wanted:
        _check(node, shapes)
    values = network.outputs(inputs, wanted)
    pictures = [node for node in inputs if len(shapes[node]) == 3 and node not in wanted]
    first = [_input_block(node, np.asarray(inputs[node])[0], what) for node in pictures]
    return (*first, *(_block(node, values[node][0]) for node in wanted))


def convolved(compiled: Compiled) -> list[str]:
    """The nodes with images that a convolution leads to, in order."""
    targets = {e.target.node for e in compiled.document.edges if e.options.kind in CONVOLUTIONS}
    shapes = compiled.lowered.shapes
    return [n for n in compiled.graph.order if n in targets and len(shapes[n]) == 3]


def _check(node: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    images = [name for name, shape in shapes.items() if len(shape) == 3]
    if node in images:
        return
    shown = join_words([f"'{name}'" for name in images[:8]])
    if node in shapes:
        message = f"'{node}' has shape {list(shapes[node])} and no image to draw"
        advice = f"nodes with images: {shown}" if images else "no node of the network has images"
    else:
        message = f"there is no node '{node}'"
        advice = suggest(node, shapes) or f"nodes with images: {shown}"
    raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))


def _input_block(node: str, values: Array, what: str) -> SheetBlock:
    """The picture itself, its darkest value black and its lightest white."""
    if values.shape[2] not in (1, 3):
        return _block(node, values)
    values = values.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    pixels = np.rint((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    colours = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    detail = f"{what}, {shape_text(values.shape)}"
    return SheetBlock(node, detail, (SheetImage(colours),), 1)


def _block(node: str, values: Array) -> SheetBlock:
    """All channels in the same colours, so that they can be compared."""
    values = values.astype(np.float64)
    channels = values.shape[2]
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    strongest = max(-low, high)
    shown = min(channels, MOST_CHANNELS)
    images = tuple(
        SheetImage(signed_pixels(values[:, :, c], strongest), str(c) if channels > 1 else "")
        for c in range(shown)
    )
    more = f"and {count(channels - shown, 'more channel')}" if shown < channels else ""
    detail = f"{shape_text(values.shape)}, values from {number(low)} to {number(high)}"
    columns = next((n for n in PER_ROW if n * values.shape[1] <= WIDEST), 1)
    scale = (low, high) if high > low else None
    return SheetBlock(node, detail, images, columns, scale, more)
