"""Pictures within a page: cards beside each other, and the meaning of their colours."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.render.markup import Content, Markup, tag
from nngraph.render.pixels import Bytes, png_address


def card(shown: Sequence[tuple[Bytes, str]], caption: Content, id_: str | None = None) -> Markup:
    """Pictures with what each is, and what stands under all of them."""
    images = [
        tag("img", src=png_address(pixels), alt=title, title=title) for pixels, title in shown
    ]
    return tag("li", images, tag("br"), caption, id=id_)


def cards(found: Sequence[Markup], pictures: int = 1) -> Markup:
    """Cards beside each other, of at most so many pictures each."""
    kind = {1: "", 4: " four"}.get(pictures, " several")
    return tag("ul", found, class_=f"pictures{kind}")


def swatch(colour: tuple[int, int, int], what: str) -> Markup:
    """A colour with what it stands for."""
    red, green, blue = colour
    patch = tag("span", "", class_="swatch", style=f"background:rgb({red},{green},{blue})")
    return tag("span", patch, what, class_="key")
