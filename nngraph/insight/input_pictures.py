"""The input that is a picture, and its samples as pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Normalizer, Part
from nngraph.train import Network

Array = NDArray[Any]
Bytes = NDArray[np.uint8]

CONVOLUTIONS = ("conv", "depthwise", "conv_transpose")
SMALLEST = 4  # pixels of the shorter side
LARGEST_SIDE = 256  # pixels; larger pictures are drawn smaller
SEEN = 256  # rows that say what is black and white


@dataclass(frozen=True, eq=False, slots=True)
class InputPictures:
    """An input node whose samples are pictures of `shape`, [h, w] or [h, w, 1 or 3].

    `bounds` are the raw values of black and white; `scale` undoes what was done for training.
    """

    node: str
    shape: tuple[int, ...]
    scale: Normalizer | None
    bounds: tuple[float, float]

    @classmethod
    def of(cls, network: Network, data: DataSet, part: Part) -> InputPictures | None:
        """The first input that is a picture; a vector counts where the source has images for it."""
        shapes = network.compiled.lowered.shapes
        for node in network.compiled.lowered.inputs:
            shape = _image_shape(shapes[node], data.shapes, node)
            if shape is None or (len(shape) == 2 and _is_sequence(network, node)):
                continue
            learnt = network.normalizers.inputs.get(node)
            scale = None if learnt is None or learnt.kind == "none" else learnt
            seen = part.inputs[node][:SEEN]
            seen = seen if scale is None else scale.invert(seen)
            low, high = float(seen.min()), float(seen.max())
            return cls(node, shape, scale, (low, high if high > low else low + 1.0))
        return None

    def raw(self, values: Array) -> Array:
        """One sample before it was scaled, in the shape of a picture."""
        return (values if self.scale is None else self.scale.invert(values)).reshape(self.shape)

    def pixels(self, values: Array, largest: int = LARGEST_SIDE) -> Bytes:
        """One scaled sample as uint8[h, w, 1 or 3], with no side above `largest`."""
        return grey_pixels(self.raw(values), self.bounds, largest)


def _is_sequence(network: Network, node: str) -> bool:
    """Whether the two axes of an input are time and channels: a convolution runs along it."""
    kinds = [e.options.kind for e in network.document.edges if e.source.node == node]
    return any(kind in CONVOLUTIONS for kind in kinds)


def _image_shape(
    shape: tuple[int, ...], known: Mapping[str, tuple[int, ...]], node: str
) -> tuple[int, ...] | None:
    for found in (shape, known.get(node, ())):
        flat = found[:-1] if len(found) == 3 and found[-1] in (1, 3) else found
        if len(flat) == 2 and min(flat) >= SMALLEST and math.prod(found) == math.prod(shape):
            return found
    return None


def thinned(values: Array) -> Array:
    """Every so many pixels of classes [h, w, ...], so that no side is longer than 256."""
    step = _step(values, LARGEST_SIDE)
    return values[::step, ::step]


def _step(values: Array, largest: int) -> int:
    longer: int = max(values.shape[:2])
    return -(-longer // largest)


def reduced(values: Array, largest: int = LARGEST_SIDE) -> Array:
    """Images [h, w, c] with no side above `largest` pixels; each pixel is the mean of a square.

    >>> reduced(np.ones((600, 3, 1))).shape
    (200, 1, 1)
    """
    step = _step(values, largest)
    if step == 1:
        return values
    for axis in (0, 1):
        starts = np.arange(0, values.shape[axis], step)
        sums = np.add.reduceat(values, starts, axis=axis)
        counts = np.diff(np.append(starts, values.shape[axis]))
        values = sums / counts.reshape([-1 if a == axis else 1 for a in range(3)])
    return values


def grey_pixels(values: Array, bounds: tuple[float, float], largest: int = LARGEST_SIDE) -> Bytes:
    """Values [h, w] or [h, w, c] as uint8[h, w, c], black and white at the bounds."""
    low, high = bounds
    image = values.astype(np.float64).reshape(*values.shape[:2], -1)
    share = np.nan_to_num((reduced(image, largest) - low) / (high - low))
    pixels: Bytes = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    return pixels
