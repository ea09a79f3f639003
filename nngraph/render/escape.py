"""The escapers of DOT and Mermaid; HTML and SVG have theirs in `markup`.

No text of a spec reaches a picture but through one of these.
"""

from __future__ import annotations

from nngraph.render.markup import escaped
from nngraph.render.words import clean


def dot_html(text: str) -> str:
    r"""Text inside an HTML-like label of Graphviz, where `\N` would be the node's name.

    >>> dot_html("a\\N<b>")
    'a\\\\N&lt;b&gt;'
    """
    return escaped(clean(text).replace("\\", "\\\\"))


def dot_quoted(text: str) -> str:
    r"""A quoted DOT string, with the quotes, for attributes that hold no label.

    >>> dot_quoted('say "x"')
    '"say \\"x\\""'
    """
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def mermaid_text(text: str) -> str:
    """Text inside a quoted Mermaid label: all that Mermaid or HTML could read becomes `#NN;`.

    >>> mermaid_text('say "<b>"')
    'say #34;#60;b#62;#34;'
    """
    return "".join(c if _harmless(c) else f"#{ord(c)};" for c in clean(text))


def _harmless(character: str) -> bool:
    return character.isalnum() or character in " _,.:+−×·→…" or ord(character) > 0x2FFF
