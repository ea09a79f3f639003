"""How the windows of a convolution lie, and how its image is laid out for a product."""

from __future__ import annotations

from nngraph.ir import Builder, Dim, ShapeError, TensorType, Value, geometry
from nngraph.ops.axes import Bordered, crop, padded
from nngraph.ops.rearrange import Copy
from nngraph.ops.shared import sized_axis
from nngraph.ops.windows import Extents, Fold, Windows

SHORT_RUN = 10
"""Elements below which the rows of a window are too short to be copied one by one."""


class ConvolutionForm(Bordered):
    """What a convolution, its transpose and the gradient of its kernel share."""

    stride: Extents
    dilation: Extents
    groups: int
    block: Extents

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.stride)

    def windows(self, size: Extents) -> geometry.WindowGeometry:
        """How windows of a size lie on the padded image."""
        return geometry.WindowGeometry(size, self.stride, self.dilation, self.blocks(), self.groups)

    def blocks(self) -> Extents:
        """The windows of a block along each axis."""
        return self.block or (1,) * self.rank

    def places(self, x: Extents, size: Extents) -> Extents:
        """How many windows (or blocks) lie along each axis. Errors: ShapeError where none fits."""
        total = self.total(x)
        counts = self.windows(size).counts(total)
        if 0 in counts:
            spread = tuple(d * (k - 1) + 1 for k, d in zip(size, self.dilation, strict=True))
            raise ShapeError(f"{self.name}: a kernel {list(spread)} does not fit {list(total)}")
        return counts

    def pixels(self, position: Extents, offset: Extents, counts: Extents) -> tuple[slice, ...]:
        """The pixels of the padded image that windows see at one offset.

        Taken are the windows at one position of their blocks.
        """
        found = []
        for p, k, s, d, b, n in zip(
            position, offset, self.stride, self.dilation, self.blocks(), counts, strict=True
        ):
            start, step = p * s + k * d, s * b
            found.append(slice(start, start + step * n, step))
        return tuple(found)

    def result(self, x: TensorType, places: Extents, units: Dim) -> tuple[Dim, ...]:
        """Shape of what a convolution gives."""
        return (*self.block, x.shape[0], *places, units)

    def lead(self) -> int:
        """How many axes say where a window lies."""
        return 1 + self.rank + len(self.block)

    def kernel(self, W: TensorType) -> tuple[Extents, int, int]:
        """Size, channels of one group and units of a kernel. Errors: ShapeError."""
        if len(W.shape) != self.rank + 2:
            raise ShapeError(f"{self.name}: expected a kernel of {self.rank} axes, got {W}")
        *size, channels, units = (sized_axis(self, W, axis) for axis in range(len(W.shape)))
        if units % self.groups:
            raise ShapeError(f"{self.name}: {self.groups} groups do not divide {units} units")
        return tuple(size), channels, units

    def depthwise(self, channels: Dim, units: Dim) -> bool:
        """Whether each of several channels has one kernel of its own."""
        return self.groups > 1 and not self.block and channels == units == self.groups

    def pointwise(self, size: Extents) -> bool:
        """Whether each window is one pixel, in order, so that no patches need be made."""
        return (
            all(k == 1 for k in size)
            and all(s == 1 for s in self.stride)
            and not self.block
            and self.groups == 1
        )

    def patches(self, builder: Builder, x: Value, size: Extents) -> tuple[Value, bool]:
        """The windows of x side by side, and whether their pixels are the outer axes.

        One copy; the pixels come first where a row of a window is too short to copy it alone.
        """
        x = padded(builder, x, self.padding)
        if self.pointwise(size):
            return x, False
        channels = sized_axis(self, x.type, -1) // self.groups
        outer = size[-1] * channels < SHORT_RUN
        where = ("p" if self.block else "") + "No"
        order = ("g" if self.groups > 1 else "") + ("kc" + where if outer else where + "kc")
        view = Windows(size, self.stride, self.dilation, self.blocks(), self.groups, order)
        return builder(Copy(), builder(view, x)), outer

    def folded(self, builder: Builder, given: Value, extents: Extents) -> Value:
        """The image to whose pixels windows [*size, N, *places, C] give what they have."""
        fold = Fold(self.total(extents), self.stride, self.dilation)
        return crop(builder, builder(fold, given), self.padding)
