"""The paper of a drawing and what stands below it: name, parameters, how to read the colours."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.diagnostics.wording import count
from nngraph.render.dotfile import Attribute, DotFile, Html, stack, text_line
from nngraph.render.palette import FONT, MARK_LINES, MARKS, Ink
from nngraph.render.picture import Picture
from nngraph.render.words import balanced, wrap

PLACED: Mapping[str, Attribute] = {"layout": "nop", "splines": "line", "outputorder": "edgesfirst"}
"""Of a drawing in which every place is given."""
ROUTED: Mapping[str, Attribute] = {"layout": "nop2", "outputorder": "edgesfirst"}
"""Of a drawing in which the way of each line is given too."""


def page_defaults(dot: DotFile, colours: Ink, label: Html, **more: Attribute) -> None:
    """The paper of a drawing, with its caption below."""
    paper: dict[str, Attribute] = {"bgcolor": colours.paper, "pad": "0.2", "fontname": FONT}
    dot.defaults("graph", **more, **paper, labelloc="b", label=label)


def caption(
    picture: Picture, colours: Ink, *, signs: bool, note: str = "", scale: float = 1.0
) -> Html:
    """The caption; `signs` explains blue and orange, `note` says what was simplified.

    `scale` enlarges it below a picture that will be seen from afar.
    """
    large, small = round(13 * scale), round(11 * scale)
    name = wrap(picture.name, 60, 2)
    lines = [text_line(part, large, colours.text, bold=True) for part in name]
    lines += [text_line(part, small, colours.text) for part in balanced(picture.description, 80, 3)]
    facts = [count(picture.parameters, "parameter")] if picture.parameters else []
    if note:
        facts.append(note)
    if facts:
        lines.append(text_line(" · ".join(facts), small, colours.text))
    lines += [text_line(part, small, colours.text) for part in balanced(picture.note, 80, 3)]
    if picture.is_marked:
        lines.append(_mark_legend(colours, small))
    elif signs:
        lines.append(_sign_legend(colours, small, picture.lines))
    return stack(lines, above=large)


def _mark_legend(colours: Ink, size: int) -> str:
    inks = {mark: MARK_LINES[mark].on(colours.theme) for mark in MARKS}
    words = [text_line(mark, size, colour, bold=True) for mark, colour in inks.items()]
    return f'<FONT POINT-SIZE="{size}">&#160;&#160;</FONT>'.join(words)


def _sign_legend(colours: Ink, size: int, what: str) -> str:
    parts = [
        text_line("positive", size, colours.positive, bold=True),
        text_line("and", size, colours.text),
        text_line("negative", size, colours.negative, bold=True),
        text_line(f"{what}, as wide as they are large", size, colours.text),
    ]
    return f'<FONT POINT-SIZE="{size}">&#160;</FONT>'.join(parts)
