"""Each example of the language reference is read, and means what the reference says."""

from __future__ import annotations

from pathlib import Path

import pytest

from nngraph.graph import build_graph
from nngraph.spec import Document, End, parse_spec
from nngraph.spec.activations import ACTIVATIONS
from nngraph.spec.clip import Clip
from nngraph.spec.edges import DefaultEdge, IdentityEdge, ScaleEdge
from nngraph.spec.model import LOSSES, GivenExpect, MetricExpect, ParametersExpect, ShapeExpect
from nngraph.spec.nodes import InputNode, NeuronsNode
from nngraph.spec.weights import Bias, FileWeight, ShareRef
from nngraph.words.optimizers import Adam, Sgd
from nngraph.words.piecewise import LeakyRelu
from nngraph.words.schedules import Cosine

XOR = """\
# yaml-language-server: $schema=./nngraph.schema.json
nngraph: 1
name: xor
description: Any text.
dtype: float32
nodes:
  x: {kind: input, shape: 2}
  h: {units: 3, activation: tanh}
  y: {activation: sigmoid}
edges:
  - x -> h -> y
outputs: [y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 500, batch_size: full, optimizer: {kind: adam, learning_rate: 0.05}}
expect:
  - {given: {x: [0, 1]}, output: {y: 1}, within: 0.1, trained: true}
"""


def with_nodes(nodes: str) -> Document:
    return parse_spec(f"nngraph: 1\nnodes:\n{nodes}\nedges: []\n")


def with_edges(*entries: str, folder: Path | None = None) -> Document:
    lines = "\n".join(f"  - {entry}" for entry in entries)
    return parse_spec(f"nngraph: 1\nnodes: {{x: input}}\nedges:\n{lines}\n", folder=folder)


