"""Long runs of plain edges are read at once: what they bring is what they bring one by one."""

from __future__ import annotations

import random
import re

import pytest
from test_edge_columns import seen

from nngraph.errors import NNGraphError
from nngraph.graph import build_graph
from nngraph.network import compile_document
from nngraph.spec import Document, parse_spec, read, runs
from nngraph.spec.columns import EdgeColumns
from nngraph.spec.resolved import resolved_yaml

NODES = "nodes:\n  x: {kind: input, shape: 9}\n" + "".join(f"  n{k}: {{}}\n" for k in range(40))
FEW = "nodes:\n  x: {kind: input, shape: 9}\n  n0: {}\n"
PAIRS = [(i, j) for j in range(40) for i in range(max(0, j - 3), j)]
LINES = [f"  - n{i} -> n{j}: {i - j / 8}\n" for i, j in PAIRS]
LONG = [
    f"  - {{from: n{i}, to: n{j}, weight: {i - j / 8}, trainable: true, weight_decay_scale: 1.0}}\n"
    for i, j in PAIRS
]
FIRST = "  - x[0] -> n0: 1\n"
TAIL = "loss: mean_squared_error\ntrain: {epochs: 1}\n"


def cut(line: str, start: str) -> str:
    """The line without the option that begins so."""
    before, comma, after = line.partition(f",{start}")
    return line if not comma else before + after[re.search("[,}]", after).start() :]  # type: ignore[union-attr]


