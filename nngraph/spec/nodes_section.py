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


def enter(nodes: tree.Mapping, key: tree.Scalar, value: tree.Tree, found: Diagnostics) -> None:
    """Add a node, unless its id is none or already there."""
    if problem := id_problem(key.text):
        found.tell("E112:node", key.span, problem=problem)
        return
    first = nodes.entries.get(key.text)
    if first is not None:
        found.tell("E103:node", key.span, notes=(Note(first[0].span, "first"),), id=key.text)
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