def with_section(section: str) -> Document:
    return parse_spec(f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges: [x -> y]\n{section}\n")


def node(text: str) -> object:
    return with_nodes(f"  h: {text}").spec.nodes["h"]


def test_the_whole_file() -> None:
    document = parse_spec(XOR, "xor.yaml")
    spec = document.spec
    assert (spec.name, spec.description, spec.dtype) == ("xor", "Any text.", "float32")
    assert spec.nodes["x"] == InputNode(shape=(2,))
    assert [edge.id for edge in document.edges] == ["x->h", "h->y"]
    assert spec.outputs == (End("y"),)
    assert (spec.loss[0].kind, spec.loss[0].target) == ("binary_cross_entropy", "label")
    assert spec.train is not None
    assert (spec.train.epochs, spec.train.batch_size) == (500, "full")
    assert spec.train.optimizer == Adam(learning_rate=0.05)
    expected = GivenExpect(given={"x": (0.0, 1.0)}, output={"y": 1.0}, within=0.1, trained=True)
    assert spec.expect == (expected,)
    assert build_graph(document).order == ("x", "h", "y")


def test_only_three_keys_are_required() -> None:
    document = parse_spec("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n", "dir/a b.yaml")
    assert (document.spec.data, document.spec.train, document.spec.loss) == (None, None, ())
    assert build_graph(document).outputs == (End("y"),)
    assert document.name == "a-b"


def test_the_folder_of_the_editor_schema_comment_means_nothing() -> None:
    assert parse_spec(XOR).spec == parse_spec(XOR.partition("\n")[2]).spec


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_by_its_name_or_as_a_mapping(name: str) -> None:
    short, long = node(f"{{activation: {name}}}"), node(f"{{activation: {{kind: {name}}}}}")
    assert isinstance(short, NeuronsNode)
    assert short == long
    assert short.activation.kind == name


def test_an_activation_with_options() -> None:
    found = node("{activation: {kind: leaky_relu, alpha: 0.1}}")
    assert isinstance(found, NeuronsNode)
    assert found.activation == LeakyRelu(alpha=0.1)


@pytest.mark.parametrize(
    ("written", "bias"),
    [
        ("true", Bias()),
        ("false", Bias(present=False)),
        ("0.5", Bias(value=0.5)),
        ("[1, -2]", Bias(value=(1.0, -2.0))),
        ("{value: 1, trainable: false}", Bias(value=1.0, trainable=False)),
        ("{value: [1, 2]}", Bias(value=(1.0, 2.0))),
        ("{file: w.npz, key: h.bias}", Bias(value=FileWeight(file="w.npz", key="h.bias"))),
        ("{value: {file: w.npz}}", Bias(value=FileWeight(file="w.npz"))),
    ],
)
def test_a_bias_in_all_its_forms(written: str, bias: Bias) -> None:
    found = node(f"{{units: 2, bias: {written}}}")
    assert isinstance(found, NeuronsNode)
    assert found.bias == bias


def test_shapes_a_number_is_a_vector_and_nothing_a_scalar() -> None:
    shapes = {"input": (), "{kind: input, shape: 4}": (4,), "{kind: input, shape: [1]}": (1,)}
    shapes |= {"{kind: input, shape: []}": (), "{kind: input, shape: [28, 28, 1]}": (28, 28, 1)}
    for written, shape in shapes.items():
        found = node(written)
        assert isinstance(found, InputNode)
        assert found.shape == shape


def test_several_nodes_at_once() -> None:
    document = with_nodes("  h1, h2 : {units: 3}\n  y: {}")
    assert list(document.spec.nodes) == ["h1", "h2", "y"]
    assert document.spec.nodes["h1"] == document.spec.nodes["h2"]
    assert (document.nodes["h2"].span.line, document.nodes["h2"].span.column) == (3, 7)


@pytest.mark.parametrize(
    "written",
    [
        "{kind: add}",
        "multiply",
        "concat",
        "{kind: concat, axis: 0}",
        "flatten",
        "{kind: reshape, shape: [2, 3]}",
        "{kind: slice, axis: 0, start: 1, stop: 3}",
        "{kind: dropout, rate: 0.5}",
        "{kind: activation, function: relu}",
        "{kind: activation, function: {kind: elu, alpha: 2}, title: Any text!}",
        "{aggregate: maximum, trainable: false}",
        "{units: 2, labels: [cat, dog], share: g}",
    ],
)
def test_other_kinds_of_nodes(written: str) -> None:
    assert node(written) is not None


def test_aliases_bring_the_same_node_again() -> None:
    document = with_nodes("  h: &c3 {units: 3, activation: relu}\n  g: *c3")
    assert document.spec.nodes["g"] == document.spec.nodes["h"]


def test_words_that_other_yaml_takes_for_booleans_are_ids() -> None:
    document = with_nodes("  on: {}\n  no: {}\n  y: {}\n  n: {title: off}")
    assert list(document.spec.nodes) == ["on", "no", "y", "n"]


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        ("x -> hidden -> y", ["x->hidden", "hidden->y"]),
        ("x1, x2 -> h1, h2", ["x1->h1", "x1->h2", "x2->h1", "x2->h2"]),
        ("'x->y'", ["x->y"]),
        ("x[0] -> g", ["x[0]->g"]),
        ("x[0:3], z -> h[2:4]", ["x[0:3]->h[2:4]", "z->h[2:4]"]),
        ("{from: a, to: b}", ["a->b"]),
        ("{from: 'a[1]', to: b}", ["a[1]->b"]),
    ],
)
def test_short_and_long_entries(written: str, pairs: list[str]) -> None:
    document = with_edges(written)
    assert [edge.id for edge in document.edges] == pairs
    assert not any(edge.named for edge in document.edges)


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("x1 -> y: 0.7", DefaultEdge(weight=0.7)),
        ("x[0] -> g: -1", DefaultEdge(weight=-1.0)),
        ("x -> y: 1e-3", DefaultEdge(weight=0.001)),
        ("x -> y: 0x10", DefaultEdge(weight=16.0)),
        ("x -> y: 010", DefaultEdge(weight=10.0)),
        ("x -> y: [[1, 2], [3, 4]]", DefaultEdge(weight=((1.0, 2.0), (3.0, 4.0)))),
        ("a -> sum: identity", IdentityEdge()),
        ("a -> b: scale", ScaleEdge()),
        (
            "{from: h1, to: y, weight: -0.5, trainable: false}",
            DefaultEdge(weight=-0.5, trainable=False),
        ),
        ("{from: a, to: c, share: a->b}", DefaultEdge(share=ShareRef(edge="a->b"))),
        ("a -> c: {share: a -> b}", DefaultEdge(share=ShareRef(edge="a->b"))),
        (
            "a -> c: {share: {edge: a->b, transpose: true}}",
            DefaultEdge(share=ShareRef(edge="a->b", transpose=True)),
        ),
        ("a -> c: {mask: [[0, 1], [1, 0]]}", DefaultEdge(mask=((0.0, 1.0), (1.0, 0.0)))),
    ],
)
def test_what_stands_behind_an_arrow(written: str, options: object) -> None:
    (edge,) = with_edges(written).edges
    assert edge.options == options


def test_a_weight_from_a_file() -> None:
    written = "{from: a, to: b, kind: dense, weight: {file: weights.npz, key: W}}"
    (edge,) = with_edges(written).edges
    assert edge.options.kind == "dense"
    assert edge.options.weight == FileWeight(file="weights.npz", key="W")


def test_options_of_a_chain_apply_to_every_edge() -> None:
    document = with_edges("a, b -> c -> d: {trainable: false, init: he_normal}")
    assert len(document.edges) == 3
    assert all(edge.options == document.edges[0].options for edge in document.edges)


def test_edges_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to,weight,trainable\na,b,0.5,true\nb,c[1],-2,false\n")
    document = with_edges("{file: edges.csv}", "c -> d", folder=tmp_path)
    assert [edge.id for edge in document.edges] == ["a->b", "b->c[1]", "c->d"]
    assert document.edges[1].options == DefaultEdge(weight=-2.0, trainable=False)


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("cross_entropy", ["cross_entropy"]),
        ("{kind: mean_squared_error, values: sum, weight: 0.5}", ["mean_squared_error"]),
        (
            "[cross_entropy, {kind: mean_absolute_error, target: x}]",
            ["cross_entropy", "mean_absolute_error"],
        ),
    ],
)
def test_a_loss_by_name_as_a_mapping_and_as_a_list(written: str, kinds: list[str]) -> None:
    assert [loss.kind for loss in with_section(f"loss: {written}").spec.loss] == kinds


