"""Edges and nodes that look at images: what they compute, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import lowered, mistakes, outputs, run

from nngraph.lower import differentiate

SHARPEN = "[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]"


def image(*rows: list[float]) -> np.ndarray:
    """One picture with one channel, as a batch of one."""
    return np.array(rows, float)[None, :, :, None]


def one(edge: str, shape: str = "[8, 8, 1]", units: int = 2) -> str:
    return f"""
nodes: {{x: {{kind: input, shape: {shape}}}, h: {{units: {units}}}}}
edges:
  - x -> h: {edge}
"""


def node(text: str, shape: str = "[6, 7, 2]") -> str:
    return f"""
nodes: {{x: {{kind: input, shape: {shape}}}, p: {text}}}
edges: [x -> p]
"""


@pytest.mark.parametrize(
    ("edge", "shape"),
    [
        ("{conv: 3}", (6, 6, 2)),
        ("{conv: [1, 5]}", (8, 4, 2)),
        ("{kind: conv, kernel: 3, stride: 2}", (3, 3, 2)),
        ("{conv: 3, padding: same}", (8, 8, 2)),
        ("{conv: 3, padding: same, stride: 3}", (3, 3, 2)),
        ("{conv: 3, padding: 2}", (10, 10, 2)),
        ("{conv: 3, padding: [0, 2]}", (6, 10, 2)),
        ("{conv: 3, padding: [[1, 0], [0, 3]]}", (7, 9, 2)),
        ("{conv: 3, dilation: 2}", (4, 4, 2)),
        ("{depthwise: 3}", (6, 6, 2)),
        ("{conv_transpose: 3}", (10, 10, 2)),
        ("{conv_transpose: 3, stride: 2}", (17, 17, 2)),
        ("{conv_transpose: 3, stride: 2, padding: same}", (16, 16, 2)),
        ("{conv_transpose: 2, stride: 3, padding: same}", (24, 24, 2)),
        ("{conv_transpose: 4, stride: 2, padding: 1}", (16, 16, 2)),
    ],
)
def test_the_shape_of_what_an_edge_brings(edge: str, shape: tuple[int, ...]) -> None:
    assert lowered(one(edge)).shapes["h"] == shape


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("{kind: pool, size: 2}", (3, 3, 2)),
        ("{kind: pool, size: 3, stride: 2, padding: same}", (3, 4, 2)),
        ("{kind: pool, size: [3, 2], function: average}", (2, 3, 2)),
        ("{kind: pool, size: global}", (2,)),
        ("{kind: upsample}", (12, 14, 2)),
        ("{kind: upsample, factor: [1, 3], method: bilinear}", (6, 21, 2)),
        ("{kind: pad, padding: [[1, 2], [0, 3]]}", (9, 10, 2)),
        ("transpose", (2, 7, 6)),
        ("{kind: transpose, axes: [1, 0, 2]}", (7, 6, 2)),
        ("{kind: dropout, rate: 0.5, per: channel}", (6, 7, 2)),
        ("flatten", (84,)),
    ],
)
def test_the_shape_of_a_node_over_an_image(text: str, shape: tuple[int, ...]) -> None:
    assert lowered(node(text)).shapes["p"] == shape


def test_a_sequence_has_one_spatial_axis() -> None:
    low = lowered(one("{conv: 3, stride: 2}", "[9, 4]"))
    assert low.shapes["h"] == (4, 2)
    assert low.weights[0].shape == (3, 4, 2)


def test_weights_are_stored_by_kernel_channel_and_unit() -> None:
    low = lowered(one("{conv: [2, 3], groups: 2}", "[5, 5, 6]", 4))
    assert [w.shape for w in low.weights] == [(2, 3, 3, 4), (4,)]
    low = lowered(one("{depthwise: 3}", "[5, 5, 3]", 6))
    assert low.weights[0].shape == (3, 3, 3, 2)
    low = lowered(one("{conv_transpose: 3, groups: 2}", "[5, 5, 6]", 4))
    assert low.weights[0].shape == (3, 3, 3, 4)


def test_the_sharpened_corner_of_the_lectures() -> None:
    text = one(f"{{conv: 3, padding: same, weight: {SHARPEN}}}", "[3, 3, 1]", 1)
    x = image([105, 102, 100], [103, 99, 103], [101, 98, 104])
    h = outputs(text, {"x": x})["h"]
    np.testing.assert_array_equal(h[0, :, :, 0], [[320, 206, 295], [210, 89, 212], [304, 186, 319]])


def test_the_kernel_follows_from_given_weights() -> None:
    low = lowered(one("{kind: conv, weight: [[1, 2, 3]]}", "[4, 4, 1]", 1))
    assert low.shapes["h"] == (4, 2, 1)


def test_what_is_odd_of_same_padding_goes_to_the_end() -> None:
    text = one("{kind: conv, weight: [[1, 10], [100, 1000]], padding: same}", "[2, 2, 1]", 1)
    h = outputs(text, {"x": image([1, 2], [3, 4])})["h"]
    np.testing.assert_array_equal(h[0, :, :, 0], [[4321, 402], [43, 4]])


def test_a_transposed_convolution_spreads_each_pixel_over_its_window() -> None:
    text = one("{kind: conv_transpose, weight: [[1, 2], [3, 4]], stride: 2}", "[1, 2, 1]", 1)
    h = outputs(text, {"x": image([1, 10])})["h"]
    np.testing.assert_array_equal(h[0, :, :, 0], [[1, 2, 10, 20], [3, 4, 30, 40]])


def test_means_leave_the_border_out() -> None:
    text = node("{kind: pool, function: average, size: 2, stride: 1, padding: same}", "[2, 2, 1]")
    p = outputs(text, {"x": image([1, 2], [3, 6])})["p"]
    np.testing.assert_allclose(p[0, :, :, 0], [[3, 4], [4.5, 6]])


def test_means_count_the_border_where_asked() -> None:
    """PyTorch 2.13: avg_pool2d(x, 2, 2, 1, count_include_pad=True); ONNX Runtime 1.31: AveragePool
    with SAME_UPPER and count_include_pad 1."""
    x = image([1, 2, 3], [4, 5, 6], [7, 8, 10])
    head = "{kind: pool, function: average, size: 2, count_padding: true, "
    for more, expected in [
        ("padding: 1}", [[0.25, 1.25], [2.75, 7.25]]),
        ("stride: 1, padding: same}", [[3, 4, 2.25], [6, 7.25, 4], [3.75, 4.5, 2.5]]),
    ]:
        p = outputs(node(head + more, "[3, 3, 1]"), {"x": x})["p"]
        np.testing.assert_allclose(p[0, :, :, 0], expected)


def test_a_border_never_wins_a_maximum() -> None:
    text = node("{kind: pool, size: 2, stride: 1, padding: same}", "[2, 2, 1]")
    p = outputs(text, {"x": image([-1, -2], [-3, -6])})["p"]
    np.testing.assert_array_equal(p[0, :, :, 0], [[-1, -2], [-3, -6]])


def test_global_pools_give_one_number_per_channel() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4, 5, 2))
    mean = outputs(node("{kind: pool, size: global, function: average}", "[4, 5, 2]"), {"x": x})
    most = outputs(node("{kind: pool, size: global}", "[4, 5, 2]"), {"x": x})
    np.testing.assert_allclose(mean["p"], x.mean((1, 2)), rtol=1e-12)
    np.testing.assert_array_equal(most["p"], x.max((1, 2)))


def test_two_branches_share_one_kernel_and_sum_its_gradients() -> None:
    text = """
