"""Lints on wiring, first weights and learning rates: each silent classic is said, and nothing that
recipes do on purpose."""

from __future__ import annotations

import re

import numpy as np
import pytest

import nngraph
from nngraph.insight.lints import lints_of
from nngraph.network import compile_document
from nngraph.spec import parse_spec

HEAD = "nngraph: 1\nnodes:\n  x: {kind: input, shape: 4}\n"


def lints(text: str) -> dict[str, str]:
    """The messages by code."""
    found = lints_of(compile_document(parse_spec(text)))
    return {lint.code: lint.message for lint in found}


def codes(nodes: str, edges: str, rest: str = "loss: mean_squared_error") -> list[str]:
    return sorted(lints(f"{HEAD}  {nodes}\nedges:\n  {edges}\n{rest}\n"))


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("h, y: {units: 4, activation: softmax}", "- x -> h -> y", ["L207"]),
        (
            "h, y: {units: 4, activation: softmax}\n  d: {kind: dropout, rate: 0.1}",
            "- x -> h -> d -> y",
            ["L207"],
        ),
        ("h: {units: 4}\n  y: {units: 4, activation: softmax}", "- x -> h -> y", []),
        (  # two heads, and a gate of probabilities that another layer reads
            "h, y: {units: 4, activation: softmax}\n  r: {units: 4, activation: relu}",
            "- x -> h -> r -> y",
            [],
        ),
        ("h, y: {units: 4, activation: softmax}", "- x -> h, y", []),
    ],
)
def test_a_softmax_of_a_softmax(nodes: str, edges: str, expected: list[str]) -> None:
    assert codes(nodes, edges, "outputs: [h, y]" if "x -> h, y" in edges else "") == expected


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("h: {units: 3}\n  y: {kind: dropout, rate: 0.5}", "- x -> h -> y", ["L208"]),
        (
            "h: {units: 3}\n  d: {kind: dropout, rate: 0.5}\n"
            "  y: {kind: activation, function: sigmoid}",
            "- x -> h -> d -> y",
            ["L208"],
        ),
        ("d: {kind: dropout, rate: 0.5}\n  y: {units: 3}", "- x -> d -> y", []),
        (  # an addition behind the last weights of one way, in front of those of the other
            "h: {units: 3}\n  d: {kind: dropout, rate: 0.5}\n  y: {units: 3}",
            "- x -> h -> d -> y",
            [],
        ),
    ],
)
def test_dropout_on_an_output(nodes: str, edges: str, expected: list[str]) -> None:
    assert codes(nodes, edges) == expected


@pytest.mark.parametrize(
    ("h", "into", "out", "expected"),
    [
        ("units: 3, activation: tanh", "init: zeros", "init: ones", ["L209"]),
        ("units: 3, activation: tanh", "init: zeros", "init: glorot_uniform", []),
        ("units: 3, activation: tanh", "init: glorot_uniform", "init: zeros", []),
        ("units: 3, activation: tanh, bias: [1, 2, 3]", "init: zeros", "init: ones", []),
        ("units: 3, activation: tanh, bias: [1, 2, 1]", "init: zeros", "init: ones", ["L209"]),
        ("units: 1, activation: tanh", "init: zeros", "init: ones", []),
        ("units: 3, activation: tanh, trainable: false", "init: zeros", "init: ones", []),
        ("units: 2, activation: tanh", "weight: 0.5", "weight: [[1], [2]]", []),
        ("units: 2, activation: tanh", "weight: 0.5", "weight: [[1], [1]]", ["L209"]),
    ],
)
def test_units_that_stay_alike(h: str, into: str, out: str, expected: list[str]) -> None:
    edges = f"- x -> h: {{{into}}}\n  - h -> y: {{{out}}}"
    assert codes(f"h: {{{h}}}\n  y: {{}}", edges) == expected


def test_single_neurons_that_stay_alike_are_named_and_do_stay_alike() -> None:
    text = """
nngraph: 1
nodes:
  x1, x2: input
  h1, h2, h3: {activation: tanh}
  y: {activation: sigmoid}
edges:
  - x1 -> h1, h2: 0.5
  - x2 -> h1, h2: -0.5
  - x1, x2 -> h3
  - h1, h2, h3 -> y: 1
loss: binary_cross_entropy
train: {epochs: 20, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.5}}
"""
    assert "'h1' and 'h2' begin with the same weights" in lints(text)["L209"]
    model = nngraph.compile(text)
    ones, others = np.array([0, 0, 1, 1.0]), np.array([0, 1, 0, 1.0])
    model.fit({"x1": ones, "x2": others}, {"y": (ones != others) * 1.0})
    weights = model.weights
    assert weights["x1->h1"] == weights["x1->h2"] != np.float32(0.5)
    assert weights["x1->h1"] != weights["x1->h3"]


def test_alike_units_are_no_matter_without_a_loss() -> None:
    edges = "- x -> h: {init: zeros}\n  - h -> y: {init: ones}"
    assert codes("h: {units: 3, activation: tanh}\n  y: {}", edges, "") == []


@pytest.mark.parametrize(
    ("h", "into", "expected"),
    [
        ("units: 3, activation: relu", "init: zeros", ["L210"]),
        ("units: 3, activation: relu, bias: 0.1", "init: zeros", []),
        ("units: 3, activation: relu, bias: [1, 0, 0]", "init: zeros", ["L210"]),
        ("units: 3, activation: leaky_relu", "init: zeros", []),
        ("units: 3, activation: relu", "weight: -1", []),  # x may be negative
    ],
)
def test_a_rectifier_that_never_fires(h: str, into: str, expected: list[str]) -> None:
    edges = f"- x -> h: {{{into}}}\n  - h -> y"
    assert codes(f"h: {{{h}}}\n  y: {{}}", edges) == expected


