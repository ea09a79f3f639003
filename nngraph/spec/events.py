"""YAML text to a tree, from PyYAML's stream of events.

Only events are taken: no constructor runs, nothing recurses, and every budget is checked as the
events come, so a hostile file is refused before it is expanded.
"""

from __future__ import annotations

import re
from types import MappingProxyType
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
from nngraph.records import dataclass
from nngraph.spec.nulls import Frame, refuse_null
from nngraph.spec.syntax_errors import explain_syntax
from nngraph.spec.tree import LONGEST_NUMBER, NULLS, Mapping, Scalar, Sequence, Tree, is_overlong

DEEPEST = 64  # lists and mappings inside each other
MOST_VALUES = 5_000_000
ALIAS_FACTOR = 10  # values that aliases add, per value written


@dataclass(slots=True)
class _Anchor:
    node: Tree
    size: int
    height: int


class TreeBuilder:
    """Puts events together; `values` counts what is written, `aliased` what aliases add."""

    def __init__(self, source: SourceFile, found: Diagnostics, values: int = 0) -> None:
        self.source, self.found = source, found
        self.root: Tree | None = None
        self.stack: list[Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.values, self.aliased = values, 0
        self.end = 0  # of the last scalar, alias or closing bracket
        self.first_alias: Span | None = None

    def run(self, parser: Any) -> None:
        """Take all events; scalars, by far the most, are looked at first."""
        get_event = parser.get_event
        while True:
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._open(event, Mapping(self.source, event.start_mark.index, 0))
            elif kind is SequenceStartEvent:
                self._open(event, Sequence(self.source, event.start_mark.index, 0))
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
            self.found.tell(
                "E111:aliases",
                self.first_alias,
                aliased=self.aliased,
                values=self.values,
                factor=ALIAS_FACTOR,
            )
            self.found.raise_if_any()

    def _span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, event.end_mark.index)

    def _scalar(self, event: Any) -> None:
        text, plain, end = event.value, event.implicit[0], event.end_mark.index
        scalar = Scalar(text, plain, self.source, event.start_mark.index, end)
        self.values += 1
        self.end = end
        if (plain and text in NULLS) or event.tag or event.anchor or len(text) > LONGEST_NUMBER:
            self._unusual_scalar(event, scalar)
        if self.values > MOST_VALUES:
            self._refuse_many(event)
        if self.stack:
            self._enter(self.stack[-1], scalar)
        else:
            self.root = scalar

    def _unusual_scalar(self, event: Any, scalar: Scalar) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        elif scalar.plain and scalar.text in NULLS:
            refuse_null(scalar, self.stack, self.found)
        elif scalar.plain and is_overlong(scalar.text):
            shown = Span(self.source, scalar.start, min(scalar.end, scalar.start + 40))
            self.found.tell("E113", shown, length=len(scalar.text), most=LONGEST_NUMBER)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(scalar, 1, 0)

    def _open(self, event: Any, node: Mapping | Sequence) -> None:
        self.values += 1
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self.stack) >= DEEPEST:
            self._refuse_depth(self._span(event))
        if self.values > MOST_VALUES:
            self._refuse_many(event)
        frame = Frame(node, event.flow_style, event.anchor, self.values - 1, self.aliased)
        self.stack.append(frame)

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        if frame.flow:
            self.end = event.end_mark.index
        node.end = self.end if self.end > node.start else node.start
        if self.values > MOST_VALUES:
            self._refuse_many(event)
        if frame.anchor is not None:
            size = self.values - frame.values_before + self.aliased - frame.aliased_before
            self.anchors[frame.anchor] = _Anchor(node, size, frame.height)
        if not self.stack:
            self.root = node
            return
        outer = self.stack[-1]
        if frame.height >= outer.height:
            outer.height = frame.height + 1
        self._enter(outer, node)

    def _alias(self, event: Any) -> None:
        self.values += 1
        span = self._span(event)
        self.end = span.end
        target = self.anchors.get(event.anchor)
        if target is None:
            self._refuse_alias(event, span)
            target = _Anchor(Scalar("", False, self.source, span.start, span.end), 0, 0)
        elif self.first_alias is None:
            self.first_alias = span
        self.aliased += target.size
        if len(self.stack) + target.height > DEEPEST:
            self._refuse_depth(span)
        if not self.stack:
            self.root = target.node
            return
        outer = self.stack[-1]
        outer.height = max(outer.height, target.height)
        self._enter(outer, target.node)

    def _enter(self, frame: Frame, value: Tree) -> None:
        """Put a value into the list or mapping that is open."""
        node = frame.node
        if type(node) is Sequence:
            node.items.append(value)
            return
        key = frame.key
        if key is None:
            frame.key = value if type(value) is Scalar else self._refuse_key(value)
            return
        frame.key = None
        entries = node.entries  # type: ignore[union-attr]  # type() does not narrow here
        word = key.text
        if word in entries or word == "<<":
            self._refuse_entry(key, entries.get(word))
        else:
            entries[word] = (key, value)

    def _document(self, event: Any) -> None:
        if self.root is None:
            return
        self.found.tell("E110:document", self._span(event))
        self.found.raise_if_any()

    def _refuse_many(self, event: Any) -> None:
        self.found.tell("E111:values", self._span(event))
        self.found.raise_if_any()

    def _refuse_tag(self, event: Any) -> None:
        self.found.tell("E110:tag", self._span(event), tag=_as_written(event.tag)[:60])

    def _refuse_depth(self, span: Span) -> None:
        self.found.tell("E111:depth", span, deepest=DEEPEST)
        self.found.raise_if_any()

    def _refuse_alias(self, event: Any, span: Span) -> None:
        is_inside = any(frame.anchor == event.anchor for frame in self.stack)
        key = "E110:inside-itself" if is_inside else "E110:alias"
        self.found.tell(key, span, alias=event.anchor)

    def _refuse_key(self, node: Tree) -> Scalar:
        self.found.tell("E110:key", node.span)
        return Scalar("?", False, self.source, node.start, node.end)

    def _refuse_entry(self, key: Scalar, first: tuple[Scalar, Tree] | None) -> None:
        if first is None:
            self.found.tell("E110:merge", key.span)
            return
        notes = (Note(first[0].span, "first"),)
        self.found.tell("E103:key", key.span, notes=notes, key=key.text)


