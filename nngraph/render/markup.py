"""HTML and SVG that cannot be broken by what stands in it: all text is escaped but Markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from nngraph.render.words import BIDI_CONTROLS, is_drawable

EMPTY = frozenset(("br", "img", "meta", "hr"))
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class Markup(str):
    """Text that is HTML or SVG already: made by `tag` and `join`, or by our own renderers."""

    __slots__ = ()


Content: TypeAlias = "str | Markup | Iterable[Content] | None"


def escaped(text: str) -> Markup:
    """Any text as HTML or XML; what no document can hold becomes a replacement character.

    >>> escaped('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return Markup("".join(c if _stays(c) else "\ufffd" for c in text).translate(_ESCAPES))


def _stays(character: str) -> bool:
    return character in "\n\t" or (is_drawable(character) and character not in BIDI_CONTROLS)


def join(*content: Content) -> Markup:
    """Pieces one after the other; None is nothing."""
    return Markup("".join(_pieces(content)))


def _pieces(content: Content) -> Iterable[str]:
    if content is None:
        return
    if isinstance(content, Markup):
        yield content
    elif isinstance(content, str):
        yield escaped(content)
    else:
        for piece in content:
            yield from _pieces(piece)


def tag(name: str, /, *content: Content, **attributes: str | None) -> Markup:
    """An element. Attribute names lose a trailing `_`, and `_` becomes `-`; None is left out.

    >>> tag("td", "1 < 2", class_="number")
    '<td class="number">1 &lt; 2</td>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*content)}</{name}>")
