"""One contact sheet for all pictures: rows of them with captions, in titled blocks, with the scale
of their colours. As SVG, or the pictures alone as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from nngraph.data.picture_files import encode_png
from nngraph.records import dataclass
from nngraph.render.colours import AXIS, PAPER, TEXT, Theme, rgb
from nngraph.render.drawing import paper, words
from nngraph.render.markup import Markup, tag
from nngraph.render.pixels import enlarged, enlargement, png_address, signed_pixels
from nngraph.render.words import clip_text, number

Bytes = NDArray[np.uint8]

GROUP_GAP, BLOCK_GAP = 18, 22
TITLE, DETAIL, CAPTION = 20, 17, 13  # heights of lines of text
SMALLEST_SIDE = 44  # pixels of the shorter side of a picture on the sheet
BAR_WIDTH, BAR_HEIGHT = 120, 9
CHARACTER = 6.4  # width of a letter of a block's detail
LONGEST = 160  # letters of a line of text
NARROWEST = 470  # pixels of a sheet with words over its pictures
EDGE = 190  # grey of the thin frame of a picture in a png


@dataclass(frozen=True, eq=False, slots=True)
class SheetImage:
    """One picture uint8[h, w, 1 or 3] and the lines that stand under it, "" for nothing."""

    pixels: Bytes
    caption: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class SheetBlock:
    """Pictures of one size in rows of `columns`, under a title and a line of detail where there are
    any; `lengths` are those of the rows where not all but the last are full.

    `scale` are the values at both ends of the colours, None for pictures that are none of numbers;
    `note` says what is left out; `side` is the least of a picture's shorter side on the sheet, to
    which it is enlarged by a whole factor; `together` pictures of a row belong to each other.
    """

    title: str
    detail: str
    images: tuple[SheetImage, ...]
    columns: int
    scale: tuple[float, float] | None = None
    note: str = ""
    side: int = SMALLEST_SIDE
    together: int = 0
    lengths: tuple[int, ...] = ()

    @property
    def rows(self) -> list[tuple[SheetImage, ...]]:
        """The pictures row by row."""
        full = -(-len(self.images) // self.columns)
        left = iter(self.images)
        return [tuple(islice(left, k)) for k in self.lengths or full * (self.columns,)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Blocks below each other; `title` names the sheet to those who do not see it. `margin` and
    `gap` are the pixels around all pictures and between two."""

    title: str
    blocks: tuple[SheetBlock, ...]
    margin: int = 14
    gap: int = 5


def sheet_svg(sheet: Sheet) -> Markup:
    """The whole sheet in one file that stands alone."""
    layouts = _layouts(sheet, with_words=True)
    last = layouts[-1]
    width = 2 * sheet.margin + max(layout.width for layout in layouts)
    height = last.y + last.height + sheet.margin
    blocks = [_block(layout) for layout in layouts]
    return paper(sheet.title, width, height, (), blocks)


