"""Moved images: compiled kernels give the bits of NumPy, and both those of the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nngraph.data.warping import Motion, move, standing
from nngraph.kernels.compiled.jit import available

Array = np.ndarray[Any, Any]
SHAPES = ((50, 28, 28, 1), (7, 13, 9, 3), (2, 190, 150, 1), (5, 1, 1, 2), (5, 2, 7, 1))


def motion_of(kind: str, samples: int, draws: np.random.Generator) -> Motion:
    if kind == "any":
        return Motion(draws.normal(size=(samples, 2, 2)), draws.normal(size=(samples, 2)) * 4)
    if kind == "exact":
        linear = standing(samples)
        linear[draws.random(samples) < 0.5, 1, 1] = -1
        return Motion(linear, draws.integers(-3, 4, (samples, 2)).astype(float), is_exact=True)
    factors = draws.uniform(0.7, 1.3, (samples, 1, 1))
    return Motion(standing(samples) * factors, draws.normal(size=(samples, 2)))


def by_definition(images: Array, motion: Motion, fill: Array, *, blend: bool) -> Array:
    """Pixel by pixel: looked up in an endless plane of `fill` around the image, in float64."""
    samples, height, width = images.shape[:3]
    moved = np.empty(images.shape)

    def pixel(n: int, row: int, column: int) -> Array:
        inside = 0 <= row < height and 0 <= column < width
        return images[n, row, column].astype(float) if inside else fill.astype(float)

    middle = np.array([height - 1, width - 1]) / 2
    for n, i, j in np.ndindex(samples, height, width):
        place = motion.linear[n] @ (np.array([i, j]) - middle) + motion.offset[n] + middle
        row, column = np.clip(place, -1, (height, width))
        if not blend:
            moved[n, i, j] = pixel(n, int(np.floor(row + 0.5)), int(np.floor(column + 0.5)))
            continue
        y, x = int(np.floor(row)), int(np.floor(column))
        b, r = row - y, column - x
        upper = (1 - r) * pixel(n, y, x) + r * pixel(n, y, x + 1)
        lower = (1 - r) * pixel(n, y + 1, x) + r * pixel(n, y + 1, x + 1)
        moved[n, i, j] = (1 - b) * upper + b * lower
    return moved


@pytest.mark.parametrize("blend", [True, False])
@pytest.mark.parametrize("kind", ["exact", "scale", "any"])
def test_each_pixel_comes_from_its_place(kind: str, blend: bool) -> None:
    draws = np.random.default_rng(2)
    for shape in ((6, 9, 7, 1), (4, 5, 6, 3), (3, 1, 4, 2)):
        images, fill = draws.normal(size=shape), draws.normal(size=shape[3])
        motion = motion_of(kind, shape[0], draws)
        found = move(images, motion, fill, blend=blend)
        expected = by_definition(images, motion, fill, blend=blend and kind != "exact")
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.skipif(not available(), reason="numba is not installed")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["exact", "scale", "any"])
def test_kernels_give_the_bits_of_numpy(kind: str, dtype: Any) -> None:
    draws = np.random.default_rng(1)
    for shape in SHAPES:
        images = draws.normal(size=shape).astype(dtype)
        fill, motion = draws.normal(size=shape[3]).astype(dtype), motion_of(kind, shape[0], draws)
        for blend in (True, False):
            plain = move(images, motion, fill, blend=blend)
            compiled = move(images, motion, fill, blend=blend, kernels=True)
            np.testing.assert_array_equal(compiled, plain)
