"""Whatever is written, nothing but an `NNGraphError` comes out, and it can be printed."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nngraph.errors import NNGraphError, error_json
from nngraph.graph import build_graph
from nngraph.spec import parse_spec
from nngraph.spec.resolved import resolved_yaml

BASE = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 3}
  h1, h2: {units: 2, activation: {kind: elu, alpha: 2}, bias: [1, 2]}
  y: {}
edges:
  - x -> h1, h2 -> y
  - {from: "x[0:2]", to: y, id: e, weight: [[1], [2]]}
outputs: [y]
loss: {kind: mean_squared_error, values: sum}
data: {source: table, columns: {x: [[1, 2, 3]], y: [1]}}
train: {epochs: 3, batch_size: full, optimizer: {kind: sgd, momentum: 0.9}}
expect:
  - {given: {x: [1, 2, 3]}, output: {y: 1}}
"""

PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ": ", "-", "- ", "->", " -> ", "\n", "\n  ", " ", ",", "x", "h1", "y",
     "&a ", "*a", "!t ", "|", ">", "'", '"', "#", "%", "@", "\t", "?", "<<", "null", "true", "1e9",
     "-.inf", "0x1", "[0]", "[0:", "1_0", "\N{RIGHTWARDS ARROW}", "kind", "weight", "id", "file",
     "conv", "share", "nodes", "edges", "\r\n", "\x85", "\u2028", "\0", "\U0001d11e", "~"]
)  # fmt: skip

QUICK = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def read(text: str, *overrides: str) -> None:
    try:
        document = parse_spec(text, overrides=overrides)
        resolved_yaml(document)
        build_graph(document)
    except NNGraphError as error:
        str(error)
        json.dumps(error_json(error))
        if error.exit_code not in (3, 8):  # 8: a side file that is not there
            raise AssertionError(f"exit code {error.exit_code}") from error


@QUICK
@given(st.text())
def test_any_text(text: str) -> None:
    read(text)


@QUICK
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_pieces_of_yaml(text: str) -> None:
    read(text)


@QUICK
@given(st.integers(0, len(BASE)), st.integers(0, 12), st.lists(PIECES, max_size=4).map("".join))
def test_any_small_change_of_a_good_spec(start: int, length: int, piece: str) -> None:
    read(BASE[:start] + piece + BASE[start + length :])


@QUICK
@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join))
def test_any_entry_of_edges(entry: str) -> None:
    read(BASE + "name: edges\n".replace("edges", "e"), "edges=[x -> y, " + json.dumps(entry) + "]")


@QUICK
@given(
    st.sampled_from(["nodes", "edges", "train", "loss", "data", "expect", "outputs", "edges.0",
                     "edges.x->y", "edges.e", "nodes.h1", "nodes.h1.activation", "nodes.h1.bias",
                     "train.optimizer", "expect.0", "edges.1.weight", "edges.1.share"]),
    st.sampled_from(["", ".kind", ".0", ".weight", ".x", ".given.x", ".id", ".from"]),
    st.lists(PIECES, max_size=5).map("".join)
    | st.sampled_from(["1", "true", "x", "[1]", "{}", "{kind: 1}", "[[1, 2], [3]]", "{a: {b: [1]}}",
                       "[x, {kind: elu}]", "{file: a}", "{edge: 3}", "[[], []]", "{kind: [a]}"]),
)  # fmt: skip
def test_any_override(path: str, more: str, value: str) -> None:
    read(BASE, f"{path}{more}={value}")
