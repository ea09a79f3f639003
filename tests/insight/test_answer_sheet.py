"""Answers beside the truth: masks, mistakes, pictures drawn again; the worst first."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph
from nngraph.data import DataSet, Part
from nngraph.errors import UsageError
from nngraph.insight.answer_sheet import answer_blocks, needs_truth
from nngraph.insight.input_pictures import InputPictures
from nngraph.insight.masks import INVENTED, MISSED, MaskKind, dice_of_masks, differences
from nngraph.insight.mistakes import mistakes_of
from nngraph.train.supervision import Answered, answered_nodes

MASKS = """nngraph: 1
nodes: {image: {kind: input, shape: [8, 8, 1]}, mask: {units: 1, activation: sigmoid}}
edges: [image -> mask: {conv: 1, weight: 30}]
loss: dice
data: {source: shapes, samples: 30, size: [8, 8], noise: 0.2, split: {test: 14}}
"""
REGIONS = """nngraph: 1
nodes: {image: {kind: input, shape: [8, 8, 1]}, regions: {units: 4, activation: softmax}}
edges: [image -> regions: {conv: 1}]
loss: cross_entropy
data: {source: shapes, samples: 12, size: [8, 8], targets: {regions: regions}, split: {test: 4}}
"""
CLASSES = """nngraph: 1
nodes:
  image: {kind: input, shape: [8, 8, 1]}
  flat: flatten
  label: {units: 3, activation: softmax, labels: [circle, square, triangle]}
edges: [image -> flat -> label]
loss: cross_entropy
data: {source: shapes, samples: 60, size: [8, 8], split: {test: 30}}
"""
AGAIN = """nngraph: 1
nodes: {image: {kind: input, shape: [8, 8, 1]}, again: {units: 1}}
edges: [image -> again: {conv: 1, weight: 0.5}]
loss: {kind: mean_squared_error, target: image}
data: {source: shapes, samples: 20, size: [8, 8], split: {test: 14}}
"""


def test_dice_is_the_mean_over_the_figures_of_either() -> None:
    zero, one = np.zeros((4, 4), int), np.ones((4, 4), int)
    assert dice_of_masks(zero, zero) == 1
    assert dice_of_masks(one, one) == 1
    assert dice_of_masks(one, zero) == 0
    half = zero.copy()
    half[:2] = 1
    assert dice_of_masks(one, half) == pytest.approx(2 * 8 / (16 + 8))
    # of two classes one is right and the other is missed
    true = half + 2 * (1 - half)
    assert dice_of_masks(true, half) == pytest.approx((1 + 0) / 2)


def test_the_difference_is_orange_where_missed_and_blue_where_invented() -> None:
    true, came = np.array([[1, 1], [0, 0]]), np.array([[1, 0], [1, 0]])
    shown = differences(np.full((2, 2, 1), 100, np.uint8), true, came)
    assert shown[0, 1].tolist() == list(MISSED)
    assert shown[1, 0].tolist() == list(INVENTED)
    assert shown[1, 1].tolist() == [45, 45, 45]
    assert shown[0, 0].tolist() == [190, 190, 190]


def test_masks_stand_beside_the_truth_with_their_dice_the_worst_first() -> None:
    model = nngraph.compile(MASKS, seed=0)
    (block,) = answer_blocks(model.learner, model.data)
    part = model.data.parts["test"]
    came = model.learner.outputs(part.inputs)["mask"][..., 0] > 0.5
    true = part.targets["mask"].reshape(came.shape) > 0
    scores = 2 * (true & came).sum((1, 2)) / (true.sum((1, 2)) + came.sum((1, 2)))
    order = np.argsort(scores, kind="stable")
    assert len(block.images) == 4 * 12
    assert (block.columns, block.together) == (8, 4)
    assert [image.caption for image in block.images[::4]] == [f"sample {k}" for k in order[:12]]
    worst = block.images[1].pixels[..., 0] > 127
    np.testing.assert_array_equal(worst, true[order[0]])
    assert float(block.images[2].caption.removeprefix("Dice ")) == pytest.approx(
        scores.min(), abs=1e-3
    )
    assert block.note == "and 2 more"


def test_one_sample_may_be_chosen() -> None:
    model = nngraph.compile(MASKS, seed=0)
    (block,) = answer_blocks(model.learner, model.data, 13)
    assert [image.caption for image in block.images[:1]] == ["sample 13"]
    assert block.note == ""
    with pytest.raises(UsageError, match="there is no sample 14"):
        answer_blocks(model.learner, model.data, 14)


def test_classes_of_pixels_have_colours_of_their_own() -> None:
    model = nngraph.compile(REGIONS, seed=0)
    (block,) = answer_blocks(model.learner, model.data)
    colours = {tuple(c) for c in block.images[1].pixels.reshape(-1, 3).tolist()}
    assert len(colours) == 2  # the ground and the figure
    assert "purple one for another" in block.detail
    kind = MaskKind(4, 0.5)
    assert kind.codes(np.eye(4)[None]).tolist() == [[0, 1, 2, 3]]


def test_mistakes_come_with_the_most_confident_first() -> None:
    model = nngraph.compile(CLASSES, seed=1)
    part = model.data.parts["test"]
    (answered,) = answered_nodes(model.learner, part)
    found = mistakes_of(model.learner, part, answered)
    assert found is not None
    assert found.sure is not None
    z = model.learner.outputs(part.inputs)["label"]
    true = part.targets["label"].argmax(axis=1)
    wrong = np.flatnonzero(z.argmax(axis=1) != true)
    assert sorted(found.rows.tolist()) == wrong.tolist()
    assert 0 < len(wrong) < part.rows
    np.testing.assert_allclose(found.sure, z.max(axis=1)[found.rows], rtol=1e-6)
    assert (np.diff(found.sure) <= 0).all()
    np.testing.assert_array_equal(found.came, z.argmax(axis=1)[found.rows])
    (block,) = answer_blocks(model.learner, model.data)
    first = block.images[0].caption.splitlines()
    assert first[0] == f"{found.names[found.true[0]]}, answered"
    assert first[1].startswith(found.names[found.came[0]])
    assert f"{len(wrong)} of 30 samples of the test part are mistaken" in block.detail
    (one,) = answer_blocks(model.learner, model.data, int(found.unsure[0]))
    name, share = found.names[true[found.unsure[0]]], z[found.unsure[0]].max()
    assert one.images[0].caption.splitlines()[0] == f"{name} ({100 * share:.0f} %)"


def test_a_network_without_mistakes_shows_its_least_certain_answers() -> None:
    spec = """nngraph: 1
