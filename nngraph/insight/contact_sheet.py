"""A contact sheet of samples: pictures in rows, or points of two numbers in a plane."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Port
from nngraph.data.picture_files import encode_png
from nngraph.insight.describe import class_codes, class_names
from nngraph.insight.samples import Tile
from nngraph.render.escape import xml_text
from nngraph.render.palette import FONT, ink
from nngraph.render.words import clip

Array = NDArray[Any]
Bytes = NDArray[np.uint8]

SMALLEST_SIDE = 56  # pixels of a tile on the sheet
GAP, CAPTION, MARGIN = 6, 14, 12
PLANE, MOST_POINTS = 420, 2000
COLOURS = ("#3a7fd0", "#c4680f", "#2e8b67", "#b44d6a", "#7a56b3", "#9a8426", "#4a5363", "#777d87")


def sheet_png(rows: Sequence[Sequence[Tile]]) -> bytes:
    """The pictures alone, enlarged by a whole factor, as a png."""
    height, width = _tile_size(rows)
    columns = max(len(row) for row in rows)
    size = (len(rows) * (height + GAP) + GAP, columns * (width + GAP) + GAP)
    channels = max(tile.pixels.shape[2] for row in rows for tile in row)
    sheet = np.full((*size, channels), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, tile in enumerate(row):
            top, left = GAP + i * (height + GAP), GAP + j * (width + GAP)
            pixels = _enlarged(tile.pixels, _factor(tile.pixels))
            sheet[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return encode_png(sheet)


def sheet_svg(rows: Sequence[Sequence[Tile]], title: str) -> str:
    """The pictures with their captions, in one file."""
    height, width = _tile_size(rows)
    columns = max(len(row) for row in rows)
    step = height + CAPTION + GAP
    lines = list(_images(rows, width, height))
    across = 2 * MARGIN + columns * (width + GAP) - GAP
    return _svg(across, 2 * MARGIN + len(rows) * step - GAP, title, lines)


def _images(rows: Sequence[Sequence[Tile]], width: int, height: int) -> Iterator[str]:
    for i, row in enumerate(rows):
        top = MARGIN + i * (height + CAPTION + GAP)
        for j, tile in enumerate(row):
            left = MARGIN + j * (width + GAP)
            data = base64.b64encode(encode_png(tile.pixels)).decode()
            yield (
                f'<image x="{left}" y="{top}" width="{width}" height="{height}" '
                f'style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>'
            )
            if tile.caption:
                caption = xml_text(clip(tile.caption, max(4, width // 6)))
                place = f'x="{left + width / 2:g}" y="{top + height + CAPTION - 3}"'
                yield f'<text {place} text-anchor="middle">{caption}</text>'


def plane_svg(data: DataSet, ports: Sequence[Port], title: str) -> str | None:
    """Samples of two numbers as points, coloured by class; None where they are no such samples."""
    part = data.parts["train"]
    inputs = [port for port in ports if port.role == "input"]
    targets = [port for port in ports if port.role == "target"]
    columns = [part.inputs[p.name].reshape(part.rows, -1) for p in inputs]
    columns += [
        part.targets[p.name].reshape(part.rows, -1)
        for p in targets
        if p.kind == "values" and sum(c.shape[1] for c in columns) == 1
    ]
    points = np.concatenate(columns, axis=1)[:MOST_POINTS]
    if points.shape[1] != 2:
        return None
    names = [f"{p.name}[{i}]" if p.shape else p.name for p in inputs for i in range(p.size)]
    names += [p.name for p in targets]
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = (points - low) / np.where(high > low, high - low, 1.0)
    codes, labels = _classes(data, targets)
    lines = [
        f'<circle cx="{MARGIN + x * PLANE:.1f}" cy="{MARGIN + (1 - y) * PLANE:.1f}" r="2.5" '
        f'fill="{COLOURS[codes[i] % len(COLOURS)]}" fill-opacity="0.75"/>'
        for i, (x, y) in enumerate(scaled.tolist())
    ]
    below = MARGIN + PLANE + 18
    for axis, name in enumerate(names[:2]):
        text = f"{name} {low[axis]:.3g} to {high[axis]:.3g}"
        text = f"{'across' if axis == 0 else 'up'}: {text}"
        lines.append(f'<text x="{MARGIN}" y="{below + 15 * axis}">{xml_text(text)}</text>')
    for i, label in enumerate(labels[: len(COLOURS)]):
        lines.append(
            f'<text x="{MARGIN + PLANE}" y="{below + 15 * i}" text-anchor="end" '
            f'fill="{COLOURS[i]}">{xml_text(clip(label, 30))}</text>'
        )
    deep = below + 15 * max(2, min(len(labels), len(COLOURS)))
    return _svg(PLANE + 2 * MARGIN, deep, title, lines)


def _classes(data: DataSet, targets: Sequence[Port]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    part = data.parts["train"]
    for port in targets:
        if port.kind != "values" and classes_per_sample(port) == 1:
            codes = class_codes(port, part.targets[port.name]).ravel()
            count = port.shape[-1] if port.kind == "classes" and port.shape else 2
            return codes, class_names(port, data, count)
    return np.zeros(part.rows, np.int64), ()


def classes_per_sample(port: Port) -> int:
    """Classes per sample: 1 but for masks."""
    counted = port.shape[:-1] if port.kind == "classes" else port.shape
    return math.prod(counted)


def _tile_size(rows: Sequence[Sequence[Tile]]) -> tuple[int, int]:
    pixels = rows[0][0].pixels
    factor = _factor(pixels)
    return pixels.shape[0] * factor, pixels.shape[1] * factor


def _factor(pixels: Bytes) -> int:
    shorter: int = min(pixels.shape[:2])
    return max(1, -(-SMALLEST_SIDE // shorter))


def _enlarged(pixels: Bytes, factor: int) -> Bytes:
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _svg(width: float, height: float, title: str, lines: Sequence[str]) -> str:
    colours = ink("auto")
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" role="img" style="max-width:100%;height:auto" '
            f'font-family="{FONT}" font-size="11" fill="{colours.text}">',
            f"<title>{xml_text(title)}</title>",
            *lines,
            "</svg>",
            "",
        ]
    )
