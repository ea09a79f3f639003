"""Products of matrices, and sums and inner products within each sample and over everything."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.rearrange import Reshape, Transpose
from nngraph.ops.shared import count_per, floating, listed_types, only, ranked
from nngraph.ops.spread import BroadcastLike
from nngraph.records import dataclass


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class SumAll(Op):
    """The sum of all elements.

    Types   T[*d] -> T[].
    VJP     the cotangent repeated.
    Errors  ShapeError unless x is float.
    """

    name: ClassVar[str] = "sum_all"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        return floating(self, *types).with_shape(())

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.sum(x))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call:
        return Call(np.add.reduce, "np.add.reduce", keywords=(("axis", None),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


@dataclass(frozen=True)
class SumSample(Op):
    """The sum over all axes but the first: one number for each sample.

    Types   T[N, *d] -> T[N], at least two axes.
    VJP     the cotangent repeated within each sample.
    Errors  ShapeError where there is nothing within a sample.
    """

    name: ClassVar[str] = "sum_sample"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if len(x.shape) < 2:
            raise ShapeError(f"sum_sample: expected at least two axes, got {x}")
        return x.with_shape(x.shape[:1])

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.sum(x, axis=tuple(range(1, x.ndim))))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), column(builder, only(cotangents), x), x),)

    def call(self, *types: TensorType) -> Call:
        axes = tuple(range(1, len(types[0].shape)))
        return Call(np.add.reduce, "np.add.reduce", keywords=(("axis", axes),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


@dataclass(frozen=True)
class DotSample(Op):
    """sum_i x_ni y_ni: the inner product within each sample.

    Types   x: T[N, I], y: T[N, I] -> T[N].
    VJP     g y and g x.
    Errors  ShapeError unless both are matrices of one type.
    """

    name: ClassVar[str] = "dot_sample"
    multilinear: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x", "y")
    reduces_last_axis: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        floating(self, x, y)
        if x != y:
            raise ShapeError(
                f"dot_sample: expected operands of one type, got {listed_types(types)}"
            )
        return x.with_shape(ranked(self, x, 2).shape[:1])

    def evaluate(self, *arrays: Array) -> Array:
        x, y = arrays
        return np.asarray(np.sum(x * y, axis=1))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, y = operands
        g = column(builder, only(cotangents), x)
        return builder(Multiply(), g, y), builder(Multiply(), g, x)

    def call(self, *types: TensorType) -> Call:
        return Call(np.vecdot, "np.vecdot")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1], 2)


def column(builder: Builder, g: Value, x: Value) -> Value:
    """One number for each sample, shaped to broadcast over the axes of x."""
    if len(x.type.shape) == 1:
        return g
    return builder(Reshape((x.type.shape[0], *(1,) * (len(x.type.shape) - 1))), g)


def sum_sample(builder: Builder, x: Value) -> Value:
    """One number for each sample: the sum of its elements."""
    return x if len(x.type.shape) == 1 else builder(SumSample(), x)


def dot_sample(builder: Builder, x: Value, y: Value) -> Value:
    """One number for each sample: the inner product of its elements."""
    rank = len(x.type.shape)
    if rank == 1:
        return builder(Multiply(), x, y)
    if rank == 2:
        return builder(DotSample(), x, y)
    flat = Reshape((x.type.shape[0], sample_size(x.type)))
    return builder(DotSample(), builder(flat, x), builder(flat, y))


def sample_size(x: TensorType) -> int:
    """The number of elements of one sample, all axes but the first."""
    return x.with_shape(x.shape[1:]).count({})
