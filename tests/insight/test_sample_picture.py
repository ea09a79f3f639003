"""What one sample does, laid over the picture: the numbers are those of the trace."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli.frame import run
from nngraph.insight.picture import picture_of
from nngraph.insight.sample_picture import overlaid, with_weight_statistics
from nngraph.render import Overlay, Picture, to_svg

XOR = """
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 3, activation: sigmoid, bias: [0.1, -0.2, 9]}
  y: {activation: sigmoid, bias: 0.3}
edges:
  - x -> h: [[1, -1, 0.5], [0.5, 2, -1]]
  - h -> y: [[1], [-2], [0.5]]
loss: {kind: mean_squared_error, target: label}
data: {source: xor}
train: {epochs: 1, batch_size: full}
"""


def laid_over(what: Overlay, *, sample: int = 1, neurons: bool = True) -> Picture:
    model = nngraph.compile(XOR)
    picture = picture_of(model.learner.network, model.weights)
    return overlaid(picture, model.trace(sample), what, neurons=neurons)


def by_hand() -> dict[str, np.ndarray]:
    """Sample 1 of XOR, x = (0, 1) with target 1: dL/da and dL/dW written out."""

    def f(a):
        return 1 / (1 + np.exp(-a))

    x, t = np.array([0.0, 1.0]), 1.0
    W, V = np.array([[1, -1, 0.5], [0.5, 2, -1]]), np.array([1, -2, 0.5])
    h = f(x @ W + [0.1, -0.2, 9])
    y = f(h @ V + 0.3)
    delta_y = 2 * (y - t) * y * (1 - y)
    delta_h = delta_y * V * h * (1 - h)
    return {"h": h, "y": y, "delta_y": delta_y, "delta_h": delta_h, "dW": np.outer(x, delta_h)}


def values(picture: Picture, node: str) -> np.ndarray:
    found = next(n for n in picture.nodes if n.id == node)
    assert found.values is not None
    return np.array(found.values)


def test_circles_hold_activations() -> None:
    picture, hand = laid_over("activations"), by_hand()
    np.testing.assert_allclose(values(picture, "x"), [0, 1])
    np.testing.assert_allclose(values(picture, "h"), hand["h"], rtol=1e-5)
    np.testing.assert_allclose(values(picture, "y"), hand["y"], rtol=1e-5)


@pytest.mark.parametrize("what", ["deltas", "gradients"])
def test_circles_hold_deltas_and_lines_their_products(what: Overlay) -> None:
    picture, hand = laid_over(what), by_hand()
    np.testing.assert_allclose(values(picture, "y"), hand["delta_y"], rtol=1e-5)
    np.testing.assert_allclose(values(picture, "h"), hand["delta_h"], rtol=1e-4)
    (edge,) = (edge for edge in picture.edges if edge.source == "x")
    assert edge.weights is not None
    np.testing.assert_allclose(edge.weights, hand["dW"], rtol=1e-4)


def test_a_flat_unit_is_more_orange_than_a_steep_one() -> None:
    picture, hand = laid_over("saturation"), by_hand()
    np.testing.assert_allclose(values(picture, "h"), hand["h"] * (1 - hand["h"]), rtol=1e-4)
    (h,) = (node for node in picture.nodes if node.id == "h")
    assert h.fills is not None
    blue = [int(fill[5:7], 16) for fill in h.fills]  # less of it is more orange
    assert blue[2] < blue[1] < 255
    assert blue[2] < blue[0] < 255
    assert h.note == "33% of 3 flat"


def test_layers_show_mean_and_spread() -> None:
    picture, hand = laid_over("activations", neurons=False), by_hand()
    (h,) = (node for node in picture.nodes if node.id == "h")
    mean, spread = map(float, re.fullmatch(r"(\S+) ± (\S+)", h.note).groups())
    assert mean == pytest.approx(hand["h"].mean(), rel=1e-2)
    assert spread == pytest.approx(hand["h"].std(), rel=1e-2)
    assert "mean and spread of z" in picture.note


def test_weights_of_layers_show_mean_and_spread() -> None:
    model = nngraph.compile(XOR)
    picture = with_weight_statistics(picture_of(model.learner.network, model.weights))
    (y,) = (node for node in picture.nodes if node.id == "y")
    V = np.array([1, -2, 0.5])
    assert y.note.startswith(f"{V.mean():.3g}".replace("-", "\N{MINUS SIGN}"))
    assert y.heat == 1.0, "the largest of all"


@pytest.mark.parametrize("name", ["xor-trained", "iris-mlp", "lenet-digits"])
@pytest.mark.parametrize("what", ["weights", "gradients", "activations", "deltas", "saturation"])
def test_the_command_writes_it(name: str, what: str, tmp_path: Path) -> None:
    spec = Path(__file__).parents[2] / "specs" / f"{name}.yaml"
    file = tmp_path / "n.svg"
    assert run(["render", str(spec), "--overlay", what, "-o", str(file)]) == 0
    text = file.read_text()
    assert "sample 0 of the train part" in text or what == "weights"


def test_what_cannot_be_laid_over_is_refused(tmp_path: Path, capsys) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y: 2]\n")
    assert run(["render", str(spec), "--overlay", "deltas", "-o", str(tmp_path / "n.svg")]) == 2
    assert "deltas come from a loss" in capsys.readouterr().err
    assert run(["render", str(spec), "--filters", "--overlay", "deltas"]) == 2
    assert "--overlay is for the network itself" in capsys.readouterr().err
    spec.write_text(XOR)
    wrong = [
        "render",
        str(spec),
        "--overlay",
        "deltas",
        "--sample",
        "9",
        "-o",
        str(tmp_path / "n.svg"),
    ]
    assert run(wrong) == 2
    assert "4 rows" in capsys.readouterr().err


def test_numbers_stand_in_the_drawing() -> None:
    svg = to_svg(laid_over("activations"), neurons=True)
    for value in by_hand()["h"]:
        assert f">{value:.2g}<" in svg or f">{value:.2g}</" in svg
