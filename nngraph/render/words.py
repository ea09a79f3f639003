"""Text for pictures: tidy, short, and the same in every format. Escaping is `escape`'s work."""

from __future__ import annotations

import math
import textwrap
import unicodedata

BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST = 4000  # characters of any text that are looked at; more is never shown


def clean(text: str) -> str:
    """One line without control characters: what XML 1.0 can hold and a font can draw.

    >>> clean("two\\n lines\\x1b[0m")
    'two lines\ufffd[0m'
    """
    # a direction override would turn round what stands beside it
    kept = (c for c in text[:LONGEST] if c not in BIDI_CONTROLS)
    spaced = "".join(" " if c.isspace() else c if is_drawable(c) else "\ufffd" for c in kept)
    return " ".join(spaced.split())


def is_drawable(character: str) -> bool:
    """Whether a document can hold a character: no control, no half of a pair, no noncharacter."""
    if unicodedata.category(character) in ("Cc", "Cs"):
        return False
    return ord(character) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(character) <= 0xFDEF


def clip_text(text: str, width: int) -> str:
    """At most `width` characters, the last an ellipsis where something is left out.

    >>> clip_text("convolution", 5)
    'conv…'
    """
    tidy = clean(text)
    return tidy if len(tidy) <= width else tidy[: width - 1].rstrip() + "…"


def wrap(text: str, width: int, lines: int) -> list[str]:
    """At most `lines` lines of at most `width` characters.

    >>> wrap("a long description of a network", 12, 2)
    ['a long', 'description…']
    """
    wrapped = textwrap.wrap(clean(text), width)
    if len(wrapped) <= lines:
        return wrapped
    return [*wrapped[: lines - 1], clip_text(" ".join(wrapped[lines - 1 :]), width)]


def balanced(text: str, width: int, lines: int) -> list[str]:
    """As `wrap`, but in lines of much the same length: none ends in a single word.

    >>> balanced("what each says over the plane", 27, 2)
    ['what each says', 'over the plane']
    """
    wrapped = wrap(text, width, lines)
    if len(wrapped) < 2:
        return wrapped
    for narrow in range(width // 2, width):
        found = wrap(text, narrow, lines)
        if " ".join(found) == " ".join(wrapped) and len(found) == len(wrapped):
            return found
    return wrapped


def shape_words(shape: tuple[int, ...]) -> str:
    """A shape as it is read aloud.

    >>> shape_words((28, 28, 1))
    '28 × 28 × 1'
    """
    return " × ".join(f"{length:,}" for length in shape) if shape else "scalar"


def percent(share: float, digits: int = 0) -> str:
    """A share in percent, never 100 % for what is less.

    >>> percent(0.6), percent(0.9999), percent(1.0), percent(0.97, 1)
    ('60 %', '99.9 %', '100 %', '97.0 %')
    """
    if not math.isfinite(share):
        return number(share)
    text = f"{100 * share:.{digits}f}"
    if share < 1 and float(text) >= 100:
        text = f"{min(100 * share, 100 - 0.1 ** (digits + 1)):.{digits + 1}f}"
    return f"{text} %"


def number(value: float, digits: int = 3) -> str:
    """A number in `digits` significant digits, with a true minus sign.

    >>> number(-1.0), number(0.123456), number(1e-5), number(-0.0)
    ('−1', '0.123', '1e−5', '0')
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value and 1e3 <= abs(value) < 1e6:
        text = f"{value:,.0f}"
    else:
        text = f"{value + 0.0:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    if mark:
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")
