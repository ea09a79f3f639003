"""The same numbers in an array of their own, or in another dtype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, DType, Op, ShapeError, TensorType, Value
from nngraph.kernels.copying import copy
from nngraph.ops.shared import FLOATS, only


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
