"""Edges whose weights are shared by all places of an image or a sequence."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nngraph.spec.spatial import Padding, PerAxis
from nngraph.spec.weighted import WeightedEdge
from nngraph.words.base import Size, value_error


class WindowEdge(WeightedEdge):
    """An edge whose weights move over the image, or the sequence, `[..., channels]`."""

    kernel: PerAxis | None = None
    """Size of the window: a number for all spatial axes, or one for each. May be left out where
    `weight` is a list, or the array of another edge is shared."""
    stride: PerAxis = (1,)
    """Step from one window to the next."""
    padding: Padding = "valid"
    """valid (none), same (as many places as steps fit, what is odd at the end), a number for all
    sides, a number per axis, or `[before, after]` per axis; it stands for zeros."""
    dilation: PerAxis = (1,)
    """Step from one pixel of a window to the next."""

    @model_validator(mode="after")
    def _has_a_kernel(self) -> Self:
        known = self.kernel is not None or self.share is not None or isinstance(self.weight, tuple)
        if not known:
            kind = str(getattr(self, "kind", "conv"))
            raise value_error("E107:kernel", kind=kind)
        return self


class ConvEdge(WindowEdge):
    """Each unit sees a window of the source; W is [kernel_h, kernel_w, in / groups, units]."""

    kind: Literal["conv"] = "conv"
    channel_axes: ClassVar[str] = "in / groups, units"
    groups: Size = 1
    """Parts into which channels and units are split; a part sees only its own channels."""


class DepthwiseEdge(WindowEdge):
    """Each channel has kernels of its own; W is [kernel_h, kernel_w, channels, multiplier]."""

    kind: Literal["depthwise"] = "depthwise"
    channel_axes: ClassVar[str] = "channels, multiplier"


class ConvTransposeEdge(WindowEdge):
    """Each source pixel spreads over a window of the target.

    W is [kernel_h, kernel_w, in / groups, units].
    """

    kind: Literal["conv_transpose"] = "conv_transpose"
    channel_axes: ClassVar[str] = "in / groups, units"
    groups: Size = 1
    """Parts into which channels and units are split; a part sees only its own channels."""
