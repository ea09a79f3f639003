"""The text of an edge entry: `ends -> ends [-> ends ...]`, `ends` a comma list of ends."""

from __future__ import annotations

import re
from typing import NamedTuple

from nngraph.errors import Diagnostics
from nngraph.spec.ends import ID, RESERVED_IDS, End, EndError, read_end
from nngraph.spec.scalars import number_meant
from nngraph.spec.tree import Scalar

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


def _refuse_no_arrow(scalar: Scalar, found: Diagnostics) -> None:
    words = [word for word in re.split(r"[\s,>-]+", scalar.text) if ID.fullmatch(word)]
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
