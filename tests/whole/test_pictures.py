"""Fixed kernels on pictures of any size, beside a direct computation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

import nngraph

SPECS = Path(__file__).parents[2] / "specs"


def test_the_sobel_picture_is_that_of_a_direct_computation() -> None:
    height, width = 17, 23
    picture = np.random.default_rng(0).integers(0, 256, (height, width)).astype(float)
    expected = np.zeros((height - 2, width - 2))
    for i in range(height - 2):
        for j in range(width - 2):
            p = picture[i : i + 3, j : j + 3]
            gx = p[0, 2] + 2 * p[1, 2] + p[2, 2] - p[0, 0] - 2 * p[1, 0] - p[2, 0]
            gy = p[2, 0] + 2 * p[2, 1] + p[2, 2] - p[0, 0] - 2 * p[0, 1] - p[0, 2]
            expected[i, j] = math.hypot(gx, gy)
    model = nngraph.compile(SPECS / "sobel.yaml", [f"nodes.image.shape=[{height},{width},1]"])
    found = model.predict({"image": picture[None, :, :, None]})
    edges = np.asarray(found)
    np.testing.assert_allclose(edges.reshape(expected.shape), expected, rtol=1e-6)
