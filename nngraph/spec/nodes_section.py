"""The `nodes` section: `h1, h2: {...}` taken apart, ids checked."""

from __future__ import annotations

from nngraph.errors import Diagnostics, Note
from nngraph.spec import tree
from nngraph.spec.ends import id_problem


def expand_nodes(section: tree.Mapping, found: Diagnostics) -> tree.Mapping:
    """The same mapping with one entry per id; keys that are no ids are told and left out."""
    out = tree.Mapping(section.source, section.start, section.end)
    for key, value in section.entries.values():
        for word in _words(key):
            enter(out, word, value, found)
    return out


def enter(
    nodes: tree.Mapping, key: tree.Scalar, value: tree.Tree, found: Diagnostics, code: str = "E103"
) -> None:
    """Add a node, unless its id is none or already there."""
    if problem := id_problem(key.text):
        found.error(
            "E112",
            problem,
            key.span,
            help="an id is an ASCII letter, then letters, digits and _; `title` takes any text",
        )
        return
    first = nodes.entries.get(key.text)
    if first is not None:
        found.error(
            code,
            f"the node '{key.text}' is given twice",
            key.span,
            label="second",
            notes=(Note(first[0].span, "first"),),
            help="rename one of the two",
        )
        return
    nodes.entries[key.text] = (key, value)


def _words(key: tree.Scalar) -> list[tree.Scalar]:
    if "," not in key.text:
        return [key]
    words: list[tree.Scalar] = []
    at = 0
    for part in key.text.split(","):
        start = at + len(part) - len(part.lstrip())
        span = key.part(start, at + len(part.rstrip()))
        words.append(tree.Scalar(part.strip(), key.plain, key.source, span.start, span.end))
        at += len(part) + 1
    return words
