"""What nodes and edges compute, against plain NumPy written here."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import lowered, outputs, run

from nngraph.errors import CapacityError
from nngraph.ir import Constant, Param
from nngraph.lower import initial_weights


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_the_snack_perceptron_of_the_lectures() -> None:
    text = """
nodes:
  hungry, busy: input
  snack: {activation: step, bias: 1}
edges:
  - hungry -> snack: -1
  - busy -> snack: 2
"""
    z = outputs(text, {"hungry": np.array([4.0, 0.0]), "busy": np.array([1.0, 0.0])})
    assert z["snack"].tolist() == [[0.0], [1.0]]  # 4 * -1 + 1 * 2 + 1 = -1 -> 0


def test_xor_from_or_nand_and() -> None:
    text = """
nodes:
  x1, x2: input
  h1: {activation: {kind: step, at_zero: 1}, bias: -1}
  h2: {activation: step, bias: 1.5}
  y: {activation: step, bias: -1.5}
edges:
  - x1, x2 -> h1: 1
  - x1, x2 -> h2: -1
  - h1, h2 -> y: 1
"""
    rows = {"x1": np.array([0.0, 0, 1, 1]), "x2": np.array([0.0, 1, 0, 1])}
    z = outputs(text, rows)
    assert z["h1"][:, 0].tolist() == [0, 1, 1, 1]
    assert z["h2"][:, 0].tolist() == [1, 1, 1, 0]
    assert z["y"][:, 0].tolist() == [0, 1, 1, 0]


def test_the_softmax_of_the_lectures() -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, p: {kind: activation, function: softmax}}
edges: [x -> p]
"""
    p = outputs(text, {"x": np.array([[5.0, 2.5, 0.5]])})["p"]
    np.testing.assert_allclose(p, [[0.92, 0.08, 0.01]], atol=0.01)


def test_a_multilayer_perceptron_by_its_formula(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: 4}
  h: {units: 5, activation: tanh, bias: {init: {kind: normal, stddev: 1}}}
  y: {units: 3, activation: softmax, bias: [1, 2, 3]}
edges: [x -> h -> y]
"""
    low, x = lowered(text), rng.standard_normal((6, 4))
    w = initial_weights(low, 3)
    z = run(low, {"x": x}, w).outputs
    h = np.tanh(x @ w["x->h"] + w["h.bias"])
    np.testing.assert_allclose(z["h"], h, rtol=1e-13)
    np.testing.assert_allclose(z["y"], softmax(h @ w["h->y"] + [1, 2, 3]), rtol=1e-13)
    assert np.abs(w["h.bias"]).min() > 0


def test_an_image_is_flattened_by_a_dense_edge(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 3, 2]}, y: {units: 2}}
edges: [x -> y]
"""
    low, x = lowered(text), rng.standard_normal((3, 2, 3, 2))
    w = initial_weights(low, 0)
    assert w["x->y"].shape == (12, 2)
    np.testing.assert_allclose(
        run(low, {"x": x}).outputs["y"], x.reshape(3, 12) @ w["x->y"], rtol=1e-13
    )


def test_ranges_of_units_on_both_sides(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: 5}
  y: {units: 4, bias: [1, 2, 3, 4]}
edges:
  - x[1:3] -> y[0:2]: {weight: [[1, 2], [3, 4]]}
  - x[4] -> y[1]: 10
  - x[0] -> y[3]: -1
"""
    x = rng.standard_normal((3, 5))
    want = np.stack(
        [
            x[:, 1] + 3 * x[:, 2] + 1,
            2 * x[:, 1] + 4 * x[:, 2] + 10 * x[:, 4] + 2,
            np.full(3, 3.0),
            -x[:, 0] + 4,
        ],
        axis=1,
    )
    np.testing.assert_allclose(outputs(text, {"x": x})["y"], want, rtol=1e-13)


def test_units_of_an_image_are_its_channels(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 2, 3]}, y: {bias: false}}
edges: [{from: "x[1:3]", to: y, weight: 2}]
"""
    x = rng.standard_normal((2, 2, 2, 3))
    want = 2 * x[..., 1:3].sum(axis=(1, 2, 3))[:, None]
    np.testing.assert_allclose(outputs(text, {"x": x})["y"], want, rtol=1e-13)


def test_identity_and_scale_add_before_the_activation(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, s: input, y: {units: 3, activation: relu, bias: 1}}
edges:
  - x -> y: identity
  - {from: x, to: y, id: scaled, kind: scale, weight: [1, -2, 0.5]}
  - {from: s, to: "y[2]", kind: identity}
