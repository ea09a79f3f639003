"""First weights: their spread, their streams, and what the file gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lowering_helpers import lowered

from nngraph.lower import initial_weights


def drawn(options: str, activation="tanh", sizes=(200, 100), seed=0) -> np.ndarray:
    low = lowered(f"""
nodes: {{x: {{kind: input, shape: {sizes[0]}}}, y: {{units: {sizes[1]}, activation: {activation}}}}}
edges: [{{from: x, to: y{options}}}]
""")
    return initial_weights(low, seed)["x->y"]


UNIFORM = {  # limit
    "glorot_uniform": math.sqrt(6 / 300),
    "he_uniform": math.sqrt(6 / 200),
    "{kind: uniform, low: -0.5, high: 0.5}": 0.5,
}
NORMAL = {  # standard deviation
    "glorot_normal": math.sqrt(2 / 300),
    "he_normal": math.sqrt(2 / 200),
    "lecun_normal": math.sqrt(1 / 200),
    "{kind: normal, stddev: 0.3}": 0.3,
}


@pytest.mark.parametrize(("init", "limit"), UNIFORM.items())
def test_uniform_draws_reach_their_limit_and_no_further(init, limit) -> None:
    w = drawn(f", init: {init}")
    assert 0.999 * limit < np.abs(w).max() <= limit
    assert abs(w.mean()) < 0.02 * limit
    assert w.std() == pytest.approx(limit / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize(("init", "spread"), NORMAL.items())
def test_normal_draws_have_their_spread(init, spread) -> None:
    w = drawn(f", init: {init}")
    assert w.std() == pytest.approx(spread, rel=0.02)
    assert abs(w.mean()) < 0.03 * spread
    assert np.abs(w).max() > 3 * spread  # not cut off


def test_a_truncated_normal_reaches_two_deviations_and_no_further() -> None:
    """scipy.stats.truncnorm(-2, 2): standard deviation 0.8796256610342398, a quarter of its values
    below -0.639111910871273."""
    w = (drawn(", init: {kind: truncated_normal, mean: 1, stddev: 0.3}") - 1) / 0.3
    assert 1.99 < np.abs(w).max() <= 2
    assert w.std() == pytest.approx(0.8796256610342398, rel=0.01)
    assert abs(w.mean()) < 0.02
    assert np.quantile(w, 0.25) == pytest.approx(-0.639111910871273, rel=0.03)


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        ("relu", "he_uniform"),
        ("{kind: leaky_relu, alpha: 0.1}", "he_uniform"),
        ("gelu", "he_uniform"),
        ("selu", "lecun_normal"),
        ("tanh", "glorot_uniform"),
        ("softmax", "glorot_uniform"),
        ("identity", "glorot_uniform"),
    ],
)
def test_the_default_follows_the_activation_of_the_target(activation, kind) -> None:
    np.testing.assert_array_equal(drawn("", activation), drawn(f", init: {kind}", activation))


def test_orthogonal_rows_or_columns_times_the_gain() -> None:
    for sizes in ((20, 6), (6, 20), (6, 6)):
        w = drawn(", init: {kind: orthogonal, gain: 2}", sizes=sizes)
        gram = w @ w.T if sizes[0] <= sizes[1] else w.T @ w
        np.testing.assert_allclose(gram, 4 * np.eye(6), atol=1e-12)


def test_zeros_and_ones() -> None:
    assert (drawn(", init: zeros") == 0).all()
    assert (drawn(", init: ones") == 1).all()


TWO = """
nodes: {x: {kind: input, shape: 40}, z: {kind: input, shape: 20}, y: {units: 10, activation: relu}}
edges:
  - x -> y
  - %s
  - y -> o
