"""The generated pictures `shapes`: one figure on a dark ground, with its mask.

Each picture is drawn from its own row of numbers, so the first n of more samples are the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, Table, table_of_arrays
from nngraph.data.sources.figures import Draws
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.data.trigonometry import cosine, sine
from nngraph.words.generated_sets import ShapesData

FIGURES = ("circle", "square", "triangle")
SMALLEST, LARGEST = 0.15, 0.35  # of the shorter side: the radius around the centre
GROUND, DARKEST, BRIGHTEST = 0.1, 0.5, 1.0
CHUNK = 1024

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]


def _open(spec: ShapesData, around: Surroundings) -> Table:
    """`image` [n, h, w, 1] from 0 to 1 (noise may lead out), `mask` and `regions` [n, h, w],
    `label`."""
    draws, size = Draws(spec), spec.size
    kind = (np.arange(spec.samples) % len(FIGURES)).astype(np.uint8)
    mask = _masks(draws, kind, size)
    shade = draws.uniform("shade", DARKEST, BRIGHTEST)[:, None, None]
    image = np.where(mask, shade, GROUND).astype(np.float32)
    if spec.noise > 0:
        pixels = draws.normal("noise", size[0] * size[1], spec.noise).reshape(image.shape)
        image += pixels.astype(np.float32)
    columns = {
        "image": Column("image", image[..., None]),
        "mask": Column("mask", mask.astype(np.uint8)),
        "label": Column("label", kind, FIGURES),
        "regions": Column("regions", (mask * (kind + 1)[:, None, None]).astype(np.uint8)),
    }
    return table_of_arrays(
        "the source 'shapes'",
        columns,
        own_inputs=("image",),
        own_target="mask",
        also={"x": "image"},
    )


def _masks(draws: Draws, kind: NDArray[np.uint8], size: tuple[int, int]) -> Masks:
    """Where each figure is, bool[n, h, w]; figures lie inside the picture."""
    shorter = min(size)
    radius = draws.uniform("radius", SMALLEST, LARGEST) * shorter
    middle = np.stack(
        [
            radius + draws.uniform(f"middle {axis}", 0.0, 1.0) * (extent - 1 - 2 * radius)
            for axis, extent in enumerate(size)
        ],
        axis=1,
    )
    turn = draws.uniform("turn", 0.0, 6.283185307179586)
    masks = np.empty((len(kind), *size), np.bool_)
    for start in range(0, len(kind), CHUNK):
        rows = slice(start, start + CHUNK)
        masks[rows] = _inside(kind[rows], middle[rows], radius[rows], turn[rows], size)
    return masks


def _inside(
    kind: NDArray[np.uint8], middle: Floats, radius: Floats, turn: Floats, size: tuple[int, int]
) -> Masks:
    down = np.arange(size[0])[None, :, None] - middle[:, :1, None]
    right = np.arange(size[1])[None, None, :] - middle[:, 1:, None]
    reach = radius[:, None, None]
    corners = np.where(kind == 1, 4, 3)
    inside = down * down + right * right <= reach * reach
    polygon = np.ones_like(inside)
    for side in range(4):
        # a side of a regular polygon lies radius * cos(pi / corners) from the centre
        angle = turn + 6.283185307179586 * np.minimum(side, corners - 1) / corners
        away = (cosine(angle)[:, None, None], sine(angle)[:, None, None])
        distance = (radius * np.where(corners == 4, 0.5**0.5, 0.5))[:, None, None]
        polygon &= down * away[0] + right * away[1] <= distance
    return np.where((kind == 0)[:, None, None], inside, polygon)


SHAPES = Opener(ShapesData, _open)