def text_of(*lines: str, head: str = "nngraph: 1\n" + NODES, tail: str = TAIL) -> str:
    return f"{head}edges:\n{''.join(lines)}{tail}"


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Any text is large, and is read in pieces of some lines."""
    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(runs, "PIECE", 400)
    monkeypatch.setattr(runs, "SMALLEST", 60)
    return monkeypatch


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGE", 1 << 40)


def outcome(text: str) -> object:
    """The edges and the order of the nodes, or all that is wrong."""
    try:
        document = parse_spec(text)
        graph = compile_document(document).graph
    except NNGraphError as error:
        told = [(d.code, d.message, d.label, str(d.span), d.help) for d in error.diagnostics]
        return told, [[(n.text, str(n.span)) for n in d.notes] for d in error.diagnostics]
    places = [str(entry.span) for entry in document.nodes.values()]
    sections = [str(document.span(key)) for key in ("nodes", "loss", "train", "edges", "outputs")]
    sections += [str(document.key_span("train", "epochs")), str(document.loss_span(0))]
    return list(map(seen, document.edges)), graph.order, places, sections, resolved_yaml(document)


def columns_of(document: Document) -> int:
    """How many edges are columns."""
    return sum(map(len, document.edges.columns))


def test_all_lines_but_a_few_are_columns(small_pieces: pytest.MonkeyPatch) -> None:
    document = parse_spec(text_of(FIRST, *LINES))
    assert len(document.edges) == len(LINES) + 1
    assert columns_of(document) == len(LINES) - 1
    assert [type(run) for run in document.edges.runs] == [tuple, EdgeColumns, tuple]


def test_lines_of_a_run_are_columns(small_pieces: pytest.MonkeyPatch) -> None:
    text = resolved_yaml(parse_spec(text_of(FIRST, *LINES)))
    again = parse_spec(text)
    assert columns_of(again) > len(LINES) - 12
    assert resolved_yaml(again) == text


MIXED = [*LINES[:20], "  # a word\n", *LINES[20:50], "  - n1 -> n9 -> n22\n", *LINES[50:]]
TEXTS = {
    "plain": text_of(FIRST, *LINES),
    "no weights": text_of(FIRST, *(f"  - n{i} -> n{j}\n" for i, j in PAIRS)),
    "tight arrows": text_of(FIRST, *(line.replace(" -> ", "->") for line in LINES)),
    "at the margin": text_of(FIRST[2:], *(line[2:] for line in LINES)),
    "lines of Windows": text_of(FIRST, *LINES).replace("\n", "\r\n"),
    "lines of old": text_of(FIRST, *LINES).replace("\n", "\r"),
    "others between": text_of(FIRST, *MIXED),
    "blank lines": text_of(FIRST, *LINES[:60], "\n\n", *LINES[60:]),
    "comments behind": text_of(FIRST, *(line[:-1] + " # so\n" for line in LINES)),
    "a number of digits": text_of(FIRST, LINES[0], "  - n0 -> n3: .5\n", *LINES[1:]),
    "sections behind": text_of(
        FIRST, *LINES, head="nngraph: 1\n", tail=NODES + "name: &a net\n" + TAIL
    ),
    "a list behind": text_of(FIRST, *LINES, tail=TAIL + "outputs:\n  - n39\n  - n3\n"),
    "a later list like it": text_of(FIRST, LINES[0], tail="outputs:\n" + "".join(LINES) + TAIL),
    "no section behind": text_of(FIRST, *LINES, tail=""),
    "no last line break": text_of(FIRST, *LINES, tail="")[:-1],
    "anchors": text_of(FIRST, *LINES, "  - n3 -> n9: &o {init: he_normal}\n", "  - n3 -> n8: *o\n"),
    "in a text": text_of(
        FIRST, head='nngraph: 1\ndescription: "\nedges:\n' + "".join(LINES) + '  "\n' + FEW
    ),
    "in a block of text": text_of(
        FIRST, head="nngraph: 1\ndescription: |\n edges:\n" + "".join(LINES) + FEW
    ),
    "in braces": "{nngraph: 1,\nedges:\n[\n" + "".join(LINES) + "]}\n",
    "a list in a list": text_of(FIRST, *LINES[:40], "  -\n", *("  " + x for x in LINES[40:80])),
    "deeper": text_of(FIRST, *LINES[:50], *("  " + line for line in LINES[50:])),
    "a second section": text_of(FIRST, *LINES, tail="edges:\n" + "".join(LINES)),
    "a tag": text_of(FIRST, *LINES, "  - !x n1 -> n2\n"),
    "a null": text_of(FIRST, *LINES[:70], "  - n1 -> n9:\n", *LINES[70:]),
    "a fold": text_of(FIRST, *LINES[:70], "  - n1\n    -> n9\n", *LINES[70:]),
    "a fold behind": text_of(FIRST, *LINES[:70], "  - n1 -> n9\n", "    -> n12\n", *LINES[70:]),
    "the long form": text_of(FIRST, *LONG),
    "the long form, fixed": text_of(FIRST, *(line.replace("true", "false") for line in LONG)),
    "the long form without weights": text_of(FIRST, *(cut(line, " weight") for line in LONG)),
    "the long form alone": text_of(FIRST, *(cut(line, " trainable") for line in LONG)),
    "both forms": text_of(FIRST, *LONG[:60], *LINES[60:]),
    "long, units": text_of(FIRST, *(line.replace("n1,", '"x[1]",') for line in LONG)),
    "long, units without quotes": text_of(FIRST, *(x.replace("n1,", "x[1],") for x in LONG)),
    "long, a quoted id": text_of(FIRST, *(line.replace("n1,", '"n1",') for line in LONG)),
    "long, no space": text_of(FIRST, *LONG[:70], LONG[70].replace(": 1.0", ":1.0"), *LONG[71:]),
    "long, other scales": text_of(FIRST, *(line.replace("1.0}", "2.0}") for line in LONG)),
    "long, one other": text_of(FIRST, *LONG[:70], LONG[70].replace("1.0}", "2.0}"), *LONG[71:]),
    "long, another kind": text_of(
        FIRST, *(x.replace("trainable: true", "kind: dense") for x in LONG[:40])
    ),
    "long, a comment": text_of(FIRST, *(line[:-1] + " # }\n" for line in LONG)),
    "long, twice": text_of(FIRST, *(line.replace("from:", "to:") for line in LONG)),
    "long, a number": text_of(
        FIRST, *LONG[:70], LONG[70].replace("weight: ", "weight: 1_"), *LONG[71:]
    ),
    "an unknown node": text_of(FIRST, *LINES[:70], "  - n1 -> n91: 1\n", *LINES[70:]),
    "a second edge": text_of(FIRST, *LINES, LINES[30], LINES[3]),
    "a cycle": text_of(FIRST, *LINES, "  - n30 -> n12: 1\n"),
    "beyond float32": text_of(FIRST, *LINES[:70], "  - n1 -> n9: 1e39\n", *LINES[70:]),
    "not finite": text_of(FIRST, *LINES[:70], "  - n1 -> n9: .inf\n", *LINES[70:]),
    "infinite": text_of(FIRST, *LINES[:70], "  - n1 -> n9: inf\n", *LINES[70:]),
    "a mark within digits": text_of(FIRST, *LINES[:70], "  - n1 -> n9: 1_0\n", *LINES[70:]),
    "overlong": text_of(FIRST, *LINES[:70], f"  - n1 -> n9: 0.{'0' * 400}1\n", *LINES[70:]),
    "quotes": text_of(FIRST, *LINES[:70], "  - 'n1' -> n9: 1\n", *LINES[70:]),
    "no id": text_of(FIRST, *LINES[:70], "  - n1 -> true: 1\n  - 1n -> n4\n", *LINES[70:]),
    "a tab": text_of(FIRST, *LINES[:70], "  - n1 ->\tn9: 1\n", *LINES[70:]),
    "another arrow": text_of(FIRST, *LINES[:70], "  - n1 \u2192 n9: 1\n", *LINES[70:]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_as_it_is_line_by_line(name: str, small_pieces: pytest.MonkeyPatch) -> None:
    together = outcome(TEXTS[name])
    one_by_one(small_pieces)
    assert together == outcome(TEXTS[name])


@pytest.mark.parametrize("seed", range(80))
def test_damaged_texts_are_told_alike(seed: int, small_pieces: pytest.MonkeyPatch) -> None:
    random_ = random.Random(seed)
    letters = list(text_of(FIRST, *LINES[:60]))
    for _ in range(random_.choice((1, 1, 2, 3))):
        at = random_.randrange(letters.index("x"), len(letters))
        if random_.random() < 0.3:
            del letters[at : at + random_.randrange(1, 30)]
        letters.insert(
            at, random_.choice(["\n", " ", "  ", ":", "-", "#", ",", "'", "&", "0", "|"])
        )
    together = outcome("".join(letters))
    one_by_one(small_pieces)
    assert together == outcome("".join(letters))


def test_an_override_of_one_line_finds_it(small_pieces: pytest.MonkeyPatch) -> None:
    text = text_of(FIRST, *LINES)
    by_position = parse_spec(text, overrides=["edges.30.weight=7"]).edges[30]
    assert by_position.weight == 7
    by_name = parse_spec(text, overrides=[f"edges.{by_position.id}.weight=7"]).edges[30]
    assert by_name == by_position or by_name[:6] == by_position[:6]
    with_epochs = parse_spec(text, overrides=["train.epochs=3"])
    assert columns_of(with_epochs) > 0
    assert with_epochs.spec.train is not None
    assert with_epochs.spec.train.epochs == 3


def test_values_that_are_left_out_count_too(
    small_pieces: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nngraph.spec.events.MOST_VALUES", 3 * len(LINES))
    with pytest.raises(NNGraphError, match="E111"):
        parse_spec(text_of(FIRST, *LINES))


def test_a_large_text_keeps_its_lines_as_columns() -> None:
    lines = [f"  - n{j - 1 - k} -> n{j}: {k}\n" for j in range(10, 1_000) for k in range(5)]
    nodes = "".join(f"  n{k}: {'{}' if k > 9 else 'input'}\n" for k in range(5, 1_000))
    document = parse_spec(f"nngraph: 1\nnodes:\n{nodes}edges:\n{''.join(lines)}outputs: [n999]\n")
    assert len(document.edges) == len(lines)
    assert columns_of(document) > len(lines) - 300
    assert len(build_graph(document).order) == 995
