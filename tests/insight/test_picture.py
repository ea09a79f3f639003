"""The adapter from a compiled network to its picture."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph
from nngraph.insight.picture import picture_of
from nngraph.network import compile_document
from nngraph.render import Picture, PictureEdge, PictureNode, to_dot, to_mermaid
from nngraph.render.connections import connections
from nngraph.render.escape import mermaid_text
from nngraph.spec import parse_spec

SPEC = """
nngraph: 1
name: sample
description: Every kind of line.
nodes:
  x: {kind: input, shape: 4, title: the input}
  h: {units: 2, activation: tanh}
  up: {units: 4, labels: [a, b, c, d]}
  g: {activation: {kind: prelu, alpha: 0.1}, bias: -0.5}
  sum: add
edges:
  - x -> h: {id: down}
  - h -> up: {share: {edge: down, transpose: true}}
  - h[1] -> g: {weight: 0.7, trainable: false}
  - up -> sum: {kind: scale, weight: 2}
  - x -> sum
outputs: [sum, g]
loss: [{kind: mean_squared_error, node: sum, target: x}, {kind: mean_absolute_error, node: g}]
"""


def picture(**weights: np.ndarray) -> Picture:
    return picture_of(compile_document(parse_spec(SPEC)), weights or None)


def node(id_: str) -> PictureNode:
    return next(n for n in picture().nodes if n.id == id_)


def edge(source: str, target: str, drawn: Picture | None = None) -> PictureEdge:
    edges = (drawn or picture()).edges
    return next(e for e in edges if (e.source, e.target) == (source, target))


def test_the_whole_is_named_and_counted() -> None:
    drawn = picture()
    assert (drawn.name, drawn.description) == ("sample", "Every kind of line.")
    # down 8, scale 4, h -> g 1; biases 2 + 4 + 1; slope 1
    assert drawn.parameters == 21
    assert [(loss.kind, loss.node, loss.target) for loss in drawn.losses] == [
        ("mean_squared_error", "sum", "x"),
        ("mean_absolute_error", "g", "g"),
    ]


def test_nodes_carry_shape_function_labels_and_their_own_parameters() -> None:
    assert node("x").name == "the input"
    assert (node("h").kind, node("h").shape, node("h").activation) == ("neurons", (2,), "tanh")
    assert node("h").parameters == 2
    assert node("g").parameters == 2  # bias and slope
    assert node("g").bias == (-0.5,)
    assert node("up").labels == ("a", "b", "c", "d")
    assert [n.id for n in picture().nodes if n.is_output] == ["g", "sum"]


def test_an_edge_knows_its_kind_units_and_weights() -> None:
    chosen = edge("h", "g")
    assert (chosen.kind, chosen.source_units, chosen.target_units) == ("dense", (1, 2), None)
    assert chosen.scalar == pytest.approx(0.7)
    assert not chosen.trainable
    assert edge("x", "sum").kind == "identity"
    assert edge("x", "sum").shape is None
    assert edge("up", "sum").kind == "scale"
    assert edge("x", "h").shape == (4, 2)
    assert edge("x", "h").weights is None  # drawn at random: nothing worth showing


def test_a_shared_array_counts_once_and_is_shown_the_way_it_is_read() -> None:
    learner = compile_document(parse_spec(SPEC))
    weights = {w.id: np.zeros(w.shape) for w in learner.lowered.weights}
    weights["down"] = np.arange(8.0).reshape(4, 2)
    drawn = picture_of(learner, weights)
    tied = edge("h", "up", drawn)
    assert tied.shared_with == "down"
    assert tied.parameters == 0
    assert tied.shape == (2, 4)
    np.testing.assert_array_equal(tied.weights, weights["down"].T)
    assert edge("x", "h", drawn).parameters == 8


OPTIONS = """
nngraph: 1
nodes:
  x: {kind: input, shape: [8, 8, 2]}
  c: {units: 4, activation: {kind: leaky_relu, alpha: 0.2}}
  p: {kind: pool, function: average, size: 3, stride: 2, padding: same}
  n: {kind: batch_norm, momentum: 0.8}
  m: {kind: batch_norm}
  d: {kind: dropout, rate: 0.25, per: channel}
  q: {units: 4, activation: {kind: prelu, alpha: 0.1}, trainable: false}
  s: {units: 1, activation: {kind: step, at_zero: 1}, aggregate: maximum}
  t: {units: 1, activation: step}
