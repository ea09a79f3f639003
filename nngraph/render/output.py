"""Writing a picture in the format that the file's name asks for."""

from __future__ import annotations

from pathlib import Path

from nngraph.errors import UsageError, diagnostic, suggest
from nngraph.render.colours import Theme
from nngraph.render.dot import draw, to_dot
from nngraph.render.engines import lay_out_drawing
from nngraph.render.mermaid import to_mermaid
from nngraph.render.picture import Picture
from nngraph.render.svg import tidy_svg
from nngraph.render.words import clip_text

PIXELS_PER_INCH = 144
HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'  # of a file; inside a page it has no place
SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".gv", ".mmd", ".mermaid")


def render(picture: Picture, path: Path, *, neurons: bool = False, theme: Theme = "auto") -> None:
    """Write the picture as .svg, .png, .pdf, .dot (.gv) or .mmd (.mermaid).

    "auto" follows the reader of an SVG, and is light elsewhere.

    Errors: UsageError for another suffix or too many neurons; FileError without Graphviz (dot
    and Mermaid need none) or where the file cannot be written.
    """
    check_suffix(path)
    from nngraph.files import write_atomically

    write_atomically(
        path, picture_bytes(picture, path.suffix.lower(), neurons=neurons, theme=theme)
    )


def check_suffix(path: Path) -> None:
    """Refuse a file name whose suffix names no format. Errors: UsageError."""
    if path.suffix.lower() not in SUFFIXES:
        raise _unknown_suffix(path)


def picture_bytes(
    picture: Picture, suffix: str, *, neurons: bool = False, theme: Theme = "auto"
) -> bytes:
    """What `render` writes into a file with this suffix."""
    match suffix:
        case ".dot" | ".gv":
            return to_dot(picture, neurons=neurons, theme=theme).encode()
        case ".mmd" | ".mermaid":
            return to_mermaid(picture, theme).encode()
        case ".svg":
            return (HEADER + to_svg(picture, neurons=neurons, theme=theme)).encode()
        case ".png":
            drawing = draw(picture, neurons=neurons, theme=theme, dpi=PIXELS_PER_INCH)
            return lay_out_drawing(drawing.text, "png", drawing.images)
        case _:
            drawing = draw(picture, neurons=neurons, theme=theme)
            return lay_out_drawing(drawing.text, suffix[1:], drawing.images)


def to_svg(picture: Picture, *, neurons: bool = False, theme: Theme = "auto") -> str:
    """The picture as an SVG text that can stand alone or inside a page; with "auto" it is light or
    dark as its reader prefers.

    Errors: as `render`.
    """
    drawing = draw(picture, neurons=neurons, theme=theme)
    laid_out = lay_out_drawing(drawing.text, "svg", drawing.images)
    return tidy_svg(laid_out, drawing.names, picture.name, drawing.images, theme)


def _unknown_suffix(path: Path) -> UsageError:
    known = ", ".join(SUFFIXES)
    near = suggest(path.suffix.lower(), SUFFIXES)
    help = f"{near + ' ' if near else ''}pictures are written as {known}"
    if path.suffix:
        return UsageError(diagnostic("E002:draw", suffix=clip_text(path.suffix, 20), help=help))
    return UsageError(diagnostic("E002:no-suffix", help=help))
