"""Nodes with images are drawn with depth; others are not."""

from __future__ import annotations

import pytest

from nngraph.render import Picture, PictureNode, to_dot


def drawn(shape: tuple[int, ...], kind: str) -> str:
    return to_dot(Picture("p", "", (PictureNode("a", "", kind, shape),), ()))


@pytest.mark.parametrize("kind", ["input", "neurons", "pool", "concat", "batch_norm", "dropout"])
def test_an_image_is_a_volume_and_says_its_size(kind: str) -> None:
    text = drawn((28, 28, 1), kind)
    assert "box3d" in text
    assert "28 × 28 × 1" in text


@pytest.mark.parametrize(
    ("shape", "kind"), [((28, 28), "input"), ((9,), "neurons"), ((1, 1, 1), "neurons")]
)
def test_what_is_no_image_stays_flat(shape: tuple[int, ...], kind: str) -> None:
    assert "box3d" not in drawn(shape, kind)


def test_dropout_over_images_stays_dashed() -> None:
    assert "filled,dashed" in drawn((8, 8, 4), "dropout")
