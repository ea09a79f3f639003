"""Windows as rows of a matrix, as one product reads them, and their sum as it leaves them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, ShapeError, TensorType, Value
from nngraph.ops.axes import Border, Bordered, PermuteAxes, crop, padded
from nngraph.ops.rearrange import Copy, Reshape
from nngraph.ops.shared import floating, sized_axis
from nngraph.ops.windows import Extents, Fold, Windows, extents_of, ones
from nngraph.records import dataclass


@dataclass(frozen=True)
class PatchRows(Bordered):
    """All windows of images, each a row; what lies in the border is 0.

    `block` windows side by side come as leading axes, as a convolution with its pool has them.

    Types   T[N, *extents, C] -> T[*block, N, *blocks, *size, C].
    VJP     none of its own: it serves `convolution`.
    Errors  ShapeError where no window fits.
    """

    size: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    block: Extents = ()
    name: ClassVar[str] = "patch_rows"
    operands: ClassVar[tuple[str, ...]] = ("x",)
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        total = self.total(extents_of(self, x, len(self.size)))
        counts = self._windows().geometry.counts(total)
        if 0 in counts:
            raise ShapeError(f"patch_rows: a window {list(self.size)} does not fit {list(total)}")
        return x.with_shape((*self.block, x.shape[0], *counts, *self.size, x.shape[-1]))

    def _windows(self) -> Windows:
        order = "pNokc" if self.block else "Nokc"
        single = ones(len(self.size))
        return Windows(self.size, self.stride, self.dilation, self.block or single, 1, order)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        x = np.pad(x, ((0, 0), *self.padding, (0, 0)))
        return np.array(self._windows().evaluate(x))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """A copy of the windows of a padded image."""
        (x,) = operands
        return builder(Copy(), builder(self._windows(), padded(builder, x, self.padding)))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """None: it copies."""
        return 0, 0


@dataclass(frozen=True)
class FoldRows(Bordered):
    """The sum over all windows that see a pixel, each window a row; the border is left out.

    `block` windows side by side come as leading axes, as a convolution with its pool has them.

    Types   T[*block, N, *blocks, *size, C] -> T[N, *extents, C].
    VJP     none of its own: it serves `convolution_transposed`.
    Errors  ShapeError where the windows reach beyond the image and its border.
    """

    extents: Extents = ()
    stride: Extents = ()
    padding: Border = ()
    dilation: Extents = ()
    block: Extents = ()
    name: ClassVar[str] = "fold_rows"
    operands: ClassVar[tuple[str, ...]] = ("patches",)
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        patches = floating(self, *types)
        rank, lead = len(self.extents), len(self.block)
        if len(patches.shape) != lead + 2 * rank + 2 or patches.shape[:lead] != self.block:
            raise ShapeError(f"fold_rows: expected windows with {rank} spatial axes, got {patches}")
        counts, size = self._counts(patches), self._size(patches)
        for n, k, s, d, count in zip(
            self.total(self.extents), size, self.stride, self.dilation, counts, strict=True
        ):
            if count < 1 or s * (count - 1) + d * (k - 1) >= n:
                raise ShapeError(
                    f"fold_rows: {patches} reaches beyond {list(self.total(self.extents))}"
                )
        return patches.with_shape((patches.shape[lead], *self.extents, patches.shape[-1]))

    def _blocks(self) -> Extents:
        return self.block or (1,) * len(self.extents)

    def _counts(self, patches: TensorType) -> Extents:
        """How many windows lie along each axis."""
        first = len(self.block) + 1
        return tuple(
            b * sized_axis(self, patches, first + axis) for axis, b in enumerate(self._blocks())
        )

    def _size(self, patches: TensorType) -> Extents:
        first = len(self.block) + 1 + len(self.extents)
        return tuple(sized_axis(self, patches, first + k) for k in range(len(self.extents)))

    def evaluate(self, *arrays: Array) -> Array:
        (patches,) = arrays
        rank, blocks = len(self.extents), self._blocks()
        if not self.block:
            patches = patches[(None,) * rank]
        n, *counts = patches.shape[rank : 2 * rank + 1]
        size = patches.shape[2 * rank + 1 : -1]
        out = np.zeros((n, *self.total(self.extents), patches.shape[-1]), patches.dtype)
        for position in np.ndindex(*blocks):
            for place in np.ndindex(*counts):
                for offset in np.ndindex(*size):
                    pixel = tuple(
                        (o * b + p) * s + k * d
                        for o, b, p, s, k, d in zip(
                            place, blocks, position, self.stride, offset, self.dilation, strict=True
                        )
                    )
                    out[:, *pixel] += patches[position][:, *place, *offset]
        return out[:, *self.inside(self.extents)]

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """Windows put side by side, offsets first, and folded."""
        (patches,) = operands
        rank, lead, x = len(self.extents), len(self.block), patches.type
        offsets = tuple(range(lead + 1 + rank, lead + 1 + 2 * rank))
        places: tuple[int, ...] = ()
        for axis in range(rank):
            places += (lead + 1 + axis, axis) if lead else (1 + axis,)
        order = (*offsets, lead, *places, len(x.shape) - 1)
        apart = builder(Copy(), builder(PermuteAxes(order), patches))
        shape = (*self._size(x), x.shape[lead], *self._counts(x), x.shape[-1])
        merged = builder(Reshape(shape), apart)
        folded = builder(Fold(self.total(self.extents), self.stride, self.dilation), merged)
        return crop(builder, folded, self.padding)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        (patches,) = types
        return patches.count({"N": 1}), 0
