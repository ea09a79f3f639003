"""Nodes with images are drawn as solids, to scale; others are not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from nngraph.render import Picture, PictureEdge, PictureNode, to_dot, to_svg
from nngraph.render.flow.items import LEAST, TALLEST, THICKEST, volumes

FACES = r"P 4 "


def drawn(shape: tuple[int, ...], kind: str) -> str:
    return to_dot(Picture("p", "", (PictureNode("a", "", kind, shape),), ()))


@pytest.mark.parametrize("kind", ["input", "neurons", "pool", "concat", "batch_norm", "dropout"])
def test_an_image_is_a_volume_and_says_its_size(kind: str) -> None:
    text = drawn((28, 28, 1), kind)
    assert len(re.findall(FACES, text)) == 4  # front, top, side, and the shade of the side
    assert "28 × 28 × 1" in text
    assert "volumes to scale" in text


@pytest.mark.parametrize(
    ("shape", "kind"), [((28, 28), "input"), ((9,), "neurons"), ((1, 1, 1), "activation")]
)
def test_what_is_no_image_stays_flat(shape: tuple[int, ...], kind: str) -> None:
    text = drawn(shape, kind)
    assert "_background" not in text
    assert "to scale" not in text


def test_dropout_over_images_stays_dashed() -> None:
    assert "S 6 -dashed" in drawn((8, 8, 4), "dropout")
    assert "S 5 -solid" in drawn((8, 8, 4), "neurons")


def row(*shapes: tuple[int, int, int]) -> Picture:
    nodes = tuple(PictureNode(f"n{k}", "", "neurons", shape) for k, shape in enumerate(shapes))
    edges = tuple(
        PictureEdge(f"n{k}", None, f"n{k + 1}", None, "identity") for k in range(len(shapes) - 1)
    )
    return Picture("p", "", nodes, edges)


def test_volumes_are_to_scale_in_height_width_and_depth() -> None:
    found = volumes(row((32, 32, 8), (16, 32, 16), (8, 16, 64)))
    first, second, third = (found[f"n{k}"] for k in range(3))
    assert (first.tall, second.tall, third.tall) == (TALLEST, TALLEST / 2, TALLEST / 4)
    assert (first.thick, second.thick, third.thick) == (THICKEST / 8, THICKEST / 4, THICKEST)
    assert first.right == second.right == 2 * third.right
    assert first.up / first.right == pytest.approx(third.up / third.right)


def test_what_is_too_thin_to_scale_can_still_be_seen() -> None:
    found = volumes(row((512, 512, 1), (1, 1, 2048)))
    assert found["n0"].thick == LEAST
    assert found["n1"].tall == LEAST


def test_a_grey_picture_is_thin_even_where_nothing_has_more_channels() -> None:
    assert volumes(row((28, 28, 1)))["n0"].thick < 10


def test_the_faces_stand_where_the_node_is() -> None:
    picture = row((8, 8, 4))
    text = to_dot(picture)
    place = re.search(r'pos="([-\d.]+),([-\d.]+)"', text)
    face = re.search(r"P 4 ([-\d. ]+?) P", text)
    assert place is not None
    assert face is not None
    numbers = [float(n) for n in face[1].split()]
    solid = volumes(picture)["n0"]
    left, bottom = min(numbers[::2]), min(numbers[1::2])
    middle = left + (solid.thick + solid.right) / 2, bottom + (solid.tall + solid.up) / 2
    assert middle == pytest.approx((float(place[1]), float(place[2])), abs=0.02)


def test_many_volumes_are_all_drawn() -> None:
    svg = to_svg(row(*((16, 16, k) for k in range(1, 31))))
    assert svg.count('fill-opacity="0.188235"') == 30


def test_an_output_volume_has_a_thicker_border() -> None:
    picture = row((8, 8, 4), (8, 8, 4))
    last = replace(picture.nodes[1], is_output=True)
    text = to_dot(replace(picture, nodes=(picture.nodes[0], last)))
    widths = [float(width) for width in re.findall(r"setlinewidth\(([\d.]+)\)", text)]
    assert widths[1] > widths[0]
