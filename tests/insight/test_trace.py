"""One sample followed through networks: by hand, and beside the gradients that training takes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import UsageError
from nngraph.insight.trace import Trace

SPECS = Path(__file__).parent.parent.parent / "specs"

LECTURE = """
nngraph: 1
name: lecture
dtype: float64
nodes:
  x1: input
  x2: input
  h1: {activation: sigmoid, bias: 0.1}
  h2: {activation: sigmoid, bias: -0.2}
  y: {activation: identity, bias: 0.05}
edges:
  - x1 -> h1: 0.5
  - x2 -> h1: -0.4
  - x1 -> h2: 0.3
  - x2 -> h2: 0.8
  - h1 -> y: 0.6
  - h2 -> y: -0.7
loss: {kind: mean_squared_error, target: t}
train: {optimizer: {kind: sgd, learning_rate: 0.5}}
"""
IMAGES = """
nngraph: 1
dtype: float64
nodes:
  image: {kind: input, shape: [6, 5, 2]}
  c: {units: 4, activation: tanh}
  d: {units: 8, activation: prelu}
  up: {units: 2, activation: sigmoid}
  p: {kind: pool, size: 2}
  s: {units: 2, activation: tanh}
  y: {units: 3, activation: softmax}
edges:
  - {from: image, to: c, conv: 3, padding: same, stride: [2, 1], dilation: [1, 2], groups: 2}
  - {from: c, to: d, kind: depthwise, kernel: 2}
  - {from: d, to: up, kind: conv_transpose, kernel: 3, stride: 2, padding: 1, groups: 2}
  - up -> p
  - {from: p, to: s, kind: scale}
  - {from: s, to: y, mask: [[1, 0, 1], [1, 1, 1], [0, 1, 1], [1, 1, 0], [1, 1, 1], [1, 0, 1]]}
loss: cross_entropy
"""
SHARED = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 3}
  h: {units: 4, activation: tanh}
  back: {units: 3, activation: sigmoid}
  again: {units: 4, activation: relu, share: h}
  y: {units: 2}
edges:
  - x -> h
  - {from: h, to: back, share: {edge: x->h, transpose: true}}
  - {from: back, to: again, share: x->h}
  - again -> y
  - h[1:3] -> y[0]
loss: mean_squared_error
"""
NEURONS = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 3}
  p: {activation: prelu}
  m: {aggregate: maximum, activation: tanh}
  q: {aggregate: product, bias: false}
  v: {aggregate: mean, activation: sigmoid}
  u: {activation: relu}
  y: {activation: sigmoid}
edges:
  - x[0] -> p
  - x[0:2] -> m
  - x[1] -> q
  - p, m -> q
  - x[2] -> v
  - p, m, q -> v
  - v, q -> u
  - u, v, p -> y
loss: {kind: binary_cross_entropy, target: t}
"""
BLOCKS = f"""
nngraph: 1
dtype: float64
nodes:
  x: {{kind: input, shape: 10}}
  {", ".join(f"n{k}" for k in range(8))}: {{activation: tanh}}
  {", ".join(f"o{k}" for k in range(9))}: {{activation: sigmoid}}
