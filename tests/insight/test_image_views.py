"""Kernels and channels as pictures: which, in which colours, and what is said of the rest."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import nngraph
from nngraph.data.picture_files import decode_png
from nngraph.errors import UsageError
from nngraph.insight.feature_maps import convolved_nodes, feature_map_blocks, sample_inputs
from nngraph.insight.filters import filter_blocks
from nngraph.render.contact_sheet import (
    Sheet,
    SheetBlock,
    SheetImage,
    sheet_png,
    sheet_svg,
)
from nngraph.render.pixels import reduced, signed_pixels, strip_pixels

BLUE, ORANGE, WHITE = [31, 99, 176], [185, 87, 10], [255, 255, 255]

SPEC = """nngraph: 1
name: views
nodes:
  x: {kind: input, shape: [5, 6, 1]}
  a: {units: 2}
  b: {units: 40, activation: relu}
  y: {units: 1}
edges:
  - x -> a: {conv: 3, id: "<first>"}
  - a -> b: {conv: 1}
  - b -> y
loss: mean_squared_error
"""


def model() -> nngraph.Model:
    return nngraph.compile(SPEC.replace('"<first>"', "first"), seed=3)


def test_a_kernel_is_drawn_in_the_colours_of_its_signs() -> None:
    made = model()
    weights = made.weights
    kernels = np.zeros((3, 3, 1, 2))
    kernels[0, 1, 0, 0], kernels[2, 2, 0, 1] = 2.0, -2.0
    first, second = filter_blocks(made.network, {**weights, "first": kernels})
    assert first.title == "first: x → a"
    assert first.detail == "conv 3×3, 2 units across; largest |w| 2"
    assert first.scale == (-2.0, 2.0)
    assert first.images[0].pixels[0, 1].tolist() == BLUE
    assert first.images[0].pixels[2, 2].tolist() == WHITE
    assert first.images[1].pixels[2, 2].tolist() == ORANGE
    assert second.columns == 16
    assert len(second.images) == 32
    assert second.note == "and 48 more kernels"


def test_columns_are_units_and_rows_are_channels() -> None:
    made = model()
    kernels = np.zeros((1, 1, 2, 40))
    kernels[0, 0, 1, 5] = 1.0
    block = filter_blocks(made.network, {**made.weights, "a->b": kernels})[1]
    coloured = [i for i, image in enumerate(block.images) if image.pixels.tolist() == [[BLUE]]]
    assert coloured == [1 * 16 + 5]


def test_a_network_without_convolutions_says_so() -> None:
    dense = nngraph.compile("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n")
    with pytest.raises(UsageError, match="no convolution"):
        filter_blocks(dense.network, dense.weights)
    with pytest.raises(UsageError, match="no convolution"):
        feature_map_blocks(dense.learner, {"x": np.zeros((1,))}, (), "none")


def test_feature_maps_are_what_the_network_computes() -> None:
    made = model()
    picture = np.random.default_rng(0).normal(size=(1, 5, 6, 1))
    assert convolved_nodes(made.network) == ["a", "b"]
    shown = feature_map_blocks(made.learner, {"x": picture.astype(np.float32)}, (), "one")
    assert [block.title for block in shown] == ["x", "a", "b"]
    values = made.forward(picture, ["a"])["a"][0]
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    assert shown[1].scale == pytest.approx((low, high), rel=1e-5)
    strongest = max(-low, high)
    darkest = np.unravel_index(np.abs(values).argmax(), values.shape)
    pixel = shown[1].images[darkest[2]].pixels[darkest[0], darkest[1]].tolist()
    assert pixel == (BLUE if high == strongest else ORANGE)
    assert shown[2].note == "and 8 more channels"


def test_a_node_without_an_image_is_refused_with_those_that_have_one() -> None:
    made = model()
    inputs = {"x": np.zeros((1, 5, 6, 1), np.float32)}
    with pytest.raises(UsageError, match="no image to draw"):
        feature_map_blocks(made.learner, inputs, ("y",), "one")
    with pytest.raises(UsageError, match="no node 'c'"):
        feature_map_blocks(made.learner, inputs, ("c",), "one")


def test_a_sample_that_is_not_there_is_refused_with_the_numbers_that_are() -> None:
    source = "{source: shapes, samples: 12, size: [8, 8], targets: {y: label}, split: {test: 3}}"
    text = SPEC.replace('"<first>"', "first").replace("[5, 6, 1]", "[8, 8, 1]")
    data = nngraph.compile(
        text.replace("y: {units: 1}", "y: {units: 3}") + f"data: {source}\n"
    ).data
    inputs, what = sample_inputs(data, 2)
    assert what == "sample 2 of the test part"
    np.testing.assert_array_equal(inputs["x"], data.parts["test"].inputs["x"][2:])
    for wrong in (-1, 3):
        with pytest.raises(UsageError, match="--sample 0 to --sample 2"):
            sample_inputs(data, wrong)


def test_a_sheet_holds_each_picture_and_escapes_every_text() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    hostile = "<script>alert(1)</script>"
    images = (SheetImage(pixels, "<b>"), SheetImage(pixels[::-1], "&"))
    block = SheetBlock(hostile, hostile, images, 1, (-1.0, 1.0), hostile)
    drawn = Sheet(hostile, (block,))
    text = sheet_svg(drawn)
    root = ElementTree.fromstring(text)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
        "svg", "title", "style", "text", "image", "rect",
    }  # fmt: skip
    data = [base64.b64decode(d) for d in re.findall(r"base64,([^\"]+)", text)]
    found = decode_png(data[1], "x")
    np.testing.assert_array_equal(found[::22, ::22], pixels)
    sheet = decode_png(sheet_png(drawn), "x")
    np.testing.assert_array_equal(sheet[14 : 14 + 44 : 22, 14 : 14 + 44 : 22], pixels)


SEQUENCE = """nngraph: 1
name: waves
nodes:
  x: {kind: input, shape: [12, 1]}
  a: {units: 3}
  b: {units: 40, activation: relu}
  y: {units: 1}
