"""Fixed kernels on pictures of any size, beside a direct computation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli.frame import run
from nngraph.data.picture_files import decode_png, encode_png

SPECS = Path(__file__).parents[2] / "specs"


def edges_of(picture: np.ndarray) -> np.ndarray:
    """The length of (gx, gy) at each pixel of a grey picture [h, w], one by one."""
    height, width = picture.shape
    expected = np.zeros((height - 2, width - 2))
    for i in range(height - 2):
        for j in range(width - 2):
            p = picture[i : i + 3, j : j + 3].astype(float)
            gx = p[0, 2] + 2 * p[1, 2] + p[2, 2] - p[0, 0] - 2 * p[1, 0] - p[2, 0]
            gy = p[2, 0] + 2 * p[2, 1] + p[2, 2] - p[0, 0] - 2 * p[0, 1] - p[0, 2]
            expected[i, j] = math.hypot(gx, gy)
    return expected


@pytest.mark.parametrize("size", [(17, 23), (3, 3), (3, 40), (64, 5)])
def test_the_sobel_picture_is_that_of_a_direct_computation(size: tuple[int, int]) -> None:
    height, width = size
    picture = np.random.default_rng(0).integers(0, 256, size)
    model = nngraph.compile(SPECS / "sobel.yaml", [f"nodes.image.shape=[{height},{width},1]"])
    found = np.asarray(model.predict({"image": picture[None, :, :, None]}))
    expected = edges_of(picture)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-6)


def luma(picture: np.ndarray) -> np.ndarray:
    """Grey of a picture in colour, as television made it (ITU-R BT.601)."""
    red, green, blue = np.moveaxis(picture.astype(float), 2, 0)
    return np.rint(0.299 * red + 0.587 * green + 0.114 * blue)


@pytest.mark.parametrize(("channels", "options"), [(1, []), (3, ["--resize"])])
def test_predict_writes_the_edges_of_a_picture_file(
    tmp_path: Path, channels: int, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (11, 19, channels), np.uint8)
    file, written = tmp_path / "mine.png", tmp_path / "edges.png"
    file.write_bytes(encode_png(picture))
    shape = ["-s", "nodes.image.shape=[11,19,1]"]
    command = ["predict", str(SPECS / "sobel.yaml"), "--input", str(file), *options, *shape]
    assert run([*command, "-o", str(written)]) == 0
    grey = luma(picture) if channels == 3 else picture[:, :, 0]
    expected = np.rint(np.minimum(edges_of(grey), 255))
    found = decode_png(written.read_bytes(), "edges.png")[:, :, 0]
    np.testing.assert_array_equal(found, expected)
    beyond = int((edges_of(grey) > 255).sum())
    assert f"black is 0, white is 255; {beyond} values" in capsys.readouterr().err
    assert run([*command, "-o", str(written), "--stretch"]) == 0
    lowest, highest = edges_of(grey).min(), edges_of(grey).max()
    found = decode_png(written.read_bytes(), "edges.png")[:, :, 0]
    stretched = (edges_of(grey) - lowest) / (highest - lowest) * 255
    assert np.abs(found - stretched).max() <= 0.51
