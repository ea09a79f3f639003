"""What a network asks of its data, and which figures it can tell."""

from __future__ import annotations

import pytest

from nngraph.errors import SpecError
from nngraph.network import Network, compile_document
from nngraph.spec import parse_spec
from nngraph.train.metrics import MetricPlan
from nngraph.train.ports import input_ports, metric_plans, supervised, target_ports

TWO_HEADS = """
nngraph: 1
nodes:
  x: {kind: input, shape: 3}
  kind: {units: 4, activation: softmax, labels: [a, b, c, d]}
  size: {units: 2}
  answer: {activation: step, bias: {value: -0.5, trainable: false}}
edges:
  - x -> kind
  - x -> size
  - size[0] -> answer: {weight: 1, trainable: false}
outputs: [kind, size, answer]
loss:
  - {kind: cross_entropy, node: kind, target: label}
  - {kind: mean_squared_error, node: size}
"""

AUTOENCODER = """
nngraph: 1
nodes: {x: {kind: input, shape: [2, 2, 1]}, h: {units: 1}, y: {units: 4}}
edges: [x -> h -> y]
loss: {kind: mean_squared_error, target: x}
"""


def network(text: str, metrics: str = "[]") -> Network:
    return compile_document(parse_spec(f"{text}train: {{metrics: {metrics}}}\n"))


def test_inputs_and_targets_ask_for_their_shapes_and_kinds() -> None:
    learner = network(TWO_HEADS)
    assert [(p.name, p.shape, p.role) for p in input_ports(learner)] == [("x", (3,), "input")]
    label, size = target_ports(learner)
    assert (label.name, label.shape, label.kind, label.classes) == ("label", (4,), "classes", 4)
    assert label.labels == ("a", "b", "c", "d")
    assert label.aliases == ("kind",)
    assert (size.name, size.shape, size.kind, size.aliases) == ("size", (2,), "values", ())


def test_an_input_that_is_its_own_target_asks_for_nothing_more() -> None:
    learner = network(AUTOENCODER, "[mean_absolute_error]")
    assert target_ports(learner) == ()
    assert [(node, target.name) for node, target in supervised(learner)] == [("y", "x")]
    (plan,) = metric_plans(learner)
    assert (plan.node, plan.target) == ("y", "x")


def test_one_judged_node_gives_plain_names_and_several_give_node_and_formula() -> None:
    names = [plan.name for plan in metric_plans(network(TWO_HEADS, "[mean_squared_error]"))]
    assert names == ["kind.mean_squared_error", "size.mean_squared_error"]


def test_a_metric_can_name_its_node_and_its_target() -> None:
    learner = network(TWO_HEADS, "[{kind: accuracy, node: kind}, {kind: accuracy, target: size}]")
    assert metric_plans(learner) == (
        MetricPlan("kind.accuracy", "accuracy", "kind", "label", classes=True),
        MetricPlan("size.accuracy", "accuracy", "size", "size", classes=True),
    )


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("{kind: accuracy, target: lable}", "no loss has a target 'lable'"),
        ("{kind: accuracy, node: answer}", "which target is 'answer' compared with?"),
        ("{kind: accuracy, node: answer, target: label}", "cannot compare 'answer' of shape [1]"),
        ("{kind: accuracy, node: x, target: label}", "'x' is no output"),
    ],
)
def test_a_metric_that_cannot_be_told_is_an_error_at_its_place(metric: str, message: str) -> None:
    learner = network(TWO_HEADS, f"[{metric}]")
    with pytest.raises(SpecError) as caught:
        metric_plans(learner)
    (problem,) = caught.value.diagnostics
    assert message in problem.message
    assert problem.span is not None
    assert problem.span.source.text[problem.span.start - 1] == " "


def test_a_metric_without_a_loss_is_an_error() -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\ntrain: {metrics: accuracy}\n"
    with pytest.raises(SpecError, match="there is no loss"):
        metric_plans(compile_document(parse_spec(text)))
