"""What a plain scalar means: YAML 1.2's core schema, and what to write instead of a near miss."""

from __future__ import annotations

import re

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