edges:
  - x -> c: {conv: 3, stride: [1, 2], padding: [[0, 1], [2, 2]], dilation: 2, groups: 2}
  - c -> p -> n -> m -> d
  - d -> q -> s
  - q -> t: {mask: [[1], [0], [1], [1]]}
"""


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("c", ("alpha = 0.2",)),
        ("p", ("size = 3", "stride = 2", "padding = same")),
        ("n", ("momentum = 0.8",)),
        ("m", ("momentum = 0.9",)),
        ("d", ("rate = 0.25", "per = channel")),
        ("q", ("alpha learned", "fixed")),
        ("s", ("at_zero = 1", "aggregate = maximum")),
        ("t", ("at_zero = 0",)),
        ("x", ()),
    ],
)
def test_the_options_that_decide_what_a_node_does_are_in_its_picture(
    id_: str, said: tuple[str, ...]
) -> None:
    drawn = picture_of(compile_document(parse_spec(OPTIONS)))
    found = next(n for n in drawn.nodes if n.id == id_)
    assert found.options == said
    for option in said:
        assert option in to_dot(drawn)
        assert mermaid_text(option) in to_mermaid(drawn)


def test_the_options_that_decide_what_an_edge_does_are_in_its_picture() -> None:
    drawn = picture_of(compile_document(parse_spec(OPTIONS)))
    said = ("stride = 1 × 2", "padding = 0 and 1 × 2", "dilation = 2", "groups = 2")
    assert edge("x", "c", drawn).options == said
    assert edge("q", "t", drawn).options == ("masked",)
    assert edge("c", "p", drawn).options == ()
    assert all(option in to_dot(drawn) for option in said)


@pytest.mark.parametrize("options", ["", ", padding: same", ", stride: 2, padding: 1, dilation: 2"])
def test_lines_of_a_convolution_are_the_products_that_it_adds(options: str) -> None:
    generator = np.random.default_rng(3)
    text = f"""
nngraph: 1
nodes: {{x: {{kind: input, shape: [5, 4, 2]}}, y: {{units: 3, bias: false}}}}
edges: [x -> y: {{conv: [3, 2]{options}}}]
"""
    model = nngraph.compile(text, seed=1)
    drawn = picture_of(model.network, model.weights)
    x = generator.normal(size=(5, 4, 2))
    wanted = np.ravel(model.predict(x[None]))
    sums = np.zeros_like(wanted)
    for line in connections(drawn):
        sums[line.target[1]] += line.weight * x.reshape(-1)[line.source[1]]
    np.testing.assert_allclose(sums, wanted, rtol=1e-5, atol=1e-6)


CONSTANTS = """
nngraph: 1
nodes:
  x: {kind: input, shape: [2, 3, 1]}
  few: {kind: constant, value: [1, -2.5]}
  wide: {kind: constant, value: [[1, 2, 3], [4, 5, 6]]}
  flat: {kind: reshape, shape: [2, 3]}
  d: subtract
  y: {units: 2}
  e: subtract
edges: [wide -> d, x -> flat -> d, d -> y, y -> e, few -> e]
"""


def test_the_value_of_a_constant_is_a_list_and_not_a_shape() -> None:
    drawn = picture_of(compile_document(parse_spec(CONSTANTS)))
    options = {node.id: node.options for node in drawn.nodes}
    assert options["few"] == ("value = [1, −2.5]",)
    assert options["wide"] == ("value = [[1, 2, 3], [4, 5, 6]]",)


def test_a_difference_says_what_is_taken_from_what() -> None:
    drawn = picture_of(compile_document(parse_spec(CONSTANTS)))
    assert {node.options for node in drawn.nodes if node.kind == "subtract"} == {
        ("wide − flat",),
        ("y − few",),
    }
    signs = {(e.source, e.target): e.options for e in drawn.edges if e.target in ("d", "e")}
    assert signs == {
        ("wide", "d"): ("+",),
        ("flat", "d"): ("−",),
        ("y", "e"): ("+",),
        ("few", "e"): ("−",),
    }