@pytest.mark.parametrize(
    "written",
    [
        "{source: digits}",
        "{source: digits, targets: {is_zero: {column: label, equals: 0}}}",
        "{source: mnist, folder: data/mnist}",
        "{source: circles, samples: 500, noise: 0.1}",
        "{source: table, columns: {x1: [0, 0, 1, 1], x2: [0, 1, 0, 1], label: [0, 1, 1, 0]}}",
        "{source: csv, path: iris.csv, inputs: {x: [sepal_length, sepal_width]}, "
        "targets: {species: species}}",
        "{source: npz, path: set.npz, inputs: {image: x_train}, targets: {label: y_train}}",
        "{source: digits, split: {validation: 0.1, test: 0.2, seed: 0, order: random}}",
        "{source: digits, normalize: {kind: scale, divisor: 255}}",
    ],
)
def test_data(written: str) -> None:
    assert with_section(f"data: {written}").spec.data is not None


def test_train() -> None:
    train = with_section(
        "train:\n"
        "  epochs: 10\n"
        "  batch_size: 64\n"
        "  optimizer: {kind: adam, learning_rate: 1e-3}\n"
        "  schedule: {kind: cosine, warmup: 1}\n"
        "  weight_decay: 1e-4\n"
        "  l1: 0\n"
        "  clip: {norm: 1.0}\n"
        "  early_stopping: {monitor: validation.loss, patience: 5, min_delta: 0, "
        "restore_best: true}\n"
        "  metrics: [accuracy]\n"
        "  checkpoint: {every: 1, keep: 3}\n"
        "  shuffle: true\n"
        "  seed: 0\n"
    ).spec.train
    assert train is not None
    assert (train.epochs, train.batch_size, train.seed, train.shuffle) == (10, 64, 0, True)
    assert train.optimizer == Adam(learning_rate=1e-3)
    assert train.schedule == Cosine(warmup=1.0)
    assert (train.decay, train.l1, train.clip) == (1e-4, 0.0, Clip(norm=1.0))
    assert [metric.kind for metric in train.metrics] == ["accuracy"]


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_by_its_name(name: str) -> None:
    assert with_section(f"loss: {name}").spec.loss[0].kind == name


@pytest.mark.parametrize(
    "name", ["sgd", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "rprop"]
)
def test_every_optimizer_by_its_name(name: str) -> None:
    train = with_section(f"train: {{optimizer: {name}}}").spec.train
    assert train is not None
    assert train.optimizer.kind == name
    assert train.decay == (0.01 if name == "adamw" else 0.0)


@pytest.mark.parametrize(
    "name", ["constant", "exponential", "cosine", "polynomial", "plateau", "one_cycle"]
)
def test_every_schedule_by_its_name(name: str) -> None:
    train = with_section(f"train: {{schedule: {name}}}").spec.train
    assert train is not None
    assert train.schedule.kind == name


def test_an_optimizer_by_name_has_its_defaults() -> None:
    train = with_section("train: {optimizer: sgd, metrics: {kind: accuracy, node: y}}").spec.train
    assert train is not None
    assert train.optimizer == Sgd()
    assert train.metrics[0].node == "y"


def test_expectations() -> None:
    document = with_section(
        "expect:\n"
        "  - {given: {x1: 0, x2: 1}, output: {y: 1}}\n"
        "  - {given: {x: [0.5, -1]}, output: {h: [0.46, -0.76]}, within: 0.01}\n"
        "  - {given: {x: [[1, 2], [3, 4]]}, output: {y: setosa}}\n"
        "  - {shape: {pool1: [13, 13, 32], y: 1, z: []}}\n"
        "  - {parameters: 34826}\n"
        "  - {metric: accuracy, part: test, at_least: 0.97}\n"
    )
    expect = document.spec.expect
    assert expect[0] == GivenExpect(given={"x1": 0.0, "x2": 1.0}, output={"y": 1.0}, within=1e-5)
    assert expect[2] == GivenExpect(given={"x": ((1.0, 2.0), (3.0, 4.0))}, output={"y": "setosa"})
    assert expect[3] == ShapeExpect(shape={"pool1": (13, 13, 32), "y": (1,), "z": ()})
    assert expect[4] == ParametersExpect(parameters=34826)
    assert expect[5] == MetricExpect(metric="accuracy", part="test", at_least=0.97)


def test_outputs_with_units_are_quoted_inside_brackets() -> None:
    assert with_section('outputs: ["y[0]"]').spec.outputs == (End("y", 0, 1),)
    assert with_section("outputs: y[0:2]").spec.outputs == (End("y", 0, 2),)
