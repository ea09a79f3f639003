"""The circles of a network with two inputs show what each neuron says over the plane."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nngraph
from nngraph.insight.neuron_maps import GRID, with_maps
from nngraph.insight.picture import picture_of
from nngraph.render import Picture, to_dot, to_svg

WIRED = """
nngraph: 1
nodes:
  x1, x2: input
  h: {activation: tanh, bias: 0}
  o: {activation: sigmoid, bias: 0}
edges:
  - x1 -> h: 1
  - x2 -> h: 0
  - h -> o: 5
expect:
  - {given: {x1: -2, x2: 0}, output: {o: 0}, within: 1}
  - {given: {x1: 2, x2: 1}, output: {o: 1}, within: 1}
"""

BLUE, ORANGE, WHITE = (31, 99, 176), (185, 87, 10), (255, 255, 255)


def mapped(text: str) -> Picture:
    model = nngraph.compile(text)
    learner = model.learner
    picture = picture_of(learner.network, learner.executable.weights())
    return with_maps(picture, learner, lambda: model.data)


def test_a_map_shows_where_a_unit_is_above_its_middle() -> None:
    (x1, x2, h, o) = sorted(
        mapped(WIRED).nodes, key=lambda node: ["x1", "x2", "h", "o"].index(node.id)
    )
    for node in (x1, h, o):  # all rise with x1, from left to right
        assert node.maps is not None
        (pixels,) = node.maps
        assert pixels.shape == (GRID, GRID, 3)
        left, right = pixels[GRID // 2, 0].astype(int), pixels[GRID // 2, -1].astype(int)
        assert left[0] > left[2], node.id
        assert right[2] > right[0], node.id
        assert (pixels == pixels[:1]).all(), "it does not depend on x2"
    assert x1.maps is not None
    assert tuple(x1.maps[0][0, 0]) == ORANGE
    assert tuple(x1.maps[0][0, -1]) == BLUE
    assert x2.maps is not None
    assert tuple(x2.maps[0][0, 0]) == BLUE, "the first row of a picture is its top"


def test_the_values_are_those_of_a_prediction() -> None:
    model = nngraph.compile(WIRED)
    picture = mapped(WIRED)
    note = re.search(r"x1 from (\S+) to (\S+) across, x2 from (\S+) to (\S+) up", picture.note)
    assert note is not None
    assert "-" not in note[0], "a minus sign is no hyphen"
    left, right, down, top = (float(text.replace("−", "-")) for text in note.groups())
    assert (left, right, down, top) == (-2.4, 2.4, -0.1, 1.1)  # the expectations, and a tenth
    across = np.linspace(left, right, GRID)
    z = model.predict({"x1": across, "x2": np.zeros(GRID)}).ravel() - 0.5
    shares = np.abs(z) / np.abs(z).max()
    (o,) = (node for node in picture.nodes if node.id == "o")
    assert o.maps is not None
    red = np.where(z >= 0, 255 + shares * (BLUE[0] - 255), 255 + shares * (ORANGE[0] - 255))
    assert np.abs(o.maps[0][0, :, 0] - red).max() <= 1


def test_the_range_is_that_of_the_training_rows() -> None:
    specs = Path(__file__).parents[2] / "specs"
    model = nngraph.compile((specs / "circles.yaml").read_text())
    picture = with_maps(model._picture(), model.learner, lambda: model.data)
    rows = model.data.parts["train"].inputs["x"][:]
    found = re.search(r"x1 from (\S+) to", picture.note)
    assert found is not None
    low, high = rows[:, 0].min(), rows[:, 0].max()
    assert float(found[1].replace("−", "-")) == pytest.approx(low - 0.1 * (high - low), rel=1e-2)


@pytest.mark.parametrize(
    "inputs", ["x: {kind: input, shape: 3}", "x: input", "x: {kind: input, shape: [2, 2]}"]
)
def test_other_networks_have_no_maps(inputs: str) -> None:
    text = f"nngraph: 1\nnodes: {{{inputs}, y: {{}}}}\nedges: [x -> y]\n"
    assert all(node.maps is None for node in mapped(text).nodes)


def test_an_svg_holds_its_maps_and_dot_leaves_them_out(tmp_path: Path) -> None:
    picture = mapped(WIRED)
    svg = to_svg(picture, neurons=True)
    images = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    assert len(images) == 4
    assert "xlink" not in svg
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(images[0]))))
    assert pixels.shape[2] == 4
    assert pixels[0, 0, 3] == 0, "outside of the circle nothing is drawn"
    assert pixels[len(pixels) // 2, len(pixels) // 2, 3] == 255
    assert "image" not in to_dot(picture, neurons=True)


def test_weights_that_are_drawn_at_random_show_nothing(tmp_path: Path) -> None:
    text = "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {}}\nedges: [x -> y]\n"
    model = nngraph.compile(text)
    model.render(tmp_path / "n.svg", neurons=True)
    assert "<image" not in (tmp_path / "n.svg").read_text()
    nngraph.compile(WIRED).render(tmp_path / "w.svg", neurons=True)
    assert (tmp_path / "w.svg").read_text().count("<image") == 4
