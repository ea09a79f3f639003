"""The product that carries outputs along weighted edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.rearrange import Transpose
from nngraph.ops.shared import floating, listed_types, only


@dataclass(frozen=True, slots=True)
class MatMul(Op):
    """a = z W: carries the outputs z_i along the weighted edges i -> j, a_j = sum_i z_i W_ij.

    Types   z: T[A, B], W: T[B, C] -> T[A, C]; A is the batch in a forward pass.
    VJP     cotangent of z: g W^T. Cotangent of W: z^T g, the edge rule dL/dW_ij = delta_j z_i
            summed over the batch.
    Errors  ShapeError unless both are matrices of one float dtype whose inner sizes agree; it
            says so where a transposed W would fit.
    Source  Rumelhart, Hinton & Williams, Nature 323 (1986) 533-536; Bishop, Pattern Recognition
            and Machine Learning (2006), eq. 5.53.
    """

    name: ClassVar[str] = "matmul"
    multilinear: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("z", "W")

    def infer(self, *types: TensorType) -> TensorType:
        z, W = types
        floating(self, z, W)
        if len(z.shape) != 2 or len(W.shape) != 2:
            raise ShapeError(f"matmul: expected two matrices, got {listed_types(types)}")
        if z.shape[1] != W.shape[0]:
            remedy = "; the second one transposed would fit" if z.shape[1] == W.shape[1] else ""
            raise ShapeError(
                f"matmul: inner sizes {z.shape[1]} and {W.shape[0]} differ in {z} @ {W}{remedy}"
            )
        return z.with_shape((z.shape[0], W.shape[1]))

    def evaluate(self, *arrays: Array) -> Array:
        z, W = arrays
        return np.asarray(z @ W)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        delta, (z, W) = only(cotangents), operands
        into_z = builder(MatMul(), delta, builder(Transpose(), W))
        into_W = builder(MatMul(), builder(Transpose(), z), delta)  # dL/dW_ij = delta_j z_i
        return into_z, into_W

    def call(self, *types: TensorType) -> Call:
        return Call(np.matmul, "np.matmul")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """A multiplication and an addition for each of A * B * C."""
        z, W = types
        total = 2
        for size in (*z.shape, W.shape[1]):
            total *= 1 if isinstance(size, str) else size
        return (total, 0) if z.batched or W.batched else (0, total)
