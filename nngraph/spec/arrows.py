"""The text of an edge entry: `ends -> ends [-> ends ...]`, `ends` a comma list of ends.

An end is a node, or some of its units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from nngraph.diagnostics import say
from nngraph.errors import Diagnostics, diagnostic
from nngraph.spec.tree import Scalar, number_meant

ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""An id: ASCII, a letter first."""

IDS = re.compile(r"(?:[A-Za-z][A-Za-z0-9_]{0,63}\n)*+")
"""Ids, each on a line."""

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


class EndNumbers:
    """Ends by number: a million edges name few of them."""

    def __init__(self) -> None:
        self.known: list[End] = []
        self._numbers: dict[End, int] = {}

    def number(self, end: End) -> int:
        """The number of an end, the next one for an end that was not met before."""
        number = self._numbers.setdefault(end, len(self.known))
        if number == len(self.known):
            self.known.append(end)
        return number

    def read(self, texts: Sequence[str]) -> list[int]:
        """The numbers of ends, by what is written. Errors: `EndError`."""
        if not RESERVED_IDS.isdisjoint(texts) or not IDS.fullmatch("\n".join([*texts, ""])):
            return [self.number(read_end(text)) for text in texts]
        numbers, known = self._numbers, self.known
        first = len(known)
        for text in texts:
            end = End(text)
            if numbers.setdefault(end, len(known)) == len(known):
                known.append(end)
        if len(known) == first + len(texts):  # all are new
            return list(range(first, len(known)))
        return [numbers[End(text)] for text in texts]


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


# ---- chains of ends


_PLAIN = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})[ ]?->[ ]?([A-Za-z][A-Za-z0-9_]{0,63})")
_DASHES = r"[\u2010-\u2015\u2212\uff0d\u2500]"
_ODD_ARROW = re.compile(
    r"[\u2190-\u21ff\u27f0-\u27ff\u2900-\u297f\u2b00-\u2bff\u2794-\u27be]"
    r"|<-+>?|(?<![-=])[-=]{2,}+>|=>|~>|-[ ]+>"
    r"|(?<!D)D++[ ]*[>\u203a\uff1e]|(?<!-)-++[\u203a\uff1e]".replace("D", _DASHES)
)  # each run is tried once, from its start: a text of dashes takes no longer than another
_NUMBER_BEHIND = re.compile(r"(\S+)\s+([-+.0-9\u2212]\S*)")


MOST_TOLD = 3  # bad ends of one comma list


class PlacedEnd(NamedTuple):
    """An end and its characters in the text."""

    end: End
    start: int
    stop: int


Chain = list[list[PlacedEnd]]
"""The comma lists between the arrows, in order."""


def pairs_of(chain: Chain) -> list[tuple[PlacedEnd, PlacedEnd]]:
    """The edges that a chain makes, in order: each end of a list to each of the next."""
    return [
        (source, target)
        for sources, targets in pairwise(chain)
        for source in sources
        for target in targets
    ]


def plain_ends(text: str) -> tuple[str, str] | None:
    """Both ids of the simplest and most frequent entry, `x -> h`; None for all others."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    source, target = found.groups()
    if source in RESERVED_IDS or target in RESERVED_IDS:
        return None
    return source, target


def read_chain(scalar: Scalar, known: dict[str, End], found: Diagnostics) -> Chain | None:
    """The comma lists of an entry's text, or None after adding what is wrong with it.

    `known` are ends that were read before, by their text; new ones are added.
    """
    text = scalar.text
    if _refuse_form(scalar, found):
        return None
    chain: Chain = []
    at, good = 0, True
    for part in text.split("->"):
        ends = _read_ends(scalar, part, at, known, found)
        good = good and ends is not None
        chain.append(ends or [])
        at += len(part) + 2
        if not good:
            break  # one broken place per entry is enough to mend it
    return chain if good else None


def _refuse_form(scalar: Scalar, found: Diagnostics) -> bool:
    """The surprises that concern the entry as a whole."""
    text = scalar.text
    if "\n" in scalar.source.text[scalar.start : scalar.end].strip():
        first = scalar.source.line(scalar.span.line)
        found.tell("E125", scalar.span, first=first.strip()[:40])
    elif odd := _ODD_ARROW.search(text):
        left = odd[0].startswith(("<", "\N{LEFTWARDS ARROW}"))
        place = scalar.part(odd.start(), odd.end())
        found.tell("E121:left" if left else "E121", place, arrow=odd[0])
    elif "->" not in text:
        _refuse_no_arrow(scalar, found)
    else:
        return _refuse_tight_colon(scalar, found)
    return True


_AN_ARROW_FOLLOWS = re.compile(r" *,[^\]\n]*->")


def _refuse_no_arrow(scalar: Scalar, found: Diagnostics) -> None:
    words = [word for word in re.split(r"[\s,>-]+", scalar.text) if ID.fullmatch(word)]
    if len(words) == 1 and _AN_ARROW_FOLLOWS.match(scalar.source.text, scalar.end):
        found.tell("E120:comma", scalar.span, text=scalar.text[:40])
        return
    example = f"`{words[0]} -> {words[1]}`" if len(words) == 2 else "`x -> h`"
    found.tell("E120", scalar.span, text=scalar.text[:40], example=example)


def _refuse_tight_colon(scalar: Scalar, found: Diagnostics) -> bool:
    text = scalar.text
    colon = _colon_outside_brackets(text)
    if colon is None:
        return False
    ends, value = text[:colon].strip(), text[colon + 1 :].strip()
    place = scalar.part(colon, len(text))
    if value:
        found.tell("E122", place, ends=ends, value=value)
    else:
        found.tell("E122:nothing", place, ends=ends)
    return True


def _colon_outside_brackets(text: str) -> int | None:
    """Place of the first ':' behind which no ']' comes before the next '['."""
    at = 0
    for piece in text.split("["):
        colon = piece.find(":", piece.rfind("]") + 1)
        if colon >= 0:
            return at + colon
        at += len(piece) + 1
    return None


def _read_ends(
    scalar: Scalar, part: str, at: int, known: dict[str, End], found: Diagnostics
) -> list[PlacedEnd] | None:
    ends: list[PlacedEnd] = []
    good, bad = True, 0
    for word in part.split(","):
        start = at + len(word) - len(word.lstrip())
        stop = max(at + len(word.rstrip()), start)
        text = word.strip()
        try:
            end = known.get(text) or read_end(text)
        except EndError as error:
            _tell_end(scalar, text, start, error, found)
            good = False
            bad += 1
            if bad == MOST_TOLD:
                break
        else:
            known[text] = end
            ends.append(PlacedEnd(end, start, stop))
        at += len(word) + 1
    return ends if good else None


def _tell_end(scalar: Scalar, word: str, start: int, error: EndError, found: Diagnostics) -> None:
    if not word:
        place = scalar.part(max(0, min(start, len(scalar.text) - 1)), start + 1)
        found.tell("E126:missing", place, text=scalar.text.strip()[:60])
        return
    behind = _NUMBER_BEHIND.fullmatch(word)
    if behind and number_meant(behind[2]):
        place, number = scalar.part(start, start + len(word)), number_meant(behind[2])
        found.tell("E122:weight", place, end=behind[1], weight=number)
        return
    place = scalar.part(start + error.start, start + error.stop)
    found.tell("E126", place, problem=error.message, help=error.help)
