"""The written file as a tree: texts, lists and mappings, each with its place.

A scalar keeps its text; what it means under YAML 1.2's core schema is found when it is asked for,
and so is what to write instead of a near miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from nngraph.errors import SourceFile, Span
from nngraph.records import dataclass

LONGEST_NUMBER = 300  # digits; beyond, no number of use and a trap for int()

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"([-+]?\.(inf|Inf|INF))|\.nan|\.NaN|\.NAN")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS = frozenset("+-.0123456789")


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar.

    A number of more than 300 characters stays text here; `is_overlong` finds it.

    >>> [resolve(word) for word in ("1e-3", "no", "0x10", "1:30", "1_000", "")]
    [0.001, 'no', 16, '1:30', '1_000', None]
    """
    if text[:1] not in _NUMBER_STARTS:
        return _WORDS.get(text, text)
    if len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


def is_overlong(text: str) -> bool:
    """Whether the text is a number with more digits than are read."""
    if len(text) <= LONGEST_NUMBER or text[:1] not in _NUMBER_STARTS:
        return False
    return any(form.fullmatch(text) for form in (_INTEGER, _FLOAT, _OCTAL, _HEXADECIMAL))


def number_meant(text: str) -> str:
    """How the number is written that a text seems to mean, or "".

    >>> [number_meant(word) for word in ("1_000", "0,7", "50%", "−1", "1/2", "1 000", "one")]
    ['1000', '0.7', '0.5', '-1', '0.5', '1000', '']
    """
    word = text.strip().replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-")
    if re.fullmatch(r"[-+]?[0-9]{1,15}/[1-9][0-9]{0,14}", word):
        above, below = word.split("/")
        return f"{int(above) / int(below):.15g}"
    percent = word.endswith("%")
    word = word.removesuffix("%").strip()
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", word):
        word = word.replace(",", ".")
    word = re.sub(r"(?<=[0-9])[_' \u00a0\u202f](?=[0-9])", "", word)
    if not _FLOAT.fullmatch(word) or len(word) > 40:
        return ""
    return f"{float(word) / 100:.15g}" if percent else word


_TRUE_WORDS = frozenset({"yes", "on", "y"})
_FALSE_WORDS = frozenset({"no", "off", "n"})


def truth_meant(text: str) -> str:
    """`true` or `false`, where the text is a word for one of them, or "".

    >>> truth_meant("Yes"), truth_meant("off"), truth_meant("maybe")
    ('true', 'false', '')
    """
    word = text.strip().lower()
    if word in _TRUE_WORDS or word == "true":
        return "true"
    return "false" if word in _FALSE_WORDS or word == "false" else ""


# ---- the tree


Path = tuple[str | int, ...]
"""Keys and list positions that lead from the root to a value."""


@dataclass(slots=True, eq=False)
class Scalar:
    """One word, number or text; `plain` if it stands without quotes."""

    text: str
    plain: bool
    source: SourceFile = field(repr=False)
    start: int
    end: int
    _is_verbatim: bool | None = field(default=None, repr=False)  # found when asked for

    @property
    def span(self) -> Span:
        """Its place, quotes included."""
        return Span(self.source, self.start, self.end)

    @property
    def value(self) -> str | int | float | bool | None:
        """What it means: quoted scalars are text, plain ones follow YAML 1.2's core schema."""
        return resolve(self.text) if self.plain else self.text

    def part(self, start: int, stop: int) -> Span:
        """Place of the characters `start` to `stop` of the text, as far as it is written as it is.

        Escapes and folded lines move characters; then the whole scalar is the place.
        """
        opening = 0 if self.plain else 1
        if self._is_verbatim is None:
            written = self.source.text[self.start + opening : self.end - opening]
            self._is_verbatim = written == self.text
        if not self._is_verbatim:
            return self.span
        begin = self.start + opening
        return Span(self.source, begin + start, begin + max(stop, start + 1))


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    source: SourceFile = field(repr=False)
    start: int
    end: int
    items: list[Tree] = field(default_factory=list)

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.source, self.start, self.end)


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values in the order they are written; a key is the text it is written as."""

    source: SourceFile = field(repr=False)
    start: int
    end: int
    entries: dict[str, tuple[Scalar, Tree]] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.source, self.start, self.end)

    def get(self, key: str) -> Tree | None:
        """The value of a key, if it is there."""
        entry = self.entries.get(key)
        return entry[1] if entry is not None else None


Tree = Scalar | Sequence | Mapping


def plain_value(tree: Tree) -> Any:
    """The tree as tuples, dicts and scalars. It is at most 64 levels deep."""
    if isinstance(tree, Scalar):
        return resolve(tree.text) if tree.plain else tree.text
    if isinstance(tree, Sequence):
        return tuple([plain_value(item) for item in tree.items])
    return {key: plain_value(value) for key, (_, value) in tree.entries.items()}


def child(tree: Tree, step: str | int) -> tuple[Scalar | None, Tree] | None:
    """Key and value one step further, or None."""
    if isinstance(tree, Mapping):
        return tree.entries.get(str(step))
    if isinstance(tree, Sequence) and isinstance(step, int) and 0 <= step < len(tree.items):
        return None, tree.items[step]
    return None


def locate(tree: Tree, path: Path) -> tuple[Scalar | None, Tree]:
    """Key and value at `path`; steps that are not there are passed over.

    So the locations of pydantic, which hold the tags of unions, lead to a place too.
    """
    key: Scalar | None = None
    for step in path:
        found = child(tree, step)
        if found is not None:
            key, tree = found
    return key, tree


def walk(tree: Tree) -> Iterator[tuple[Scalar | None, Tree]]:
    """Every value with its key, parents first, in the order of the file; shared ones once."""
    pending: list[tuple[Scalar | None, Tree]] = [(None, tree)]
    seen: set[int] = set()
    while pending:
        key, node = pending.pop()
        yield key, node
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            pending += [(None, item) for item in reversed(node.items)]
        else:
            pending += reversed(node.entries.values())


# ---- the cells of a table


_CELL = re.compile(r'[^\S\r\n]*+"(?:[^"\r\n]|"")*+"[^\S\r\n]*+(?=,|$|\r|\n)|[^,\r\n]*+')


def cells_of(source: SourceFile, start: int, stop: int) -> list[Scalar]:
    """The cells of one line of a CSV file, white space around them left out; within quotes a comma
    is a comma, and two quotes are one."""
    cells: list[Scalar] = []
    at = start
    while at <= stop:
        found = _CELL.match(source.text, at, stop)
        assert found is not None
        cell = found[0]
        text = cell.strip()
        begin = at + len(cell) - len(cell.lstrip())
        end = begin + len(text)
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1].replace('""', '"').strip()
        cells.append(Scalar(text, True, source, begin, end))
        at = found.end() + 1
    return cells