edges:
{"".join(f"  - x[{i}] -> n{k}" + chr(10) for k in range(8) for i in range(10))}
{"".join(f"  - n{k} -> o{j}" + chr(10) for k in range(8) for j in range(9))}
loss:
{"".join(f"  - {{kind: binary_cross_entropy, node: o{j}}}" + chr(10) for j in range(9))}
"""


def drawn(random: np.random.Generator, kind: str, shape: tuple[int, ...]) -> Any:
    """Numbers that a target may have."""
    if kind == "classes":
        return np.eye(shape[-1])[random.integers(shape[-1])]
    return random.choice([0.0, 1.0], shape) if kind == "binary" else random.normal(size=shape)


def followed(text: str, seed: int = 0) -> tuple[nngraph.Model, Trace, dict[str, Any], Any]:
    """A model, the trace of a drawn sample, and this sample."""
    model = nngraph.compile(text, seed=seed)
    random, lowered = np.random.default_rng(seed), model.network.lowered
    x = {n: random.normal(size=lowered.shapes[n]) for n in lowered.inputs}
    y = {t.name: drawn(random, t.kind, t.shape) for t in lowered.targets}
    return model, model.trace(given={**x, **y}), x, y


def test_a_lecture_by_hand() -> None:
    model = nngraph.compile(LECTURE)
    a1, a2 = 0.5 * 1 - 0.4 * 2 + 0.1, 0.3 * 1 + 0.8 * 2 - 0.2
    z1, z2 = 1 / (1 + math.exp(-a1)), 1 / (1 + math.exp(-a2))
    y = 0.6 * z1 - 0.7 * z2 + 0.05
    delta_y = 2 * (y - 1)
    delta_1, delta_2 = z1 * (1 - z1) * 0.6 * delta_y, z2 * (1 - z2) * -0.7 * delta_y
    found = model.trace(given={"x1": 1, "x2": 2, "t": 1}, update=True)
    assert found.loss == pytest.approx((y - 1) ** 2)
    for node, a, z, delta in (
        ("h1", a1, z1, delta_1),
        ("h2", a2, z2, delta_2),
        ("y", y, y, delta_y),
    ):
        at = found.node[node]
        assert at.delta is not None
        got = (at.a.item(), at.z.item(), at.delta.item())
        assert got == pytest.approx((a, z, delta), rel=1e-12)
    products = {edge.id: edge.products for edge in found.edges}
    expected = {
        "x1->h1": delta_1, "x2->h1": 2 * delta_1, "x1->h2": delta_2, "x2->h2": 2 * delta_2,
        "h1->y": delta_y * z1, "h2->y": delta_y * z2,
    }  # fmt: skip
    for id_, value in expected.items():
        array = products[id_]
        assert array is not None
        assert array.item() == pytest.approx(value, rel=1e-12)
    assert found.step is not None
    assert found.step.after["h1->y"].item() == pytest.approx(0.6 - 0.5 * delta_y * z1)
    assert model.weights["h1->y"].item() == 0.6


def test_the_lines_are_those_of_a_lecture() -> None:
    # a_h1 = 0.5 - 0.8 + 0.1 = -0.2, sigmoid(-0.2) = 0.4502; a_h2 = 1.7, sigmoid(1.7) = 0.8455
    # y = 0.6 * 0.4502 - 0.7 * 0.8455 + 0.05 = -0.2718, delta_y = 2 (-0.2718 - 1) = -2.544
    # delta_h1 = 0.4502 * 0.5498 * (0.6 * -2.544) = -0.3777
    # dL/dW(h1->y) = -2.544 * 0.4502 = -1.145
    told = nngraph.compile(LECTURE).trace(given={"x1": 1, "x2": 2, "t": 1}).text()
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "a_h1 = 0.5 * 1 - 0.4 * 2 + 0.1 = -0.2" in lines
    assert "z_h1 = sigmoid(a_h1) = sigmoid(-0.2) = 0.4502" in lines
    assert "a_y = 0.6 * 0.4502 - 0.7 * 0.8455 + 0.05 = -0.2718" in lines
    assert "delta_y = dL/da(y) = -2.544" in lines
    assert "delta_h1 = sigmoid'(-0.2) * (0.6 * -2.544) = 0.2475 * -1.526 = -0.3777" in lines
    assert "dL/dW(h1->y) = delta_y * z_h1 = -2.544 * 0.4502 = -1.145" in lines
    assert "dL/db(h1) = delta_h1 = -0.3777" in lines
    order = [lines.index(next(i for i in lines if i.startswith(f"{name} "))) for name in (
        "a_h1", "a_h2", "a_y", "delta_y", "delta_h2", "delta_h1", "dL/dW(h2->y)", "dL/dW(x1->h1)",
    )]  # fmt: skip
    assert order == sorted(order)
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("text", [LECTURE, IMAGES, SHARED, NEURONS, BLOCKS])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_products_of_all_edges_are_the_gradients_of_training(text: str, seed: int) -> None:
    model, found, x, y = followed(text, seed)
    given = {n: v[None] for n, v in x.items()}, {n: v[None] for n, v in y.items()}
    expected = model.gradients(*given)
    assert found.loss == pytest.approx(model.loss(*given), rel=1e-9)
    total: dict[str, Any] = {}
    for edge in found.edges:
        if edge.weight is not None:
            assert edge.products is not None
            back = edge.connections.used(edge.products)  # turned twice is as it was
            total[edge.weight.id] = total.get(edge.weight.id, 0.0) + back
    biases = {id_ for id_ in expected if id_.endswith((".bias", ".alpha"))}
    assert total.keys() | biases == expected.keys()
    for id_, array in total.items():
        np.testing.assert_allclose(array, expected[id_], rtol=1e-9, atol=1e-14, err_msg=id_)
    for id_, array in found.gradients.items():
        np.testing.assert_allclose(array, expected[id_], rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("text", [NEURONS, BLOCKS])
def test_delta_of_a_neuron_is_the_gradient_of_its_bias_and_z_is_f_of_a(text: str) -> None:
    functions = {
        "tanh": np.tanh,
        "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
        "relu": lambda a: np.maximum(a, 0),
        "identity": lambda a: a,
    }
    _, found, _, _ = followed(text)
    for node in found.nodes:
        if node.aggregate and f"{node.id}.bias" in found.gradients:
            assert node.delta is not None
            np.testing.assert_allclose(node.delta, found.gradients[f"{node.id}.bias"], rtol=1e-9)
        if node.function in functions:
            np.testing.assert_allclose(node.z, functions[node.function](node.a), rtol=1e-9)


def test_two_readers_of_one_value_have_deltas_of_their_own() -> None:
    text = """
