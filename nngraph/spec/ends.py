"""The ends of an edge: a node, or some of its units."""

from __future__ import annotations

import re
from typing import NamedTuple

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

    def __str__(self) -> str:
        if self.start is None or self.stop is None:
            return self.node
        if self.stop == self.start + 1:
            return f"{self.node}[{self.start}]"
        return f"{self.node}[{self.start}:{self.stop}]"


class EndError(Exception):
    """Why a text is no end: the characters `start` to `stop` of it, and the next step."""

    def __init__(self, message: str, start: int, stop: int, help: str = "") -> None:
        super().__init__(message)
        self.message, self.start, self.stop, self.help = message, start, stop, help


def read_end(text: str) -> End:
    """`id`, `id[i]` or `id[i:j]`.

    Errors: `EndError` with the place in `text`.

    >>> read_end("h[0:3]")
    End(node='h', start=0, stop=3)
    """
    found = _END.fullmatch(text)
    if found is None or found[1] in RESERVED_IDS:
        raise explain_end(text)
    if found[2] is None:
        return End(found[1])
    start = int(found[2])
    stop = start + 1 if found[3] is None else int(found[3])
    if stop <= start:
        raise EndError(
            f"'{text}' holds no unit: {start} to {stop}, end excluded",
            found.start(2),
            found.end(3),
            "units are counted from 0 and the end is excluded, so `h[0:2]` is the first two",
        )
    return End(found[1], start, stop)


def explain_end(text: str) -> EndError:
    """Why this text is no end."""
    name, bracket, rest = text.partition("[")
    reason = id_problem(name.strip())
    if reason:
        return EndError(reason, 0, max(1, len(name.rstrip())), "write `id`, `id[i]` or `id[i:j]`")
    if name != name.rstrip() and bracket:
        return EndError(
            f"a space before the bracket of '{text}'",
            len(name.rstrip()),
            len(name),
            f"write `{name.rstrip()}[{rest}`",
        )
    return _explain_units(text, len(name) + 1, rest)


def _explain_units(text: str, at: int, rest: str) -> EndError:
    inner, closed, behind = rest.partition("]")
    if not closed:
        return EndError(f"the bracket of '{text}' is never closed", at - 1, at, "add the `]`")
    if behind:
        return EndError(
            f"'{behind.strip()}' follows the bracket",
            at + len(inner) + 1,
            len(text),
            "write `id`, `id[i]` or `id[i:j]`",
        )
    if re.search(r"\s", inner):
        tight = re.sub(r"\s+", "", inner)
        return EndError(
            f"a space inside the bracket of '{text}'",
            at,
            at + len(inner),
            f"write `{text[:at]}{tight}]`",
        )
    if inner.startswith("-") or ":-" in inner:
        return EndError(
            "units are counted from 0, not from the end",
            at,
            at + len(inner),
            "write the number of the unit, e.g. `h[2]`",
        )
    if inner.startswith(":") or inner.endswith(":"):
        return EndError(
            "both ends of a range of units are written",
            at,
            at + len(inner),
            "e.g. `h[0:3]` for the units 0, 1 and 2",
        )
    if not inner:
        return EndError("no unit between the brackets", at - 1, at + 1, "e.g. `h[0]` or `h[0:3]`")
    return EndError(
        f"'{inner}' is no unit and no range of units",
        at,
        at + len(inner),
        "e.g. `h[0]` or `h[0:3]`",
    )


def id_problem(word: str) -> str:
    """Why `word` is no id, or "".

    >>> id_problem("2nd")
    "the id '2nd' starts with '2', not with a letter from a to z"
    >>> id_problem("h_2")
    ''
    """
    if word in RESERVED_IDS:
        return f"'{word}' is a word of YAML and cannot be an id"
    if ID.fullmatch(word):
        return ""
    if not word:
        return "an id is missing"
    if len(word) > 64 and ID.match(word):
        return f"an id of {len(word)} characters; at most 64 are allowed"
    if not re.match(r"[A-Za-z]", word):
        return f"the id '{word}' starts with '{word[0]}', not with a letter from a to z"
    odd = next(c for c in word if not re.match(r"[A-Za-z0-9_]", c))
    shown = "a space" if odd.isspace() else f"'{odd}'"
    return f"the id '{word}' has {shown} in it; only letters, digits and _ may follow the first"
