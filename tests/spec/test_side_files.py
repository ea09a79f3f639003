"""CSV files of nodes and edges: what they bring, and every mistake at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from nngraph.errors import FileError, SpecError
from nngraph.graph import build_graph
from nngraph.spec import Document, parse_spec
from nngraph.spec.edges import DefaultEdge
from nngraph.spec.nodes import NeuronsNode
from nngraph.spec.weights import Bias


def with_edges(folder: Path, table: str) -> Document:
    (folder / "edges.csv").write_text(table, encoding="utf-8")
    text = "nngraph: 1\nnodes: {x: input, h: {}, y: {}}\nedges: [{file: edges.csv}]\n"
    return parse_spec(text, folder=folder)


def with_nodes(folder: Path, table: str) -> Document:
    (folder / "neurons.csv").write_text(table, encoding="utf-8")
    text = "nngraph: 1\nnodes: {x: input}\nnodes_file: neurons.csv\nedges: [x -> h -> y]\n"
    return parse_spec(text, folder=folder)


def test_edges_in_any_order_of_columns_with_blank_lines_and_quotes(tmp_path: Path) -> None:
    table = '\ufeffweight,to,from\n0.5, h ,x\n\n  \n"1e-3","y","h"\r\n-2,y,x\n'
    document = with_edges(tmp_path, table)
    found = [(edge.id, edge.options.weight) for edge in document.edges]  # type: ignore[union-attr]
    assert found == [("x->h", 0.5), ("h->y", 0.001), ("x->y", -2.0)]
    assert build_graph(document).order == ("x", "h", "y")


def test_edges_that_are_not_trained(tmp_path: Path) -> None:
    table = "from,to,weight,trainable\nx,h,1,true\nh,y,2,false\nx,y,3,\n"
    document = with_edges(tmp_path, table)
    assert [edge.options for edge in document.edges] == [
        DefaultEdge(weight=1.0),
        DefaultEdge(weight=2.0, trainable=False),
        DefaultEdge(weight=3.0),
    ]


def test_the_place_of_an_edge_is_its_row(tmp_path: Path) -> None:
    document = with_edges(tmp_path, "from,to,weight\nx,h,1\nh, y,  0.25\n")
    edge = document.edges[1]
    assert (edge.span.source.name, edge.span.line) == ("edges.csv", 3)
    places = [edge.source_span, edge.target_span, edge.span_of("weight")]
    assert [place.column for place in places] == [1, 4, 8]
    assert str(edge.span_of("mask")) == "edges.csv:3:1"


def test_nodes_with_the_columns_that_are_there(tmp_path: Path) -> None:
    table = "id,activation,bias,aggregate\nh,relu,0.5,product\ny,,false,\n"
    document = with_nodes(tmp_path, table)
    h, y = document.spec.nodes["h"], document.spec.nodes["y"]
    assert isinstance(h, NeuronsNode)
    assert (h.units, h.activation.kind, h.bias, h.aggregate) == (
        1,
        "relu",
        Bias(value=0.5),
        "product",
    )
    assert y == NeuronsNode(bias=Bias(present=False))
    assert str(document.nodes["h"].span_of("bias")) == "neurons.csv:2:8"


@pytest.mark.parametrize(
    ("table", "code", "line", "column", "phrase"),
    [
        ("", "E140", 1, 1, "the file is empty"),
        ("from;to;weight\nx;h;1\n", "E140", 1, 1, "not separated by commas"),
        ("from,to,wieght\nx,h,1\n", "E140", 1, 9, "unknown column 'wieght'"),
        ("from,to\nx,h\n", "E140", 1, 1, "'weight' is missing"),
        ("from,to,weight,to\nx,h,1,y\n", "E140", 1, 16, "twice"),
        ("from,to,weight\nx,h\n", "E141", 2, 1, "2 cells in this row, 3 columns"),
        ("from,to,weight\nx,h,1\nx,y,1,2\n", "E141", 3, 1, "4 cells in this row"),
        ("from,to,weight\nx,h,one\n", "E141", 2, 5, "must be a number, not 'one'"),
        ("from,to,weight\nx,h,1_000\n", "E141", 2, 5, "must be a number, not '1_000'"),
        ("from,to,weight\nx,h,\n", "E141", 2, 5, "not an empty cell"),
        ("from,to,weight\nx,h,inf\n", "E141", 2, 5, "must be a number, not 'inf'"),
        ("from,to,weight\nx,h,1e999\n", "E141", 2, 5, "must be a finite number"),
        ("from,to,weight\nx,2h,1\n", "E141", 2, 3, "starts with '2'"),
        ("from,to,weight\nx[1,h,1\n", "E141", 2, 2, "never closed"),
        ("from,to,weight,trainable\nx,h,1,yes\n", "E141", 2, 7, "must be true or false"),
    ],
)
def test_a_mistake_in_a_table_of_edges(
    table: str, code: str, line: int, column: int, phrase: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as caught:
        with_edges(tmp_path, table)
    told = caught.value.diagnostics
    assert [diagnostic.code for diagnostic in told] == [code]
    assert phrase in told[0].message
    span = told[0].span
    assert span is not None
    assert (span.source.name, span.line, span.column) == ("edges.csv", line, column)


@pytest.mark.parametrize(
    ("table", "code", "line", "column", "phrase"),
    [
        ("activation,bias\nrelu,1\n", "E140", 1, 1, "'id' is missing"),
        ("id,activaton\nh,relu\n", "E140", 1, 4, "unknown column"),
        ("id,activation\nh,rleu\ny,relu\n", "E108", 2, 3, "unknown activation 'rleu'"),
        ("id,bias\nh,1\ny,1 000\n", "E106", 3, 3, "must be a number"),
        ("id,aggregate\nh,sum\ny,total\n", "E108", 3, 3, "total"),
        ("id,bias\nh,1\nh,2\ny,1\n", "E103", 3, 1, "given twice"),
        ("id,bias\nx,1\nh,2\ny,1\n", "E103", 2, 1, "given twice"),
        ("id,bias\nh 1,1\n", "E112", 2, 1, "space"),
        ("id,bias\nh\n", "E141", 2, 1, "1 cell in this row, 2 columns"),
    ],
)
def test_a_mistake_in_a_table_of_nodes(
    table: str, code: str, line: int, column: int, phrase: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as caught:
        with_nodes(tmp_path, table)
    told = caught.value.diagnostics
    assert [diagnostic.code for diagnostic in told] == [code]
    assert phrase in told[0].message
    span = told[0].span
    assert span is not None
    assert (span.source.name, span.line, span.column) == ("neurons.csv", line, column)


def test_mistakes_of_connection_point_into_the_table(tmp_path: Path) -> None:
    document = with_edges(tmp_path, "from,to,weight\nx,h,1\nh,yy,1\nx,h,2\n")
    with pytest.raises(SpecError) as caught:
        build_graph(document)
    told = {(d.code, str(d.span)) for d in caught.value.diagnostics}
    assert told == {("E201", "edges.csv:3:3"), ("E203", "edges.csv:4:1")}


@pytest.mark.parametrize("name", ["../edges.csv", "/etc/passwd", "a/../../edges.csv"])
def test_a_table_outside_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("from,to,weight\n")
    (tmp_path / "specs").mkdir()
    text = f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges: [{{file: '{name}'}}]\n"
    with pytest.raises(SpecError, match="E114"):
        parse_spec(text, folder=tmp_path / "specs")


def test_a_table_behind_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("from,to,weight\n")
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "edges.csv").symlink_to(tmp_path / "secret.csv")
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [{file: edges.csv}]\n"
    with pytest.raises(SpecError, match="E114"):
        parse_spec(text, folder=tmp_path / "specs")


def test_a_missing_table_is_told_at_its_name_in_the_spec(tmp_path: Path) -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}}\nedges:\n  - {file: none.csv}\n"
    with pytest.raises(FileError) as caught:
        parse_spec(text, folder=tmp_path)
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert (span.line, span.column) == (4, 12)


QUOTED = """\
id,activation,bias
a,"{kind: leaky_relu, alpha: 0.1}",0.5
b, "{""kind"": elu}" ,"{value: 1, trainable: false}"
c,tanh,
"""


def with_neurons(folder: Path, table: str) -> Document:
    (folder / "neurons.csv").write_text(table)
    text = "nngraph: 1\nnodes: {x: input}\nnodes_file: neurons.csv\nedges: [x -> a -> b -> c]\n"
    return parse_spec(text, folder=folder)


def test_a_quoted_cell_of_a_neuron_may_hold_a_mapping(tmp_path: Path) -> None:
    document = with_neurons(tmp_path, QUOTED)
    written = parse_spec(
        "nngraph: 1\nnodes: {x: input, a: {activation: {kind: leaky_relu, alpha: 0.1}, bias: 0.5}, "
        "b: {activation: {kind: elu}, bias: {value: 1, trainable: false}}, c: {activation: tanh}}\n"
        "edges: [x -> a -> b -> c]\n"
    )
    assert {id: entry.node for id, entry in document.nodes.items()} == written.spec.nodes
    assert str(document.nodes["a"].span_of("activation", "alpha")) == "neurons.csv:2:30"
    assert str(document.nodes["b"].span_of("bias", "trainable")) == "neurons.csv:3:46"
    assert str(document.nodes["b"].span_of("activation", "kind")) == "neurons.csv:3:4"


@pytest.mark.parametrize(
    ("cell", "code", "column", "phrase"),
    [
        ('"{kind: leaky_relu, alhpa: 0.1}"', "E104", 23, "alhpa"),
        ('"{kind: leaky_relu, alpha: 0.1"', "E141", 3, "a cell that begins with a brace"),
        ('"{kind: leaky_relu, alpha: one}"', "E106", 30, "number"),
    ],
)
def test_a_mistake_in_a_quoted_mapping_is_told_at_its_place(
    cell: str, code: str, column: int, phrase: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError, match=phrase) as caught:
        with_neurons(tmp_path, QUOTED.replace('"{kind: leaky_relu, alpha: 0.1}"', cell))
    (told,) = caught.value.diagnostics
    assert (told.code, str(told.span)) == (code, f"neurons.csv:2:{column}")
