"""Rows of a side file of neurons are columns: what they bring is what they bring one by one."""

from __future__ import annotations

import gc
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nngraph.errors import NNGraphError
from nngraph.lower import lower
from nngraph.network import compile_document
from nngraph.spec import Document, NodeEntry, node_rows, parse_spec
from nngraph.spec.node_rows import NodeRows
from nngraph.spec.resolved import resolved_yaml

GOOD = "a,tanh,0.5,\nb,,true,sum\nc,relu,false,mean\nd,,,\ne,sigmoid,-2e-3,product\n"


def read(folder: Path, table: str, overrides: list[str] | None = None) -> Document:
    (folder / "neurons.csv").write_text(table, newline="", encoding="utf-8")
    text = (
        "nngraph: 1\nnodes: {x: input, y: {}}\nnodes_file: neurons.csv\n"
        "edges: [x -> a, 'a -> b, c', 'b, c -> d -> e -> y']\n"
    )
    return parse_spec(text, folder=folder, overrides=overrides or [])


def seen(entry: NodeEntry) -> tuple[object, ...]:
    keys = ("activation", "bias", "aggregate", "units")
    places = [str(entry.span), *(str(entry.span_of(key)) for key in keys)]
    return entry.id, entry.node, entry.path, places


def outcome(folder: Path, table: str) -> object:
    """The nodes and the program, or all that is wrong."""
    try:
        document = read(folder, table)
        program = compile_document(document).lowered.program
    except NNGraphError as error:
        told = [(d.code, d.message, d.label, str(d.span), d.help) for d in error.diagnostics]
        return told, [[(n.text, str(n.span)) for n in d.notes] for d in error.diagnostics]
    nodes = {id: seen(entry) for id, entry in document.nodes.items()}
    return nodes, str(program), resolved_yaml(document), dict(document.spec.nodes)


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_rows, "read_rows", lambda *given: None)


HEAD = "id,activation,bias,aggregate\n"
TABLES = {
    "good": HEAD + GOOD,
    "lines of Windows": (HEAD + GOOD).replace("\n", "\r\n"),
    "lines of old": (HEAD + GOOD).replace("\n", "\r"),
    "no last line break": HEAD + GOOD.rstrip(),
    "blank lines": HEAD + GOOD.replace("\nc", "\n\nc") + "\n",
    "spaces and quotes": HEAD + GOOD.replace("b,", " b ,").replace("tanh", '"tanh"'),
    "ids alone": "id\na\nb\nc\nd\ne\n",
    "ids alone, blank lines": "id\na\nb\nc\n\nd\ne\n\n",
    "other order": "bias,id\n1,a\n,b\n3,c\n.5,d\n-5.,e\n",
    "a byte order mark": "\ufeff" + HEAD + GOOD,
    "no rows": HEAD,
    "twice": HEAD + GOOD + "b,,,\n",
    "twice, and in the spec": HEAD + GOOD + "x,,,\ny,,,\n",
    "no ids": HEAD + GOOD + "2a,,,\ntrue,,,\n,,,\nlong" + "g" * 70 + ",,,\n",
    "no activation": HEAD + GOOD + "f,tahn,,\ng,prelu,,\nh,true,,\ni,1,,\n",
    "no aggregate": HEAD + GOOD + "f,,,total\n",
    "no bias": HEAD + GOOD + "f,,1_000,\ng,,inf,\nh,,nan,\ni,,1e999,\nj,,one,\nk,,0x10,\n",
    "overlong": HEAD + GOOD + f"f,,0.{'0' * 400}1,\n",
    "beyond float32": HEAD + GOOD.replace("0.5", "1e39").replace("-2e-3", "-4e38"),
    "ragged": HEAD + GOOD + "f,,\ng,,,,\n",
    "other letters": HEAD + GOOD + "\N{GREEK SMALL LETTER ALPHA},,,\n",
    "softmax of a scalar": HEAD + GOOD.replace("sigmoid", "softmax"),
    "nothing reaches": HEAD + GOOD + "f,,,\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_as_it_is_row_by_row(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = outcome(tmp_path, TABLES[name])
    one_by_one(monkeypatch)
    assert together == outcome(tmp_path, TABLES[name])


@pytest.mark.parametrize("seed", range(40))
def test_damaged_tables_are_told_alike(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_ = random.Random(seed)
    table = list(HEAD + GOOD)
    for _ in range(random_.choice((1, 1, 2))):
        table[random_.randrange(len(HEAD), len(table))] = random_.choice('abxy1,\n\r "_[e.\u00e9')
    together = outcome(tmp_path, "".join(table))
    one_by_one(monkeypatch)
    assert together == outcome(tmp_path, "".join(table))


def test_good_rows_are_columns_behind_the_nodes_of_the_file(tmp_path: Path) -> None:
    document = read(tmp_path, TABLES["good"])
    assert [type(rows) for rows in document.rows] == [NodeRows]
    assert list(document.nodes) == ["x", "y", "a", "b", "c", "d", "e"]
    assert list(document.written_nodes) == ["x", "y"]
    assert "a" in document.nodes
    assert "f" not in document.nodes
    assert document.nodes["a"] is document.nodes["a"]
    assert [document.nodes.get(id) for id in ("f", "g")] == [None, None]
    assert np.isclose(document.spec.nodes["a"].bias.value, 0.5)


def test_an_override_of_a_row_is_taken(tmp_path: Path) -> None:
    document = read(tmp_path, TABLES["good"], ["nodes.a.bias=3", "train.epochs=2"])
    assert document.rows == ()
    assert str(document.nodes["a"].node.bias.value) == "3.0"  # type: ignore[attr-defined]
    assert read(tmp_path, TABLES["good"], ["train.epochs=2"]).rows


MOST_BYTES = 250
"""That a neuron of a side file takes until somebody asks for it: its id, among the names of edges
too, and its columns."""


def test_a_neuron_of_a_side_file_takes_few_bytes(tmp_path: Path) -> None:
    ids = [f"n{k}" for k in range(20_000)]
    table = "id,activation,bias\n" + "".join(f"{id},tanh,{k / 7}\n" for k, id in enumerate(ids))
    (tmp_path / "neurons.csv").write_text(table)
    text = "nngraph: 1\nnodes: {x: input}\nnodes_file: neurons.csv\nedges: [x -> n0]\n"
    parse_spec(text.replace("x -> n0", "x -> n1"), folder=tmp_path)  # what is imported by it
    tracemalloc.start()
    document = parse_spec(text, folder=tmp_path)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(document.nodes) == 20_001
    assert kept < len(table) + MOST_BYTES * len(ids)


def test_lowering_reads_rows_as_it_reads_nodes_of_the_file(tmp_path: Path) -> None:
    document = read(tmp_path, TABLES["good"])
    written = parse_spec(resolved_yaml(document))
    one, other = (compile_document(each).graph for each in (document, written))
    assert str(lower(one, training=True).program) == str(lower(other, training=True).program)
