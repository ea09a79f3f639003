"""YAML text to a tree, from PyYAML's stream of events.

Only events are taken: no constructor runs, nothing recurses, and every budget is checked as the
events come, so a hostile file is refused before it is expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from nngraph.errors import Diagnostics, Note, SourceFile, Span
from nngraph.spec.mending import explain_syntax
from nngraph.spec.nulls import NULLS, Frame, refuse_null
from nngraph.spec.scalars import LONGEST_NUMBER, is_overlong
from nngraph.spec.tree import Mapping, Scalar, Sequence, Tree

LONGEST_TEXT = 64 * 2**20  # bytes
DEEPEST = 64  # lists and mappings inside each other
MOST_VALUES = 5_000_000
ALIAS_FACTOR = 10  # values that aliases add, per value written

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DIRECTIVE = re.compile(r"^%(TAG|YAML)\b.*", re.MULTILINE)


class PurePythonParser(Reader, Scanner, Parser):
    """PyYAML's own parser, for where it was built without libyaml; the same events, slower."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def event_parser(text: str, c_parser: bool | None = None) -> Any:
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
    builder = _Builder(source, found)
    try:
        builder.run(event_parser(source.text, c_parser))
    except yaml.MarkedYAMLError as error:
        explain_syntax(error, source, found)
        _stop(found)
    except yaml.YAMLError as error:
        found.error("E101", f"not readable as YAML: {error}", Span(source, 0, 1))
        _stop(found)
    if builder.root is None:
        found.error("E101", "the file is empty", Span(source, 0, 0), help="start with `nngraph: 1`")
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
        found.error(
            "E111",
            "the text is longer than 64 MiB",
            Span(source, 0, 1),
            help="bring many edges or weights from a side file: {file: edges.csv}, weights.npz",
        )
        found.raise_if_any()
    if odd := _FORBIDDEN.search(text):
        code = ord(odd[0])
        name = "a NUL character" if code == 0 else f"the control character U+{code:04X}"
        found.error(
            "E102",
            f"{name} in the text",
            Span(source, odd.start(), odd.end()),
            label="a spec is plain text in UTF-8",
        )
        found.raise_if_any()
    for line in _DIRECTIVE.finditer(text):
        if not re.fullmatch(r"%YAML\s+1\.[0-9]\s*(#.*)?", line[0]):
            found.error(
                "E110",
                f"the directive '{line[0][:20].strip()}' is not allowed",
                Span(source, line.start(), line.end()),
                help="leave this line out",
            )
            found.raise_if_any()


@dataclass(slots=True)
class _Anchor:
    node: Tree
    size: int
    height: int


