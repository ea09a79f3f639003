"""Whole trainings with everything at once, and what acts on which weights."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nngraph
from nngraph.network import compile_document
from nngraph.spec import parse_spec

PYTORCH = {
    "adamw": {
        "x->h": [
            0.841712261510331,
            -0.730975666500244,
            0.107436579252518,
            -0.392405574966304,
            -0.906061870716877,
            1.07989755330769,
            0.897964766471138,
            -0.797409847059944,
            -0.0825335298372489,
            -0.79274190642175,
            -0.70108372462771,
            -0.300548003983444,
        ],
        "f->y": [
            -0.00685705739304567,
            -0.798364242868006,
            -0.67198094398407,
            0.194924234479835,
            0.0968586672161289,
            0.00913230192324419,
            0.103188337292135,
            0.285957716353634,
        ],
        "n.scale": [0.700650648158061, 0.693954216041252, 0.840041113479289, 0.737715371862276],
        "n.shift": [-0.2262076824874, 0.089360422496186, 0.0280780329104427, 0.0605606918990017],
        "y.bias": [0.0874169642405751, -0.0874169642405744],
    },
    "sgd": {
        "x->h": [
            0.470460502120579,
            -0.407200554354979,
            0.0456892706484223,
            -0.293939952504259,
            -0.590344786681659,
            0.597085011481859,
            0.494054982447671,
            -0.446950422250632,
            -0.0707411225460128,
            -0.485698268450335,
            -0.473794208111914,
            -0.22780678563189,
        ],
        "f->y": [
            -0.14103282318424,
            -0.345755079902442,
            -0.259799330535539,
            -0.0286001879542377,
            0.22271179739403,
            -0.158636093489087,
            0.226371942882687,
            0.00888213122994273,
        ],
        "n.scale": [0.704575869060435, 0.817463222252958, 1.00112088087309, 0.932805467448515],
        "n.shift": [-0.122014638464677, 0.0664694416874032, 0.0256940994749175, 0.0176396792391374],
        "y.bias": [0.0183156214809005, -0.0183156214808999],
    },
}
"""The weights of the same network trained by PyTorch 2.13: BatchNorm1d(4), three groups of
parameters (decay 0.05; decay 0.1 at half the rate; no decay), label_smoothing 0.1,
clip_grad_norm_ 0.3, the rate of CosineAnnealingLR(30); 30 steps."""


def series(count: int, seed: float) -> np.ndarray:
    """The same numbers everywhere, without a generator."""
    return np.array([math.sin(seed + 1.7 * k * k + 0.3 * k) for k in range(count)])


OPTIMIZERS = {
    "adamw": "{kind: adamw, learning_rate: 0.02}",
    "sgd": "{kind: sgd, learning_rate: 0.1, momentum: 0.9, nesterov: true}",
}


@pytest.mark.parametrize("name", PYTORCH)
def test_everything_at_once_ends_where_pytorch_ends(name) -> None:
    first, second = series(12, 2.0).reshape(3, 4), series(8, 3.0).reshape(4, 2)
    model = nngraph.compile(f"""
nngraph: 1
dtype: float64
nodes:
  x: {{kind: input, shape: 3}}
  h: {{units: 4}}
  n: batch_norm
  f: {{kind: activation, function: tanh}}
  y: {{units: 2, activation: softmax}}
edges:
  - x -> h: {{weight: {first.tolist()}}}
  - h -> n -> f
  - f -> y: {{weight: {second.tolist()}, weight_decay_scale: 2, learning_rate_scale: 0.5}}
loss: {{kind: cross_entropy, label_smoothing: 0.1}}
train:
  epochs: 10
  batch_size: 8
  shuffle: false
  optimizer: {OPTIMIZERS[name]}
  schedule: cosine
  weight_decay: 0.05
  clip: {{norm: 0.3}}