nngraph: 1
dtype: float64
nodes: {x: input, h: {bias: 0}, f: {kind: activation, function: tanh}, y: {bias: 0}}
edges: [x -> h: 2, h -> f, f -> y: 3, h -> y: 5]
loss: {kind: mean_squared_error, target: t}
"""
    found = nngraph.compile(text).trace(given={"x": 0.1, "t": 0})
    h = 0.2
    delta_y = 2 * (3 * math.tanh(h) + 5 * h)
    delta_f = 3 * delta_y * (1 - math.tanh(h) ** 2)
    deltas = {n.id: n.delta.item() for n in found.nodes if n.delta is not None}
    expected = {"h": delta_f + 5 * delta_y, "f": delta_f, "y": delta_y}
    assert deltas == pytest.approx(expected, rel=1e-12)


def test_the_snack_perceptron_of_the_lecture_goes_forward_only() -> None:
    model = nngraph.compile(SPECS / "perceptron-snack.yaml")
    told = model.trace(given={"tired": 4, "hungry": 1}).text()
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "a_snack = -1 * 4 + 2 * 1 + 1 = -1" in lines
    assert "z_snack = step(a_snack) = step(-1) = 0" in lines
    assert "backward" not in told
    assert "dL/dW" not in told


def test_a_place_of_a_kernel_is_the_sum_over_the_places_of_the_image() -> None:
    _, found, _, _ = followed(IMAGES)
    told = found.as_json(["image[1]->c[3]"])["chosen"]
    assert len(told) == 9
    for one in told:
        assert len(one["z"]) == len(one["delta"]) == 3 * 5
        total = sum(z * d for z, d in zip(one["z"], one["delta"], strict=True))
        assert one["product"] == pytest.approx(total, rel=1e-9)
    assert [one["name"] for one in told][1] == "image[1]->c[3] at 0,1"
    with pytest.raises(UsageError, match=r"no edge with weights"):
        found.text(["image[0]->c[3]"])  # of another group


def test_a_step_of_a_sample_moves_the_weights_beside_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(LECTURE)
    given = "x1=1, x2=2, t=1"
    assert run(["trace", str(spec), "--given", given, "--update", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    step = told["step"]
    assert (step["optimizer"], step["learning_rate"]) == ("sgd", 0.5)
    for id_, arrays in step["weights"].items():
        before, after = np.array(arrays["before"]), np.array(arrays["after"])
        np.testing.assert_allclose(after, before - 0.5 * np.array(told["gradients"][id_]))
    assert run(["trace", str(spec), "--given", given, "--update"]) == 0
    assert "one step of sgd, learning rate 0.5" in capsys.readouterr().out


def test_rows_of_the_data_are_followed_by_number(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "xor-trained.yaml")
    assert run(["trace", spec, "--initial", "--sample", "1"]) == 0
    assert "sample 1 of the train part: x = [0, 1], label = 1" in capsys.readouterr().out
    assert run(["trace", spec, "--initial", "--sample", "4"]) == 2
    assert "there is no sample 4" in capsys.readouterr().err
    assert run(["trace", spec]) == 2  # the weights are not trained
    assert run(["trace", spec, "--initial", "--sample", "0", "--given", "x=[0, 1]"]) == 2


def test_a_large_network_is_told_in_ranges_and_asked_for_in_pairs() -> None:
    text = LECTURE.partition("nodes:")[0] + (
        "nodes: {x: {kind: input, shape: 300}, h: {units: 50, activation: tanh}, y: {units: 2}}\n"
        "edges: [x -> h -> y]\nloss: mean_squared_error\n"
    )
    _, found, _, _ = followed(text)
    told = found.text()
    assert "x->h  300x50" in told
    assert "dL/dW(h" not in told
    assert max(map(len, told.splitlines())) <= 120
    pair = found.text(["h[3]->y[1]"])
    assert "dL/dW(h[3]->y[1])" in pair
    assert pair.count("dL/dW(") == 1
    with pytest.raises(UsageError, match=r"'x->h' has 15,000 connections"):
        found.text(["x->h"])


def test_latex_has_one_line_for_each_of_the_text() -> None:
    found = nngraph.compile(LECTURE).trace(given={"x1": 1, "x2": 2, "t": 1})
    told = found.latex()
    line = (
        r"\frac{\partial L}{\partial W_{\mathrm{h1} \to \mathrm{y}}} &= "
        r"\delta_{\mathrm{y}} \, z_{\mathrm{h1}} = -2.544 \cdot 0.4502 = -1.145"
    )
    assert line in told
    assert told.count("{") == told.count("}")
    assert told.count(r"\begin{align*}") == told.count(r"\end{align*}") == 3
    assert told.count("&=") == found.text().count("\n  ")
