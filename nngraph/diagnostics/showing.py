"""Text of anybody's, made fit to be shown: no character that drives a terminal, no endless line."""

from __future__ import annotations

import unicodedata

LINE_WIDTH = 200  # characters of a line of a message
_GAP = " ... "
_JOINERS = "\u200c\u200d"  # shape letters and emoji, turn nothing round


def printable(text: str, keep: str = "\t\n") -> str:
    """Text without control characters, so that a file cannot drive the terminal that shows it.

    Those of both sets, marks that turn the direction of writing round and what has no glyph are
    written as escapes; white space in `keep` stays.

    >>> printable("a\\x1b[31mb\\x9b\\u202e")
    'a\\\\x1b[31mb\\\\x9b\\\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(c if c in keep or _is_harmless(c) else _escape(c) for c in text)


def one_to_one(text: str) -> str:
    """The same with one character for one, so that what stands below keeps its column.

    >>> one_to_one("a\\x1b[0m")
    'a\\ufffd[0m'
    """
    return "".join(c if c == "\t" or _is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def shortened(text: str, width: int = LINE_WIDTH) -> str:
    """At most so many characters: of a longer text its beginning and its end.

    >>> shortened("cannot read 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' [E802]", 30)
    "cannot read 'aaaa ... ' [E802]"
    """
    if len(text) <= width:
        return text
    end = max(1, (width - len(_GAP)) // 3)
    return text[: width - len(_GAP) - end] + _GAP + text[-end:]


def line_of(text: str) -> str:
    """One line of a message: printable, and not too long."""
    return shortened(printable(shortened(text, 10 * LINE_WIDTH), keep="\t"))


def lines_of(text: str) -> str:
    """A text of some lines, each one of them `line_of`."""
    if len(text) <= LINE_WIDTH and text.isprintable():
        return text
    return "\n".join(line_of(line) for line in text.split("\n"))


def _is_harmless(character: str) -> bool:
    if character.isprintable() or character in _JOINERS:
        return True
    return unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    return ascii(character)[1:-1]
