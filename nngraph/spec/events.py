"""YAML text to a tree, from PyYAML's stream of events.

Only events are taken: no constructor runs, nothing recurses, and every budget is checked as the
events come, so a hostile file is refused before it is expanded.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any, NoReturn

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from nngraph.errors import Diagnostics, SourceFile, Span
from nngraph.spec.builder import TreeBuilder
from nngraph.spec.syntax_errors import explain_syntax
from nngraph.spec.tree import Tree

LONGEST_TEXT = 64 * 2**20  # bytes

_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INVISIBLE = MappingProxyType({0: "a NUL character", 0xFEFF: "a byte-order mark (U+FEFF)"})
_DIRECTIVE = re.compile(r"^%(TAG|YAML)\b.*", re.MULTILINE)


class PurePythonParser(Reader, Scanner, Parser):
    """PyYAML's own parser, for where it was built without libyaml; the same events, slower."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def _event_parser(text: str, c_parser: bool | None = None) -> Any:
    """libyaml's parser if it is there (or as asked for), else the one in Python."""
    if c_parser is None:
        c_parser = bool(yaml.__with_libyaml__)
    if not c_parser:
        return PurePythonParser(text)
    from yaml._yaml import CParser

    return CParser(text)


def read_tree(source: SourceFile, found: Diagnostics, c_parser: bool | None = None) -> Tree:
    """The tree of a text.

    Errors: `SpecError` with syntax errors and broken budgets at once; duplicate keys, tags and
    the like are added to `found` and reading goes on.
    """
    _check_text(source, found)
    builder = TreeBuilder(source, found)
    try:
        builder.run(_event_parser(source.text, c_parser))
    except yaml.MarkedYAMLError as error:
        explain_syntax(error, source, found)
        _stop(found)
    except yaml.YAMLError as error:
        found.tell("E101", Span(source, 0, 1), problem=error)
        _stop(found)
    if builder.root is None:
        found.tell("E101:empty", Span(source, 0, 0))
        _stop(found)
    builder.check_aliases()
    return builder.root


def _stop(found: Diagnostics) -> NoReturn:
    found.raise_if_any()
    raise AssertionError("no error to raise")


def _check_text(source: SourceFile, found: Diagnostics) -> None:
    text = source.text
    if len(text) > LONGEST_TEXT or (
        len(text) * 4 > LONGEST_TEXT and len(text.encode("utf-8", "replace")) > LONGEST_TEXT
    ):
        found.tell("E111:text", Span(source, 0, 1))
        found.raise_if_any()
    if odd := _FORBIDDEN.search(text):
        code = ord(odd[0])
        name = _INVISIBLE.get(code, f"the control character U+{code:04X}")
        found.tell("E102", Span(source, odd.start(), odd.end()), name=name)
        found.raise_if_any()
    for line in _DIRECTIVE.finditer(text):
        if not re.fullmatch(r"%YAML\s+1\.[0-9]\s*(#.*)?", line[0]):
            place = Span(source, line.start(), line.end())
            found.tell("E110:directive", place, directive=line[0][:20].strip())
            found.raise_if_any()
