"""Nodes with images are drawn with depth; others are not."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from nngraph.render import Picture, PictureEdge, PictureNode, to_dot
from nngraph.render.layered import volume_side


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


def volume(side: int) -> PictureNode:
    return PictureNode("a", "", "neurons", (side, side, 4))


def test_a_volume_is_the_taller_the_more_pixels_its_images_have() -> None:
    sides = [volume_side(volume(side)) for side in (1, 5, 7, 14, 28, 512)]
    assert sides == sorted(sides)
    assert len(set(sides)) == len(sides)
    assert volume_side(volume(100_000)) == volume_side(volume(512))


def test_where_the_picture_grows_downwards_volumes_grow_across() -> None:
    nodes = tuple(replace(volume(28), id=f"n{i}") for i in range(12))
    edges = tuple(
        PictureEdge(a.id, None, b.id, None, "identity") for a, b in itertools.pairwise(nodes)
    )
    down = to_dot(Picture("p", "", nodes, edges))
    beside = to_dot(Picture("p", "", nodes[:2], edges[:1]))
    assert (" width=" in down, " height=" in down) == (True, False)
    assert (" width=" in beside, " height=" in beside) == (False, True)
