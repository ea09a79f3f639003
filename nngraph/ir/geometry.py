"""How windows lie over the spatial axes of images, channels last."""

from __future__ import annotations

from math import prod
from typing import TypeAlias

from nngraph.records import dataclass

Extents: TypeAlias = tuple[int, ...]

SIZES = ("size", "stride", "dilation", "block")
LETTERS = "Npokgc"
"""Axes of all windows in canonical order: the batch; the position of a window within its block of
windows, the block (both of each spatial axis); the offset within a window; channel group, channel.
"""


@dataclass(frozen=True, slots=True)
class WindowGeometry:
    """How windows lie: one number per spatial axis for each of size, stride, dilation, block.

    `block` windows side by side form a block (the windows that one pooling window covers); those
    that fill no whole block are left out. `groups` split the channels. `order` names the axes of
    the result, a string of `LETTERS`; "p" may be missing where blocks are single windows, "g" where
    there is one group.
    """

    size: Extents
    stride: Extents
    dilation: Extents
    block: Extents
    groups: int = 1
    order: str = "Nokc"

    def __str__(self) -> str:
        sizes = (self.size, self.stride, self.dilation, self.block)
        lengths = (f"{name} {'x'.join(map(str, n))}" for name, n in zip(SIZES, sizes, strict=True))
        return f"{', '.join(lengths)}, groups {self.groups}, order {self.order}"

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.size)

    def counts(self, extents: Extents) -> Extents:
        """How many blocks lie along each axis of an image of these extents; 0 where none fits."""
        return tuple(
            max(0, n - d * (k - 1) - 1 + s) // s // b
            for n, k, s, d, b in zip(
                extents, self.size, self.stride, self.dilation, self.block, strict=True
            )
        )

    def axes(self) -> dict[str, tuple[int, ...]]:
        """The numbers of the canonical axes that each letter stands for."""
        at, found = 0, {}
        for letter in LETTERS:
            width = self.rank if letter in "pok" else 1
            found[letter] = tuple(range(at, at + width))
            at += width
        return found

    def permutation(self) -> tuple[int, ...]:
        """Canonical axes in the order of the result, without those left out."""
        axes = self.axes()
        return tuple(axis for letter in self.order for axis in axes[letter])

    def shape(self, batch: int | str, extents: Extents, channels: int) -> tuple[int | str, ...]:
        """Shape of the result."""
        full = (
            batch,
            *self.block,
            *self.counts(extents),
            *self.size,
            self.groups,
            channels // self.groups,
        )
        return tuple(full[axis] for axis in self.permutation())

    @property
    def taps(self) -> int:
        """The pixels of one window."""
        return prod(self.size)
