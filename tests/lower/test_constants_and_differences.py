"""Constants and differences: what they are, in layers and in graphs of single neurons."""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import outputs

import nngraph
from nngraph.errors import SpecError

ROWS = np.array([[1.0, 3.0], [-2.0, 0.5], [0.0, 0.0]])


def graph(nodes: str, edges: str) -> str:
    return f"nodes: {{{nodes}}}\nedges: [{edges}]\n"


def test_the_second_edge_is_taken_from_the_first() -> None:
    nodes = '"a, b": {kind: input, shape: 2}, d: subtract, e: subtract'
    text = graph(nodes, "a -> d, b -> d, b -> e, a -> e")
    z = outputs(text, {"a": ROWS, "b": ROWS + 5})
    np.testing.assert_array_equal(z["d"], np.full((3, 2), -5.0))
    np.testing.assert_array_equal(z["e"], np.full((3, 2), 5.0))


def test_a_constant_is_the_same_for_every_row() -> None:
    text = graph(
        "x: {kind: input, shape: 2}, one: constant, c: {kind: constant, value: [2, 4]}, "
        "rest: subtract, far: subtract, twice: multiply",
        "one -> rest, x -> rest, x -> far, c -> far, c -> twice, x -> twice",
    )
    z = outputs(text, {"x": ROWS})
    np.testing.assert_array_equal(z["one"], np.ones(3))
    np.testing.assert_array_equal(z["c"], np.tile([2.0, 4.0], (3, 1)))
    np.testing.assert_array_equal(z["rest"], 1 - ROWS)
    np.testing.assert_array_equal(z["far"], ROWS - [2, 4])
    np.testing.assert_array_equal(z["twice"], ROWS * [2, 4])


def test_a_constant_picture_has_the_extents_of_its_lists() -> None:
    text = graph(
        "x: {kind: input, shape: [2, 2, 1]}, c: {kind: constant, value: [[[1], [2]], [[3], [4]]]}, "
        "y: add",
        "x -> y, c -> y",
    )
    x = np.arange(8.0).reshape(2, 2, 2, 1)
    z = outputs(text, {"x": x})
    np.testing.assert_array_equal(z["y"], x + np.arange(1.0, 5.0).reshape(2, 2, 1))


SCALAR = """nngraph: 1
dtype: float64
nodes:
  x1, x2: input
  one: constant
  h1, h2, h3: {activation: tanh, bias: false}
  y: {activation: sigmoid, bias: false}
edges:
  - one -> h1: 0.3
  - x1 -> h1: -0.7
  - x1 -> h2: 1.1
  - x2 -> h2: 0.4
  - one -> h2: -0.2
  - h1 -> h3: 0.9
  - h2 -> h3: -1.3
  - one -> h3: 0.05
  - h1 -> y: 0.6
  - h3 -> y: 0.8
  - one -> y: -0.1
loss: binary_cross_entropy
"""


def with_biases() -> str:
    """The same network with its constants as biases."""
    text, biases = SCALAR.replace("  one: constant\n", ""), {}
    for line in SCALAR.splitlines():
        if line.startswith("  - one -> "):
            node, value = line.removeprefix("  - one -> ").split(": ")
            biases[node] = value
            text = text.replace(line + "\n", "")
    neurons = "".join(
        f"  {node}: {{activation: {'sigmoid' if node == 'y' else 'tanh'}, bias: {value}}}\n"
        for node, value in biases.items()
    )
    head, _, rest = text.partition("  h1, h2, h3")
    return head + neurons + rest[rest.index("edges:") :]


def test_the_weight_of_a_one_is_a_bias_forward_and_back() -> None:
    rng = np.random.default_rng(3)
    rows = {"x1": rng.normal(size=5), "x2": rng.normal(size=5)}
    t = rng.integers(0, 2, size=5).astype(float)
    ones, biased = (nngraph.compile(text) for text in (SCALAR, with_biases()))
    np.testing.assert_allclose(ones.predict(rows), biased.predict(rows), rtol=1e-14)
    one, other = (model.gradients(rows, t) for model in (ones, biased))
    for node in ("h1", "h2", "h3", "y"):
        weight, bias = np.ravel(one[f"one->{node}"]), np.ravel(other[f"{node}.bias"])
        np.testing.assert_allclose(weight, bias, rtol=1e-12)


LAYERS = """nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  one: constant
  two: {kind: constant, value: [1, 2]}
  h: {units: 3, activation: tanh, bias: false}
  d: subtract
  y: {activation: sigmoid}
edges: [one -> h, x -> h, x -> d, two -> d, h -> y, d -> y]
loss: binary_cross_entropy
"""


@pytest.mark.parametrize("text", [LAYERS, SCALAR.replace("dtype: float64\n", "")])
def test_every_program_and_the_standalone_module_agree(text: str) -> None:
    assert nngraph.compile(text, seed=2).gradcheck().holds


@pytest.mark.parametrize(
    ("nodes", "edges", "code", "message"),
    [
        ("c: constant, y: {}", "c -> y", "E205", "but no input"),
        ("x: input, c: constant, y: {}", "x -> y", "E206", "nothing reads the constant 'c'"),
        ("x: input, c: constant, y: {}", "x -> c, c -> y", "E202", "into the constant 'c'"),
        ("x: input, y: subtract", "x -> y", "E228", "takes two edges, not 1"),
        ('"x, u, v": input, y: subtract', "x -> y, u -> y, v -> y", "E228", "two edges, not 3"),
        ("x: input, h: {}, y: add", "x -> y, h -> y", "E205", "no input reaches 'h'"),
    ],
)
def test_what_is_forgotten_is_told(nodes: str, edges: str, code: str, message: str) -> None:
    with pytest.raises(SpecError) as found:
        nngraph.compile(f"nngraph: 1\n{graph(nodes, edges)}")
    told = found.value.diagnostics[0]
    assert told.code == code
    assert message in told.message
