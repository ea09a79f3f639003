"""`resolved.yaml` says everything and reads back to the same network."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nngraph.spec import Document, parse_spec
from nngraph.spec.resolved import resolved_yaml

FULL = """\
nngraph: 1
description: "two\\nlines, 'quotes', \\u2028 and \\x85"
dtype: float64
nodes:
  x: {kind: input, shape: [2, 3], labels: [a, "b: c", "", "1"]}
  s: input
  h1, h2: {units: 2, activation: {kind: elu, alpha: 2}, bias: [0.1, -1e-30], labels: [no, 'true']}
  g: {bias: {file: w.npz, key: g.bias}, aggregate: product, title: "{x} -> [y]"}
  i: {bias: {init: {kind: normal, stddev: 0.1}, trainable: false}}
  d: {kind: dropout, rate: 0.1}
  y: {share: g}
edges:
  - x -> h1, h2
  - h1[0:2] -> g: {weight: [[1], [2]], mask: [[0], [1]]}
  - {from: h2, to: g, id: own, init: {kind: uniform, low: -1, high: 1}}
  - g -> d -> i: {trainable: false}
  - s -> y: 0.7
  - i -> y: scale
  - {from: h2, to: y, share: {edge: own, transpose: false}}
  - d -> y: identity
outputs: ["y[0]", h2]
loss: [{kind: mean_squared_error, node: y}, {kind: mean_absolute_error, node: h2, target: x}]
data: {source: table, columns: {x: [[1, 2]], s: [a]}, split: {test: 1}}
train: {optimizer: {kind: sgd, momentum: 0.9, nesterov: true}, metrics: [accuracy]}
expect:
  - {given: {x: [[1, 2, 3], [4, 5, 6]], s: 1}, output: {y: no}}
  - {shape: {x: [2, 3], s: []}}
  - {parameters: 12}
  - {metric: accuracy, at_most: 1}
"""


def same(document: Document) -> None:
    again = parse_spec(resolved_yaml(document))
    assert again.spec.model_copy(update={"name": None}) == document.spec.model_copy(
        update={"name": None}
    )
    assert again.name == document.name
    assert [edge[:6] for edge in again.edges] == [edge[:6] for edge in document.edges]
    assert resolved_yaml(again) == resolved_yaml(document)


def test_everything_reads_back_the_same() -> None:
    same(parse_spec(FULL, "full.yaml"))


def test_every_default_is_written() -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\ntrain: {}\n"
    resolved = resolved_yaml(parse_spec(text, "small.yaml"))
    for words in ("name: small", "dtype: float32", "shape: []", "activation: {kind: identity}",
                  "aggregate: sum", "kind: adam", "learning_rate: 0.001", "seed: 0",
                  "shuffle: true", "{from: x, to: y, trainable: true"):  # fmt: skip
        assert words in resolved


def test_side_files_and_overrides_are_written_out(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("from,to,weight\nx,h,0.1\nh,y,0.30000000000000004\n")
    (tmp_path / "n.csv").write_text("id,activation\nh,relu\ny,tanh\n")
    text = "nngraph: 1\nnodes: {x: input}\nnodes_file: n.csv\nedges: [{file: e.csv}]\n"
    document = parse_spec(text, folder=tmp_path, overrides=["edges.x->h.trainable=false"])
    assert "file" not in resolved_yaml(document)
    same(document)


@given(st.text(max_size=30))
@pytest.mark.filterwarnings("ignore")
def test_any_text_survives(text: str) -> None:
    if any(ord(c) in range(0xD800, 0xE000) for c in text):
        return
    document = parse_spec("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n")
    changed = document.spec.model_copy(update={"description": text})
    described = Document(
        document.source,
        document.folder,
        changed,
        document.nodes,
        document.edges,
        document.root,
    )
    written = resolved_yaml(described)
    assert parse_spec(written).spec.description == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_weight_survives_to_the_last_bit(weight: float) -> None:
    text = f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges: ['x -> y': {weight!r}]\n"
    document = parse_spec(text)
    assert document.edges[0].weight == weight
    assert parse_spec(resolved_yaml(document)).edges[0].weight == weight
