"""The input that is a picture, and its samples as pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from nngraph.data import DataSet, Normalizer, Part
from nngraph.insight.own_units import PLAIN
from nngraph.records import dataclass
from nngraph.render.pixels import LARGEST_SIDE, SEEN, Bytes, grey_pixels, is_picture, shades_of
from nngraph.spec.edges import WINDOW_KINDS
from nngraph.train.learner import Learner

Array = NDArray[Any]

SMALLEST = 4  # pixels of the shorter side


@dataclass(frozen=True, eq=False, slots=True)
class InputPictures:
    """An input node whose samples are pictures of `shape`, [h, w] or [h, w, 1 or 3].

    `shades` are the raw values of black and white; `scale` undoes what was done for training.
    """

    node: str
    shape: tuple[int, ...]
    scale: Normalizer
    shades: tuple[float, float]

    @classmethod
    def of(cls, learner: Learner, data: DataSet, part: Part) -> InputPictures | None:
        """The first input that is a picture; a vector counts where the source has images for it."""
        shapes = learner.network.lowered.shapes
        for node in learner.network.lowered.inputs:
            shape = _image_shape(shapes[node], data.shapes, node)
            if shape is None or (len(shape) == 2 and _is_sequence(learner, node)):
                continue
            scale = learner.normalizers.inputs.get(node, PLAIN)
            return cls(node, shape, scale, shades_of(scale.invert(part.inputs[node][:SEEN])))
        return None

    def raw(self, values: Array) -> Array:
        """One sample before it was scaled, in the shape of a picture."""
        return self.scale.invert(values).reshape(self.shape)

    def pixels(self, values: Array, largest: int = LARGEST_SIDE) -> Bytes:
        """One scaled sample as uint8[h, w, 1 or 3], with no side above `largest`."""
        return grey_pixels(self.raw(values), self.shades, largest)


def _is_sequence(learner: Learner, node: str) -> bool:
    """Whether the two axes of an input are time and channels: a convolution runs along it."""
    kinds = [e.options.kind for e in learner.document.edges if e.source.node == node]
    return any(kind in WINDOW_KINDS for kind in kinds)


def _image_shape(
    shape: tuple[int, ...], known: Mapping[str, tuple[int, ...]], node: str
) -> tuple[int, ...] | None:
    for found in (shape, known.get(node, ())):
        is_large = is_picture(found) and min(found[:2]) >= SMALLEST
        if is_large and math.prod(found) == math.prod(shape):
            return found
    return None
