"""Sheets of small pictures in titled blocks: kernels, channels. As SVG, or the pictures as PNG."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.picture_files import encode_png
from nngraph.render.escape import xml_text
from nngraph.render.palette import FONT, ink
from nngraph.render.words import clip, number

Array = NDArray[Any]
Bytes = NDArray[np.uint8]

POSITIVE, NEGATIVE = (31, 99, 176), (185, 87, 10)
MARGIN, GAP, GROUP_GAP, BLOCK_GAP = 14, 5, 18, 22
TITLE, DETAIL, CAPTION = 20, 17, 13  # heights of lines of text
SMALLEST_SIDE = 44  # pixels of the shorter side of a picture on the sheet
BAR_WIDTH, BAR_HEIGHT = 120, 9
CHARACTER = 6.4  # width of a letter of a block's detail
NARROWEST = 470
ROW, WIDEST_STEP = 12, 14  # pixels of a channel and of a time step in a strip


@dataclass(frozen=True, eq=False, slots=True)
class SheetImage:
    """One picture uint8[h, w, 1 or 3] and the lines that stand under it, "" for nothing."""

    pixels: Bytes
    caption: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class SheetBlock:
    """Pictures of one size in rows of `columns`, under a title and a line of detail.

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


def signed_pixels(values: Array, strongest: float) -> Bytes:
    """Numbers [h, w] as colours [h, w, 3]: 0 white, `strongest` blue, minus that orange.

    >>> signed_pixels(np.array([[0.0, 1.0]]), 1.0).tolist()
    [[[255, 255, 255], [31, 99, 176]]]
    """
    with np.errstate(invalid="ignore"):
        share = np.clip(np.nan_to_num(values / (strongest or 1.0)), -1.0, 1.0)[..., None]
    end = np.where(share >= 0, np.array(POSITIVE), np.array(NEGATIVE))
    colours: Bytes = np.rint(255 + np.abs(share) * (end - 255)).astype(np.uint8)
    return colours


