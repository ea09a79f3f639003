"""What a value is: its shape per named axis and its dtype, not where it lies."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Literal, TypeAlias

from nngraph.records import dataclass

Dim: TypeAlias = int | str
"""A size, or the name of one known at binding: "N" the batch, "P" a flat length."""

DType: TypeAlias = Literal["float32", "float64", "bool", "int64", "uint8", "uint16", "uint64"]

ITEM_BYTES: Mapping[str, int] = {
    "float32": 4,
    "float64": 8,
    "bool": 1,
    "int64": 8,
    "uint8": 1,
    "uint16": 2,
    "uint64": 8,
}

LARGEST: Mapping[str, float] = {
    "float32": 2.0**128 - 2.0**104,
    "float64": sys.float_info.max,
}
"""The largest number of a type."""

OVERFLOW: Mapping[str, float] = {"float32": 2.0**128 - 2.0**103, "float64": math.inf}
"""The least float64 that is rounded to infinity: halfway between the largest number of the type and
what would come next."""

BATCH = "N"
FLAT = "P"


@dataclass(frozen=True, slots=True)
class TensorType:
    """Shape and dtype of a value; strides and storage order are the plan's.

    >>> str(TensorType(("N", 3), "float32"))
    'float32[N, 3]'
    """

    shape: tuple[Dim, ...]
    dtype: DType = "float64"

    @property
    def batched(self) -> bool:
        """Whether one of the axes is the batch."""
        return BATCH in self.shape

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The sizes of all axes but the batch (and no other named axis)."""
        return tuple(d for d in self.shape if isinstance(d, int))

    def with_shape(self, shape: tuple[Dim, ...]) -> TensorType:
        """The same dtype with another shape."""
        return TensorType(shape, self.dtype)

    def with_dtype(self, dtype: DType) -> TensorType:
        """The same shape with another dtype."""
        return TensorType(self.shape, dtype)

    def sizes(self, axes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape with named axes replaced by their sizes."""
        return tuple(axes[d] if isinstance(d, str) else d for d in self.shape)

    def count(self, axes: Mapping[str, int]) -> int:
        """The number of elements, an exact integer."""
        return math.prod(self.sizes(axes))

    def bytes(self, axes: Mapping[str, int]) -> int:
        """The bytes of a dense array of this type."""
        return self.count(axes) * ITEM_BYTES[self.dtype]

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


def broadcast_shapes(*shapes: tuple[Dim, ...]) -> tuple[Dim, ...] | None:
    """NumPy's broadcasting rule on named axes; None where the shapes do not fit.

    >>> broadcast_shapes(("N", 3), (3,), ())
    ('N', 3)
    >>> broadcast_shapes(("N", 3), (2,)) is None
    True
    """
    rank = max((len(shape) for shape in shapes), default=0)
    result: list[Dim] = []
    for axis in range(-rank, 0):
        sizes = {shape[axis] for shape in shapes if len(shape) >= -axis} - {1}
        if len(sizes) > 1:
            return None
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)