nodes:
  x1, x2: {kind: input, shape: [5, 5, 1]}
  h1, h2: {units: 3, activation: tanh}
  y: {}
edges:
  - x1 -> h1: {conv: 3}
  - {from: x2, to: h2, kind: conv, share: x1->h1}
  - h1, h2 -> y
loss: mean_squared_error
"""
    low = lowered(text, training=True)
    assert [w.id for w in low.weights].count("x1->h1") == 1
    rng = np.random.default_rng(1)
    x1, x2 = rng.normal(size=(2, 4, 5, 5, 1))
    t = rng.normal(size=(4, 1))
    program = differentiate(low.program, low.parameters)

    def loss(W: np.ndarray) -> float:
        return float(run(low, {"x1": x1, "x2": x2, "y": t}, {"x1->h1": W}).outputs["loss"])

    W, d = rng.normal(size=(2, 3, 3, 1, 3))
    found = run(low, {"x1": x1, "x2": x2, "y": t}, {"x1->h1": W}, program)
    numeric = (loss(W + 1e-6 * d) - loss(W - 1e-6 * d)) / 2e-6
    assert np.sum(found.outputs["gradient:x1->h1"] * d) == pytest.approx(numeric, rel=1e-7)


def test_a_decoder_may_be_tied_to_its_encoder() -> None:
    text = """