class _Builder:
    """Puts events together; `values` counts what is written, `aliased` what aliases add."""

    def __init__(self, source: SourceFile, found: Diagnostics) -> None:
        self.source, self.found = source, found
        self.root: Tree | None = None
        self.stack: list[Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.values = self.aliased = 0
        self.first_alias: Span | None = None

    def run(self, parser: Any) -> None:
        """Take all events; scalars, by far the most, are looked at first."""
        get_event = parser.get_event
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event, kind is MappingStartEvent)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._document(event)
            elif kind is StreamEndEvent:
                return
            elif self.stack:  # the end of a list or mapping
                self._close(event)

    def check_aliases(self) -> None:
        """Refuse aliases that blow the file up. Nothing has been expanded yet."""
        if self.aliased > ALIAS_FACTOR * self.values or self.aliased + self.values > MOST_VALUES:
            self.found.error(
                "E111",
                f"aliases stand for {self.aliased} values in a file of {self.values}",
                self.first_alias,
                label=f"at most {ALIAS_FACTOR} times what is written is allowed",
            )
            self.found.raise_if_any()

    def _span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, event.end_mark.index)

    def _count(self, event: Any) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            self.found.error(
                "E111",
                "more than 5 million values",
                self._span(event),
                help="bring many edges or weights from a side file: {file: edges.csv}, weights.npz",
            )
            self.found.raise_if_any()

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self.found.error(
                "E110",
                f"the tag '{event.tag}' is not allowed",
                self._span(event),
                label="nothing in a spec can name code or types",
                help="leave the tag out; quote the value if it is meant as text",
            )

    def _document(self, event: Any) -> None:
        if self.root is None:
            return
        self.found.error(
            "E110",
            "a second document begins here",
            self._span(event),
            help="keep one network per file and remove the '---'",
        )
        self.found.raise_if_any()

    def _scalar(self, event: Any) -> None:
        self._count(event)
        scalar = Scalar(
            event.value,
            event.implicit[0] and not event.style,
            self.source,
            event.start_mark.index,
            event.end_mark.index,
        )
        if event.tag is not None:
            self._refuse_tag(event)
        elif scalar.plain and scalar.text in NULLS:
            refuse_null(scalar, self.stack, self.found)
        elif len(scalar.text) > LONGEST_NUMBER:
            self._refuse_overlong(scalar)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(scalar, 1, 0)
        self._attach(scalar, 0)

    def _refuse_overlong(self, scalar: Scalar) -> None:
        if scalar.plain and is_overlong(scalar.text):
            self.found.error(
                "E113",
                f"a number of {len(scalar.text):,} characters",
                Span(self.source, scalar.start, min(scalar.end, scalar.start + 40)),
                label=f"at most {LONGEST_NUMBER} are read",
            )

    def _open(self, event: Any, is_mapping: bool) -> None:
        self._count(event)
        self._refuse_tag(event)
        start, end = event.start_mark.index, event.end_mark.index
        if len(self.stack) >= DEEPEST:
            self._too_deep(Span(self.source, start, end))
        node = (Mapping if is_mapping else Sequence)(self.source, start, end)
        frame = Frame(node, bool(event.flow_style), event.anchor, self.values - 1, self.aliased)
        self.stack.append(frame)

    def _too_deep(self, span: Span) -> None:
        self.found.error(
            "E111",
            f"lists and mappings are nested more than {DEEPEST} deep",
            span,
            help="a spec needs five or six levels; look for brackets that are not closed",
        )
        self.found.raise_if_any()

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.flow:
            frame.node.end = event.end_mark.index
        if frame.anchor is not None:
            size = self.values - frame.values_before + self.aliased - frame.aliased_before
            self.anchors[frame.anchor] = _Anchor(frame.node, size, frame.height)
        self._attach(frame.node, frame.height + 1)

    def _alias(self, event: Any) -> None:
        self._count(event)
        span = self._span(event)
        target = self.anchors.get(event.anchor)
        if target is None:
            if any(frame.anchor == event.anchor for frame in self.stack):
                message = f"the alias '*{event.anchor}' stands inside what it names"
            else:
                message = f"the alias '*{event.anchor}' names nothing above it"
            self.found.error(
                "E110", message, span, help=f"name a value first: `&{event.anchor} ...`"
            )
            self._attach(Scalar("", False, self.source, span.start, span.end), 0)
            return
        if self.first_alias is None:
            self.first_alias = span
        self.aliased += target.size
        if len(self.stack) + target.height > DEEPEST:
            self._too_deep(span)
        self._attach(target.node, target.height)

    def _attach(self, node: Tree, height: int) -> None:
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if height > frame.height:
            frame.height = height
        parent = frame.node
        if type(parent) is Sequence:
            parent.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node)
        else:
            key, frame.key = frame.key, None
            self._enter(parent, key, node)
        if not frame.flow:
            parent.end = max(parent.end, node.end)

    def _key(self, node: Tree) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.found.error(
            "E110",
            "a list or mapping as a key",
            node.span,
            label="a key is a word",
            help="where this is meant as text, put it in quotes",
        )
        return Scalar("?", False, self.source, node.start, node.end)

    def _enter(self, parent: Any, key: Scalar, value: Tree) -> None:
        first = parent.entries.get(key.text)
        if first is not None:
            self.found.error(
                "E103",
                f"the key '{key.text}' is given twice",
                key.span,
                label="second",
                notes=(Note(first[0].span, "first"),),
                help="keep one of the two",
            )
        elif key.text == "<<" and key.plain:
            self.found.error(
                "E110",
                "merge keys are not allowed",
                key.span,
                help="write the keys out, or give the whole mapping by an alias: `h2: *h1`",
            )
        else:
            parent.entries[key.text] = (key, value)
