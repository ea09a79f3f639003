"""The house's layout of a spec: blocks by two columns, one space where one is enough.

Only what stands between the words of a text is changed (blanks, line ends, indentation), and the
spaces in the text of edges. Comments, quotes, order and what is in blocks or in flow stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockEntryToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowEntryToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    StreamEndToken,
    ValueToken,
)

from nngraph.errors import Diagnostics, InternalError, SourceFile
from nngraph.records import dataclass
from nngraph.spec.editing.editor import BYTE_ORDER_MARK
from nngraph.spec.editing.written import Written, read_written
from nngraph.spec.events import event_parser, read_tree
from nngraph.spec.tree import plain_value

INDENT = 2
BEFORE_COMMENT = "  "
_OPENING = (FlowSequenceStartToken, FlowMappingStartToken)
_CLOSING = (FlowSequenceEndToken, FlowMappingEndToken)
_BLOCK_STARTS = (BlockMappingStartToken, BlockSequenceStartToken)


def formatted(text: str, name: str = "<spec>") -> str:
    """The text in the layout of the house; formatted again it stays the same.

    Errors: SpecError for what is no YAML of a spec.

    >>> text = "nngraph:   1\\nnodes: { x: input,y: {} } # two\\nedges:\\n- x->y:  2"
    >>> print(formatted(text), end="")
    nngraph: 1
    nodes: {x: input, y: {}}  # two
    edges:
      - x -> y: 2
    """
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    written = text.removeprefix(BYTE_ORDER_MARK)
    is_crlf = re.search(r"\r\n?|\n", written + "\n")
    plain = written.replace("\r\n", "\n").replace("\r", "\n")
    before = _meaning(plain, name)
    result = _Layout(plain, read_written(plain, name)).run()
    if _meaning(result, name) != before:
        raise InternalError(f"formatting would change what {name} means")
    assert is_crlf is not None
    return mark + (result.replace("\n", "\r\n") if is_crlf[0] == "\r\n" else result)


# ---- what a text means, whatever its layout


def _meaning(text: str, name: str) -> Any:
    found = Diagnostics()
    value = plain_value(read_tree(SourceFile(name, text), found))
    found.raise_if_any()
    if not isinstance(value, dict):
        return value
    sections: dict[str, Any] = dict(value)
    if isinstance(nodes := value.get("nodes"), dict):
        sections["nodes"] = [(spaced(key), node) for key, node in nodes.items()]
    if isinstance(edges := value.get("edges"), tuple):
        sections["edges"] = [_entry_meaning(entry) for entry in edges]
    return list(sections.items())


def _entry_meaning(entry: Any) -> Any:
    if isinstance(entry, dict):
        return [(spaced(key) if "->" in key else key, value) for key, value in entry.items()]
    return spaced(entry) if isinstance(entry, str) else entry


def spaced(text: str) -> str:
    """The text of an edge entry or a key of `nodes` with one space where one belongs.

    >>> spaced("x1,x2->h  ->y"), spaced("h1 ,h2")
    ('x1, x2 -> h -> y', 'h1, h2')
    """
    lists = (", ".join(end.strip() for end in part.split(",")) for part in text.split("->"))
    return " -> ".join(lists)


def _texts(root: Written, text: str) -> Iterator[Written]:
    """The texts of edges, and the keys of `nodes`, that are written as they are."""
    nodes, edges = root.get("nodes"), root.get("edges")
    found = [key for key, _ in nodes.entries] if nodes is not None else []
    for item in edges.items if edges is not None else []:
        keys = [key for key, _ in item.entries]
        found += [item] if item.kind == "scalar" else [k for k in keys if "->" in k.text]
    for node in found:
        quote = len(node.style)
        if node.kind == "scalar" and text[node.start + quote : node.end - quote] == node.text:
            yield node


# ---- the text, word by word


@dataclass(slots=True)
class _Block:
    """A list or mapping in block style: its column as it was, and as it is to be.

    `is_indentless` is true of a list that stands no further right than the key above it.
    """

    old: int
    new: int
    is_list: bool
    is_indentless: bool = False


@dataclass
class _Layout:
    """Goes through the tokens of a text; `at` is how far it has come.

    `blocks` are those that are open, the innermost last, and `before` those that were at the last
    word; `flow` counts open brackets.
    """

    text: str
    root: Written
    at: int = 0
    out: list[str] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    before: list[_Block] = field(default_factory=list)
    flow: int = 0
    last: type | None = None
    begins_entry: bool = False

    def run(self) -> str:
        """The new text."""
        texts = {node.start: node for node in _texts(self.root, self.text)}
        parser = event_parser(self.text)
        while not isinstance(token := parser.get_token(), StreamEndToken):
            self._follow(token)
            start, end = token.start_mark.index, token.end_mark.index
            if end > start and not isinstance(token, (*_BLOCK_STARTS, BlockEndToken)):
                self._word(token, start, end, texts.get(start))
        self._end()
        return "".join(self.out)

    # ---- blocks

    def _follow(self, token: Any) -> None:
        """Keep count of the blocks that are open."""
        kind, column = type(token), token.start_mark.column
        if self.blocks and self.blocks[-1].is_indentless and not self.flow:
            at_key = kind is ValueToken and column == self.blocks[-1].old
            if kind in (KeyToken, BlockEndToken) or at_key:
                self.blocks.pop()
        if kind in _BLOCK_STARTS:
            self._open(column, is_list=kind is BlockSequenceStartToken)
        elif kind is BlockEndToken:
            self.blocks.pop()
        elif kind is KeyToken and not self.flow:
            self.begins_entry = True
        elif kind is BlockEntryToken:
            if not self.blocks[-1].is_list:
                self._open(column, is_list=True, is_indentless=True)
            self.begins_entry = True

    def _open(self, column: int, *, is_list: bool, is_indentless: bool = False) -> None:
        new = self.blocks[-1].new + INDENT if self.blocks else 0
        self.blocks.append(_Block(column, new, is_list, is_indentless))

    @property
    def _shift(self) -> int:
        """How far the innermost block moves to the right."""
        return self.blocks[-1].new - self.blocks[-1].old if self.blocks else 0

    # ---- words, and what stands between them

    def _word(self, token: Any, start: int, end: int, edge: Written | None) -> None:
        self._gap(self.text[self.at : start], token, start)
        word = self.text[start:end]
        self.at = end
        if isinstance(token, ScalarToken) and token.style in ("|", ">"):
            word = self._block_text(word)
            self.at = start + len(word)
            word = self._moved(word, at_least=0)
        elif edge is not None:
            quote = edge.style
            word = quote + spaced(edge.text) + quote
        elif "\n" in word:
            word = self._moved(word, self.blocks[-1].new + 1 if self.blocks else 0)
        self.out.append(word)
        self.flow += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        self.last, self.begins_entry, self.before = type(token), False, list(self.blocks)

    @staticmethod
    def _block_text(word: str) -> str:
        """A text behind `|` or `>` up to the end of its last line; with `+` blank lines count."""
        if "+" in word.partition("\n")[0]:
            return word.removesuffix("\n")
        return word.rstrip(" \n")

    def _moved(self, word: str, at_least: int) -> str:
        """A text of several lines, moved with its block."""
        first, *lines = word.split("\n")
        moved = [self._moved_line(line, at_least) for line in lines]
        return "\n".join([first, *moved])

    def _moved_line(self, line: str, at_least: int) -> str:
        bare = line.lstrip(" ")
        if not bare:
            return ""
        return " " * max(len(line) - len(bare) + self._shift, at_least) + bare

    def _gap(self, gap: str, token: Any, start: int) -> None:
        if self.last is not None and "\n" not in gap:
            self.out.append(_space(self.last, type(token)))
            return
        first, *lines = gap.split("\n") if self.last is not None else ["", *gap.split("\n")]
        if self.last is not None:
            self._behind(first)
        column = self._column(start)
        new = self._indentation(token, column)
        self._lines(lines[:-1], column, new)
        self.out.append(" " * new)

    def _behind(self, comment: str) -> None:
        """The end of a line, with what is remarked there."""
        remark = comment.strip()
        self.out.append(f"{BEFORE_COMMENT}{remark}\n" if remark else "\n")

    def _lines(self, lines: list[str], column: int, new: int) -> None:
        """Lines without words: comments at the column of what they stand with, one blank line where
        there are some; none at the beginning."""
        is_blank = False
        for line in lines:
            remark = line.strip()
            if not remark:
                is_blank = bool(self.out)
                continue
            self.out.append("\n" * is_blank)
            is_blank = False
            self.out.append(" " * self._remark_column(len(line) - len(line.lstrip()), column, new))
            self.out.append(f"{remark}\n")
        self.out.append("\n" * is_blank)

    def _remark_column(self, old: int, column: int, new: int) -> int:
        """Where a comment goes that stood in a column: with the next word, or with its block."""
        if old == column:
            return new
        if self.flow:
            return max(0, old + self._shift)
        there = [block for block in (*self.before, *self.blocks) if block.old <= old]
        return max(there, key=lambda block: block.old).new if there else 0

    def _indentation(self, token: Any, column: int) -> int:
        """Where a line begins with this word."""
        if self.flow:
            return max(0, column + self._shift)
        if not self.blocks:
            return 0
        top = self.blocks[-1].new
        return top if self.begins_entry or isinstance(token, ValueToken) else top + INDENT

    def _column(self, at: int) -> int:
        return at - self.text.rfind("\n", 0, at) - 1

    def _end(self) -> None:
        """What is remarked behind the last word; blank lines there go."""
        first, *lines = self.text[self.at :].split("\n")
        self._behind(first)
        while lines and not lines[-1].strip():
            lines.pop()
        self._lines(lines, 0, 0)


def _space(before: type, word: type) -> str:
    """What stands between two words of a line."""
    if before in _OPENING or word in _CLOSING or word is FlowEntryToken:
        return ""
    if word is ValueToken:
        return " " if before in (AliasToken, AnchorToken) else ""
    return " "
