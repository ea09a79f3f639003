"""Views: how an array leads to another one over the same memory.

The text form of a view says what it does in the words of NumPy: `slice(0, 2:5)`, `reshape(N, 6)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from nngraph.ir import geometry
from nngraph.ir.types import Dim
from nngraph.ir.values import Array
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """Elements start .. stop (excluded; None is the end) along one axis."""

    axis: int
    start: int
    stop: int | None

    def apply(self, array: Array, axes: Mapping[str, int]) -> Array:
        """The view of `array`."""
        index = [slice(None)] * array.ndim
        index[self.axis] = slice(self.start, self.stop)
        return array[tuple(index)]

    def __str__(self) -> str:
        stop = "" if self.stop is None else self.stop
        return f"slice({self.axis}, {self.start}:{stop})"


@dataclass(frozen=True, slots=True)
class Permute:
    """Axes in another order, as `numpy.transpose`."""

    axes: tuple[int, ...]

    def apply(self, array: Array, axes: Mapping[str, int]) -> Array:
        """The view of `array`."""
        return array.transpose(self.axes)

    def __str__(self) -> str:
        return f"permute({_listed(self.axes)})"


@dataclass(frozen=True, slots=True)
class ReshapeView:
    """Another shape over the same elements in C order; the array must allow it without a copy."""

    shape: tuple[Dim, ...]

    def apply(self, array: Array, axes: Mapping[str, int]) -> Array:
        """The view of `array`; ValueError where only a copy could have this shape."""
        sizes = tuple(axes[d] if isinstance(d, str) else d for d in self.shape)
        return array.reshape(sizes, copy=False)

    def __str__(self) -> str:
        return f"reshape({_listed(self.shape)})"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Repeated without memory along axes of size 1 or missing ones, as `numpy.broadcast_to`."""

    shape: tuple[Dim, ...]

    def apply(self, array: Array, axes: Mapping[str, int]) -> Array:
        """The read-only view of `array`."""
        sizes = tuple(axes[d] if isinstance(d, str) else d for d in self.shape)
        return np.broadcast_to(array, sizes)

    def __str__(self) -> str:
        return f"broadcast({_listed(self.shape)})"


@dataclass(frozen=True, slots=True)
class WindowsView:
    """All windows of images [N, *extents, channels]; they overlap, so the view is only read."""

    of: geometry.WindowGeometry

    def apply(self, array: Array, axes: Mapping[str, int]) -> Array:
        """The read-only view of `array`."""
        windows, (n, *extents, channels) = self.of, array.shape
        batch, *steps, channel = array.strides
        counts = windows.counts(tuple(extents))
        per_group = channels // windows.groups
        shape = (n, *windows.block, *counts, *windows.size, windows.groups, per_group)
        along = list(zip(steps, windows.stride, windows.dilation, windows.block, strict=True))
        strides = (
            batch,
            *(step * s for step, s, _, _ in along),
            *(step * s * b for step, s, _, b in along),
            *(step * d for step, _, d, _ in along),
            per_group * channel,
            channel,
        )
        order = windows.permutation()
        return np.lib.stride_tricks.as_strided(
            array,
            tuple(shape[axis] for axis in order),
            tuple(strides[axis] for axis in order),
            writeable=False,
        )

    def __str__(self) -> str:
        return f"windows({self.of})"


View: TypeAlias = Slice | Permute | ReshapeView | Broadcast | WindowsView


def _listed(axes: tuple[Dim, ...]) -> str:
    return ", ".join(map(str, axes))


def follow(path: tuple[View, ...], array: Array, axes: Mapping[str, int]) -> Array:
    """Apply the views of a path one after the other."""
    for view in path:
        array = view.apply(array, axes)
    return array