def sheet_png(sheet: Sheet, theme: Theme = "auto") -> bytes:
    """The pictures alone, without a word, on white paper or dark; grey where all are."""
    layouts = _layouts(sheet, with_words=False)
    last = layouts[-1]
    size = last.y + last.height + sheet.margin, max(layout.right for layout in layouts)
    channels = max(image.pixels.shape[2] for block in sheet.blocks for image in block.images)
    ground = np.empty((size[0], size[1] + sheet.margin, channels), np.uint8)
    ground[:] = rgb(PAPER.on(theme))[:channels]
    for layout in layouts:
        for image, x, y in layout.places():
            down, right = y + layout.tall, x + layout.wide
            ground[y - 1 : down + 1, x - 1 : right + 1] = EDGE
            ground[y:down, x:right] = enlarged(image.pixels, layout.factor)
    return encode_png(ground)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where everything of a block lies, in pixels; its upper left corner is at (x, y)."""

    block: SheetBlock
    x: int
    y: int
    gap: int
    with_words: bool

    @property
    def pixels(self) -> Bytes:
        """The first picture; those of a block have one size."""
        return self.block.images[0].pixels

    @property
    def factor(self) -> int:
        """How often each pixel is repeated."""
        return enlargement(self.pixels, self.block.side)

    @property
    def tall(self) -> int:
        """Height of a picture; those of a block have one size."""
        return int(self.pixels.shape[0]) * self.factor

    @property
    def wide(self) -> int:
        """Width of a picture."""
        return int(self.pixels.shape[1]) * self.factor

    @property
    def first(self) -> int:
        """Where the pictures begin, below title, detail and scale."""
        block = self.block
        if not self.with_words:
            return self.y
        words = TITLE * bool(block.title) + DETAIL * bool(block.detail)
        bar = BAR_HEIGHT + 10 if block.scale is not None else 0
        return self.y + words + (2 if words else 0) + bar

    @property
    def below(self) -> int:
        """Where the pictures end with what stands under them."""
        return self.first + sum(map(self.row_height, self.block.rows)) - self.gap

    @property
    def height(self) -> int:
        """Of the whole block."""
        note = DETAIL if self.block.note and self.with_words else 0
        return self.below + note - self.y

    @property
    def right(self) -> int:
        """Where the longest row ends."""
        return self.column(max(map(len, self.block.rows)) - 1) + self.wide

    @property
    def width(self) -> int:
        """Of the whole block, words and all."""
        letters = min(max(len(self.block.detail), len(self.block.note)), LONGEST)
        narrowest = NARROWEST if self.block.title else 0
        return max(self.right - self.x, round(letters * CHARACTER), narrowest)

    def row_height(self, row: Sequence[SheetImage]) -> int:
        """Of the pictures of a row, their captions, and the gap to the next row."""
        lines = max(len(image.caption.splitlines()) for image in row) if self.with_words else 0
        return self.tall + CAPTION * lines + self.gap

    def column(self, place: int) -> int:
        """Where a column begins."""
        groups = place // self.block.together if self.block.together else 0
        return self.x + place * (self.wide + self.gap) + groups * GROUP_GAP

    def places(self) -> Iterator[tuple[SheetImage, int, int]]:
        """Each picture with the place of its corner."""
        y = self.first
        for row in self.block.rows:
            yield from ((image, self.column(place), y) for place, image in enumerate(row))
            y += self.row_height(row)


def _layouts(sheet: Sheet, *, with_words: bool) -> list[_Layout]:
    """The blocks below each other."""
    y = sheet.margin
    layouts = []
    for block in sheet.blocks:
        layouts.append(_Layout(block, sheet.margin, y, sheet.gap, with_words))
        y += layouts[-1].height + BLOCK_GAP
    return layouts


def _block(layout: _Layout) -> Iterator[Markup]:
    block, x, y = layout.block, layout.x, layout.y
    if block.title:
        yield words(x, y + 13, clip_text(block.title, 90), TEXT, 14, bold=True)
        y += TITLE
    if block.detail:
        yield words(x, y + 11, clip_text(block.detail, LONGEST), TEXT)
        y += DETAIL
    if block.scale is not None:
        yield from _bar(*block.scale, x, y)
    for image, left, top in layout.places():
        yield from _image(image, left, top, layout.wide, layout.tall)
    if block.note:
        yield words(x, layout.below + DETAIL - 3, clip_text(block.note, LONGEST), TEXT)


def _image(image: SheetImage, x: int, y: int, wide: int, tall: int) -> Iterator[Markup]:
    place = {"x": f"{x}", "y": f"{y}", "width": f"{wide}", "height": f"{tall}"}
    # not every viewer keeps enlarged pixels sharp
    pixels = enlarged(image.pixels, max(1, tall // image.pixels.shape[0]))
    style = {"preserveAspectRatio": "none", "style": "image-rendering:pixelated"}
    yield tag("image", **place, **style, href=png_address(pixels))
    frame = {"class_": f"{AXIS.name}-line", "stroke": AXIS.light, "stroke_width": "0.6"}
    yield tag("rect", **place, fill="none", **frame)
    for row, line in enumerate(image.caption.splitlines(), 1):
        caption = clip_text(line, max(4, wide // 6))
        below = y + tall + row * CAPTION - 3
        yield words(x + wide / 2, below, caption, TEXT, 10, anchor="middle")


def _bar(low: float, high: float, x: int, y: int) -> Iterator[Markup]:
    """The colours from the lowest to the highest number, with both."""
    values = np.linspace(low, high, BAR_WIDTH)[None]
    pixels = signed_pixels(values, max(abs(low), abs(high)))
    start = x + round(len(number(low)) * CHARACTER) + 4
    yield words(x, y + BAR_HEIGHT, number(low), TEXT)
    yield from _image(SheetImage(pixels), start, y, BAR_WIDTH, BAR_HEIGHT)
    yield words(start + BAR_WIDTH + 6, y + BAR_HEIGHT, number(high), TEXT)
