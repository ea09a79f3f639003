"""The loss: its value by hand, its targets, its place in the program."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import lowered, outputs, run

from nngraph.ir import Input


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(8)


NETWORK = """
nodes: {x: {kind: input, shape: 3}, y: {units: 3, activation: %s, bias: false}}
edges: [x -> y: identity]
loss: %s
"""


def loss(activation: str, term: str, x, t, **more) -> float:
    low = lowered(NETWORK % (activation, term), **more)
    return run(low, {"x": x, "target:y": t, "target:t": t}).outputs["loss"].item()


def test_the_entropy_example_of_the_lectures() -> None:
    x = np.log([[0.1, 0.8, 0.06, 0.04]])
    text = """
nodes: {x: {kind: input, shape: 4}, y: {kind: activation, function: softmax}}
edges: [x -> y]
loss: cross_entropy
"""
    value = outputs(text, {"x": x, "target:y": np.array([[0.0, 1, 0, 0]])})["loss"]
    assert value == pytest.approx(0.223, abs=5e-4)


def test_the_losses_by_their_formulas(rng) -> None:
    x, t = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    classes = np.eye(3)[[0, 2, 1, 1, 0]]
    e = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    p = 1 / (1 + np.exp(-x))
    b = (t > 0).astype(float)
    entropy = -(b * np.log(p) + (1 - b) * np.log(1 - p))
    for activation, kind, target, want in [
        ("identity", "mean_squared_error", t, ((x - t) ** 2).mean()),
        ("identity", "mean_absolute_error", t, np.abs(x - t).mean()),
        ("softmax", "cross_entropy", classes, -(classes * np.log(e)).sum(axis=1).mean()),
        ("log_softmax", "negative_log_likelihood", classes, -(classes * np.log(e)).sum(1).mean()),
        ("sigmoid", "binary_cross_entropy", b, entropy.sum(axis=1).mean()),
    ]:
        assert loss(activation, kind, x, target) == pytest.approx(want, rel=1e-12), kind


def test_values_reduction_and_weight(rng) -> None:
    x, t = rng.standard_normal((5, 3)), rng.standard_normal((5, 3))
    half = "{kind: mean_squared_error, values: sum, weight: 0.5}"  # the lectures' 1/(2n) sum
    assert loss("identity", half, x, t) == pytest.approx(((x - t) ** 2).sum() / 10, rel=1e-12)
    total = "{kind: mean_absolute_error, values: sum, reduction: sum}"
    assert loss("identity", total, x, t) == pytest.approx(np.abs(x - t).sum(), rel=1e-12)
    mean = "{kind: binary_cross_entropy, values: mean}"
    b, p = (t > 0).astype(float), 1 / (1 + np.exp(-x))
    want = -(b * np.log(p) + (1 - b) * np.log(1 - p)).mean()
    assert loss("sigmoid", mean, x, b) == pytest.approx(want, rel=1e-12)


def test_terms_add_with_their_weights_and_are_outputs_too(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, y: {units: 2}, c: {units: 2, activation: softmax}}
edges: [x -> y, x -> c]
loss:
  - {kind: mean_squared_error, node: y, target: t, weight: 2}
  - {kind: cross_entropy, node: c}
  - {kind: mean_absolute_error, node: y, target: t}
"""
    low = lowered(text)
    assert [t.name for t in low.targets] == ["t", "c"]
    arrays = {"x": rng.standard_normal((4, 3)), "t": rng.standard_normal((4, 2))}
    found = run(low, {**arrays, "c": np.eye(2)[[0, 1, 1, 0]]}).outputs
    y = found["y"]
    assert found["loss_0"] == pytest.approx(2 * ((y - arrays["t"]) ** 2).mean())
    assert found["loss"] == pytest.approx(found["loss_0"] + found["loss_1"] + found["loss_2"])


def test_an_input_is_a_target_even_in_another_shape(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 2]}, h: {units: 2}, y: {units: 4}}
edges: [x -> h -> y]
loss: {kind: mean_squared_error, target: x}
"""
    low, x = lowered(text), rng.standard_normal((3, 2, 2))
    (target,) = low.targets
    assert target.leaf is None
    found = run(low, {"x": x}).outputs
    assert found["loss"] == pytest.approx(((found["y"] - x.reshape(3, 4)) ** 2).mean())


def test_targets_say_what_their_numbers_mean() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 3}
  c: {units: 2, activation: softmax, labels: [cat, dog]}
  b: {activation: sigmoid}
  v: {kind: add}
edges: [x -> c, x -> b, x -> v]
loss:
  - {kind: cross_entropy, node: c, target: animal}
  - {kind: mean_squared_error, node: c, target: animal}
  - {kind: binary_cross_entropy, node: b}
  - {kind: mean_squared_error, node: v}
""")
    found = [(t.name, t.node, t.kind, t.shape, t.classes, t.labels) for t in low.targets]
    assert found == [
        ("animal", "c", "classes", (2,), 2, ("cat", "dog")),
        ("b", "b", "binary", (1,), 1, None),
        ("v", "v", "values", (3,), 3, None),
    ]
    assert all(isinstance(t.leaf, Input) and t.leaf.id == f"target:{t.name}" for t in low.targets)


def test_a_loss_judges_a_range_of_units(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, y: {units: 3}}
edges: [x -> y: identity]
outputs: ["y[1:3]"]
loss: mean_squared_error
"""
    x, t = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    found = outputs(text, {"x": x, "target:y": t})
    assert found["loss"] == pytest.approx(((x[:, 1:] - t) ** 2).mean())


def test_a_loss_on_a_scalar_node(rng) -> None:
    text = """
nodes: {x: input, y: add}
edges: [x -> y]
loss: mean_squared_error
"""
    x, t = rng.standard_normal(4), rng.standard_normal(4)
    assert outputs(text, {"x": x, "target:y": t})["loss"] == pytest.approx(((x - t) ** 2).mean())


def test_probabilities_pass_through_nodes_that_rearrange(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: 4}
  s: {units: 2, activation: sigmoid}
  g: {units: 2, activation: gaussian}
  both: concat
  y: {kind: reshape, shape: [2, 2]}
edges:
  - x -> s
  - x -> g
  - s, g -> both -> y
loss: binary_cross_entropy
"""
    low = lowered(text)
    assert low.targets[0].shape == (2, 2)


def test_a_judged_sigmoid_neuron_takes_its_sigmoid_outside_of_the_stretch(rng) -> None:
    text = """
nodes: {x: input, h: {activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: binary_cross_entropy
"""
    low = lowered(text)
    names = [instr.op.name for instr in low.program.body]
    assert names[names.index("binary_cross_entropy") - 1] == "sigmoid"
    x = rng.standard_normal(3)
    found = run(low, {"x": x, "y": np.ones((3, 1))}).outputs
    assert found["loss"] == pytest.approx(-np.log(found["y"]).mean())
