"""Specs with one mistake each: one error, with its code, at its place, with the mend.

The cases stand in text files: `== what is wrong [where the text goes]`, the text, then
`-- code line:column message` and `-- the label or the help`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from nngraph.errors import SpecError
from nngraph.graph import build_graph
from nngraph.spec import parse_spec

BASE = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 3}
  h: {units: 2, activation: tanh}
  y: {}
edges:
  - x -> h
  - h -> y
"""

FORMS: Mapping[str, Callable[[str], str]] = {
    "node": lambda text: BASE.replace("h: {units: 2, activation: tanh}", text),
    "edge": lambda text: BASE.replace("x -> h\n", text + "\n", 1),
    "more": lambda text: BASE + text + "\n",
    "whole": lambda text: text,
}


@dataclass(frozen=True)
class Case:
    claim: str
    text: str
    code: str
    line: int
    column: int
    message: str
    mend: str


def cases(name: str) -> Iterator[Case]:
    written = (Path(__file__).parent / name).read_text(encoding="utf-8")
    for block in re.split(r"^== ", written, flags=re.MULTILINE)[1:]:
        lines = block.rstrip("\n").split("\n")
        claim, form = re.fullmatch(r"(.*) \[(\w+)\]", lines[0]).groups()  # type: ignore[union-attr]
        verdict = [line[3:] for line in lines if line.startswith("-- ")]
        text = "\n".join(line for line in lines[1:] if not line.startswith("-- "))
        code, place, message = verdict[0].split(" ", 2)
        line, column = place.split(":")
        mend = verdict[1] if len(verdict) > 1 else ""
        yield Case(claim, FORMS[form](text), code, int(line), int(column), message, mend)


CASES = [*cases("broken_writing.txt"), *cases("broken_connection.txt")]


@pytest.mark.parametrize("case", CASES, ids=[case.claim for case in CASES])
def test_a_mistake_is_told_once_at_its_place_with_the_mend(case: Case) -> None:
    with pytest.raises(SpecError) as caught:
        build_graph(parse_spec(case.text))
    told = caught.value.diagnostics
    assert [diagnostic.code for diagnostic in told] == [case.code]
    span = told[0].span
    assert span is not None
    assert (span.line, span.column) == (case.line, case.column)
    assert case.message in told[0].message
    assert case.mend in (told[0].label or told[0].help)


def test_there_are_more_than_sixty_cases_and_no_two_alike() -> None:
    assert len({case.text for case in CASES}) == len(CASES) > 60


def test_several_mistakes_are_told_in_one_run_in_the_order_of_the_file() -> None:
    text = BASE.replace("units: 2", "unit: 2").replace("y: {}", "y: {activation: rleu}")
    text = text.replace("h -> y", "h => y") + "train: {epochs: 0}\n"
    with pytest.raises(SpecError) as caught:
        parse_spec(text)
    told = [(d.code, d.span.line) for d in caught.value.diagnostics if d.span is not None]
    assert told == [("E104", 4), ("E108", 5), ("E121", 8), ("E107", 9)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # the misspelt key is the missing one
        (BASE.replace("edges:", "edge:"), ["E104"]),
        (BASE.replace("x -> h", "{form: x, to: h}"), ["E104"]),
        # the keys beside an unknown kind belong to that kind
        (BASE.replace("h: {", "h: {kind: lstm, gates: 4, ", 1), ["E190"]),
        (BASE.replace("x -> h", "x -> h: {kind: recurrent, stride: 2}"), ["E108"]),
        # what hangs below a node without data lacks data for that reason alone
        (BASE.replace("x -> h", "x -> y"), ["E205"]),
        # the unread input may be what the unknown name means
        (BASE.replace("x -> h", "z -> h"), ["E201"]),
        # an unknown node that is mentioned often is told once
        (BASE.replace("x -> h", "x -> h, g1\n  - h -> g1\n  - g1 -> y"), ["E201"]),
        # nodes on a cycle are not told as unreachable
        (BASE.replace("x -> h", "x -> y\n  - y -> h"), ["E204"]),
    ],
)
def test_a_mistake_that_another_caused_is_not_told(text: str, codes: list[str]) -> None:
    with pytest.raises(SpecError) as caught:
        build_graph(parse_spec(text))
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == codes


def test_as_many_errors_are_shown_as_fit_a_screen_and_the_rest_counted() -> None:
    nodes = "".join(f"  n{i}: {{activation: rleu}}\n" for i in range(1_500))
    with pytest.raises(SpecError) as caught:
        parse_spec(f"nngraph: 1\nnodes:\n{nodes}edges: []\n")
    assert (len(caught.value.diagnostics), caught.value.hidden) == (1_000, 500)
    lines = str(caught.value).split("\n")
    shown = sum("[E108]" in line for line in lines)
    assert shown >= 8
    assert lines[-1] == f"... and {1_500 - shown:,} more errors"
    assert len(lines) <= 60


def test_an_error_looks_like_the_one_in_the_language_reference() -> None:
    text = BASE.replace("units: 2, activation", "units: 3, activaton")
    with pytest.raises(SpecError) as caught:
        parse_spec(text, "specs/xor.yaml")
    assert str(caught.value) == (
        "error: unknown key 'activaton' in node 'h' [E104]\n"
        "  --> specs/xor.yaml:4:17\n"
        "  |\n"
        "4 |   h: {units: 3, activaton: tanh}\n"
        "  |                 ^^^^^^^^^ did you mean 'activation'?"
    )
