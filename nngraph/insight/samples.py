"""Samples of a data set as pictures: those that a contact sheet or a terminal shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Part, Port, Values
from nngraph.data.augment import Augmenter
from nngraph.data.pictures import resized
from nngraph.insight.cells import Cells, cells_of, input_cells
from nngraph.insight.own_units import (
    PLAIN,
    class_names,
    codes_of_classes,
    has_class,
    holds_shares,
    in_own_units,
    sample_classes,
)
from nngraph.records import dataclass
from nngraph.render.contact_sheet import Sheet, SheetBlock, SheetImage
from nngraph.render.pixels import SEEN, Bytes, grey_pixels, is_picture, shades_of

Array = NDArray[Any]

SIDE, GAP = 56, 6  # pixels of a sample on the sheet, and between two
PER_CLASS = 10
MOST_CLASSES = 12
WITHOUT_CLASSES = 60
SHADES = " .:-=+*#%@"
TEXT_ROWS = 12
TEXT_WIDTH = 96
FIRST, MOST_VALUES = 5, 8  # samples and values of a port in a table


def image_port(data: DataSet, ports: tuple[Port, ...]) -> Port | None:
    """The first input whose samples are pictures, [h, w] or [h, w, 1 or 3], in that shape.

    A vector counts where the source has an image for it.
    """
    for port in ports:
        for shape in (port.shape, data.shapes.get(port.name, ())):
            if port.role == "input" and is_picture(shape) and math.prod(shape) == port.size:
                return replace(port, shape=shape)
    return None


def sample_sheet(title: str, rows: Sequence[Sequence[SheetImage]]) -> Sheet:
    """Pictures of samples, without a word but their captions."""
    lengths = tuple(map(len, rows))
    images = tuple(chain.from_iterable(rows))
    block = SheetBlock("", "", images, max(lengths), side=SIDE, lengths=lengths)
    return Sheet(title, (block,), margin=GAP, gap=GAP)


def sample_pictures(
    data: DataSet, ports: tuple[Port, ...], *, augmented: bool = False, seed: int = 0
) -> list[list[SheetImage]]:
    """Rows of pictures: a row for each class, or as they come; with masks beside their images.

    With `augmented` each row shows one sample, first as it is, then as it comes in epochs 1, 2, ...
    """
    image = image_port(data, ports)
    assert image is not None
    masks = [p for p in ports if p.role == "target" and len(p.shape) >= 2]
    target = next((p for p in ports if p.role == "target" and has_class(p)), None)
    part = data.parts["train"]
    chosen = _chosen(part, target)
    sheet = _Sheet(data, image, masks, target, shades_of(part.inputs[image.name][:SEEN]))
    if augmented and part.augmentation is not None:
        augmenter = Augmenter(part.augmentation, seed)
        shown = [rows[0] for rows in chosen] if target is not None else chosen[0]
        return [sheet.varied(augmenter, int(row)) for row in shown[:PER_CLASS]]
    return [sheet.row(part.inputs, part.targets, rows) for rows in chosen]


@dataclass(frozen=True, eq=False)
class _Sheet:
    data: DataSet
    image: Port
    masks: list[Port]
    target: Port | None
    shades: tuple[float, float]

    def row(
        self, inputs: Mapping[str, Values], targets: Mapping[str, Values], rows: NDArray[np.int64]
    ) -> list[SheetImage]:
        found: list[SheetImage] = []
        for row in rows:
            caption = self._caption(targets, int(row))
            found.append(SheetImage(self._picture(inputs[self.image.name][row]), caption))
            found += [
                SheetImage(_mask(port, targets[port.name][row]), port.name) for port in self.masks
            ]
        return found

    def varied(self, augmenter: Augmenter, row: int) -> list[SheetImage]:
        part, one = self.data.parts["train"], np.array([row])
        found = self.row(part.inputs, part.targets, one)
        for epoch in range(1, PER_CLASS if not self.masks else PER_CLASS // 2):
            inputs, targets = augmenter.apply(part.inputs, part.targets, one, epoch)
            shown = self.row(inputs, targets, np.array([0]))
            found += [SheetImage(shown[0].pixels, f"epoch {epoch}"), *shown[1:]]
        return found

    def _picture(self, values: Array) -> Bytes:
        return grey_pixels(values.reshape(self.image.shape), self.shades)

    def _caption(self, targets: Mapping[str, Values], row: int) -> str:
        if self.target is None:
            return ""
        code = int(
            codes_of_classes(self.target, targets[self.target.name][row : row + 1]).ravel()[0]
        )
        names = class_names(self.target, self.data, sample_classes(self.target))
        return names[code] if code < len(names) else str(code)


def _chosen(part: Part, target: Port | None) -> list[NDArray[np.int64]]:
    """The first rows of each class, or of all."""
    if target is None:
        first = np.arange(min(part.rows, WITHOUT_CLASSES))
        return [first[i : i + PER_CLASS] for i in range(0, len(first), PER_CLASS)]
    codes = codes_of_classes(target, part.targets[target.name]).ravel()
    present = np.unique(codes)[:MOST_CLASSES]
    return [np.flatnonzero(codes == code)[:PER_CLASS] for code in present]


def _mask(port: Port, values: Array) -> Bytes:
    """The classes of pixels from black to white, or a picture that is a target."""
    if port.kind == "values":
        return grey_pixels(values, (0.0, max(1.0, float(values.max()))))
    codes = codes_of_classes(port, values[None])[0]
    return grey_pixels(codes.reshape(codes.shape[:2]), (0.0, max(1.0, sample_classes(port) - 1.0)))


def as_characters(rows: list[list[SheetImage]]) -> str:
    """A few pictures in shades of characters, side by side, with their captions."""
    shown = [row[0] for row in rows if row]
    if len(shown) == 1 or (rows and not rows[0][0].caption):
        shown = [tile for row in rows for tile in row]
    blocks = [_characters(tile) for tile in shown]
    per_line = max(1, TEXT_WIDTH // (len(blocks[0][0]) + 2))
    text: list[str] = []
    for block_row in [blocks[i : i + per_line] for i in range(0, len(blocks), per_line)][:3]:
        text += ["  ".join(parts).rstrip() for parts in zip(*block_row, strict=True)]
    return "\n".join(text)


def _characters(tile: SheetImage) -> list[str]:
    height, width = tile.pixels.shape[:2]
    rows = min(TEXT_ROWS, height)
    columns = max(2, min(40, round(2 * rows * width / height)))
    small = resized(tile.pixels, (rows, columns)).mean(axis=2)
    lines = ["".join(SHADES[int(v) * len(SHADES) // 256] for v in line) for line in small]
    return [*lines, tile.caption[:columns].center(columns)]


def first_rows(data: DataSet, ports: tuple[Port, ...]) -> tuple[list[str], list[list[str]]]:
    """A table of the first samples as they are in the data: names of columns, and rows."""
    part, chosen = data.parts["train"], slice(0, FIRST)
    columns: list[Cells] = []
    for port in ports:
        found = _first_cells(data, port, chosen)
        columns += found[:MOST_VALUES]
        if len(found) > MOST_VALUES:
            columns.append(Cells("...", ("...",) * min(FIRST, part.rows)))
    rows = zip(*(column.texts for column in columns), strict=True)
    return [column.name for column in columns], [list(row) for row in rows]


def _first_cells(data: DataSet, port: Port, rows: slice) -> list[Cells]:
    part, learnt = data.parts["train"], data.normalizers
    if port.role == "input":
        return input_cells((port,), learnt, part, rows)
    values = part.targets[port.name][rows]
    if has_class(port) and not holds_shares(port, values):
        names = class_names(port, data, sample_classes(port))
        codes = codes_of_classes(port, values).ravel()
        return [Cells(port.name, tuple(names[code] for code in codes))]
    return cells_of(port, in_own_units(learnt.targets.get(port.name, PLAIN), values))