nodes:
  x: {kind: input, shape: [6, 6, 2]}
  h: {units: 5}
  y: {units: 2}
edges:
  - x -> h: {conv: 3, stride: 2, padding: same}
  - h -> y: {conv_transpose: 3, stride: 2, padding: same, share: {edge: x->h, transpose: true}}
"""
    low = lowered(text)
    assert low.shapes["y"] == (6, 6, 2)
    assert [w.id for w in low.weights] == ["x->h", "h.bias", "y.bias"]
    x, z = np.random.default_rng(2).normal(size=(2, 1, 6, 6, 2))
    W = np.random.default_rng(3).normal(size=(3, 3, 2, 5))
    first = run(low, {"x": x}, {"x->h": W}).outputs
    other = run(low, {"x": z}, {"x->h": W}).outputs
    # the decoder is the transpose of the encoder: <z, D E x> = <E z, E x>
    assert np.sum(z * first["y"]) == pytest.approx(np.sum(other["h"] * first["h"]))


def test_a_mask_removes_single_taps() -> None:
    text = one("{conv: 3, weight: 1, mask: [[0, 1, 0], [1, 1, 1], [0, 1, 0]]}", "[3, 3, 1]", 1)
    assert outputs(text, {"x": np.ones((1, 3, 3, 1))})["h"].item() == 5
    (weight, _) = lowered(text).weights
    assert weight.fan_in == 5


def test_fans_count_the_connections_of_one_unit() -> None:
    conv = lowered(one("{conv: [2, 3], groups: 2}", "[5, 5, 6]", 4)).weights[0]
    assert (conv.fan_in, conv.fan_out) == (2 * 3 * 3, 2 * 3 * 2)
    deep = lowered(one("{depthwise: 3}", "[5, 5, 3]", 6)).weights[0]
    assert (deep.fan_in, deep.fan_out) == (9, 18)
    spread = lowered(one("{conv_transpose: 4, stride: 2}", "[5, 5, 3]", 6)).weights[0]
    assert (spread.fan_in, spread.fan_out) == (12, 96)


def test_dropout_takes_whole_channels() -> None:
    low = lowered(node("{kind: dropout, rate: 0.5, per: channel}", "[3, 4, 50]"), training=True)
    p = run(low, {"x": np.ones((2, 3, 4, 50))}).outputs["p"]
    assert set(np.unique(p)) == {0.0, 2.0}
    assert np.all(p == p[:, :1, :1])


def test_an_edge_may_take_some_channels_and_reach_some_units() -> None:
    text = """
nodes: {x: {kind: input, shape: [3, 3, 3]}, h: {units: 3, bias: 7}}
edges:
  - x[1] -> h[2]: {conv: 3, weight: 1}
