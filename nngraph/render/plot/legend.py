"""The legend of a chart: pieces of line or patches of colour, with their names, in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nngraph.render.colours import TEXT
from nngraph.render.drawing import block, path, words
from nngraph.render.markup import Markup, join
from nngraph.render.plot.marks import LegendEntry
from nngraph.render.words import clip_text

LEGEND_ROW = 22.0
PIECE, PATCH, BESIDE, APART = 30.0, 11.0, 8.0, 22.0
SIZE, CHARACTER, LONGEST = 12.0, 6.4, 90  # of a name: points, the width of a letter, letters


def legend_rows(keys: Sequence[LegendEntry], width: float) -> Iterator[list[LegendEntry]]:
    """The keys in as few rows as they fit in."""
    row: list[LegendEntry] = []
    for key in keys:
        if row and sum(map(_width, (*row, key))) > width:
            yield row
            row = []
        row.append(key)
    if row:
        yield row


def legend(rows: Sequence[Sequence[LegendEntry]], left: float, top: float) -> Markup:
    """All rows below each other."""
    parts = []
    for place, row in enumerate(rows):
        x, y = left, top + LEGEND_ROW * place + LEGEND_ROW / 2 + 4
        for key in row:
            parts.append(_key(key, x, y))
            x += _width(key)
    return join(parts)


def _width(key: LegendEntry) -> float:
    return _swatch(key) + BESIDE + CHARACTER * len(clip_text(key.text, LONGEST)) + APART


def _swatch(key: LegendEntry) -> float:
    return PATCH if key.is_area else PIECE


def _key(key: LegendEntry, x: float, y: float) -> Markup:
    if key.is_area:
        mark = block(x, y - PATCH / 2, PATCH, PATCH, key.colour)
    else:
        mark = path(f"M{x:g},{y:g} h{PIECE:g}", key.colour, 2, key.dashes)
    name = clip_text(key.text, LONGEST)
    return join(mark, words(x + _swatch(key) + BESIDE, y + 4, name, TEXT, SIZE))
