"""batch_norm, layer_norm and noise: values, gradients, running statistics, when they act.

Numbers marked PyTorch are those of torch.nn.functional, 2.13, with epsilon 1e-3.
"""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import lowered, mistakes, run

import nngraph
from nngraph.errors import SpecError
from nngraph.graph import build_graph
from nngraph.ir import Row
from nngraph.lower import differentiate, initial_weights
from nngraph.network import compile_document
from nngraph.plan import is_shardable
from nngraph.run import Executable
from nngraph.spec import parse_spec

X = np.array([[1.0, 2, 0], [3, -1, 1], [2, 5, -2], [0, 1, 4]])
C = np.array([[1.0, -2, 0.5], [0, 1, 1], [3, 0, -1], [2, 2, 0.25]])  # cotangent
SCALE, SHIFT = np.array([1.5, 0.5, -1.0]), np.array([0.0, 1, 2])

# sum of c y over the batch: y -> o carries the cotangent in as another input
NETWORK = """
nodes:
  x: {kind: input, shape: 3}
  c: {kind: input, shape: 3}
  i: {kind: add}
  y: {kind: %s, epsilon: 1e-3}
  o: {kind: multiply}
edges:
  - x -> i: {kind: scale, weight: [1, 1, 1]}
  - i -> y
  - y, c -> o
outputs: [o]
loss: {kind: mean_absolute_error, values: sum, reduction: sum, node: o, target: t}
"""
BELOW = np.full((4, 3), -1e6)  # every value of o lies above: the loss is their sum


def results(kind: str, training: bool = True):
    low = lowered(NETWORK % kind, training=training)
    program = differentiate(low.program, low.parameters)
    weights = {"y.scale": SCALE, "y.shift": SHIFT}
    found = run(low, {"x": X, "c": C, "t": BELOW}, weights, program)
    return low, found


BATCH_NORM = [
    [-0.6705522259822749, 1.0577288695012605, 2.3463732170075633],
    [2.0116566779468257, 0.3649824354861341, 1.884542260997479],
    [0.6705522259822754, 1.750475303516387, 3.2700351290277316],
    [-2.0116566779468252, 0.8268133914962184, 0.49904939296722617],
]
LAYER_NORM = [
    [0.0, 1.6119136724132503, 3.2238273448265007],
    [1.8367729444412728, 0.38774235185290906, 2.0],
    [0.17436085541310722, 1.5812028513770242, 3.2786462730294534],
    [-1.4706165057793381, 0.8039177992294215, 0.6274245946059513],
]


