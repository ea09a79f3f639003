"""One escaper per output format. No text of a spec reaches a picture but through one of these."""

from __future__ import annotations

from nngraph.render.words import clean

_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def xml_text(text: str) -> str:
    """Text for an XML element or a quoted attribute.

    >>> xml_text('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return clean(text).translate(_XML)


def dot_html(text: str) -> str:
    r"""Text inside an HTML-like label of Graphviz, where `\N` would be the node's name.

    >>> dot_html("a\\N<b>")
    'a\\\\N&lt;b&gt;'
    """
    return clean(text).replace("\\", "\\\\").translate(_XML)


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
