"""Reads a page of ours back, strictly: every element closed in order, nothing active, nothing from
elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

EMPTY = {"meta", "img", "br", "hr"}
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "form", "base", "foreignObject"}


class Page(HTMLParser):
    """The elements of a page as (name, attributes), and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.pieces: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs), f"an attribute twice in <{tag}>"
        assert tag not in FORBIDDEN, tag
        for name, value in found.items():
            assert not name.startswith("on"), f"<{tag} {name}>"
            if name in ("href", "xlink:href"):
                own = ("#", "data:image/png;base64,") if tag == "image" else ("#",)
                assert value.startswith(own), value
            if name == "src":
                assert value.startswith("data:image/png;base64,"), value
            assert "url(" not in (value or "") or "http" not in value
        self.elements.append((tag, found))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.pieces.append((self._open[-1] if self._open else "", data))

    def named(self, tag: str) -> list[dict[str, Any]]:
        """Attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *within: str) -> str:
        """All text, or that which stands directly in some elements."""
        return "".join(t for name, t in self.pieces if not within or name in within)