edges:
  - x -> a: {conv: 4, padding: same}
  - a -> b: {conv: 2}
  - b -> y
"""


def test_kernels_along_time_are_strips_with_a_row_per_channel() -> None:
    made = nngraph.compile(SEQUENCE, seed=2)
    kernels = np.zeros((2, 3, 40))
    kernels[1, 2, 5] = -3.0
    first, second = filter_blocks(made.network, {**made.weights, "a->b": kernels})
    assert first.detail.startswith("conv 4, 3 units, time to the right; largest |w| ")
    assert second.detail == "conv 2, 40 units, time to the right, 3 channels down; largest |w| 3"
    assert len(second.images) == 32
    pixels = second.images[5].pixels
    step, row = pixels.shape[1] // 2, pixels.shape[0] // 3
    assert pixels[::row, ::step].reshape(3, 2, 3).tolist() == [
        [WHITE, WHITE],
        [WHITE, WHITE],
        [WHITE, ORANGE],
    ]
    assert second.note == "and 24 more kernels"


def test_feature_maps_of_a_sequence_are_strips_of_what_the_network_computes() -> None:
    made = nngraph.compile(SEQUENCE, seed=2)
    wave = np.random.default_rng(1).normal(size=(1, 12, 1)).astype(np.float32)
    shown = feature_map_blocks(made.learner, {"x": wave}, (), "one")
    assert [block.title for block in shown] == ["x", "a", "b"]
    assert shown[0].detail.startswith("one, 12 × 1, values from ")
    assert shown[2].note == "and 8 more channels"
    values = made.forward(wave, ["a"])["a"][0]
    strip = shown[1].images[0].pixels
    step, row = strip.shape[1] // 12, strip.shape[0] // 3
    np.testing.assert_array_equal(
        strip[::row, ::step], signed_pixels(values.T.astype(float), float(np.abs(values).max()))
    )


def test_of_a_long_sequence_the_strongest_neighbours_are_drawn() -> None:
    values = np.zeros((1, 1000))
    values[0, 501], values[0, 700] = 2.0, -2.0
    strip = strip_pixels(values, 2.0, 100, row=1)
    assert strip.shape == (1, 100, 3)
    assert strip[0, 50].tolist() == BLUE
    assert strip[0, 70].tolist() == ORANGE
    assert (strip[0, [49, 51, 69, 71]] == 255).all()


def test_large_images_are_drawn_smaller_with_the_mean_of_each_square() -> None:
    values = np.zeros((512, 700, 1))
    values[3:6, 6:9] = 1.0
    small = reduced(values)
    assert small.shape == (171, 234, 1)
    assert small[1, 2, 0] == 1.0
    assert small.sum() == 1.0
    spec = SPEC.replace('"<first>"', "first").replace("[5, 6, 1]", "[300, 280, 1]")
    spec = spec.replace("  - b -> y\n", "").replace("  y: {units: 1}\n", "")
    made = nngraph.compile(spec.replace("loss: mean_squared_error\n", ""), seed=0)
    blocks = feature_map_blocks(made.learner, {"x": np.ones((1, 300, 280, 1))}, ("a",), "one")
    assert blocks[0].images[0].pixels.shape == (300, 280, 3)
    assert "drawn at 149 × 139" in blocks[1].detail
    assert blocks[1].columns == 4


def test_long_kernels_are_not_enlarged_beyond_their_longer_side() -> None:
    for kernel, side in [("3", 45), ("[1, 5]", 13), ("[5, 3]", 39), ("1", 44), ("80", 80)]:
        spec = f"""nngraph: 1
nodes: {{x: {{kind: input, shape: [80, 80, 1]}}, y: {{units: 2}}}}
edges: [x -> y: {{conv: {kernel}}}]
"""
        made = nngraph.compile(spec, seed=0)
        (block,) = filter_blocks(made.network, made.weights)
        assert block.side == side, kernel


def test_rows_of_a_sheet_may_differ_in_length() -> None:
    image = SheetImage(np.zeros((56, 56, 1), np.uint8), "a")
    block = SheetBlock("", "", (image,) * 4, 3, side=56, lengths=(1, 3))
    root = ElementTree.fromstring(sheet_svg(Sheet("rows", (block,), margin=6, gap=6)))
    images = [e for e in root.iter() if e.tag.endswith("image")]
    assert [(e.get("x"), e.get("y")) for e in images] == [
        ("6", "6"), ("6", "81"), ("68", "81"), ("130", "81"),
    ]  # fmt: skip
    pixels = decode_png(sheet_png(Sheet("rows", (block,), margin=6, gap=6)), "rows")
    assert pixels.shape == (130, 192, 1)
    assert pixels[30, 30] == 0
    assert pixels[30, 90] == 255
    assert pixels[92, 160] == 0
