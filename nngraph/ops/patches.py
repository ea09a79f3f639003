"""Products of patches: what a convolution is once its windows lie side by side."""

from __future__ import annotations

from math import prod
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Call, Op, ShapeError, TensorType
from nngraph.kernels.images import offset_product, patch_gradient, patch_product
from nngraph.ops.shared import floating, listed_types
from nngraph.records import dataclass


@dataclass(frozen=True)
class PatchProduct(Op):
    """a = patches W: each patch, wherever it lies, times the matrix of kernels.

    The elements of a patch are the last axes of the operand, or (`outer`) those before the `lead`
    axes that say where it lies. With several groups the first axis is that of the groups.

    Types   patches: T[*lead, *patch], W: T[K, U] -> T[*lead, U], K the elements of a patch; each
            group has its own U / groups columns of W.
    VJP     none of its own: it serves `convolution`.
    Errors  ShapeError where a patch does not have the rows of W.
    """

    lead: int = 1
    groups: int = 1
    outer: bool = False
    name: ClassVar[str] = "patch_product"
    operands: ClassVar[tuple[str, ...]] = ("patches", "W")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        patches, W = types
        floating(self, *types)
        lead, inner = split(patches, self.lead, self.groups, self.outer)
        fits = len(W.shape) == 2 and W.shape[0] == inner and _divides(self.groups, W.shape[1])
        if not fits:
            raise ShapeError(
                f"patch_product: patches and kernels do not fit: {listed_types(types)}"
            )
        return patches.with_shape((*lead, W.shape[1]))

    def evaluate(self, *arrays: Array) -> Array:
        patches, W = arrays
        rows, lead = _rows_of_patches(patches, self.lead, self.groups, self.outer)
        units = W.shape[1] // self.groups
        columns = [W[:, g * units : (g + 1) * units] for g in range(self.groups)]
        products = [a @ b for a, b in zip(rows, columns, strict=True)]
        return np.concatenate(products, axis=-1).reshape(*lead, W.shape[1])

    def call(self, *types: TensorType) -> Call:
        keywords = (("groups", self.groups), ("outer", self.outer))
        return Call(patch_product, "patch_product", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        patches, W = types
        return 2 * patches.count({"N": 1}) * _count(W, 1) // self.groups, 0


@dataclass(frozen=True)
class PatchGradient(Op):
    """dW = sum over all places of z_i delta_j: the patches times the delta of their products.

    Types   patches: T[*lead, *patch], delta: T[*lead, U] -> T[*shape, U]; axes as in
            `patch_product`, `shape` multiplies out to the elements of a patch.
    VJP     none of its own: it serves `convolution_kernel`.
    Errors  ShapeError where the places differ or the shape has another count.
    """

    shape: tuple[int, ...] = ()
    lead: int = 1
    groups: int = 1
    outer: bool = False
    name: ClassVar[str] = "patch_gradient"
    operands: ClassVar[tuple[str, ...]] = ("patches", "delta")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        patches, delta = types
        floating(self, *types)
        lead, inner = split(patches, self.lead, self.groups, self.outer)
        same = delta.shape[:-1] == lead and _divides(self.groups, delta.shape[-1])
        if not same or inner != prod(self.shape):
            raise ShapeError(f"patch_gradient: patches and delta do not fit: {listed_types(types)}")
        return patches.with_shape((*self.shape, delta.shape[-1]))

    def evaluate(self, *arrays: Array) -> Array:
        patches, delta = arrays
        rows, _ = _rows_of_patches(patches, self.lead, self.groups, self.outer)
        units = delta.shape[-1] // self.groups
        flat = delta.reshape(-1, delta.shape[-1])
        columns = [flat[:, g * units : (g + 1) * units] for g in range(self.groups)]
        products = [a.T @ b for a, b in zip(rows, columns, strict=True)]
        return np.concatenate(products, axis=-1).reshape(*self.shape, delta.shape[-1])

    def call(self, *types: TensorType) -> Call:
        keywords = (("groups", self.groups), ("outer", self.outer))
        return Call(patch_gradient, "patch_gradient", keywords=keywords)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        patches, delta = types
        units = delta.shape[-1]
        assert isinstance(units, int)
        return 2 * patches.count({"N": 1}) * units // self.groups, 0


@dataclass(frozen=True)
class OffsetProduct(Op):
    """For each offset k of a window, delta W_k^T: what every output gives back to that pixel.

    Types   delta: T[N, *windows, U], W: T[*size, c, U] -> T[*size, N, *windows, groups * c].
    VJP     none of its own: it serves `convolution_transposed`.
    Errors  ShapeError where the units differ.
    """

    groups: int = 1
    name: ClassVar[str] = "offset_product"
    operands: ClassVar[tuple[str, ...]] = ("delta", "W")
    multilinear: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        delta, W = types
        floating(self, *types)
        *size, channels, units = W.shape
        if delta.shape[-1] != units or not _divides(self.groups, units):
            raise ShapeError(f"offset_product: delta and kernels do not fit: {listed_types(types)}")
        assert isinstance(channels, int)
        return delta.with_shape((*size, *delta.shape[:-1], self.groups * channels))

    def evaluate(self, *arrays: Array) -> Array:
        delta, W = arrays
        *size, channels, units = W.shape
        per = units // self.groups
        dtype = np.result_type(delta, W)
        out = np.empty((*size, *delta.shape[:-1], self.groups * channels), dtype)
        for at in np.ndindex(*size):
            for g in range(self.groups):
                own = slice(g * per, (g + 1) * per)
                to = slice(g * channels, (g + 1) * channels)
                out[at][..., to] = delta[..., own] @ W[at][:, own].T
        return out

    def call(self, *types: TensorType) -> Call:
        return Call(offset_product, "offset_product", keywords=(("groups", self.groups),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each weight at each place."""
        delta, W = types
        places = delta.with_shape(delta.shape[:-1]).count({"N": 1})
        return 2 * places * W.count({}), 0


def split(
    patches: TensorType, lead: int, groups: int, outer: bool
) -> tuple[tuple[int | str, ...], int]:
    """The axes that say where a patch lies, and the number of its elements. Errors: ShapeError."""
    shape = patches.shape[1:] if groups > 1 else patches.shape
    if (groups > 1 and patches.shape[0] != groups) or len(shape) < lead:
        raise ShapeError(f"patches: {patches} has no {lead} axes of places in {groups} groups")
    where = shape[len(shape) - lead :] if outer else shape[:lead]
    inner = shape[: len(shape) - lead] if outer else shape[lead:]
    if any(isinstance(d, str) for d in inner):
        raise ShapeError(f"patches: {patches} has the batch within a patch")
    return where, prod(d for d in inner if isinstance(d, int))


def _rows_of_patches(
    patches: Array, lead: int, groups: int, outer: bool
) -> tuple[list[Array], tuple[int, ...]]:
    """For each group the matrix [places, elements of a patch], and the shape of the places."""
    of_groups = list(patches) if groups > 1 else [patches]
    rank = of_groups[0].ndim
    shape = of_groups[0].shape
    where = shape[rank - lead :] if outer else shape[:lead]
    inner = prod(shape[: rank - lead] if outer else shape[lead:])
    if outer:
        return [p.reshape(inner, prod(where)).T for p in of_groups], where
    return [p.reshape(prod(where), inner) for p in of_groups], where


def _divides(groups: int, units: int | str) -> bool:
    return isinstance(units, int) and units % groups == 0


def _count(W: TensorType, axis: int) -> int:
    size = W.shape[axis]
    assert isinstance(size, int)
    return size