@pytest.mark.parametrize(
    ("kind", "y", "into_scale", "into_x0"),
    [
        (
            "batch_norm",
            BATCH_NORM,
            [-1.7881392692860671, -2.1936970410479004, 1.5875439112846648],
            [-0.9385587111870215, -1.2076372223325866, 2.2796631631515716, -0.13346722963196372],
        ),
        (
            "layer_norm",
            LAYER_NORM,
            [-1.6121002968795697, -4.456498789029497, 1.0098764519647152],
            [1.8357410172397512, 0.2550499757567216, 0.9401336409205585, 0.32264904328996247],
        ),
    ],
)
def test_the_numbers_of_pytorch(kind, y, into_scale, into_x0) -> None:
    _, found = results(kind)
    np.testing.assert_allclose(found.outputs["y"], y, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(found.outputs["gradient:y.scale"], into_scale, rtol=1e-9)
    np.testing.assert_allclose(found.outputs["gradient:y.shift"], [6, 1, 0.75], rtol=1e-9)
    # x -> i is a scale of ones: its gradient is sum_n x_n dL/dx_n
    into_edge = found.outputs["gradient:x->i"][0]
    assert into_edge == pytest.approx(float(X[:, 0] @ into_x0), rel=1e-9)


def test_running_statistics_follow_the_batches() -> None:
    _, found = results("batch_norm")
    by_id = {leaf.id: value for leaf, value in found.updates.items()}
    np.testing.assert_allclose(by_id["y.mean"], 0.1 * X.mean(axis=0))
    np.testing.assert_allclose(by_id["y.variance"], 0.9 + 0.1 * X.var(axis=0))


def test_prediction_reads_the_running_statistics_and_changes_nothing() -> None:
    low = lowered(NETWORK % "batch_norm")
    assert not low.program.updates
    mean, variance = np.array([0.5, 1, -1]), np.array([2.0, 0.25, 1])
    weights = {"y.scale": SCALE, "y.shift": SHIFT, "y.mean": mean, "y.variance": variance}
    y = run(low, {"x": X, "c": C, "t": BELOW}, weights).outputs["y"]
    expected = (X - mean) / np.sqrt(variance + 1e-3) * SCALE + SHIFT
    np.testing.assert_allclose(y, expected, rtol=1e-12)


def test_an_image_is_normalised_over_its_pixels_channel_by_channel() -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 3, 2]}, y: {kind: batch_norm, momentum: 0}, l: layer_norm}
edges: [x -> y, x -> l]
loss: {kind: mean_squared_error, node: y, target: x}
"""
    low = lowered(text, training=True)
    x = np.random.default_rng(0).normal(2.0, 3.0, (5, 2, 3, 2))
    found = run(low, {"x": x})
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    expected = (x - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(found.outputs["y"], expected, rtol=1e-10, atol=1e-12)
    kept = {leaf.id: value for leaf, value in found.updates.items()}
    np.testing.assert_allclose(kept["y.variance"], variance)
    inner = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(found.outputs["l"], inner, rtol=1e-9, atol=1e-12)


def test_a_scalar_may_be_normalised_over_the_batch() -> None:
    low = lowered("nodes: {x: input, y: batch_norm}\nedges: [x -> y]", training=False)
    assert run(low, {"x": np.array([1.0, 2.0])}).outputs["y"].shape == (2,)


def test_a_batch_is_one_barrier() -> None:
    low = lowered(NETWORK % "batch_norm", training=True)
    assert not is_shardable(low.program)
    assert not is_shardable(type(low.program)(low.program.leaves, low.program.body,
                                              low.program.outputs))  # fmt: skip
    assert is_shardable(lowered(NETWORK % "layer_norm", training=True).program)


TRAINED = """
nngraph: 1
dtype: %s
nodes:
  x: {kind: input, shape: 4}
  h: {units: 6, bias: false}
  n: {kind: batch_norm, momentum: 0.5}
  y: {units: 2, activation: softmax}
edges: [x -> h -> n -> y]
loss: cross_entropy
train: {epochs: 1, batch_size: 8, optimizer: {kind: sgd, learning_rate: 0.1}, weight_decay: 0.1}
"""


def trained(dtype: str = "float64", steps: int = 3):
    compiled = compile_document(parse_spec(TRAINED % dtype))
    executor = Executable(compiled, initial_weights(compiled.lowered, 0))
    rng = np.random.default_rng(1)
    step = executor.training(8)
    for _ in range(steps):
        batch = {"x": rng.normal(1.0, 2.0, (8, 4)), "target:y": np.eye(2)[rng.integers(2, size=8)]}
        for name, array in batch.items():
            slot = next(slot for role, slot in step.slots.items() if str(role) == name)
            slot.load(slot.prepare(array), np.arange(8))
        step.run()
        executor.update(0.1)
    return compiled, executor, batch


def test_running_statistics_are_saved_with_the_weights_and_no_parameters() -> None:
    compiled, executor, _ = trained()
    weights = executor.weights()
    assert {"n.scale", "n.shift", "n.mean", "n.variance"} <= set(weights)
    assert not np.allclose(weights["n.mean"], 0.0)
    assert compiled.parameters == 4 * 6 + 6 + 6 + 6 * 2 + 2
    assert compiled.trainable == compiled.parameters
    again = Executable(compiled, weights)
    x = np.random.default_rng(3).normal(size=(5, 4))
    np.testing.assert_array_equal(again.forward({"x": x})["y"], executor.forward({"x": x})["y"])


def test_the_executor_computes_what_the_interpreter_does() -> None:
    compiled, executor, batch = trained(steps=1)
    start = initial_weights(compiled.lowered, 0)
    assert compiled.training is not None
    program = differentiate(compiled.training.program, compiled.training.parameters)
    found = run(compiled.training, {"x": batch["x"], "target:y": batch["target:y"]}, start, program)
    for leaf, value in found.updates.items():
        np.testing.assert_allclose(executor.weights()[leaf.id], value, rtol=1e-12)
    for id_, gradient in executor.gradients().items():
        expected = found.outputs[f"gradient:{id_}"]
        np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)


def test_evaluation_leaves_the_statistics_alone() -> None:
    _, executor, batch = trained()
    before = executor.weights()
    step = executor.evaluation(8)
    for role, slot in step.slots.items():
        slot.load(slot.prepare(batch[str(role)]), np.arange(8))
    step.run()
    executor.forward({"x": batch["x"]})
    for name, array in executor.weights().items():
        np.testing.assert_array_equal(array, before[name])


def test_single_precision_follows_double_precision() -> None:
    (_, wide, _), (_, narrow, _) = trained(), trained("float32")
    for name, array in narrow.weights().items():
        np.testing.assert_allclose(array, wide.weights()[name], rtol=2e-4, atol=2e-5)


def test_decay_does_not_touch_scale_and_shift_unless_they_ask_for_it() -> None:
    compiled = compile_document(parse_spec(TRAINED % "float64"))
    scales = {w.id: w.decay_scale for w in compiled.lowered.weights}
    assert scales["n.scale"] == scales["n.shift"] == scales["y.bias"] == 0.0
    assert scales["x->h"] == 1.0
    asked = (TRAINED % "float64").replace("momentum: 0.5", "weight_decay_scale: 0.5")
    compiled = compile_document(parse_spec(asked))
    assert {w.id: w.decay_scale for w in compiled.lowered.weights}["n.scale"] == 0.5


def test_norms_share_scale_and_shift_but_not_statistics() -> None:
    low = lowered(
        """