nodes:
  image: {kind: input, shape: [4, 4]}
  flat: flatten
  label: {units: 16, activation: softmax}
edges: [image -> flat, flat -> label: identity]
loss: cross_entropy
"""
    model = nngraph.compile(spec, seed=0)
    scores = 5 * np.eye(16)[:6]
    scores[3] *= 0.1
    part = Part(
        {"image": scores.reshape(6, 4, 4).astype(np.float32)},
        {"label": np.eye(16, dtype=np.float32)[:6]},
        np.arange(6),
    )
    found = mistakes_of(model.learner, part, Answered("label", "label", "classes", None))
    assert found is not None
    assert len(found.rows) == 0
    assert found.unsure[0] == 3


def test_yes_or_no_is_a_mistake_on_the_wrong_side_of_the_middle() -> None:
    spec = """nngraph: 1
nodes: {x: {kind: input, shape: [1]}, y: {activation: sigmoid, bias: 0}}
edges: [x -> y: 1]
loss: binary_cross_entropy
"""
    model = nngraph.compile(spec)
    x = np.array([[3.0], [-3.0], [1.0], [-5.0]], np.float32)
    part = Part({"x": x}, {"y": np.array([[1], [1], [0], [1]], np.float32)}, np.arange(4))
    found = mistakes_of(model.learner, part, Answered("y", "y", "binary", None))
    assert found is not None
    assert found.names == ("no", "yes")
    assert found.rows.tolist() == [3, 1, 2]
    assert found.came.tolist() == [0, 0, 1]
    expected = 1 / (1 + np.exp(-np.array([5.0, 3.0, 1.0])))
    np.testing.assert_allclose(found.sure, expected, rtol=1e-5)


def test_pictures_drawn_again_stand_beside_the_first_with_their_difference() -> None:
    model = nngraph.compile(AGAIN)
    (block,) = answer_blocks(model.learner, model.data)
    assert (block.columns, block.together) == (6, 3)
    part = model.data.parts["test"]
    z = model.learner.outputs(part.inputs)["again"]
    errors = ((z - part.inputs["image"]) ** 2).mean((1, 2, 3))
    order = np.argsort(-errors, kind="stable")
    assert block.images[0].caption == f"sample {order[0]}"
    assert block.images[1].caption == f"error {errors[order[0]]:.3g}"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (CLASSES.replace("[8, 8, 1]", "[64]").replace("image -> flat -> label", "image -> label")
         .replace("  flat: flatten\n", ""), None),
        ("nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}\n"
         "edges: [x -> y]\nloss: binary_cross_entropy\ndata: {source: xor}\n", "no input"),
    ],
)  # fmt: skip
def test_a_vector_with_images_in_its_source_counts_and_plain_numbers_do_not(
    spec: str, message: str | None
) -> None:
    model = nngraph.compile(spec, seed=0)
    if message is None:
        (block,) = answer_blocks(model.learner, model.data)
        assert block.images[0].pixels.shape == (8, 8, 1)
        return
    with pytest.raises(UsageError, match=message):
        answer_blocks(model.learner, model.data)


def test_without_a_loss_there_is_no_truth() -> None:
    model = nngraph.compile("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n")
    with pytest.raises(UsageError, match="no truth"):
        needs_truth(model.learner)


@pytest.mark.parametrize(("edges", "is_picture"), [("{conv: 3}", False), ("{}", True)])
def test_an_input_with_two_axes_is_a_picture_unless_a_convolution_runs_along_it(
    edges: str, is_picture: bool
) -> None:
    spec = f"""nngraph: 1
nodes: {{x: {{kind: input, shape: [8, 8]}}, y: {{units: 2}}}}
edges: [x -> y: {edges}]
"""
    rows = np.arange(3)
    part = Part({"x": np.zeros((3, 8, 8), np.float32)}, {}, rows)
    data = DataSet({"train": part})
    found = InputPictures.of(nngraph.compile(spec, seed=0).learner, data, part)
    assert (found is not None) == is_picture