@pytest.mark.parametrize(
    ("activation", "weight", "bias", "dead"),
    [
        ("sigmoid", -1.0, 0.0, True),  # sigmoid is never below 0
        ("sigmoid", -1.0, 1.0, False),  # four of them reach 4, but may be near 0
        ("sigmoid", 1.0, -5.0, True),  # four of them reach 4 at most
        ("sigmoid", 1.0, -3.0, False),
        ("tanh", 1.0, -3.0, False),
        ("tanh", -1.0, -5.0, True),
        ("relu", 1.0, -5.0, False),
    ],
)
def test_what_a_source_can_give_decides_whether_a_unit_can_fire(
    activation: str, weight: float, bias: float, dead: bool
) -> None:
    nodes = f"h: {{units: 4, activation: {activation}}}\n  r: {{activation: relu, bias: {bias}}}"
    edges = f"- x -> h\n  - h -> r: {weight}\n  - r -> y"
    assert codes(f"{nodes}\n  y: {{}}", edges) == (["L210"] if dead else [])


def chain(activation: str, length: int, between: str = "") -> tuple[str, str]:
    names = [f"h{k}" for k in range(length)]
    nodes = f"{', '.join(names)}: {{units: 4, activation: {activation}}}\n  y: {{}}"
    way = list(names)
    if between:
        nodes += f"\n  n: {between}"
        way.insert(length // 2, "n")
    return nodes, f"- x -> {' -> '.join(way)} -> y"


@pytest.mark.parametrize(
    ("activation", "length", "expected"),
    [
        ("sigmoid", 4, []),
        ("sigmoid", 6, ["L211"]),
        ("tanh", 6, []),
        ("tanh", 25, ["L211"]),
        ("relu", 25, []),
    ],
)
def test_a_chain_of_squashing_functions(activation: str, length: int, expected: list[str]) -> None:
    assert codes(*chain(activation, length)) == expected


def test_a_chain_that_something_bridges_does_not_vanish() -> None:
    nodes, edges = chain("sigmoid", 8)
    assert codes(nodes, edges) == ["L211"]
    assert codes(nodes, edges + "\n  - h0 -> y") == ["L211"]  # h1 still has one way alone
    assert codes(nodes, edges + "\n  - h0, h1, h2, h3 -> y") == []
    assert codes(*chain("sigmoid", 8, "layer_norm")) == []
    assert codes(nodes, edges, "") == []


def test_the_chain_says_how_much_is_left() -> None:
    nodes, edges = chain("sigmoid", 8)
    message = lints(f"{HEAD}  {nodes}\nedges:\n  {edges}\nloss: mean_squared_error\n")["L211"]
    found = re.search(r"weights of 'h0' through 8 .* about (\S+) of them is left", message)
    assert found is not None
    # the root mean square of sigmoid' over a standard normal distribution is 0.2118
    assert float(found[1]) == pytest.approx(0.2118**8, rel=0.3)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("{kind: adam, learning_rate: 10}", ["L212"]),
        ("{kind: adam, learning_rate: 1e-9}", ["L212"]),
        ("{kind: adam, learning_rate: 0.05}", []),
        ("{kind: sgd, learning_rate: 3}", []),
        ("{kind: sgd, learning_rate: 3, momentum: 0.99}", ["L212"]),
        ("{kind: adadelta, learning_rate: 1}", []),
    ],
)
def test_a_learning_rate_far_from_its_optimisers(optimizer: str, expected: list[str]) -> None:
    rest = f"loss: mean_squared_error\ntrain: {{epochs: 1, optimizer: {optimizer}}}"
    assert codes("y: {}", "- x -> y", rest) == expected


@pytest.mark.parametrize("code", ["L207", "L208", "L209", "L210", "L211", "L212"])
def test_each_is_silenced_at_its_line(code: str) -> None:
    ignore = f"  # nngraph: ignore {code}"
    nodes, edges = chain("sigmoid", 8)
    written = {
        "L207": ("h: {units: 4, activation: softmax}\n  y: {units: 4, activation: softmax}",
                 "- x -> h -> y", ""),
        "L208": ("h: {units: 3}\n  y: {kind: dropout, rate: 0.5}", "- x -> h -> y", ""),
        "L209": ("h: {units: 3, activation: tanh}\n  y: {}",
                 "- x -> h: {init: zeros}\n  - h -> y: {init: ones}", "loss: mean_squared_error"),
        "L210": ("h: {units: 3, activation: relu}\n  y: {}",
                 "- x -> h: {init: zeros}\n  - h -> y", "loss: mean_squared_error"),
        "L211": (nodes, edges, "loss: mean_squared_error"),
        "L212": ("y: {}", "- x -> y",
                 "loss: mean_squared_error\ntrain: {epochs: 1, optimizer: "
                 "{kind: adam, learning_rate: 10}}"),
    }[code]  # fmt: skip
    text = f"{HEAD}  {written[0]}\nedges:\n  {written[1]}\n{written[2]}\n"
    (lint,) = (d for d in lints_of(compile_document(parse_spec(text))) if d.code == code)
    assert lint.span is not None
    lines = text.splitlines()
    lines[lint.span.line - 1] += ignore
    assert code not in lints("\n".join(lines))
