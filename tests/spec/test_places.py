"""Every key and value leads back to its characters in the file."""

from __future__ import annotations

from nngraph.errors import Span
from nngraph.spec import parse_spec

TEXT = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 3}
  h1, h2: {units: 2, activation: {kind: elu, alpha: 2}}
  y: {bias: [1]}
edges:
  - x -> h1, h2
  - h1, h2[0] -> y: {trainable: false}
  - "h2[1]  ->  y": 0.5
  - from: x
    to: y
    weight: [[1], [2], [3]]
loss: {kind: mean_squared_error, target: t}
train:
  optimizer: {kind: adam, learning_rate: 0.01}
"""


def text_of(span: Span) -> str:
    return span.source.text[span.start : span.end]


DOCUMENT = parse_spec(TEXT)


def test_values_and_keys_by_path() -> None:
    assert text_of(DOCUMENT.span("train", "optimizer", "learning_rate")) == "0.01"
    assert text_of(DOCUMENT.key_span("train", "optimizer", "learning_rate")) == "learning_rate"
    assert text_of(DOCUMENT.span("nodes", "h2", "activation", "alpha")) == "2"
    assert text_of(DOCUMENT.key_span("nodes", "h2")) == "h2"
    assert text_of(DOCUMENT.span("edges", 0)) == "x -> h1, h2"


def test_what_is_not_written_is_at_the_nearest_thing_around_it() -> None:
    assert text_of(DOCUMENT.span("train", "optimizer", "beta1")).startswith("{kind: adam")
    assert text_of(DOCUMENT.span("nodes", "x", "labels", 0)) == "{kind: input, shape: 3}"
    assert DOCUMENT.span("data", "source").start == 0
    assert text_of(DOCUMENT.loss_span(0, "target")) == "t"
    assert text_of(DOCUMENT.loss_span(0, "node")).startswith("{kind: mean")


def test_nodes() -> None:
    entry = DOCUMENT.nodes["h2"]
    assert text_of(entry.span) == "h2"
    assert text_of(entry.span_of("activation", "alpha")) == "2"
    assert text_of(entry.span_of("share")) == "h2"
    assert text_of(DOCUMENT.span(*entry.path, "units")) == "2"


def test_ends_of_chains_and_comma_lists() -> None:
    places = {
        edge.id: (text_of(edge.span), text_of(edge.source_span), text_of(edge.target_span))
        for edge in DOCUMENT.edges
    }
    assert places["x->h2"] == ("x -> h1, h2", "x", "h2")
    assert places["h2[0]->y"] == ("h2[0] -> y", "h2[0]", "y")
    assert places["h2[1]->y"] == ("h2[1]  ->  y", "h2[1]", "y")
    assert places["x->y"][1:] == ("x", "y")


def test_options_of_edges() -> None:
    edges = {edge.id: edge for edge in DOCUMENT.edges}
    assert text_of(edges["h1->y"].span_of("trainable")) == "false"
    assert text_of(edges["h2[1]->y"].span_of("weight")) == "0.5"
    assert text_of(edges["x->y"].span_of("weight", 1)) == "[2]"
    assert text_of(edges["x->h1"].span_of("weight")) == "x -> h1"
    assert edges["x->y"].span.line == 10


def test_an_escaped_text_is_placed_as_a_whole() -> None:
    document = parse_spec('nngraph: 1\nnodes: {x: input, y: {}}\nedges: ["x \\x2d> y"]\n')
    assert text_of(document.edges[0].source_span) == '"x \\x2d> y"'
