"""YAML events put together to a tree, with every budget checked as the events come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from nngraph.errors import Diagnostics, Note, SourceFile, Span
from nngraph.spec.nulls import NULLS, Frame, refuse_null
from nngraph.spec.scalars import LONGEST_NUMBER, is_overlong
from nngraph.spec.tree import Mapping, Scalar, Sequence, Tree

DEEPEST = 64  # lists and mappings inside each other
MOST_VALUES = 5_000_000
ALIAS_FACTOR = 10  # values that aliases add, per value written


@dataclass(slots=True)
class _Anchor:
    node: Tree
    size: int
    height: int


class Builder:
    """Puts events together; `values` counts what is written, `aliased` what aliases add."""

    def __init__(self, source: SourceFile, found: Diagnostics) -> None:
        self.source, self.found = source, found
        self.root: Tree | None = None
        self.stack: list[Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.values = self.aliased = 0
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
            self.found.error(
                "E111",
                f"aliases stand for {self.aliased} values in a file of {self.values}",
                self.first_alias,
                label=f"at most {ALIAS_FACTOR} times what is written is allowed",
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
            self.found.error(
                "E113",
                f"a number of {len(scalar.text):,} characters",
                Span(self.source, scalar.start, min(scalar.end, scalar.start + 40)),
                label=f"at most {LONGEST_NUMBER} are read",
            )
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
        self.found.error(
            "E110",
            "a second document begins here",
            self._span(event),
            help="keep one network per file and remove the '---'",
        )
        self.found.raise_if_any()

    def _refuse_many(self, event: Any) -> None:
        self.found.error(
            "E111",
            "more than 5 million values",
            self._span(event),
            help="bring many edges or weights from a side file: {file: edges.csv}, weights.npz",
        )
        self.found.raise_if_any()

    def _refuse_tag(self, event: Any) -> None:
        self.found.error(
            "E110",
            f"the tag '{event.tag[:60]}' is not allowed",
            self._span(event),
            label="nothing in a spec can name code or types",
            help="leave the tag out; quote the value if it is meant as text",
        )

    def _refuse_depth(self, span: Span) -> None:
        self.found.error(
            "E111",
            f"lists and mappings are nested more than {DEEPEST} deep",
            span,
            help="a spec needs five or six levels; look for brackets that are not closed",
        )
        self.found.raise_if_any()

    def _refuse_alias(self, event: Any, span: Span) -> None:
        if any(frame.anchor == event.anchor for frame in self.stack):
            message = f"the alias '*{event.anchor}' stands inside what it names"
        else:
            message = f"the alias '*{event.anchor}' names nothing above it"
        help = f"name a value first: `&{event.anchor} ...`"
        self.found.error("E110", message, span, help=help)

    def _refuse_key(self, node: Tree) -> Scalar:
        self.found.error(
            "E110",
            "a list or mapping as a key",
            node.span,
            label="a key is a word",
            help="where this is meant as text, put it in quotes",
        )
        return Scalar("?", False, self.source, node.start, node.end)

    def _refuse_entry(self, key: Scalar, first: tuple[Scalar, Tree] | None) -> None:
        if first is None:
            self.found.error(
                "E110",
                "merge keys are not allowed",
                key.span,
                help="write the keys out, or give the whole mapping by an alias: `h2: *h1`",
            )
            return
        self.found.error(
            "E103",
            f"the key '{key.text}' is given twice",
            key.span,
            label="second",
            notes=(Note(first[0].span, "first"),),
            help="keep one of the two",
        )
