"""The places that tell mistakes: each names a text of the catalogue and gives just its facts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from package_trees import PACKAGE, trees

from nngraph.diagnostics import say
from nngraph.diagnostics.catalogue import FAMILIES
from nngraph.diagnostics.row import Text
from nngraph.diagnostics.wording import fields_of, text_of
from nngraph.errors import NNGraphError

KEY = re.compile(r"[EL]\d{3}(:[a-z-]+)?")
TEXTS = {
    f"{row.code}:{text.case}".rstrip(":"): text
    for family in FAMILIES
    for row in family.rows
    for text in row.texts
}
# Who takes a key and the facts of its text, and which of their arguments are no facts.
TELLERS = {
    "tell": {"label", "notes"},
    "diagnostic": {"label", "notes"},
    "Mistake": {"label", "notes"},
    "Misfit": {"label"},
    "fail": set(),
    "value_error": {"at", "inside"},
    "EndError": set(),
}


@dataclass(frozen=True)
class Site:
    """A call that tells something: the keys that it may name, and the facts that it gives."""

    place: str
    keys: frozenset[str]
    facts: frozenset[str]


def keys_in(node: ast.AST) -> set[str]:
    constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return {value for value in constants if isinstance(value, str) and KEY.fullmatch(value)}


def bound_to(name: str, function: ast.AST) -> set[str]:
    """The keys among all values that a function binds to a name."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.For):
            targets, value = [node.target], node.iter
        else:
            continue
        if any(isinstance(n, ast.Name) and n.id == name for t in targets for n in ast.walk(t)):
            found |= keys_in(value)
    return found


def sites_in(path: Path) -> Iterator[Site]:
    for function in (n for n in ast.walk(trees()[path]) if isinstance(n, ast.FunctionDef)):
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else None
            called = call.func.id if isinstance(call.func, ast.Name) else called
            if called not in TELLERS or not call.args:
                continue
            first = call.args[0]
            keys = bound_to(first.id, function) if isinstance(first, ast.Name) else keys_in(first)
            facts = {word.arg for word in call.keywords} - TELLERS[called]
            assert None not in facts or not keys, f"{path}:{call.lineno} hides its facts behind **"
            place = f"{path.relative_to(PACKAGE)}:{call.lineno}"
            yield Site(place, frozenset(keys), frozenset(fact for fact in facts if fact))


def test_every_place_gives_exactly_the_facts_that_its_text_names():
    sites = [site for path in trees() for site in sites_in(path)]
    assert len(sites) > 90
    for site in sites:
        for key in site.keys:
            text = text_of(key)
            assert text is not None, f"{site.place}: no text {key}"
            assert site.facts == fields_of(text), f"{site.place}: {key}"


OWN_WORDS = {"InternalError", "VerifyError"}  # a bug is told in the words of its invariant


def texts_of_their_own(path: Path) -> Iterator[str]:
    """Places that write what is said themselves: a Diagnostic, or an error with a text."""
    told = {c.__name__ for c in (NNGraphError, *subclasses(NNGraphError))} - OWN_WORDS
    for call in ast.walk(trees()[path]):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        first = call.args[0] if call.args else None
        has_text = isinstance(first, ast.Constant | ast.JoinedStr | ast.BinOp)
        if call.func.id == "Diagnostic" or (call.func.id in told and has_text):
            yield f"{path.relative_to(PACKAGE)}:{call.lineno}"


def subclasses(error: type[NNGraphError]) -> Iterator[type[NNGraphError]]:
    for below in error.__subclasses__():
        yield below
        yield from subclasses(below)


def test_what_is_said_to_users_stands_in_the_catalogue_alone():
    elsewhere = [p for p in trees() if p != PACKAGE / "errors.py"]
    assert [place for path in elsewhere for place in texts_of_their_own(path)] == []


def test_every_text_is_told_somewhere():
    named = {key for tree in trees().values() for key in keys_in(tree)}
    assert TEXTS.keys() <= named


def test_the_texts_of_one_code_are_told_apart_by_their_cases():
    for family in FAMILIES:
        for row in family.rows:
            cases = [text.case for text in row.texts]
            assert len(cases) == len(set(cases)), row.code


def test_a_count_takes_its_noun_along():
    facts = {"cells": 1, "columns": 3, "names": "a,b,c"}
    assert say("E141", facts).message == "1 cell in this row, 3 columns in the header"


def test_help_for_a_word_without_a_neighbour_is_left_out_beside_a_label():
    facts = {"name": "u", "inputs": "'x'"}
    assert say("E212:no-input", facts).help == "the inputs are 'x'"
    assert say("E212:no-input", facts, "did you mean 'x'?").help == ""


@pytest.mark.parametrize("facts", [{}, {"id": "u", "more": 1}])
def test_wrong_facts_are_refused_when_they_are_told(facts):
    with pytest.raises(KeyError, match="E206"):
        say("E206", facts)


def test_text_within_facts_is_never_taken_for_a_template():
    assert say("E206", {"id": "{x}"}).message == "nothing reads the input '{x}'"
    assert fields_of(Text("{{x}} {y}")) == {"y"}


def test_each_error_names_a_next_step() -> None:
    """E112's cases are parts of other messages, which have one."""
    without = [
        (row.code, text.case)
        for family in FAMILIES
        for row in family.rows
        for text in row.texts
        if row.code[0] == "E" and row.code != "E112"
        if not (text.help or text.label or text.otherwise)
    ]
    assert without == []


def test_no_text_names_an_op_or_a_class_of_ours() -> None:
    named = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
    of_others = re.compile(r"NumPy|Save as|DataFrame|PyTorch|TensorBoard|YAML")
    told = [
        (row.code, part)
        for family in FAMILIES
        for row in family.rows
        for text in row.texts
        for part in (text.message, text.help, text.label, text.otherwise)
        if named.search(of_others.sub("", part)) or "relu-edge" in part
    ]
    assert told == []