# ---- from the text to its events


LONGEST_TEXT = 64 * 2**20  # bytes

_ASCII = bytes([9, 10, 13, *range(0x20, 0x7F)])
_ALLOWED = "\t\n\r\x20-\x7e"  # the same; a pattern with the rest takes milliseconds to compile
_ALLOWED_BEYOND = "\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_INVISIBLE = MappingProxyType({0: "a NUL character", 0xFEFF: "a byte-order mark (U+FEFF)"})
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


def read_tree(
    source: SourceFile,
    found: Diagnostics,
    c_parser: bool | None = None,
    *,
    text: str | None = None,
    values: int = 0,
) -> Tree:
    """The tree of a text, or of another `text` in its place that leaves out so many `values`.

    Errors: `SpecError` with syntax errors and broken budgets at once; duplicate keys, tags and
    the like are added to `found` and reading goes on.
    """
    _check_text(source, found)
    builder = TreeBuilder(source, found, values)
    try:
        builder.run(event_parser(source.text if text is None else text, c_parser))
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


def _as_written(tag: str) -> str:
    """A tag as it stands in the file.

    >>> _as_written("tag:yaml.org,2002:python/object:print")
    '!!python/object:print'
    """
    return tag.replace("tag:yaml.org,2002:", "!!", 1)


def _check_text(source: SourceFile, found: Diagnostics) -> None:
    text = source.text
    if len(text) > LONGEST_TEXT or (
        len(text) * 4 > LONGEST_TEXT and len(text.encode("utf-8", "replace")) > LONGEST_TEXT
    ):
        found.tell("E111:text", Span(source, 0, 1))
        found.raise_if_any()
    if odd := _odd_letter(text):
        code = ord(odd[0])
        name = _INVISIBLE.get(code, f"the control character U+{code:04X}")
        found.tell("E102", Span(source, odd.start(), odd.end()), name=name)
        found.raise_if_any()
    for line in _DIRECTIVE.finditer(text) if "%" in text else ():
        if not re.fullmatch(r"%YAML\s+1\.[0-9]\s*(#.*)?", line[0]):
            place = Span(source, line.start(), line.end())
            found.tell("E110:directive", place, directive=line[0][:20].strip())
            found.raise_if_any()


def _odd_letter(text: str) -> re.Match[str] | None:
    """The first character that YAML has no place for."""
    if not text.isascii():
        return re.search(f"[^{_ALLOWED}{_ALLOWED_BEYOND}]", text)
    if not text.encode("ascii").translate(None, _ASCII):  # a tenth of the time of a search
        return None
    return re.search(f"[^{_ALLOWED}]", text)