"""
    x, s = rng.standard_normal((4, 3)), rng.standard_normal(4)
    a = x + x * [1, -2, 0.5] + 1
    a[:, 2] += s
    z = outputs(text, {"x": x, "s": s})["y"]
    np.testing.assert_allclose(z, np.maximum(a, 0), rtol=1e-13)


def test_an_identity_edge_takes_an_image_into_neurons_and_the_bias_is_per_channel(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 2, 3]}, y: {units: 3, activation: relu, bias: [1, 2, 3]}}
edges: [x -> y: identity]
"""
    x = rng.standard_normal((2, 2, 2, 3))
    z = outputs(text, {"x": x})["y"]
    np.testing.assert_allclose(z, np.maximum(x + np.array([1, 2, 3]), 0), rtol=1e-13)


def test_scale_starts_at_one_and_is_trained() -> None:
    low = lowered("""
nodes: {x: {kind: input, shape: 3}, y: add}
edges: [{from: x, to: y, kind: scale}]
""")
    (weight,) = low.weights
    assert weight.id == "x->y"
    assert weight.trainable
    np.testing.assert_array_equal(initial_weights(low, 0)["x->y"], [1, 1, 1])


@pytest.mark.parametrize("given", ["3", "[3, 3]", "[[3, 3]]"])
def test_axes_of_length_one_may_be_left_out(given) -> None:
    low = lowered(f"""
nodes: {{x: input, y: {{units: 2}}}}
edges: [{{from: x, to: y, weight: {given}}}]
""")
    np.testing.assert_array_equal(initial_weights(low, 0)["x->y"], [[3, 3]])


def test_weights_from_files(tmp_path, rng) -> None:
    W, b = rng.standard_normal((3, 2)), rng.standard_normal(2)
    np.savez(tmp_path / "w.npz", W=W, b=b)
    text = """
nodes: {x: {kind: input, shape: 3}, y: {units: 2, bias: {file: w.npz, key: b}}}
edges: [{from: x, to: y, weight: {file: w.npz, key: W}}]
"""
    x = rng.standard_normal((4, 3))
    z = outputs(text, {"x": x}, folder=tmp_path)["y"]
    np.testing.assert_allclose(z, x @ W + b, rtol=1e-13)


def test_fixed_weights_are_constants_and_trained_ones_parameters() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 2}
  h: {units: 2, trainable: false}
  y: {units: 2, bias: {value: 1, trainable: false}}
edges:
  - x -> h
  - h -> y: {trainable: false}
""")
    kinds = {weight.id: type(weight.leaf) for weight in low.weights}
    assert kinds == {"x->h": Param, "h.bias": Constant, "h->y": Constant, "y.bias": Constant}
    assert low.trainable_count == 4


def test_a_mask_takes_connections_away(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 2}, y: {units: 2, bias: false}}
edges: [{from: x, to: y, weight: [[1, 2], [3, 4]], mask: [[1, 0], [1, 1]]}]
"""
    x = rng.standard_normal((3, 2))
    low = lowered(text)
    np.testing.assert_allclose(run(low, {"x": x}).outputs["y"], x @ [[1, 0], [3, 4]], rtol=1e-13)
    assert initial_weights(low, 0)["x->y"].tolist() == [[1, 0], [3, 4]]


def test_a_tied_transpose_uses_one_array(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, h: {units: 2, activation: tanh}, y: {units: 3}}
edges:
  - x -> h
  - h -> y: {share: {edge: x->h, transpose: true}}
"""
    low, x = lowered(text), rng.standard_normal((4, 3))
    assert [weight.id for weight in low.weights] == ["x->h", "h.bias", "y.bias"]
    W = initial_weights(low, 0)["x->h"]
    z = run(low, {"x": x}).outputs["y"]
    np.testing.assert_allclose(z, np.tanh(x @ W) @ W.T, rtol=1e-13)


def test_an_array_may_be_shared_before_its_owner_is_met(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 3}, h: {units: 2}, y: {units: 3}}
edges:
  - x -> h: {share: {edge: h->y, transpose: true}}
  - h -> y
"""
    low, x = lowered(text), rng.standard_normal((4, 3))
    W = initial_weights(low, 0)["h->y"]
    assert W.shape == (2, 3)
    np.testing.assert_allclose(run(low, {"x": x}).outputs["y"], x @ W.T @ W, rtol=1e-13)