def strip_pixels(values: Array, strongest: float, width: int, row: int = ROW) -> Bytes:
    """Channels [rows, length] along time as one picture some `width` pixels wide, `row` pixels a
    channel; of a long sequence the strongest of neighbouring values is drawn.

    >>> strip_pixels(np.array([[0.0, 1.0]]), 1.0, 4, row=1)[:, ::2].tolist()
    [[[255, 255, 255], [31, 99, 176]]]
    """
    length = values.shape[1]
    if length > width:
        starts = np.arange(width) * length // width
        high, low = (f.reduceat(values, starts, axis=1) for f in (np.maximum, np.minimum))
        values = np.where(high >= -low, high, low)
    pixels = signed_pixels(values, strongest)
    return pixels.repeat(row, 0).repeat(max(1, min(WIDEST_STEP, width // length)), 1)


def image_sheet_svg(blocks: Sequence[SheetBlock], title: str) -> str:
    """All blocks below each other, in one file that stands alone."""
    lines: list[str] = []
    top = MARGIN
    for block in blocks:
        lines += _block(block, top)
        top += _block_height(block) + BLOCK_GAP
    width = 2 * MARGIN + max([NARROWEST, *(_block_width(block) for block in blocks)])
    height = top - BLOCK_GAP + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" style="max-width:100%;height:auto" '
        f'font-family="{FONT}" font-size="11" fill="{ink("auto").text}">'
    )
    heading = f"<title>{xml_text(clip(title, 200))}</title>"
    xml = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([xml, head, heading, *lines, "</svg>", ""])


def image_sheet_png(blocks: Sequence[SheetBlock]) -> bytes:
    """The pictures alone, without a word, on white."""
    sizes = [_grid_size(block) for block in blocks]
    height = 2 * MARGIN + sum(size[0] for size in sizes) + BLOCK_GAP * (len(blocks) - 1)
    width = 2 * MARGIN + max(size[1] for size in sizes)
    sheet = np.full((height, width, 3), 255, np.uint8)
    top = MARGIN
    for block, size in zip(blocks, sizes, strict=True):
        tall, wide = _side(block)
        for index, image in enumerate(block.images):
            row, column = divmod(index, block.columns)
            y, x = top + row * (tall + GAP), MARGIN + _left(block, column, wide)
            sheet[y - 1 : y + tall + 1, x - 1 : x + wide + 1] = 190  # a thin frame
            factor = _factor(block)
            sheet[y : y + tall, x : x + wide] = image.pixels.repeat(factor, 0).repeat(factor, 1)
        top += size[0] + BLOCK_GAP
    return encode_png(sheet)


def _block(block: SheetBlock, top: int) -> Iterator[str]:
    title = xml_text(clip(block.title, 90))
    yield f'<text x="{MARGIN}" y="{top + 13}" font-size="14" font-weight="bold">{title}</text>'
    yield f'<text x="{MARGIN}" y="{top + TITLE + 11}">{xml_text(clip(block.detail, 160))}</text>'
    if block.scale is not None:
        yield from _bar(*block.scale, MARGIN, top + TITLE + DETAIL)
    first = top + _heading(block)
    tall, wide = _side(block)
    for index, image in enumerate(block.images):
        row, column = divmod(index, block.columns)
        x = MARGIN + _left(block, column, wide)
        y = first + row * (tall + GAP + _row_caption(block))
        yield from _image(image, x, y, wide, tall)
    if block.note:
        y = first + _grid_height(block) + DETAIL - 3
        yield f'<text x="{MARGIN}" y="{y}">{xml_text(clip(block.note, 160))}</text>'


def _image(image: SheetImage, x: int, y: int, wide: int, tall: int) -> Iterator[str]:
    factor = max(1, tall // image.pixels.shape[0])  # not every viewer keeps enlarged pixels sharp
    pixels = image.pixels.repeat(factor, 0).repeat(factor, 1)
    data = base64.b64encode(encode_png(pixels)).decode()
    place = f'x="{x}" y="{y}" width="{wide}" height="{tall}"'
    yield (
        f'<image {place} preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )
    yield f'<rect {place} fill="none" stroke="{ink("auto").line}" stroke-width="0.6"/>'
    for line, words in enumerate(image.caption.splitlines(), 1):
        caption = xml_text(clip(words, max(4, wide // 6)))
        middle = f'x="{x + wide / 2:g}" y="{y + tall + line * CAPTION - 3}"'
        yield f'<text {middle} text-anchor="middle" font-size="10">{caption}</text>'


def _bar(low: float, high: float, x: int, y: int) -> Iterator[str]:
    """The colours from the lowest to the highest number, with both."""
    strongest = max(abs(low), abs(high))
    values = np.linspace(low, high, BAR_WIDTH)[None]
    left, right = number(low), number(high)
    start = x + round(len(left) * CHARACTER) + 4
    yield f'<text x="{x}" y="{y + BAR_HEIGHT}">{left}</text>'
    yield from _image(SheetImage(signed_pixels(values, strongest)), start, y, BAR_WIDTH, BAR_HEIGHT)
    yield f'<text x="{start + BAR_WIDTH + 6}" y="{y + BAR_HEIGHT}">{right}</text>'


def _heading(block: SheetBlock) -> int:
    return TITLE + DETAIL + 2 + (BAR_HEIGHT + 10 if block.scale is not None else 0)


def _row_caption(block: SheetBlock) -> int:
    """Room for text below each row but the last, which may be the only one with text."""
    return _captions(block.images[: -block.columns])


def _last_caption(block: SheetBlock) -> int:
    return _captions(block.images)


def _captions(images: Sequence[SheetImage]) -> int:
    return CAPTION * max((len(image.caption.splitlines()) for image in images), default=0)


def _grid_height(block: SheetBlock) -> int:
    rows = -(-len(block.images) // block.columns)
    return _grid_size(block)[0] + (rows - 1) * _row_caption(block) + _last_caption(block)


def _block_height(block: SheetBlock) -> int:
    return _heading(block) + _grid_height(block) + (DETAIL if block.note else 0)


def _block_width(block: SheetBlock) -> int:
    letters = max(len(block.detail), len(block.note))
    return max(_grid_size(block)[1], round(min(letters, 160) * CHARACTER))


def _grid_size(block: SheetBlock) -> tuple[int, int]:
    tall, wide = _side(block)
    rows = -(-len(block.images) // block.columns)
    columns = min(block.columns, len(block.images))
    return rows * (tall + GAP) - GAP, _left(block, columns - 1, wide) + wide


def _left(block: SheetBlock, column: int, wide: int) -> int:
    """Where a column begins, from the first."""
    groups = column // block.together if block.together else 0
    return column * (wide + GAP) + groups * GROUP_GAP


def _side(block: SheetBlock) -> tuple[int, int]:
    pixels, factor = block.images[0].pixels, _factor(block)
    return pixels.shape[0] * factor, pixels.shape[1] * factor


def _factor(block: SheetBlock) -> int:
    """How often each pixel is repeated; the pictures of a block have one size."""
    return enlargement(block.images[0].pixels, block.side)


def enlargement(pixels: Array, side: int) -> int:
    """The whole factor that brings the shorter side of a picture [h, w, ...] to `side` or more.

    >>> enlargement(np.zeros((8, 9, 3)), 44)
    6
    """
    shorter: int = min(pixels.shape[:2])
    return max(1, -(-side // shorter))