""")
    model.fit(series(72, 1.0).reshape(24, 3), np.arange(24) % 2)
    for id_, expected in PYTORCH[name].items():
        np.testing.assert_allclose(model.weights[id_].ravel(), expected, rtol=0, atol=1e-9)


SINGLE = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  h: {activation: tanh, bias: 2%s}
  y: {bias: 3}
edges:
  - x -> h: {weight: [[4], [5]]%s}
  - h -> y: 6
loss: {kind: mean_squared_error, target: t}
train: {epochs: 1, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}%s}
"""


def one_step(node: str = "", edge: str = "", train: str = "") -> dict[str, np.ndarray]:
    """Weights after a step without a gradient: the target is what the network says."""
    model = nngraph.compile(SINGLE % (node, edge, train))
    x = np.zeros((2, 2))
    model.fit(x, model.predict(x))
    return {name: w.ravel() for name, w in model.weights.items()}


def test_decay_pulls_at_edges_and_not_at_biases() -> None:
    found = one_step(train=", weight_decay: 0.5")
    np.testing.assert_allclose(found["x->h"], [4 * 0.95, 5 * 0.95])
    np.testing.assert_allclose(found["h->y"], [6 * 0.95])
    assert found["h.bias"] == 2.0
    assert found["y.bias"] == 3.0


def test_decay_takes_the_scale_of_each_edge_and_node() -> None:
    found = one_step(", weight_decay_scale: 1", ", weight_decay_scale: 2", ", weight_decay: 0.5")
    np.testing.assert_allclose(found["x->h"], [4 * 0.9, 5 * 0.9])
    np.testing.assert_allclose(found["h.bias"], [2 * 0.95])
    np.testing.assert_allclose(found["h->y"], [6 * 0.95])
    assert found["y.bias"] == 3.0


def test_l1_pulls_by_a_constant() -> None:
    found = one_step(train=", l1: 0.5")
    np.testing.assert_allclose(found["x->h"], [4 - 0.05, 5 - 0.05])
    assert found["y.bias"] == 3.0


def test_adamw_decays_by_itself() -> None:
    model = nngraph.compile(
        SINGLE.replace("{kind: sgd, learning_rate: 0.1}", "{kind: adamw, learning_rate: 0.1}")
        % ("", "", "")
    )
    x = np.zeros((2, 2))
    model.fit(x, model.predict(x))
    np.testing.assert_allclose(model.weights["x->h"].ravel(), [4 * 0.999, 5 * 0.999])


def learnt(edge: str) -> tuple[float, float]:
    """How far two weights of one dense edge and the weight behind moved."""
    model = nngraph.compile(SINGLE % ("", edge, ""))
    model.fit(np.array([[0.1, 0.2], [0.3, -0.1]]), np.zeros((2, 1)))
    moved = model.weights["x->h"].ravel() - [4, 5]
    return float(np.abs(moved).sum()), abs(model.weights["h->y"].item() - 6)


def test_an_edge_moves_by_its_share_of_the_rate() -> None:
    plain, behind = learnt("")
    half, same = learnt(", learning_rate_scale: 0.5")
    assert half == pytest.approx(plain / 2)
    assert same == behind
    assert learnt(", learning_rate_scale: 0")[0] == 0.0


def test_vectors_of_scales_are_counted_in_the_memory_and_not_made_for_it() -> None:
    text = """
nngraph: 1
nodes: {x: {kind: input, shape: 100}, h: {units: 100}, y: {units: 1}}
edges: [x -> h -> y]
loss: mean_squared_error
train: {optimizer: sgd%s}
"""
    plain = compile_document(parse_spec(text % ""))
    decayed = compile_document(parse_spec(text % ", weight_decay: 0.1"))
    assert plain.memory(1).states == 0
    assert decayed.memory(1).states == decayed.memory(1).parameters
    assert "_update_program" not in vars(decayed)
    update = decayed.update_stage
    assert update is not None
    assert [leaf.id for leaf in update.program.leaves if "scale" in leaf.id] == ["scale:0.1"]
