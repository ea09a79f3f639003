"""Changes to a YAML text at a place: whatever is not changed stays as it is, byte for byte.

    editor = Editor(text)
    editor.set(("train", "epochs"), "20")            # a value, or a key that is not there yet
    editor.text()

Values are given as YAML on one line (`spec.editing.flow`). Places are those of the text as it was
when it was last read: several changes are gathered and made together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from nngraph.spec.editing.flow import flow_of, word
from nngraph.spec.editing.written import Written, read_written, walk, way
from nngraph.spec.overrides import short_form_key
from nngraph.spec.tree import Path, resolve

_BREAK = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*")
_ANCHOR = re.compile(r"\s*&\S+$")
BYTE_ORDER_MARK = "\ufeff"


class Editor:
    """A text, and what is to become of it."""

    def __init__(self, text: str, name: str = "<spec>") -> None:
        self.name = name
        self._mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
        self._text = text.removeprefix(BYTE_ORDER_MARK)
        self._changes: list[tuple[int, int, str]] = []
        self.root = read_written(self._text, name)

    def text(self) -> str:
        """The text with all changes."""
        self.settle()
        return self._mark + self._text

    def source(self, node: Written) -> str:
        """A value as it is written."""
        return self._text[node.start : node.end]

    def at(self, path: Path) -> Written | None:
        """The value at a path, aliases followed; None where there is none."""
        nodes = way(self.root, path)
        return nodes[-1].meant if len(nodes) == len(path) + 1 else None

    # ---- what several places share

    def write_out(self, paths: Iterable[Path]) -> None:
        """Give each place a value of its own: aliases on the way to it and in it become what they
        stand for, and so do all aliases of what is about to change there."""
        paths = tuple(paths)
        while shared := self._shared(paths):
            for alias in shared:
                self.replace(alias, flow_of(alias))
            self.settle()

    def _shared(self, paths: Sequence[Path]) -> list[Written]:
        aliases = [node for node in walk(self.root) if node.kind == "alias"]
        if not aliases:
            return []
        wanted = {id(node) for path in paths for node in _touched(self.root, path)}
        return [a for a in aliases if id(a) in wanted or id(a.target) in wanted]

    # ---- changes

    def set(self, path: Path, value: str) -> None:
        """Put a value at a path: instead of the one there, or under a key that is added.

        Mappings that are missing on the way are made, and short forms are written out.

        Errors: ValueError where the way leads into something that holds nothing.
        """
        self.write_out([path])
        nodes = way(self.root, path)
        if len(nodes) == len(path) + 1:
            self.replace(nodes[-1], value)
            return
        key, *below = [str(step) for step in path[len(nodes) - 1 :]]
        for step in reversed(below):
            value = f"{{{word(step)}: {value}}}"
        last, above = nodes[-1], str(path[len(nodes) - 2]) if len(nodes) > 1 else ""
        if last.kind == "mapping":
            self.insert(last, key, value)
            return
        said = (
            None if last.kind == "sequence" else last.text if last.is_quoted else resolve(last.text)
        )
        short = short_form_key(above, said)
        if short is None:
            raise ValueError(f"nothing can be put under '{key}' into '{above}'")
        self.replace(last, f"{{{short}: {self.source(last)}, {word(key)}: {value}}}")

    def replace(self, node: Written, value: str) -> None:
        """Another value instead of this one. Its anchor stays."""
        self._change(node.start, node.end, value)

    def replace_pair(self, pair: tuple[Written, Written], key: str, value: str) -> None:
        """Another key with another value, in place of a pair of a mapping."""
        first, last = pair
        if last.kind == "scalar" or last.is_flow:
            self.replace(first, key)
            self.replace(last, value)
        else:  # a block below the key; what was remarked there is kept below
            indent = self._line_break + " " * self._column(first.start)
            remarks = "".join(indent + remark for remark in self._comments(first, last))
            self._change(first.start, last.end, f"{key}: {value}{remarks}")

    def append(self, node: Written, text: str) -> None:
        """Some text right behind a value, on its line."""
        self._change(node.end, node.end, text)

    def insert(self, mapping: Written, key: str, value: str) -> None:
        """One more key with its value, at the end of a mapping."""
        pair = f"{word(key)}: {value}"
        if not mapping.entries:
            self.replace(mapping, f"{{{pair}}}")
        elif mapping.is_flow:
            self._change(mapping.entries[-1][1].end, mapping.entries[-1][1].end, f", {pair}")
        else:
            self.add_lines(mapping, len(mapping.entries) - 1, [pair])

    def add_lines(self, block: Written, index: int, entries: Sequence[str]) -> None:
        """More entries (`key: value`, or items of a list) behind that of this number, each on a
        line of its own where the list or mapping is a block."""
        if block.kind == "sequence":
            first, last = block.items[index], block.items[index]
            dash = "- "
        else:
            (first, last), dash = block.entries[index], ""
        if block.is_flow:
            self._change(last.end, last.end, "".join(f", {entry}" for entry in entries))
            return
        column = self._column(first.start if block.kind == "mapping" else self._dash(first.start))
        indent = " " * column
        if last.is_block_text or self._ends_with_block_text(last):
            # such a text ends where the next thing begins: what is added goes before it
            before = first.start if block.kind == "mapping" else self._dash(first.start)
            text = "".join(f"{dash}{entry}{self._line_break}{indent}" for entry in entries)
            self._change(before, before, text)
            return
        end = self._end_of_line(last.end)
        text = "".join(f"{self._line_break}{indent}{dash}{entry}" for entry in entries)
        self._change(end, end, text)

    def _ends_with_block_text(self, node: Written) -> bool:
        while node.kind in ("mapping", "sequence") and not node.is_flow:
            node = node.entries[-1][1] if node.kind == "mapping" else node.items[-1]
        return node.is_block_text

    # ---- characters

    def _change(self, start: int, end: int, text: str) -> None:
        self._changes.append((start, end, text))

    def settle(self) -> None:
        """Make all changes, and read the text that comes of it."""
        if not self._changes:
            return
        pieces, at = [], 0
        for start, end, text in sorted(self._changes, key=lambda change: change[:2]):
            assert start >= at, "two changes of one place"
            pieces += [self._text[at:start], text]
            at = end
        self._text = "".join([*pieces, self._text[at:]])
        self._changes = []
        self.root = read_written(self._text, self.name)

    @property
    def _line_break(self) -> str:
        """The first one of the text."""
        found = _BREAK.search(self._text)
        return "\n" if found is None else found[0]

    def _end_of_line(self, at: int) -> int:
        found = _BREAK.search(self._text, at)
        return len(self._text) if found is None else found.start()

    def _comments(self, first: Written, last: Written) -> list[str]:
        """The comments between the words of a pair."""
        leaves = [first, *(node for node in walk(last) if node.kind in ("scalar", "alias"))]
        return [
            found
            for one, other in pairwise(leaves)
            for found in _COMMENT.findall(self._text[one.end : other.start])
        ]

    def _column(self, at: int) -> int:
        before = max(self._text.rfind("\n", 0, at), self._text.rfind("\r", 0, at))
        return at - before - 1

    def _dash(self, at: int) -> int:
        """Where the `-` of an item stands that begins at `at`."""
        while True:
            start = at - self._column(at)
            line = _ANCHOR.sub("", self._text[start:at].partition(" #")[0].rstrip())
            if line.endswith("-"):
                return start + len(line) - 1
            at = start - 1  # in the line before


def _touched(root: Written, path: Path) -> list[Written]:
    """What a change at a path concerns: the way there, and all that is there. An alias ends it,
    for it has to be written out before what lies behind it."""
    nodes = way(root, path)
    for index, node in enumerate(nodes):
        if node.kind == "alias":
            return nodes[: index + 1]
    return [*nodes, *walk(nodes[-1])] if len(nodes) == len(path) + 1 else nodes
