"""Values of nodes as pictures: what is black, what is white, and what is no picture."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph
from nngraph.data import Normalizer, Normalizers
from nngraph.errors import UsageError
from nngraph.insight.output_picture import output_picture

SPEC = """nngraph: 1
nodes:
  x: {kind: input, shape: [2, 2, 1]}
  plain: {units: 1}
  sure: {units: 1, activation: sigmoid}
  signed: {units: 1, activation: tanh}
  classes: {units: 3, activation: softmax}
  many: {units: 5}
  flat: {units: 4}
edges:
  - x -> plain, sure, signed, classes, many: {conv: 1}
  - x -> flat
outputs: [plain, sure, signed, classes, many, flat]
"""


def made(more: str = "") -> nngraph.Model:
    return nngraph.compile(SPEC + more, seed=0)


def grey(*values: float) -> np.ndarray:
    return np.array(values, float).reshape(2, 2, 1)


@pytest.mark.parametrize(
    ("node", "values", "pixels", "clipped"),
    [
        ("plain", (-1, 0, 128, 300), (0, 0, 128, 255), 2),
        ("sure", (0, 0.5, 0.25, 1), (0, 128, 64, 255), 0),
        ("signed", (-1, 0, 1, 0.5), (0, 128, 255, 191), 0),
        ("plain", (np.nan, np.inf, -np.inf, 7), (0, 255, 0, 7), 2),
    ],
)
def test_black_and_white_are_the_ends_of_the_range(
    node: str, values: tuple[float, ...], pixels: tuple[int, ...], clipped: int
) -> None:
    found = output_picture(made().learner, node, grey(*values))
    assert found.pixels.ravel().tolist() == list(pixels)
    assert found.clipped == clipped


def test_stretched_the_lowest_is_black_and_the_highest_white() -> None:
    found = output_picture(made().learner, "plain", grey(-3, 7, 2, np.nan), stretch=True)
    assert found.shades == (-3, 7)
    assert found.pixels.ravel()[:3].tolist() == [0, 255, 128]
    same = output_picture(made().learner, "plain", grey(4, 4, 4, 4), stretch=True)
    assert same.pixels.ravel().tolist() == [0, 0, 0, 0]


def test_classes_of_pixels_have_a_colour_each() -> None:
    values = np.array([[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]])
    found = output_picture(made().learner, "classes", values)
    assert found.shades is None
    assert found.pixels.tolist() == [[[20, 24, 31], [230, 159, 0]]]


def test_an_autoencoder_is_drawn_in_the_scale_of_what_it_was_fed() -> None:
    loss = "loss: {kind: mean_squared_error, node: plain, target: x}\n"
    learner = made(loss).learner
    learner.normalizers = Normalizers({"x": Normalizer("scale", (0.0,), (255.0,))})
    found = output_picture(learner, "plain", grey(0, 1, 0.5, 0.2))
    assert found.pixels.ravel().tolist() == [0, 255, 128, 51]


def test_what_is_no_picture_says_what_to_do_instead() -> None:
    with pytest.raises(UsageError, match="'many' has 5 channels") as e:
        output_picture(made().learner, "many", np.zeros((2, 2, 5)))
    assert "--feature-maps --node many" in e.value.diagnostics[0].help
    with pytest.raises(UsageError, match=r"the shape \[4\], which is no picture"):
        output_picture(made().learner, "flat", np.zeros(4))
