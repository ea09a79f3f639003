"""Nodes that look at images and sequences, `[height, width, channels]` or `[length, channels]`."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from nngraph.spec.spatial import Border, Padding, PerAxis, PoolSize
from nngraph.words.base import NodeModel, value_error


class PoolNode(NodeModel):
    """The greatest or the mean value of each window, channel by channel."""

    kind: Literal["pool"] = "pool"
    passes_on: ClassVar[bool] = True
    function: Literal["max", "average"] = "max"
    """What stands for a window."""
    size: PoolSize
    """Size of the window: a number for all spatial axes, or one for each; `global` is the whole
    image and gives `[channels]`."""
    stride: PerAxis | None = None
    """Step from one window to the next; by default the size, so that windows do not overlap."""
    padding: Padding = "valid"
    """valid (none), same, or numbers per side."""
    count_padding: bool = False
    """Whether the zeros of the border count as pixels of an average (`count_include_pad`)."""

    @model_validator(mode="after")
    def _only_averages_count(self) -> Self:
        if self.count_padding and self.function == "max":
            raise value_error("E107:count-padding", at=("count_padding",))
        return self


class UpsampleNode(NodeModel):
    """An image with more pixels."""

    kind: Literal["upsample"] = "upsample"
    passes_on: ClassVar[bool] = True
    factor: PerAxis = (2,)
    """How many times as long each spatial axis becomes."""
    method: Literal["nearest", "bilinear"] = "nearest"
    """Pixels repeated, or lines between their centres."""


class PadNode(NodeModel):
    """An image within a border."""

    kind: Literal["pad"] = "pad"
    padding: Border
    """A number for all sides, a number per axis, or `[before, after]` per axis."""
    value: float = 0.0
    """What stands in the border."""


class TransposeNode(NodeModel):
    """Its input with the axes in another order."""

    kind: Literal["transpose"] = "transpose"
    passes_on: ClassVar[bool] = True
    axes: tuple[int, ...] | None = None
    """For each axis of the result the one of the input, counted from 0; reversed by default."""
