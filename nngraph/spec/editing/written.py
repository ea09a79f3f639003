"""A YAML text as it is written: the place and the style of each value, anchors and aliases.

`spec.tree` says what a text means, with aliases followed; this says how it is put, so that it can
be changed at one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any, Literal

from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from nngraph.errors import Diagnostics, SourceFile
from nngraph.records import dataclass
from nngraph.spec.events import event_parser, read_tree
from nngraph.spec.tree import Path

Kind = Literal["scalar", "sequence", "mapping", "alias"]

_ANCHOR = re.compile(r"&\S+(?:[ \t]*(?:#[^\r\n]*)?[\r\n]+|[ \t]+)*")


@dataclass(slots=True, eq=False)
class Written:
    """A value: characters `start` to `end` of the text, its anchor left out.

    `text` is what a scalar says, `style` how it is quoted (`"`, `'`, `|`, `>` or nothing).
    `is_flow` is true of `{...}`, `[...]` and all that is inside. `anchor` is its name, or for an
    alias the name that it refers to, and `target` the value there.
    """

    kind: Kind
    start: int
    end: int
    is_flow: bool = False
    anchor: str = ""
    text: str = ""
    style: str = ""
    items: list[Written] = field(default_factory=list)
    entries: list[tuple[Written, Written]] = field(default_factory=list)
    target: Written | None = None
    _by_key: dict[str, tuple[Written, Written]] | None = field(default=None, repr=False)

    @property
    def meant(self) -> Written:
        """The value itself, where this is an alias of it."""
        return self if self.target is None else self.target

    @property
    def is_block_text(self) -> bool:
        """Whether it is a text behind `|` or `>`, whose end is not where its last line ends."""
        return self.style in ("|", ">")

    @property
    def is_quoted(self) -> bool:
        """Whether it is text whatever it says."""
        return bool(self.style)

    def entry(self, key: str) -> tuple[Written, Written] | None:
        """Key and value, where it is a mapping that has the key."""
        node = self.meant
        if node._by_key is None:
            node._by_key = {pair[0].meant.text: pair for pair in node.entries}
        return node._by_key.get(key)

    def get(self, key: str) -> Written | None:
        """The value of a key, if it is there."""
        pair = self.entry(key)
        return None if pair is None else pair[1]

    def child(self, step: str | int) -> Written | None:
        """The value one step further, if it is there; aliases are followed."""
        if isinstance(step, str):
            return self.get(step)
        items = self.meant.items
        return items[step] if 0 <= step < len(items) else None

    def inside(self) -> Iterator[Written]:
        """What stands in it, keys too, one level down; nothing for an alias."""
        yield from self.items
        for key, value in self.entries:
            yield key
            yield value


def read_written(text: str, name: str = "<spec>") -> Written:
    """The values of a text (without a byte-order mark) as they are written.

    Errors: `SpecError` for what is no YAML of a spec, as `read_tree` finds it.
    """
    found = Diagnostics()
    read_tree(SourceFile(name, text), found)
    found.raise_if_any()
    return _Reader(text).run()


def walk(root: Written) -> Iterator[Written]:
    """Every value of a text, parents first, in the order of the text."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(list(node.inside()))


def way(root: Written, path: Path) -> list[Written]:
    """The values on the way to `path`, the root first, as far as they are there."""
    nodes = [root]
    for step in path:
        below = nodes[-1].child(step)
        if below is None:
            break
        nodes.append(below)
    return nodes


class _Reader:
    """Puts events together. The text is known to be right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Written | None = None
        self.stack: list[tuple[Written, list[Written]]] = []
        self.anchors: dict[str, Written] = {}

    def run(self) -> Written:
        parser = event_parser(self.text)
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is StreamEndEvent:
                assert self.root is not None
                return self.root
            if kind is ScalarEvent:
                self._put(self._scalar(event))
            elif kind is AliasEvent:
                self._put(self._alias(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event, "mapping" if kind is MappingStartEvent else "sequence")
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)

    def _scalar(self, event: Any) -> Written:
        start = self._start(event)
        style = "" if event.implicit[0] else (event.style or "")
        node = Written("scalar", start, event.end_mark.index, self._is_in_flow(), text=event.value)
        node.style, node.anchor = style, event.anchor or ""
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Written:
        start, end = event.start_mark.index, event.end_mark.index
        target = self.anchors[event.anchor].meant
        return Written("alias", start, end, self._is_in_flow(), anchor=event.anchor, target=target)

    def _open(self, event: Any, kind: Kind) -> None:
        is_flow = bool(event.flow_style) or self._is_in_flow()
        node = Written(kind, self._start(event), 0, is_flow, anchor=event.anchor or "")
        self.stack.append((node, []))

    def _close(self, event: Any) -> None:
        node, children = self.stack.pop()
        if node.kind == "mapping":
            node.entries = list(zip(children[::2], children[1::2], strict=True))
        else:
            node.items = children
        node.end = event.end_mark.index
        if self.text[node.start] not in "[{":  # the end of a block, or of a pair in a flow list
            node.end = max(child.end for child in children[-2:])
        if node.anchor:
            self.anchors[node.anchor] = node
        self._put(node)

    def _put(self, node: Written) -> None:
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.root = node

    def _is_in_flow(self) -> bool:
        return bool(self.stack) and self.stack[-1][0].is_flow

    def _start(self, event: Any) -> int:
        start: int = event.start_mark.index
        found = _ANCHOR.match(self.text, start) if event.anchor else None
        return found.end() if found is not None else start