nodes: {x: {kind: input, shape: 3}, a: batch_norm, b: {kind: batch_norm, share: a}}
edges: [x -> a -> b]
"""
    )
    assert {w.id for w in low.weights} == {
        "a.scale", "a.shift", "a.mean", "a.variance", "b.mean", "b.variance",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ("a: {units: 3}, b: {kind: batch_norm, share: a}", "no scale and shift to share"),
        ("a: batch_norm, b: {units: 3, share: a}", "no bias or slopes to share"),
        ("a: {kind: add}, b: {kind: layer_norm, share: a}", "no parameters"),
    ],
)
def test_unlike_families_do_not_share(nodes, message) -> None:
    text = f"nngraph: 1\nnodes: {{x: {{kind: input, shape: 3}}, {nodes}}}\nedges: [x -> a -> b]\n"
    with pytest.raises(SpecError, match=message):
        build_graph(parse_spec(text))


def test_norms_that_would_make_every_value_zero_are_refused() -> None:
    one = "nodes: {x: {kind: input, shape: 1}, y: layer_norm}\nedges: [x -> y]\n"
    (told,) = mistakes(one)
    assert (told.code, "over one value" in told.message) == ("E230", True)
    alone = NETWORK % "batch_norm" + "train: {batch_size: 1}\n"
    (told,) = mistakes(alone)
    assert "a batch of one sample" in told.message
    assert "layer_norm" in told.help


NOISY = """
nngraph: 1
dtype: float64
nodes: {x: {kind: input, shape: 3}, n: {kind: noise, stddev: 0.5}, y: {kind: add}}
edges: [x -> n -> y]
loss: {kind: mean_squared_error, target: x, values: sum}
train: {epochs: 1, batch_size: full}
"""


def test_noise_is_added_while_training_and_never_else() -> None:
    compiled = compile_document(parse_spec(NOISY))
    executor = Executable(compiled, {}, seed=4)
    x = np.random.default_rng(0).normal(size=(4000, 3))
    np.testing.assert_array_equal(executor.forward({"x": x})["y"], x)
    step = executor.training(4000)
    slot = step.slots[Row("x")]
    slot.load(slot.prepare(x), np.arange(4000))
    losses = []
    for number in range(2):
        step.run(number)
        losses.append(step.loss)
        noise = step.outputs["y"] - x
        assert abs(noise.mean()) < 0.03
        assert abs(noise.std() - 0.5) < 0.02
    assert losses[0] != losses[1]
    step.run(0)
    assert step.loss == losses[0]


def test_a_network_with_norms_learns() -> None:
    text = """
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 16, bias: false}
  n: batch_norm
  r: {kind: activation, function: relu}
  l: layer_norm
  z: {kind: noise, stddev: 0.05}
  y: {activation: sigmoid}
edges: [x -> h -> n -> r -> l -> z -> y]
loss: binary_cross_entropy
data: {source: circles, samples: 300, noise: 0.1}
train: {epochs: 60, batch_size: 32, optimizer: {kind: adam, learning_rate: 0.02}}
"""
    model = nngraph.compile(text)
    model.fit()
    assert model.evaluate(part="train")["loss"] < 0.25
