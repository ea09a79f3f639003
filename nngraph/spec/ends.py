"""The ends of an edge: a node, or some of its units."""

from __future__ import annotations

import re
from typing import NamedTuple

from nngraph.diagnostics import say
from nngraph.errors import diagnostic

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""An id: ASCII, a letter first."""

RESERVED_IDS = frozenset({"true", "false", "null"})

_END = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})(?:\[([0-9]{1,18})(?::([0-9]{1,18}))?\])?")


class End(NamedTuple):
    """A node, or its units `start` to `stop` (excluded) along the last axis.

    >>> str(End("h", 2, 3)), str(End("h", 0, 3)), str(End("h"))
    ('h[2]', 'h[0:3]', 'h')
    """

    node: str
    start: int | None = None
    stop: int | None = None

    @property
    def units(self) -> slice:
        """Its part of the last axis."""
        return slice(self.start, self.stop)

    def __str__(self) -> str:
        if self.start is None or self.stop is None:
            return self.node
        if self.stop == self.start + 1:
            return f"{self.node}[{self.start}]"
        return f"{self.node}[{self.start}:{self.stop}]"


def end_named(name: str) -> End:
    """The end that a name means; a name that is no end is taken for a node's.

    >>> end_named("h[1]"), end_named("no node")
    (End(node='h', start=1, stop=2), End(node='no node', start=None, stop=None))
    """
    try:
        return read_end(name)
    except EndError:
        return End(name)


class EndError(Exception):
    """Why a text is no end: the characters `start` to `stop` of it, and the next step."""

    def __init__(self, key: str, start: int, stop: int, **facts: object) -> None:
        told = say(key, facts)
        super().__init__(told.message)
        self.message, self.start, self.stop, self.help = told.message, start, stop, told.help


def read_end(text: str) -> End:
    """`id`, `id[i]` or `id[i:j]`.

    Errors: `EndError` with the place in `text`.

    >>> read_end("h[0:3]")
    End(node='h', start=0, stop=3)
    """
    found = _END.fullmatch(text)
    if found is None or found[1] in RESERVED_IDS:
        raise _explain_end(text)
    if found[2] is None:
        return End(found[1])
    start = int(found[2])
    stop = start + 1 if found[3] is None else int(found[3])
    if stop <= start:
        place = found.start(2), found.end(3)
        raise EndError("E126:no-unit", *place, text=text, first=start, last=stop)
    return End(found[1], start, stop)


def _explain_end(text: str) -> EndError:
    """Why this text is no end."""
    name, bracket, rest = text.partition("[")
    reason = id_problem(name.strip())
    if reason:
        return EndError("E126:id", 0, max(1, len(name.rstrip())), problem=reason)
    if name != name.rstrip() and bracket:
        bare = name.rstrip()
        place = len(bare), len(name)
        return EndError("E126:space-before", *place, text=text, name=bare, rest=rest)
    return _explain_units(text, len(name) + 1, rest)


def _explain_units(text: str, at: int, rest: str) -> EndError:
    inner, closed, behind = rest.partition("]")
    if not closed:
        return EndError("E126:unclosed", at - 1, at, text=text)
    stop = at + len(inner)
    if behind:
        return EndError("E126:behind", stop + 1, len(text), rest=behind.strip())
    if re.search(r"\s", inner):
        tight = text[:at] + re.sub(r"\s+", "", inner)
        return EndError("E126:space-inside", at, stop, text=text, tight=tight)
    if inner.startswith("-") or ":-" in inner:
        return EndError("E126:from-the-end", at, stop)
    if inner.startswith(":") or inner.endswith(":"):
        return EndError("E126:half-a-range", at, stop)
    if not inner:
        return EndError("E126:empty", at - 1, at + 1)
    return EndError("E126:no-number", at, stop, inner=inner)


def id_problem(word: str) -> str:
    """Why `word` is no id, or "".

    >>> id_problem("2nd")
    "the id '2nd' starts with '2', not with a letter from a to z"
    >>> id_problem("h_2")
    ''
    """
    if word in RESERVED_IDS:
        return diagnostic("E112:reserved", word=word).message
    if ID.fullmatch(word):
        return ""
    if not word:
        return diagnostic("E112:empty").message
    if len(word) > 64 and ID.match(word):
        return diagnostic("E112:long", length=len(word)).message
    if not re.match(r"[A-Za-z]", word):
        return diagnostic("E112:first", word=word, first=word[0]).message
    odd = next(c for c in word if not re.match(r"[A-Za-z0-9_]", c))
    shown = "a space" if odd.isspace() else f"'{odd}'"
    return diagnostic("E112:letters", word=word, odd=shown).message
