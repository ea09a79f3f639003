"""Hostile text is refused, with exit code 3, in far less than a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from nngraph.errors import Diagnostics, NNGraphError, SourceFile, SpecError
from nngraph.graph import build_graph
from nngraph.spec import parse_spec, read_spec
from nngraph.spec.events import read_tree

GENEROUS = 2.0  # seconds of the processor; a machine at rest needs a tenth of that

GOOD = "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\n"

PARSERS = [True, False] if yaml.__with_libyaml__ else [False]


def doubling_aliases(levels: int) -> str:
    lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


def merge_bomb(levels: int) -> str:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: 1}}" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


def with_edge(text: str) -> str:
    return GOOD.replace("[x -> y]", f"\n- {text}\n")


HOSTILE: dict[str, tuple[str, str]] = {
    "square brackets": ("[" * 200_000, "E111"),
    "curly brackets": ("{" * 200_000, "E111"),
    "brackets in a value": (GOOD + "expect: " + "[" * 200_000 + "]" * 200_000, "E111"),
    "brackets over lines": ("[\n" * 200_000, "E111"),
    "nested dashes": ("- " * 200_000 + "x", "E111"),
    "nested question marks": ("? " * 200_000 + "x", "E111"),
    "nested keys": ("\n".join(" " * i + "a:" for i in range(2_000)), "E111"),
    "aliases": (GOOD + doubling_aliases(40), "E111"),
    "merge keys": (merge_bomb(40), "E110"),
    "an alias of itself": (GOOD + "expect: &a [*a]", "E110"),
    "aliases on aliases, too deep": (
        "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [[[[[[[[*a{i - 1}]]]]]]]]\n" for i in range(1, 10)),
        "E111",
    ),
    "a tag that names code": ("!!python/object/apply:os.system ['true']", "E110"),
    "tag directives": ("%TAG !a! tag:a,2000:\n" * 5_000 + "---\n" + GOOD, "E110"),
    "tag directives of a second document": (
        GOOD + "...\n" + "".join(f"%TAG !a{i}! tag:a,2000:\n" for i in range(5_000)) + "---\na: 1",
        "E110",
    ),
    "a NUL": (GOOD.replace("input", "in\0put"), "E102"),
    "a lone surrogate": (GOOD.replace("input", "in\ud800put"), "E102"),
    "a byte-order mark inside": (GOOD.replace("input", "in\ufeffput"), "E102"),
    "5,000 digits": (GOOD + "train: {epochs: " + "7" * 5_000 + "}", "E113"),
    "5,000 digits as a weight": (GOOD.replace("x -> y", "'x -> y': " + "7" * 5_000), "E113"),
    "5,000 digits behind a point": (
        GOOD.replace("x -> y", "'x -> y': 0." + "7" * 5_000),
        "E113",
    ),
    "an exponent of 5,000 digits": (
        GOOD.replace("x -> y", "'x -> y': 1e" + "7" * 5_000),
        "E113",
    ),
    "the same key again and again": ("a: 1\n" * 20_000, "E103"),
    "a long key": (f"? {'a' * 1_000_000}\n: 1", "E104"),
    "many commas": (GOOD.replace("x -> y", "'x -> y" + "," * 100_000 + "'"), "E126"),
    "many arrows": (GOOD.replace("x -> y", "'" + "x -> " * 300_000 + "'"), "E126"),
    "comma lists that multiply": (
        GOOD.replace("x -> y", "'" + "x, " * 20_000 + "x -> " + "y, " * 20_000 + "y'"),
        "E111",
    ),
    "many unknown keys": ("{" + ", ".join(f"k{i}: 1" for i in range(20_000)) + "}", "E104"),
    "many wrong entries": (GOOD + "expect: [" + "1, " * 20_000 + "1]", "E106"),
    "letters before a bracket": ("a: [" + "a" * 200_000 + "][", "E101"),
    "letters between two colons": ("a: b: " + "a" * 200_000, "E101"),
    "a quote that never ends": ("'" + "a" * 200_000, "E101"),
    "units in a list": ("a: [" + "h[0] " * 100_000, "E124"),
    "arrows before a colon": ("- x" + " -> x" * 50_000 + " :\n  a: 1: 2", "E101"),
    "blanks behind a dash": ("- " + " " * 100_000 + "x -> y: 1\n a: : 2", "E101"),
    "a run of dashes": (with_edge("x " + "-" * 200_000 + " y"), "E120"),
    "a run of equals signs": (with_edge("x " + "=" * 200_000 + " y"), "E120"),
    "a run of long dashes": (with_edge("x " + "\u2014" * 200_000 + " y"), "E120"),
    "colons in a bracket": (with_edge("'x -> y[" + ":" * 200_000 + "]'"), "E126"),
    "a thousand kinds of mistakes": (
        GOOD.replace("[x -> y]", "\n" + "- x -> y: {wieght: 1}\n" * 20_000),
        "E104",
    ),
    "empty entries of a list": (GOOD + "expect:\n" + "- \n" * 100_000, "E109"),
    "commas for points": (GOOD + "train: {epochs: " + "1," * 100_000 + "}", "E106"),
    "many words among weights": (
        GOOD.replace("x -> y", "'x -> y': [" + "a, " * 100_000 + "a]"),
        "E106",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_time(name: str) -> None:
    text, code = HOSTILE[name]
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        parse_spec(text)
    str(caught.value)
    assert time.process_time() - start < GENEROUS
    assert code in {diagnostic.code for diagnostic in caught.value.diagnostics}
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("name", ["square brackets", "nested dashes", "aliases", "a NUL"])
def test_the_parser_in_python_refuses_the_same(name: str) -> None:
    text, code = HOSTILE[name]
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        read_tree(SourceFile("hostile", text), Diagnostics(), c_parser=False)
    assert time.process_time() - start < GENEROUS
    assert code in {diagnostic.code for diagnostic in caught.value.diagnostics}


def test_a_chain_takes_twice_as_long_where_it_is_twice_as_long() -> None:
    text = GOOD.replace("[x -> y]", "\n- x" + " -> y" * 40_000)
    start = time.process_time()
    with pytest.raises(SpecError, match="the edge 'y -> y' is given twice"):
        build_graph(parse_spec(text))
    assert time.process_time() - start < 2 * GENEROUS  # 8 seconds where each place is sought anew


def test_a_text_of_nothing_but_line_breaks_knows_its_lines() -> None:
    source = SourceFile("breaks", "\r\n\n\r" * 2**18 + "x")
    start = time.process_time()
    assert source.position(len(source.text) - 1) == (3 * 2**18 + 1, 1)
    assert source.line(3 * 2**18 + 1) == "x"
    assert (source.position(1), source.position(2), source.start_of(3)) == ((1, 2), (2, 1), 3)
    assert time.process_time() - start < 1.0


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("encode", "phrase"),
    [
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: text.encode("utf-16-be"), "UTF-16"),
        (lambda text: text.encode("utf-32"), "UTF-16"),
        (lambda text: text.replace("input", "\xe4").encode("latin-1"), "0xe4 is not UTF-8"),
        (lambda text: b"\x80" * 1_000_000, "0x80 is not UTF-8"),
        (lambda text: bytes(range(256)) * 1_000, "not UTF-8"),
    ],
    ids=["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "no text", "all bytes"],
)
def test_another_encoding_is_named(
    encode: Callable[[str], bytes], phrase: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "spec.yaml", encode(GOOD))
    start = time.process_time()
    with pytest.raises(SpecError, match=phrase):
        read_spec(path)
    assert time.process_time() - start < GENEROUS


def test_a_byte_order_mark_at_the_start_is_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "spec.yaml", GOOD.encode("utf-8-sig"))
    document = read_spec(path)
    assert document.source.text == GOOD
    assert (document.nodes["x"].span.line, document.nodes["x"].span.column) == (2, 9)


def test_more_than_64_mebibytes_are_a_mistake_of_the_spec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nngraph.spec.read.LONGEST_TEXT", 1_000)
    path = write(tmp_path / "spec.yaml", GOOD.encode() + b"#" * 2_000)
    with pytest.raises(SpecError, match="larger than"):
        read_spec(path)


def test_a_budget_of_values_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nngraph.spec.events.MOST_VALUES", 100)
    with pytest.raises(SpecError, match="5 million"):
        parse_spec(GOOD + "expect: [" + "1, " * 200 + "1]")


def test_aliases_stand_for_at_most_ten_times_what_is_written() -> None:
    listed = "expect: [&a [" + "1, " * 100 + "1], "
    for count, code in ((10, "E106"), (60, "E111")):
        with pytest.raises(SpecError) as caught:
            parse_spec(GOOD + listed + ", ".join(["*a"] * count) + "]")
        assert caught.value.diagnostics[0].code == code


def test_aliases_of_ordinary_size_work() -> None:
    text = "nngraph: 1\nnodes: {x: input, h1: &h {units: 3, activation: tanh}, h2: *h, h3: *h}\n"
    document = parse_spec(text + "edges: [x -> h1 -> h2 -> h3]\n")
    assert document.spec.nodes["h3"] == document.spec.nodes["h1"]


def test_a_missing_file_is_no_mistake_of_the_spec(tmp_path: Path) -> None:
    with pytest.raises(NNGraphError) as caught:
        read_spec(tmp_path / "none.yaml")
    assert caught.value.exit_code == 8


EVERYTHING = """\
# text \U0001d11e before
nngraph: 1
description: "quoted \\u00e9, 'twice', \U0001d11e"
nodes:
  x: {kind: input, shape: [2, 3]}
  ? h
  : &h
    units: 3
    title: |
      several
      lines
  h2: *h
edges:
- x -> h: [[1.5, -2e-3, .5], [0x10, 0o17, +1]]
- 'x -> h2': {trainable: false}
-   from: h
    to: h2
name: 'it''s'
"""


@pytest.mark.parametrize("text", [EVERYTHING, EVERYTHING.replace("\n", "\r\n")], ids=["lf", "crlf"])
@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_both_parsers_give_the_same_tree_at_the_same_places(text: str) -> None:
    trees = []
    for c_parser in PARSERS:
        found = Diagnostics()
        trees.append(repr(read_tree(SourceFile("both", text), found, c_parser)))
        assert not found.errors
    assert trees[0] == trees[1]


@pytest.mark.parametrize("c_parser", PARSERS)
def test_the_place_of_a_value_is_its_text(c_parser: bool) -> None:
    source = SourceFile("places", EVERYTHING)
    root = read_tree(source, Diagnostics(), c_parser)
    weights = root.get("edges").items[0].get("x -> h")  # type: ignore[union-attr]
    written = source.text[weights.start : weights.end]  # type: ignore[union-attr]
    assert written == "[[1.5, -2e-3, .5], [0x10, 0o17, +1]]"
