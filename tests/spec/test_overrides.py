"""`-s path=value` is typed like the file and checked like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nngraph.errors import SpecError
from nngraph.spec import Document, parse_spec
from nngraph.spec.edges import DefaultEdge
from nngraph.spec.nodes import InputNode, NeuronsNode
from nngraph.words.optimizers import Adam, Sgd
from nngraph.words.piecewise import LeakyRelu

TEXT = """\
nngraph: 1
nodes:
  image: {kind: input, shape: 4}
  h1, h2: &h {units: 3, activation: tanh, bias: 0.5}
  h3: *h
  y: {}
edges:
  - image -> h1 -> y
  - image -> h2: 0.7
  - h2, h3 -> y: {trainable: false}
  - {from: image, to: h3, id: third}
train: {epochs: 3, optimizer: adam}
loss: mean_squared_error
"""


def changed(*overrides: str) -> Document:
    return parse_spec(TEXT, overrides=overrides)


def neurons(document: Document, id: str) -> NeuronsNode:
    node = document.spec.nodes[id]
    assert isinstance(node, NeuronsNode)
    return node


def test_a_value_that_is_there() -> None:
    train = changed("train.epochs=5").spec.train
    assert train is not None
    assert train.epochs == 5


def test_a_value_that_is_not_there_yet() -> None:
    document = changed("train.seed=7", "dtype=float64", "data.source=xor")
    assert document.spec.train is not None
    assert (document.spec.train.seed, document.spec.dtype) == (7, "float64")
    assert document.spec.data is not None


def test_a_later_override_wins() -> None:
    train = changed("train.epochs=5", "train.epochs=6").spec.train
    assert train is not None
    assert train.epochs == 6


def test_lists_and_mappings_are_written_as_in_the_file() -> None:
    document = changed("nodes.image.shape=[2,3]", "train.optimizer={kind: sgd, momentum: 0.9}")
    assert document.spec.nodes["image"] == InputNode(shape=(2, 3))
    assert document.spec.train is not None
    assert document.spec.train.optimizer == Sgd(momentum=0.9)


def test_a_short_form_is_opened() -> None:
    document = changed(
        "nodes.y.activation=leaky_relu",
        "nodes.y.activation.alpha=0.2",
        "train.optimizer.learning_rate=0.1",
        "nodes.h1.bias.trainable=false",
        "loss.values=sum",
    )
    assert neurons(document, "y").activation == LeakyRelu(alpha=0.2)
    assert document.spec.train is not None
    assert document.spec.train.optimizer == Adam(learning_rate=0.1)
    bias = neurons(document, "h1").bias
    assert (bias.value, bias.trainable) == (0.5, False)
    assert document.spec.loss[0].values == "sum"


def test_one_of_several_nodes_written_at_once() -> None:
    document = changed("nodes.h2.units=7")
    assert [neurons(document, id).units for id in ("h1", "h2", "h3")] == [3, 7, 3]


def test_an_edge_by_its_id() -> None:
    document = changed("edges.image->h2.weight=1", "edges.h1 -> y.trainable=false")
    options = {edge.id: edge.options for edge in document.edges}
    assert options["image->h2"] == DefaultEdge(weight=1.0)
    assert options["h1->y"] == DefaultEdge(trainable=False)
    assert options["image->h1"] == DefaultEdge()


def test_an_edge_by_its_own_id_and_one_of_a_comma_list() -> None:
    document = changed("edges.third.init=he_normal", "edges.h3->y.weight=2")
    options = {edge.id: edge.options for edge in document.edges}
    assert options["third"].init.kind == "he_normal"  # type: ignore[union-attr]
    assert options["h3->y"] == DefaultEdge(weight=2.0, trainable=False)
    assert options["h2->y"] == DefaultEdge(trainable=False)


def test_an_entry_by_its_position_from_0() -> None:
    document = changed("edges.1.weight=1", "edges.0.trainable=false", "edges.3.weight=3")
    options = {edge.id: edge.options for edge in document.edges}
    assert options["image->h2"] == DefaultEdge(weight=1.0)
    assert options["image->h1"] == options["h1->y"] == DefaultEdge(trainable=False)
    assert options["third"].weight == 3.0  # type: ignore[union-attr]


def test_an_edge_of_a_side_file(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("from,to,weight\nx,y,0.5\n")
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [{file: e.csv}]\n"
    document = parse_spec(text, folder=tmp_path, overrides=["edges.x->y.trainable=false"])
    assert document.edges[0].options == DefaultEdge(weight=0.5, trainable=False)


def test_a_node_of_a_side_file_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("id,activation\nh,tanh\n")
    text = "nngraph: 1\nnodes: {x: input}\nnodes_file: n.csv\nedges: [x -> h]\n"
    document = parse_spec(text, folder=tmp_path, overrides=["nodes.h.units=4"])
    assert neurons(document, "h").units == 4
    assert neurons(document, "h").activation.kind == "tanh"


def test_a_misspelt_node_is_one_mistake_and_the_right_one_is_offered() -> None:
    with pytest.raises(SpecError) as caught:
        changed("nodes.imag.shape=9")
    assert [d.message for d in caught.value.diagnostics] == ["no node 'imag'"]
    assert caught.value.diagnostics[0].label == "did you mean 'image'?"


def test_the_written_text_is_left_alone() -> None:
    assert changed("train.epochs=5").source.text == TEXT


@pytest.mark.parametrize(
    ("override", "code", "column", "phrase"),
    [
        ("train.epochs=1_000", "E106", 14, "must be a whole number"),
        ("train.epoch=5", "E104", 7, "unknown key 'epoch'"),
        ("tran.epochs=5", "E104", 1, "unknown key 'tran'"),
        ("train.epochs=0", "E107", 14, "1 or more"),
        ("train.optimizer.learning_rte=1", "E104", 17, "learning_rte"),
        ("nodes.y.activation=rleu", "E108", 20, "unknown activation"),
        ("edges.image->h2.wieght=1", "E104", 17, "wieght"),
        ("edges.image->h9.weight=1", "E131", 7, "no edge 'image->h9'"),
        ("edges.9.weight=1", "E130", 7, "no entry 9"),
        ("edges.image->h2.weight=[1, a]", "E106", 28, "must be a number"),
        ("train.epochs.more=1", "E130", 14, "nothing inside"),
        ("train.epochs", "E130", 1, "sets nothing"),
        ("train.epochs=", "E130", 1, "no value"),
        ("train..epochs=1", "E130", 7, "empty step"),
        ("=1", "E130", 1, "sets nothing"),
        ("train.epochs=[1", "E101", 15, "missing"),
        ("nodes.2h.units=1", "E112", 7, "2h"),
        ("nodes.imge.shape=4", "E132", 7, "no node 'imge'"),
        ("nodes.new={units: 3}", "E132", 7, "no node 'new'"),
    ],
)
def test_a_mistake_is_told_in_the_override(
    override: str, code: str, column: int, phrase: str
) -> None:
    with pytest.raises(SpecError) as caught:
        changed(override)
    told = caught.value.diagnostics[0]
    assert told.code == code
    assert phrase in told.message
    assert told.span is not None
    assert (told.span.source.name, told.span.source.text) == ("-s", override)
    assert told.span.column == column
