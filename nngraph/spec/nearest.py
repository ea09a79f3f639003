"""Did you mean: `errors.suggest` for words, and its quick sister for thousands of names."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator
from itertools import islice

from nngraph.errors import Diagnostics, join_words, suggest

MANY_NAMES = 300  # from here on only names one slip away are looked for
ENOUGH_ERRORS = 40  # no more than 20 are shown
LONGEST_WORD = 70
NAMES_LISTED = 12

_LETTERS = string.ascii_letters + string.digits + "_"


def nearest(word: str, names: Collection[str], found: Diagnostics) -> str:
    """The caret's text for a misspelt name, or "" when none is near.

    After many errors nobody reads it, so it is left out.
    """
    if len(found.errors) >= ENOUGH_ERRORS or len(word) > LONGEST_WORD:
        return ""
    if len(names) <= MANY_NAMES:
        return suggest(word, names)
    near = next((slip for slip in _slips(word) if slip in names), "")
    return f"did you mean '{near}'?" if near else ""


def nodes_there(ids: Collection[str]) -> str:
    """The help where a name is no node's: the first of those there are.

    >>> nodes_there(["x", "y"])
    "the nodes are 'x' and 'y'"
    """
    if not ids:
        return "add it under `nodes`"
    hidden = len(ids) - NAMES_LISTED
    listed = join_words([f"'{id}'" for id in islice(ids, NAMES_LISTED)])
    return f"the nodes are {listed}" + (f" and {hidden} more" if hidden > 0 else "")


def _slips(word: str) -> Iterator[str]:
    """Words one slip away: a letter too few, too many, another one, or two in the wrong order."""
    yield from (word.lower(), word.upper())
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for left, right in cuts:
        if right:
            yield left + right[1:]
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        for letter in _LETTERS:
            yield left + letter + right
            yield left + letter + right[1:]
