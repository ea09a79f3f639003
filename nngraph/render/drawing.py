"""The elements of a drawing in SVG, escaped by `markup` alone."""

from __future__ import annotations

from collections.abc import Iterable

from nngraph.render.colours import INKS, PAPER, Colour, dark_rules
from nngraph.render.markup import Content, Markup, tag
from nngraph.render.palette import FONT
from nngraph.render.words import clean, clip_text

SCOPE = "nngraph-plot"


def drawing(
    title: str, width: float, height: float, *content: Content, **attributes: str | None
) -> Markup:
    """A whole SVG text, which may stand alone or inside a page; wide ones shrink to it."""
    return tag(
        "svg",
        tag("title", clip_text(title, 200)),
        content,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        width=f"{width:g}",
        height=f"{height:g}",
        viewBox=f"0 0 {width:g} {height:g}",
        font_family=FONT,
        style="max-width:100%;height:auto",
        **attributes,
    )


def paper(
    title: str, width: float, height: float, colours: Iterable[Colour], *content: Content
) -> Markup:
    """A drawing on paper, light or dark."""
    return drawing(
        title,
        width,
        height,
        tag("style", Markup(dark_rules(SCOPE, (*INKS, *colours)))),
        block(0, 0, width, height, PAPER),
        content,
        class_=SCOPE,
    )


def rule(
    x1: float, y1: float, x2: float, y2: float, colour: Colour, dashes: str | None = None
) -> Markup:
    """A straight line from (x1, y1) to (x2, y2)."""
    places = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return tag(
        "line",
        class_=f"{colour.name}-line",
        **{name: coordinate(place) for name, place in places.items()},
        stroke=colour.light,
        stroke_dasharray=dashes,
    )


def disc(x: float, y: float, radius: float, colour: Colour, **attributes: str | None) -> Markup:
    """A filled circle."""
    return tag(
        "circle",
        class_=f"{colour.name}-fill",
        cx=coordinate(x),
        cy=coordinate(y),
        r=f"{radius:g}",
        fill=colour.light,
        **attributes,
    )


def block(x: float, y: float, width: float, height: float, colour: Colour) -> Markup:
    """A filled rectangle."""
    return tag(
        "rect",
        class_=f"{colour.name}-fill",
        x=coordinate(x),
        y=coordinate(y),
        width=coordinate(width),
        height=coordinate(height),
        fill=colour.light,
    )


def path(places: str, colour: Colour, width: float, dashes: str | None = None) -> Markup:
    """A line through places, in the language of an SVG path."""
    return tag(
        "path",
        class_=f"{colour.name}-line",
        d=places,
        fill="none",
        stroke=colour.light,
        stroke_width=f"{width:g}",
        stroke_linejoin="round",
        stroke_linecap="round",
        stroke_dasharray=dashes,
    )


def words(
    x: float,
    y: float,
    text: str,
    colour: Colour,
    size: float = 11,
    *,
    anchor: str = "start",
    bold: bool = False,
) -> Markup:
    """One line of text, its baseline at y; nothing for an empty one."""
    if not text:
        return Markup()
    return tag(
        "text",
        clean(text),
        class_=f"{colour.name}-fill",
        x=coordinate(x),
        y=coordinate(y),
        font_size=f"{size:g}",
        text_anchor=anchor,
        fill=colour.light,
        font_weight="bold" if bold else None,
    )


def coordinate(place: float) -> str:
    """A place on the paper, in hundredths of a pixel."""
    return f"{place:.2f}"