""".replace("y: {", "o: {units: 30}, y: {")


def test_fan_in_counts_all_connections_into_a_unit() -> None:
    fans = {w.id: (w.fan_in, w.fan_out) for w in lowered(TWO % "z -> y").weights if "->" in w.id}
    assert fans == {"x->y": (60, 10), "z->y": (60, 10), "y->o": (10, 30)}


def test_fan_in_counts_ranges_and_leaves_masked_connections_out() -> None:
    fans = {
        w.id: (w.fan_in, w.fan_out)
        for w in lowered(TWO % '"z[0:5] -> y[2:4]"').weights
        if "->" in w.id
    }
    assert fans["x->y"] == (45, 10)  # units 2 and 3 have the most
    assert fans["z[0:5]->y[2:4]"] == (45, 2)
    rows = [[int(j == 3 and i < 7) for j in range(10)] for i in range(20)]
    low = lowered(TWO % f"{{from: z, to: y, mask: {rows}}}")
    fans = {w.id: (w.fan_in, w.fan_out) for w in low.weights if "->" in w.id}
    assert fans["x->y"] == (47, 10)
    assert fans["z->y"] == (47, 1)


def test_fan_out_of_an_image_is_that_of_its_busiest_pixel() -> None:
    rows = [[1, 1, 0], [0, 0, 0], [1, 0, 0], [1, 1, 1]]  # pixels 0 and 1 of two channels
    low = lowered(f"""
nodes: {{x: {{kind: input, shape: [1, 2, 2]}}, y: {{units: 3}}, z: {{units: 4}}}}
edges:
  - {{from: x, to: y, mask: {rows}}}
  - x[0] -> z
""")
    fans = {w.id: (w.fan_in, w.fan_out) for w in low.weights if "->" in w.id}
    assert fans == {"x->y": (3, 6), "x[0]->z": (2, 6)}


def test_masked_weights_start_at_zero() -> None:
    w = drawn(", mask: [[1, 0], [0, 1]]", sizes=(2, 2))
    assert (w == 0).tolist() == [[False, True], [True, False]]


def test_another_edge_does_not_change_the_numbers_of_this_one() -> None:
    spec = "nodes: {x: {kind: input, shape: 3}, y: {units: 2}%s}\nedges: [%sx -> y]\n"
    alone = initial_weights(lowered(spec % ("", "")), 7)
    beside = initial_weights(lowered(spec % (", z: {units: 5}", "x -> z, ")), 7)
    scale = math.sqrt((3 + 2) / (3 + 2 + 5))  # only the fan-out of x has changed
    np.testing.assert_allclose(alone["x->y"] * scale, beside["x->y"], rtol=1e-14)


def test_the_seed_and_the_id_decide() -> None:
    assert (drawn("", seed=0) == drawn("", seed=0)).all()
    assert (drawn("", seed=0) != drawn("", seed=1)).all()
    other = lowered("""
nodes: {x: {kind: input, shape: 200}, y: {units: 100, activation: tanh}}
edges: [{from: x, to: y, id: other}]
""")
    assert (drawn("") != initial_weights(other, 0)["other"]).all()


def test_float32_weights_are_the_rounded_float64_ones() -> None:
    text = (
        "nngraph: 1\ndtype: %s\nnodes: {x: {kind: input, shape: 3}, y: {units: 2}}\nedges: [x -> y]"
    )
    single = initial_weights(lowered(text % "float32"), 0)["x->y"]
    double = initial_weights(lowered(text % "float64"), 0)["x->y"]
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_biases_start_at_zero_or_as_the_file_says() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 2}
  a: {units: 3}
  b: {units: 3, bias: 0.5}
  c: {units: 3, bias: [1, 2, 3]}
  d: {units: 3, bias: {init: {kind: uniform, low: 1, high: 2}}}
  e: {units: 3, bias: false}
edges: [x -> a -> b -> c -> d -> e]
""")
    w = initial_weights(low, 0)
    assert w["a.bias"].tolist() == [0, 0, 0]
    assert w["b.bias"].tolist() == [0.5, 0.5, 0.5]
    assert w["c.bias"].tolist() == [1, 2, 3]
    assert ((w["d.bias"] > 1) & (w["d.bias"] < 2)).all()
    assert "e.bias" not in w