"""
    x = np.arange(27.0).reshape(1, 3, 3, 3)
    h = outputs(text, {"x": x})["h"]
    np.testing.assert_array_equal(h.ravel(), [7, 7, 7 + x[..., 1].sum()])


CASES = {
    "a kernel larger than the image": (
        one("{conv: 5}", "[4, 4, 1]"),
        ("E229", "5"),
        "kernel 5x5 does not fit 4x4 from 'x'",
        "padding: same",
    ),
    "a kernel that its dilation makes larger": (
        one("{conv: 3, dilation: 2}", "[4, 4, 1]"),
        ("E229", "3"),
        "kernel 3x3 (spread to 5x5 by its dilation) does not fit 4x4 from 'x'",
        "smaller window",
    ),
    "a pool larger than the image": (
        node("{kind: pool, size: 8}"),
        ("E229", "8"),
        "pool 8x8 does not fit 6x7 from 'x'",
        "fewer pools",
    ),
    "a vector instead of an image": (
        one("{conv: 3}", "[64]"),
        ("E229", "x -> h"),
        "the conv edge 'x->h' needs an image [height, width, channels]",
        "shape: [28, 28, 1]",
    ),
    "groups that do not divide": (
        one("{conv: 3, groups: 2}", "[4, 4, 3]"),
        ("E229", "2"),
        "2 groups do not divide 3 channels of 'x'",
        "divides",
    ),
    "units that are no multiple": (
        one("{depthwise: 3}", "[4, 4, 3]", 4),
        ("E229", "x -> h"),
        "'h' has 4 units, which is no multiple of the 3 channels of 'x'",
        "same number of units",
    ),
    "strides for too many axes": (
        one("{conv: 3, stride: [1, 2]}", "[9, 2]"),
        ("E229", "[1, 2]"),
        "'stride' of 'x->h' has 2 entries, but a sequence has one spatial axis",
        "one for each",
    ),
    "a kernel of another shape": (
        one(f"{{conv: 3, weight: {SHARPEN}}}", "[5, 5, 3]"),
        ("E221", SHARPEN),
        "weights of shape [3, 3, 3, 2] (kernel_h, kernel_w, in / groups, units), got [3, 3]",
        "axes of length 1",
    ),
    "a border that cuts everything off": (
        one("{conv_transpose: 3, padding: 2}", "[2, 2, 1]"),
        ("E229", "2"),
        "cuts off all of its result",
        "cut off each side",
    ),
    "a pool whose window would see the border alone": (
        node("{kind: pool, size: 2, padding: 2}"),
        ("E229", "2"),
        "a window of 'p' would lie in the border alone",
        "less than the size",
    ),
    "axes that are not there": (
        node("{kind: transpose, axes: [0, 1]}"),
        ("E227", "[0, 1]"),
        "'p' puts the axes [0, 1] in order, but 'x' has 3 of them",
        "0 to 2 once",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_names_both_sides_and_the_mend(name: str) -> None:
    text, where, message, mend = CASES[name]
    (told,) = mistakes(text.lstrip("\n"))
    assert told.span is not None
    assert (told.code, told.span.source.text[told.span.start : told.span.end]) == where
    assert message in told.message
    assert mend in told.help


def test_a_dense_edge_where_conv_was_forgotten_suggests_it() -> None:
    (told,) = mistakes("""nodes:
  x: {kind: input, shape: [8, 8, 1]}
  h: {units: 4}
  p: {kind: pool, size: 2}
edges: [x -> h -> p]
""")
    assert "the pool node 'p' needs an image" in told.message
    assert told.help == "was `conv` forgotten there? `- x -> h: {conv: 3}`"
    assert any("this dense edge flattens 'x'" in note.text for note in told.notes)


def test_a_picture_without_its_channels_is_worth_a_look() -> None:
    (lint,) = lowered(one("{conv: 3}", "[28, 28]")).lints
    assert lint.code == "L206"
    assert "a sequence of 28 steps with 28 channels" in lint.message
    assert "`shape: [28, 28, 1]`" in lint.help
    assert not lowered(one("{conv: 3}", "[28, 12]")).lints


def test_windows_are_only_summed() -> None:
    (told,) = (
        mistakes("""nodes: {x: {kind: input, shape: [8, 8, 1]}, h: {units: 2, aggregate: maximum}}
edges:
  - x -> h: {conv: 3}
""")
    )
    assert "whose aggregate is not the sum" in told.message
