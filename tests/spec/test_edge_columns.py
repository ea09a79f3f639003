"""Rows of a side file are read as columns: what they bring is what they bring one by one."""

from __future__ import annotations

import gc
import random
import tracemalloc
from pathlib import Path

import pytest

from nngraph.errors import NNGraphError
from nngraph.graph import Graph, build_graph
from nngraph.network import compile_document
from nngraph.spec import Document, EdgeEntry, edge_rows, parse_spec, tables
from nngraph.spec.columns import EdgeColumns
from nngraph.spec.resolved import resolved_yaml

NODES = "{x: {kind: input, shape: 3}, t: input, h: {}, g: {units: 4}, k: {}, y: {}}"
GOOD = "x[0],h,1\nx[1],h,0.5\nh,g[0],-2e-3\nh,g[1:3],+.5\ng,k,1\ng[2],y,3.\nt,y,1\nk,y,0\n"


def read(folder: Path, table: str, more: str = "") -> Document:
    (folder / "edges.csv").write_text(table, newline="", encoding="utf-8")
    text = f"nngraph: 1\nnodes: {NODES}\nedges: [{{file: edges.csv}}]\n{more}"
    return parse_spec(text, folder=folder)


def seen(edge: EdgeEntry) -> tuple[object, ...]:
    """Everything that one can ask of an edge."""
    places = [edge.span, edge.source_span, edge.target_span, edge.span_of("weight")]
    found = [(str(place), place.start, place.end) for place in places]
    return (edge.id, edge.named, edge.source, edge.target, edge.weight, edge.options, *found)


def outcome(folder: Path, table: str) -> object:
    """The edges and the order of the nodes, or all that is wrong."""
    try:
        document = read(folder, table)
        graph = compile_document(document).graph
    except NNGraphError as error:
        told = [(d.code, d.message, d.label, str(d.span), d.help) for d in error.diagnostics]
        return told, [[(n.text, str(n.span)) for n in d.notes] for d in error.diagnostics]
    edges = [seen(edge) for edge in document.edges]
    return edges, graph.order, {node: list(map(seen, graph.incoming[node])) for node in graph.order}


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_rows.EdgeTable, "read", lambda self, start, stop: None)


