"""What stands below a picture: name, description, parameters, and how to read the colours."""

from __future__ import annotations

from nngraph.render.dotfile import Html, stack, text_line
from nngraph.render.palette import Ink
from nngraph.render.picture import Picture
from nngraph.render.words import count, wrap


def caption(picture: Picture, colours: Ink, *, signs: bool, note: str = "") -> Html:
    """The caption; `signs` explains blue and orange, `note` says what was simplified."""
    lines = [text_line(part, 13, colours.text, bold=True) for part in wrap(picture.name, 60, 2)]
    lines += [text_line(part, 11, colours.text) for part in wrap(picture.description, 80, 3)]
    facts = [count(picture.parameters, "parameter")] if picture.parameters else []
    if note:
        facts.append(note)
    if facts:
        lines.append(text_line(" · ".join(facts), 11, colours.text))
    if signs:
        lines.append(_sign_legend(colours))
    return stack(lines, above=14)


def _sign_legend(colours: Ink) -> str:
    parts = [
        text_line("positive", 11, colours.positive, bold=True),
        text_line("and", 11, colours.text),
        text_line("negative", 11, colours.negative, bold=True),
        text_line("weights, as wide as they are large", 11, colours.text),
    ]
    return "&#160;".join(parts)