def test_the_mask_of_an_owner_holds_for_those_who_share(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 2}, h: {units: 2}, y: {units: 2}}
edges:
  - x -> h: {weight: [[1, 2], [3, 4]], mask: [[0, 1], [1, 1]]}
  - h -> y: {share: {edge: x->h, transpose: true}, mask: [[1, 1], [1, 0]]}
"""
    x = rng.standard_normal((3, 2))
    z = outputs(text, {"x": x})["y"]
    np.testing.assert_allclose(z, x @ [[0, 2], [3, 4]] @ [[0, 3], [2, 0]], rtol=1e-13)


def test_nodes_share_bias_and_slopes(rng) -> None:
    text = """
nodes:
  x1, x2: {kind: input, shape: 2}
  h1: {units: 2, activation: prelu, bias: [1, -1]}
  h2: {units: 2, activation: prelu, share: h1}
edges:
  - x1 -> h1: {weight: 2}
  - x2 -> h2: {share: x1->h1}
"""
    low = lowered(text)
    assert [weight.id for weight in low.weights] == ["x1->h1", "h1.bias", "h1.alpha"]
    x = rng.standard_normal((5, 2))
    z = run(low, {"x1": x, "x2": x}).outputs
    np.testing.assert_array_equal(z["h1"], z["h2"])


def test_a_prelu_that_shares_with_another_activation_keeps_its_own_slopes() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 2}
  h: {units: 2, activation: relu}
  p: {units: 2, activation: prelu, share: h}
edges: [x -> h -> p]
""")
    assert [w.id for w in low.weights] == ["x->h", "h.bias", "h->p", "p.alpha"]


def test_prelu_learns_a_slope_per_unit(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: 3}
  y: {units: 3, activation: {kind: prelu, alpha: 0.1}, bias: false}
  p: {kind: activation, function: prelu}
edges:
  - x -> y: identity
  - x -> p
"""
    low, x = lowered(text), rng.standard_normal((4, 3))
    z = run(low, {"x": x}).outputs
    np.testing.assert_allclose(z["y"], np.where(x > 0, x, 0.1 * x), rtol=1e-13)
    np.testing.assert_allclose(z["p"], np.where(x > 0, x, 0.25 * x), rtol=1e-13)
    assert {w.id: w.shape for w in low.weights} == {"y.alpha": (3,), "p.alpha": (3,)}


AGGREGATES = {
    "product": lambda c: np.prod(c, axis=1),
    "maximum": lambda c: np.max(c, axis=1),
    "minimum": lambda c: np.min(c, axis=1),
    "mean": lambda c: np.mean(c, axis=1),
}


@pytest.mark.parametrize("kind", AGGREGATES)
def test_aggregates_combine_single_connections(kind, rng) -> None:
    text = f"""
nodes: {{x: {{kind: input, shape: 3}}, s: input, y: {{units: 2, aggregate: {kind}, bias: 1}}}}
edges:
  - {{from: x, to: y, weight: [[1, 2], [3, -4], [0.5, 6]], mask: [[1, 0], [1, 1], [1, 1]]}}
  - s -> y[1]: 2
  - {{from: "x[0:2]", to: y, kind: scale, id: direct, weight: 3}}
"""
    x, s = rng.standard_normal((5, 3)), rng.standard_normal(5)
    first = np.stack([x[:, 0], 3 * x[:, 1], 0.5 * x[:, 2], 3 * x[:, 0]], axis=1)
    second = np.stack([-4 * x[:, 1], 6 * x[:, 2], 2 * s, 3 * x[:, 1]], axis=1)
    want = np.stack([AGGREGATES[kind](first), AGGREGATES[kind](second)], axis=1) + 1
    np.testing.assert_allclose(outputs(text, {"x": x, "s": s})["y"], want, rtol=1e-12)


def test_a_connection_that_the_owner_masks_is_absent_for_those_who_share(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 2}, h: {units: 2}, m: {units: 2, aggregate: maximum, bias: 0}}
edges:
  - x -> h: {weight: [[-1, -2], [-3, -4]], mask: [[1, 0], [1, 1]]}
  - x -> m: {share: {edge: x->h, transpose: true}}
"""
    x = np.abs(rng.standard_normal((3, 2)))
    want = np.stack([-x[:, 0], np.maximum(-3 * x[:, 0], -4 * x[:, 1])], axis=1)
    np.testing.assert_allclose(outputs(text, {"x": x})["m"], want, rtol=1e-13)


def test_nodes_that_rearrange(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: [2, 3, 2]}
  s: input
  f: flatten
  r: {kind: reshape, shape: [4, 3]}
  c: {kind: slice, axis: 0, start: 1}
  d: {kind: slice, start: 0, stop: 1}
  j: concat
  k: {kind: concat, axis: 1}
