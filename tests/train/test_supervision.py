"""Answers beside what is true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nngraph.data import Part
from nngraph.spec import parse_spec
from nngraph.train import supervision as module
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner
from nngraph.train.supervision import answered_nodes, confusions, losses_by_row

CLASSES = """\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: ACTIVATION}}
edges: [x -> y]
loss: LOSS
data: {source: iris, normalize: standard}
"""


def learner(activation: str, loss: str) -> Learner:
    text = CLASSES.replace("ACTIVATION", activation).replace("LOSS", loss)
    return Learner.start(parse_spec(text))


@pytest.mark.parametrize(
    ("activation", "loss"), [("softmax", "cross_entropy"), ("sigmoid", "mean_squared_error")]
)
def test_losses_of_single_rows_have_the_loss_of_all_as_their_mean(activation, loss):
    made = learner(activation, loss)
    part = load_data(made).parts["train"]
    losses = losses_by_row(made, part)
    assert losses.shape == (150,)
    from nngraph.train.learner import rows_of

    assert losses.mean() == pytest.approx(made.evaluate(rows_of(part))["loss"], rel=1e-5)
    z, t = made.outputs(part.inputs)["y"].astype(float), part.targets["y"]
    by_hand = -np.log((z * t).sum(1)) if activation == "softmax" else ((z - t) ** 2).mean(1)
    np.testing.assert_allclose(losses, by_hand, rtol=1e-4)


@pytest.mark.parametrize(
    ("activation", "loss"), [("softmax", "cross_entropy"), ("sigmoid", "mean_squared_error")]
)
@pytest.mark.parametrize("chunk", [7, 4096])
def test_confusion_is_counted_row_by_row_whatever_the_loss(activation, loss, chunk, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", chunk)
    made = learner(activation, loss)
    part = load_data(made).parts["train"]
    z, t = made.outputs(part.inputs)["y"], part.targets["y"]
    expected = np.zeros((3, 3), int)
    for answer, true in zip(z, t, strict=True):
        expected[true.argmax(), answer.argmax()] += 1
    assert confusions(made, part)["y"].counts.tolist() == expected.tolist()


def part_of_targets(targets: list[list[float]]) -> Part:
    t = np.array(targets)
    return Part({"x": np.zeros((len(t), 1))}, {"y": t}, np.arange(len(t)))


@pytest.mark.parametrize(
    ("targets", "meaning", "middle"),
    [
        ([[0.0], [1.0]], "binary", None),
        ([[-1.0], [1.0]], "binary", 0.0),
        ([[0.2], [1.0]], "values", None),
        ([[-3.0], [1.0]], "values", 0.0),
    ],
)
def test_numbers_are_told_from_answers_by_their_values(targets, meaning, middle):
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\nloss: mean_squared_error"
    (found,) = answered_nodes(Learner.start(parse_spec(text)), part_of_targets(targets))
    assert (found.meaning, found.middle) == (meaning, middle)


def test_grey_pixels_are_no_yes_or_no_whatever_the_loss():
    text = "nngraph: 1\nnodes: {x: input, y: {activation: sigmoid}}\nedges: [x -> y]\n"
    made = Learner.start(parse_spec(text + "loss: binary_cross_entropy"))
    for targets, meaning in (([[0.3], [1.0]], "values"), ([[0.0], [1.0]], "binary")):
        assert answered_nodes(made, part_of_targets(targets))[0].meaning == meaning


def test_an_autoencoder_has_no_confusion(tmp_path: Path):
    text = (
        "nngraph: 1\nnodes: {x: {kind: input, shape: 4}, h: {units: 2}, y: {units: 4}}\n"
        "edges: [x -> h -> y]\nloss: {kind: mean_squared_error, target: x}\n"
        "data: {source: iris, normalize: standard}\n"
    )
    made = Learner.start(parse_spec(text))
    part = load_data(made).parts["train"]
    assert confusions(made, part) == {}
    assert len(losses_by_row(made, part)) == 150
