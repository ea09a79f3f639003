"""The same numbers otherwise: in an array of their own, in another dtype, under another shape."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Dim,
    DType,
    Op,
    Permute,
    ReshapeView,
    ShapeError,
    TensorType,
    Value,
    View,
)
from nngraph.ops.shared import FLOATS, only, ranked
from nngraph.records import dataclass


def copy(x: Array, *, out: Array) -> Array:
    """The elements of x, converted to the dtype of `out`."""
    np.copyto(out, x, casting="unsafe")
    return out


@dataclass(frozen=True)
class Copy(Op):
    """x in an array of its own.

    Types   T[*d] -> T[*d], any dtype.
    VJP     the cotangent as it is.
    """

    name: ClassVar[str] = "copy"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        return x

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return x.copy()

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        return cotangents

    def call(self, *types: TensorType) -> Call:
        return Call(copy, "copy")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Cast(Op):
    """x in another dtype: to floats from anything, to int64 from whole numbers and masks.

    Types   T[*d] -> U[*d], U the attribute `dtype`.
    VJP     the cotangent in the operand's dtype; none for what is not float.
    Errors  ShapeError for casts that would lose a fraction.
    """

    dtype: DType = "float64"
    name: ClassVar[str] = "cast"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        whole = self.dtype == "int64" and x.dtype not in (*FLOATS, "uint64")
        if self.dtype not in FLOATS and not whole and self.dtype != x.dtype:
            raise ShapeError(f"cast: {x} would lose information as {x.with_dtype(self.dtype)}")
        return x.with_dtype(self.dtype)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return x.astype(np.dtype(self.dtype))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        if x.type.dtype not in FLOATS:
            return (None,)
        return (builder(Cast(x.type.dtype), only(cotangents)),)

    def call(self, *types: TensorType) -> Call:
        return Call(copy, "copy")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


# ---- without a copy


class _OneView(Op):
    """An op whose result is a view of operand 0: no work at all."""

    operands: ClassVar[tuple[str, ...]] = ("x",)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class Reshape(_OneView):
    """The same elements in C order under another shape.

    Types   T[*c] -> T[*d]; named axes stay, in order, and what lies between two of them keeps
            its count, so that an axis name is never merged into a product. At most one name.
    VJP     the cotangent in the old shape.
    Errors  ShapeError where counts differ or a named axis would move.
    """

    shape: tuple[Dim, ...] = ()
    name: ClassVar[str] = "reshape"
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        old, new = _segments(x.shape), _segments(self.shape)
        if old != new or len(old) > 3:
            raise ShapeError(f"reshape: {x} does not fit into {x.with_shape(self.shape)}")
        return x.with_shape(self.shape)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        if 0 in x.shape:
            return x.reshape([0 if isinstance(d, str) else d for d in self.shape])
        return x.reshape([-1 if isinstance(d, str) else d for d in self.shape])

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(Reshape(x.type.shape), only(cotangents)),)

    def view(self, *types: TensorType) -> View:
        return ReshapeView(self.shape)


def _segments(shape: tuple[Dim, ...]) -> list[Dim]:
    """Named axes, and between them the product of the sizes.

    >>> _segments((2, "N", 3, 4))
    [2, 'N', 12]
    """
    found: list[Dim] = [1]
    for d in shape:
        if isinstance(d, str):
            found += [d, 1]
        else:
            last = found[-1]
            assert isinstance(last, int)
            found[-1] = last * d
    return found


@dataclass(frozen=True)
class Transpose(_OneView):
    """x^T, rows and columns exchanged.

    Types   T[A, B] -> T[B, A].
    VJP     the cotangent transposed.
    Errors  ShapeError unless there are two axes.
    """

    name: ClassVar[str] = "transpose"
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        return x.with_shape(ranked(self, x, 2).shape[::-1])

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return x.T

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        return (builder(Transpose(), only(cotangents)),)

    def view(self, *types: TensorType) -> View:
        return Permute((1, 0))