TABLES = {
    "good": "from,to,weight\n" + GOOD,
    "lines of Windows": ("from,to,weight\n" + GOOD).replace("\n", "\r\n"),
    "lines of old": ("from,to,weight\n" + GOOD).replace("\n", "\r"),
    "no last line break": "from,to,weight\n" + GOOD.rstrip(),
    "blank lines": "from,to,weight\n\n" + GOOD.replace("\nh", "\n\n  \nh"),
    "a mark of byte order": "\ufefffrom,to,weight\n" + GOOD,
    "other order": "weight,to,from\n1,h,x[0]\n2, y ,h\n3,y,t\n4,k,h\n5,y,k\n6,g,k\n",
    "fixed": "from,to,weight,trainable\n" + GOOD.replace("\n", ",\n").replace("1,\n", "1,false\n"),
    "quoted": "from,to,weight\n" + GOOD.replace("x[0]", '"x[0]"').replace("0.5", '"0.5"'),
    "no rows": "from,to,weight\n",
    "unknown nodes": "from,to,weight\n" + GOOD + "hh,y,1\nx[0],yy,1\nyy,hh,1\n",
    "into an input": "from,to,weight\n" + GOOD + "h,t,1\n",
    "twice": "from,to,weight\n" + GOOD + "h,g[0],1\nx[1],h,1\nx[1],h,1\n",
    "units twice": "from,to,weight\n" + GOOD + "h,g[2],1\nh,g,1\ng[0:2],k,1\nx[1:3],h,1\n",
    "a cycle": "from,to,weight\n" + GOOD + "y,h,1\nk,h,1\n",
    "itself": "from,to,weight\n" + GOOD + "h,h,1\n",
    "unread": "from,to,weight\nx[0],h,1\nh,g,1\nh,y,1\n",
    "beyond float32": "from,to,weight\n" + GOOD + "x[2],h,1e39\nx[2],k,-4e38\n",
    "no such unit": "from,to,weight\n" + GOOD + "x[3],h,1\nh,g[4],1\n",
    "not finite": "from,to,weight\n" + GOOD + "x[2],h,inf\nx[2],k,nan\nx[2],y,1e999\n",
    "a mark within digits": "from,to,weight\n" + GOOD + "x[2],h,1_000\n",
    "no number": "from,to,weight\n" + GOOD + "x[2],h,one\nx[2],k,\nx[2],y,0x10\n",
    "ragged": "from,to,weight\n" + GOOD + "x[2],h\nx[2],k,1,2\n,\n",
    "ragged so that the sum is right": "from,to,weight\nx[0],h\nx[1],k,1,2\n" + GOOD,
    "no ids": "from,to,weight\n" + GOOD + "2x,h,1\nx[,k,1\nh,true,1\n,h,1\n",
    "other letters": "from,to,weight\n" + GOOD + "x[2],\N{GREEK SMALL LETTER ALPHA},1\n",
    "other spaces": "from,to,weight\n" + GOOD + "x[2],\u00a0h,1\n",
    "no truth": "from,to,weight,trainable\nx[0],h,1,yes\nh,y,1,1\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_it_is_row_by_row(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = outcome(tmp_path, TABLES[name])
    one_by_one(monkeypatch)
    assert together == outcome(tmp_path, TABLES[name])


def damaged(seed: int) -> str:
    """Rows among forty nodes, with a few letters changed."""
    random_ = random.Random(seed)
    ends = ["x[0]", "x[1]", "x", "t", "h", "g", "g[1]", "g[0:2]", "k", "y", "hh"]
    rows = [
        f"{random_.choice(ends)},{random_.choice(ends)},{random_.gauss(0, 1):.3f}\n"
        for _ in range(random_.randrange(1, 12))
    ]
    table = list("from,to,weight\n" + "".join(rows))
    for _ in range(random_.choice((0, 0, 1, 2))):
        table[random_.randrange(15, len(table))] = random_.choice('x,\n\r "_[e.\u00e9')
    return "".join(table)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_tables_are_told_alike(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = outcome(tmp_path, damaged(seed))
    one_by_one(monkeypatch)
    assert together == outcome(tmp_path, damaged(seed))


def test_a_table_in_several_pieces_is_one_run_of_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = outcome(tmp_path, TABLES["good"])
    monkeypatch.setattr(tables, "PIECE", 20)
    document = read(tmp_path, TABLES["good"])
    (run,) = document.edges.runs
    assert isinstance(run, EdgeColumns)
    assert len(run) == 8
    assert outcome(tmp_path, TABLES["good"]) == whole


def test_edges_of_the_file_and_of_tables_stand_in_the_order_in_which_they_are_written(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.csv").write_text("from,to,weight\nx,h,1\nh,k,2\n")
    (tmp_path / "b.csv").write_text("from,to,weight\nk,y,3\n")
    edges = "[x -> k, {file: a.csv}, {file: b.csv}, x -> y]"
    text = f"nngraph: 1\nnodes: {{x: input, h: {{}}, k: {{}}, y: {{}}}}\nedges: {edges}\n"
    document = parse_spec(text, folder=tmp_path)
    ids = ["x->k", "x->h", "h->k", "k->y", "x->y"]
    assert [edge.id for edge in document.edges] == ids
    assert [document.edges[k].id for k in range(-5, 5)] == ids + ids
    assert [edge.id for edge in document.edges[1:4]] == ids[1:4]
    with pytest.raises(IndexError):
        document.edges[5]
    assert [edge.id for edge in build_graph(document).incoming["k"]] == ["x->k", "h->k"]


def test_an_override_of_one_row_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text(TABLES["good"])
    text = f"nngraph: 1\nnodes: {NODES}\nedges: [{{file: edges.csv}}]\n"
    document = parse_spec(text, folder=tmp_path, overrides=["edges.h->g[0].weight=7"])
    assert [edge.weight for edge in document.edges] == [1, 0.5, 7, 0.5, 1, 3, 1, 0]


def test_the_resolved_spec_lists_the_edges_of_a_table(tmp_path: Path) -> None:
    document = read(tmp_path, TABLES["good"])
    again = parse_spec(resolved_yaml(document))
    assert [edge[:5] for edge in again.edges] == [edge[:5] for edge in document.edges]


MOST_BYTES = 40
"""That an edge keeps, beside the text of the file: its columns, and its places in the order by
source and by target."""


def test_an_edge_of_a_side_file_keeps_few_bytes(tmp_path: Path) -> None:
    random_ = random.Random(0)
    pairs = {(random_.randrange(j), j) for j in (random_.randrange(1, 500) for _ in range(50_000))}
    edges = sorted(pairs | {(k, k + 1) for k in range(499)})
    table = "from,to,weight\n" + "".join(f"n{i},n{j},0.125\n" for i, j in edges)
    (tmp_path / "edges.csv").write_text(table)
    nodes = ", ".join(f"n{k}: {'{}' if k else 'input'}" for k in range(500))
    text = f"nngraph: 1\nnodes: {{{nodes}}}\nedges: [{{file: edges.csv}}]\n"
    chain = text.replace("{file: edges.csv}", " -> ".join(f"n{k}" for k in range(500)))

    def kept(spec: str) -> tuple[int, Graph]:
        tracemalloc.start()
        graph = build_graph(parse_spec(spec, folder=tmp_path))
        gc.collect()
        bytes_ = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return bytes_, graph

    without, _ = kept(chain)
    taken, graph = kept(text)
    assert len(graph.document.edges) == len(edges)
    assert taken - without < len(table) + MOST_BYTES * len(edges)
