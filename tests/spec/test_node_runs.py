"""Long runs of plain neurons are read at once: what they bring is what they bring one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_edge_runs import one_by_one, outcome

from nngraph.spec import parse_spec, read, runs

COUNT = 60
NODES = [f"  n{k}: {{activation: tanh, bias: {k / 8}}}\n" for k in range(COUNT)]
BARE = [f"  n{k}: {{}}\n" for k in range(COUNT)]
EDGES = "  - x[0] -> n0: 1\n" + "".join(f"  - n{j - 1} -> n{j}: {j / 4}\n" for j in range(1, COUNT))
INPUT = "  x: {kind: input, shape: 9}\n"
TAIL = "loss: mean_squared_error\ntrain: {epochs: 1}\n"


def text_of(*lines: str, tail: str = "", edges: str = EDGES) -> str:
    return f"nngraph: 1\nnodes:\n{INPUT}{''.join(lines)}edges:\n{edges}{TAIL}{tail}"


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Any text is large, and is read in pieces of some lines."""
    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(runs, "PIECE", 700)
    monkeypatch.setattr(runs, "SMALLEST", 90)
    return monkeypatch


def in_columns(text: str, folder: Path | None = None) -> int:
    """How many nodes are columns."""
    return sum(map(len, parse_spec(text, folder=folder).rows))


def changed(at: int, *lines: str) -> str:
    return text_of(*NODES[:at], *lines, *NODES[at + 1 :])