edges:
  - x -> f
  - x -> r
  - x -> c
  - x -> d
  - f, s -> j
  - x, d2 -> k
  - {from: x, to: d2, kind: scale, weight: -1}
""".replace("nodes:\n", "nodes:\n  d2: add\n")
    x, s = rng.standard_normal((4, 2, 3, 2)), rng.standard_normal(4)
    z = outputs(text, {"x": x, "s": s})
    np.testing.assert_array_equal(z["f"], x.reshape(4, 12))
    np.testing.assert_array_equal(z["r"], x.reshape(4, 4, 3))
    np.testing.assert_array_equal(z["c"], x[:, 1:])
    np.testing.assert_array_equal(z["d"], x[..., 0:1])
    np.testing.assert_array_equal(z["j"], np.concatenate([x.reshape(4, 12), s[:, None]], 1))
    np.testing.assert_array_equal(z["k"], np.concatenate([x, -x], axis=2))


def test_channels_spread_over_an_image(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [2, 3, 4]}, c: {kind: input, shape: 4}, m: multiply, a: add}
edges: [x, c -> m, "c, x -> a"]
""".replace("[x, c -> m,", '["x, c -> m",')
    x, c = rng.standard_normal((2, 2, 3, 4)), rng.standard_normal((2, 4))
    z = outputs(text, {"x": x, "c": c})
    np.testing.assert_allclose(z["m"], x * c[:, None, None, :], rtol=1e-13)
    np.testing.assert_allclose(z["a"], x + c[:, None, None, :], rtol=1e-13)


def test_dropout_draws_only_while_training(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: 200}, d: {kind: dropout, rate: 0.25}, y: {units: 1}}
edges: [x -> d -> y]
"""
    x = np.ones((3, 200))
    np.testing.assert_array_equal(outputs(text, {"x": x})["d"], x)
    dropped = outputs(text, {"x": x}, training=True)["d"]
    assert set(np.unique(dropped)) == {0.0, 1 / 0.75}
    assert 0.6 < (dropped > 0).mean() < 0.9
    keys = [
        (leaf.id, leaf.purpose)
        for leaf in lowered(text, training=True).program.leaves
        if type(leaf).__name__ == "Key"
    ]
    assert keys == [("d", "dropout")]


def test_dropout_per_channel_drops_whole_channels(rng) -> None:
    text = """
nodes: {x: {kind: input, shape: [3, 3, 50]}, d: {kind: dropout, rate: 0.5, per: channel}}
edges: [x -> d]
"""
    d = outputs(text, {"x": np.ones((2, 3, 3, 50))}, training=True)["d"]
    assert (d == d[:, :1, :1, :]).all()
    assert set(np.unique(d)) == {0.0, 2.0}


def test_every_instruction_knows_its_place() -> None:
    low = lowered("""
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: relu}, y: {units: 2}}
edges: [x -> h -> y]
loss: mean_squared_error
""")
    assert all(instr.origins and instr.origins[0].span for instr in low.program.body)
    by_op = {instr.op.name: instr.origins[0].id for instr in low.program.body}
    assert by_op["matmul"] == "h->y"
    assert by_op["relu"] == "h"
    assert by_op["squared_error"] == "loss"


def test_the_order_of_nodes_does_not_change_the_program() -> None:
    nodes = ["x: {kind: input, shape: 2}", "h: {units: 3}", "g: {units: 2}", "y: {units: 2}"]
    edges = "edges: [x -> h, x -> g, h -> y, g -> y]\n"
    texts = ["nodes: {" + ", ".join(order) + "}\n" + edges for order in (nodes, nodes[::-1])]
    one, other = (str(lowered(text).program) for text in texts)
    assert one == other


def test_a_network_that_could_never_be_held_is_lowered_without_allocating() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 1000000}
  h: {units: 1000000, activation: relu}
  m: {units: 1000000, aggregate: mean, bias: false}
edges:
  - x -> h -> m
  - x[0] -> h[1]: {id: extra}
""")
    assert low.trainable_count == 2 * 10**12 + 10**6 + 1


def test_the_mean_of_units_that_must_be_told_apart_has_a_limit() -> None:
    with pytest.raises(CapacityError, match=r"'m' has 1,000,000,000,000 units"):
        lowered("""
nodes: {x: input, m: {units: 1000000000000, aggregate: mean}}
edges: ["x -> m[0:2]"]
""")