OTHERS = [
    *BARE[:15],
    *(f"  n{k}: {{bias: false}}\n" for k in range(15, 30)),
    *(f"  n{k}: {{bias: {k}, aggregate: mean, activation: relu}}\n" for k in range(30, 45)),
    *(f"  n{k}: {{ aggregate: sum, bias: true }}\n" for k in range(45, COUNT)),
]
TEXTS = {
    "plain": text_of(*NODES),
    "bare": text_of(*BARE),
    "other words": text_of(*OTHERS),
    "lines of Windows": text_of(*NODES).replace("\n", "\r\n"),
    "lines of old": text_of(*NODES).replace("\n", "\r"),
    "deeper": text_of(*NODES).replace("\n  n", "\n      n").replace("  x:", "      x:"),
    "edges first": f"nngraph: 1\nedges:\n{EDGES}nodes:\n{INPUT}{''.join(NODES)}{TAIL}",
    "nodes last": f"nngraph: 1\n{TAIL}edges:\n{EDGES}nodes:\n{INPUT}{''.join(NODES)}"[:-1],
    "comments between": text_of(*NODES[:20], "  # so\n\n", *NODES[20:]),
    "comments behind": text_of(*(line[:-1] + "  # so\n" for line in NODES)),
    "others between": text_of(*NODES[:20], "  o, p: {units: 3}\n", *NODES[20:]),
    "in block style": text_of(*NODES[:20], "  n20:\n    bias: 3\n", *NODES[21:]),
    "many in one line": changed(30, "  n30, q: {activation: tanh, bias: 3}\n"),
    "a number of digits": changed(30, "  n30: {activation: tanh, bias: 1e-3}\n"),
    "an integer": changed(30, "  n30: {activation: tanh, bias: 3}\n"),
    "a truth": changed(30, "  n30: {activation: tanh, bias: True}\n"),
    "an octal number": changed(30, "  n30: {activation: tanh, bias: 0o7}\n"),
    "a number of YAML 1.1": changed(30, "  n30: {activation: tanh, bias: 1_0}\n"),
    "not finite": changed(30, "  n30: {activation: tanh, bias: .inf}\n"),
    "infinite": changed(30, "  n30: {activation: tanh, bias: inf}\n"),
    "overlong": changed(30, f"  n30: {{activation: tanh, bias: 0.{'0' * 400}1}}\n"),
    "beyond float32": changed(30, "  n30: {activation: tanh, bias: 1e39}\n"),
    "no such word": changed(30, "  n30: {activation: tahn, bias: 3}\n"),
    "no such key": text_of(*(line.replace("bias", "bais") for line in NODES)),
    "a key twice": text_of(*(line.replace("activation: tanh", "bias: 1") for line in NODES)),
    "a kind": text_of(*(line.replace("activation: tanh", "kind: neurons") for line in NODES)),
    "an option": changed(30, "  n30: {activation: {leaky_relu: {alpha: 0.2}}, bias: 3}\n"),
    "quotes": changed(30, "  n30: {activation: 'tanh', bias: 3}\n"),
    "a quoted id": changed(30, '  "n30": {activation: tanh, bias: 3}\n'),
    "an anchor": changed(30, "  n30: &a {activation: tanh, bias: 3}\n  o: *a\n"),
    "a tag": changed(30, "  n30: !x {activation: tanh, bias: 3}\n"),
    "a null": changed(30, "  n30:\n"),
    "no space": changed(30, "  n30: {activation: tanh, bias:3}\n"),
    "no space at the node": changed(30, "  n30:{activation: tanh, bias: 3}\n"),
    "no space behind a comma": changed(30, "  n30: {activation: tanh,bias: 3}\n"),
    "a tab": changed(30, "  n30: {activation:\ttanh, bias: 3}\n"),
    "deeper by one": changed(30, "   n30: {activation: tanh, bias: 3}\n"),
    "no id": changed(30, "  3n: {activation: tanh, bias: 3}\n"),
    "reserved": text_of(*BARE[:30], "  true: {}\n", *BARE[30:]),
    "twice": text_of(*NODES, NODES[30]),
    "twice, far apart": text_of(*NODES[:40], *NODES[30:]),
    "twice, one of them alone": text_of(*NODES, "  n30:\n    bias: 1\n"),
    "twice, one among others": text_of(*NODES, "  a, n30: {}\n"),
    "nothing reaches": text_of(*NODES, "  u: {activation: tanh, bias: 1}\n"),
    "unknown": text_of(*NODES[:30], *NODES[31:]),
    "a second section": text_of(*NODES, tail="nodes:\n" + "".join(NODES)),
    "in a text": 'nngraph: 1\ndescription: "\nnodes:\n' + "".join(NODES) + '  "\n' + text_of(*BARE),
    "in a block of text": "nngraph: 1\ndescription: |\n nodes:\n" + "".join(NODES) + text_of()[11:],
    "in braces": "{nngraph: 1,\nnodes:\n{\n" + ",\n".join(line[:-1] for line in NODES) + "}}\n",
    "a list": text_of(*NODES).replace("\n  n", "\n  - n"),
    "in a mapping": text_of("  o:\n", *("  " + line for line in NODES)),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_as_it_is_line_by_line(name: str, small_pieces: pytest.MonkeyPatch) -> None:
    together = outcome(TEXTS[name])
    one_by_one(small_pieces)
    assert together == outcome(TEXTS[name])


@pytest.mark.parametrize(
    ("name", "most"), [("plain", 6), ("bare", 9), ("other words", 25), ("comments between", 20)]
)
def test_all_lines_but_a_few_are_columns(
    name: str, most: int, small_pieces: pytest.MonkeyPatch
) -> None:
    assert in_columns(TEXTS[name]) >= COUNT - most


@pytest.mark.parametrize("seed", range(60))
def test_damaged_texts_are_told_alike(seed: int, small_pieces: pytest.MonkeyPatch) -> None:
    random_ = random.Random(seed)
    letters = list(text_of(*NODES))
    for _ in range(random_.choice((1, 1, 2, 3))):
        at = random_.randrange(letters.index("x"), len("".join(NODES)))
        if random_.random() < 0.3:
            del letters[at : at + random_.randrange(1, 40)]
        letters.insert(at, random_.choice("\n :-#,'&}{"))
    together = outcome("".join(letters))
    one_by_one(small_pieces)
    assert together == outcome("".join(letters))


VALUES = {
    "activation": st.sampled_from(["tanh", "relu", "identity", "tahn", "true", "1"]),
    "bias": st.sampled_from(
        ["true", "false", "0.5", "-3", "1e-3", "+.5", "1_0", "0x1f", "nan", "~"]
    ),
    "aggregate": st.sampled_from(["sum", "mean", "max", "most"]),
    "units": st.sampled_from(["1", "2"]),
}
OPTIONS = st.lists(st.sampled_from(list(VALUES)), max_size=3).flatmap(
    lambda keys: st.tuples(*(VALUES[key].map(lambda v, k=key: f"{k}: {v}") for key in keys))  # type: ignore[misc]
)
LINES = st.tuples(OPTIONS, st.sampled_from(["", "", "", " ", "  # so", "\r"])).map(
    lambda said: f"{{{', '.join(said[0])}}}{said[1]}\n"
)
RUNS = st.lists(st.tuples(LINES, st.integers(1, 9)), min_size=1, max_size=8)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RUNS)
def test_runs_of_any_lines_are_read_as_they_are_one_by_one(said: list[tuple[str, int]]) -> None:
    bodies = [body for body, many in said for _ in range(many)]
    lines = [f"  m{k}: {body}" for k, body in enumerate(bodies)]
    chain = "".join(f"  - x[{k % 9}] -> m{k}\n" for k in range(len(lines)))
    text = text_of(*lines, edges=chain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read, "LARGE", 0)
        patch.setattr(runs, "SMALLEST", 40)
        together = outcome(text)
        one_by_one(patch)
        assert together == outcome(text)


def test_an_override_of_a_node_finds_it(small_pieces: pytest.MonkeyPatch) -> None:
    changed = parse_spec(text_of(*NODES), overrides=["nodes.n30.bias=7"])
    assert changed.nodes["n30"].node.bias.value == 7  # type: ignore[attr-defined]
    others = parse_spec(text_of(*NODES), overrides=["train.epochs=7", "edges.3.weight=7"])
    assert sum(map(len, others.rows)) > COUNT - 9


@pytest.mark.parametrize("table", ["id\na\nb\n", "id\na\nn30\n", 'id\n"a"\nn30\n'])
def test_a_side_file_beside_them(
    table: str, tmp_path: Path, small_pieces: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more.csv").write_text(table)
    text = text_of(*NODES, edges=EDGES + "  - n5 -> a -> b\n", tail="nodes_file: more.csv\n")

    def told() -> object:
        try:
            document = parse_spec(text, folder=tmp_path)
        except read.SpecError as error:
            return str(error)
        return {id: (entry.node, str(entry.span)) for id, entry in document.nodes.items()}

    together = told()
    one_by_one(small_pieces)
    assert together == told()
