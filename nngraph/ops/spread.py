"""Broadcasting and its adjoint, the sum over what was repeated."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Broadcast,
    Builder,
    Call,
    Cotangents,
    Dim,
    Ones,
    Op,
    Operand,
    ShapeError,
    TensorType,
    Value,
    View,
    broadcast_shapes,
)
from nngraph.kernels.sums import sum_last, sum_leading
from nngraph.ops.rearrange import Copy, Reshape
from nngraph.ops.shared import count_per, floating, listed_types, only
from nngraph.records import dataclass


@dataclass(frozen=True)
class BroadcastTo(Op):
    """Repeated along axes of size 1 and missing leading ones, without memory.

    Types   T[*c] -> T[shape]; a named axis of the shape must be there already (where the batch
            is new, use `BroadcastLike`, which has an operand to read its size from).
    VJP     the cotangent summed over what was repeated.
    Errors  ShapeError where the shapes do not fit.
    """

    shape: tuple[Dim, ...] = ()
    name: ClassVar[str] = "broadcast_to"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        fits = broadcast_shapes(x.shape, self.shape) == self.shape
        if not fits or any(isinstance(d, str) and d not in x.shape for d in self.shape):
            raise ShapeError(f"broadcast_to: {x} cannot become {x.with_shape(self.shape)}")
        return x.with_shape(self.shape)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        kept = (1,) * (len(self.shape) - x.ndim) + x.shape
        sizes = [k if isinstance(d, str) else d for d, k in zip(self.shape, kept, strict=True)]
        return np.broadcast_to(x, sizes)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (sum_to(builder, only(cotangents), x.type),)

    def view(self, *types: TensorType) -> View:
        return Broadcast(self.shape)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class BroadcastLike(Op):
    """x repeated to the shape of a second operand, of which nothing but the shape is read.

    Types   x: T[*c], like: U[*d] -> T[*d].
    VJP     the cotangent summed over what was repeated; none for `like`.
    Errors  ShapeError where x does not broadcast to the shape of `like`.
    """

    name: ClassVar[str] = "broadcast_like"
    operands: ClassVar[tuple[str, ...]] = ("x", "like")

    def infer(self, *types: TensorType) -> TensorType:
        x, like = types
        if broadcast_shapes(x.shape, like.shape) != like.shape:
            raise ShapeError(f"broadcast_like: shapes do not fit: {listed_types(types)}")
        return x.with_shape(like.shape)

    def evaluate(self, *arrays: Array) -> Array:
        x, like = arrays
        return np.broadcast_to(x, np.shape(like))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, _ = operands
        return sum_to(builder, only(cotangents), x.type), None

    def view(self, *types: TensorType) -> View:
        _, like = types
        return Broadcast(like.shape)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class SumTo(Op):
    """The sum over leading axes that the shape lacks and over axes where it has 1.

    Types   T[*d] -> T[shape], a shape that broadcasts to [*d].
    VJP     the cotangent repeated.
    Errors  ShapeError where the shape does not broadcast to the operand's.
    """

    shape: tuple[Dim, ...] = ()
    name: ClassVar[str] = "sum_to"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if broadcast_shapes(x.shape, self.shape) != x.shape:
            raise ShapeError(f"sum_to: {x} cannot be summed to {x.with_shape(self.shape)}")
        return x.with_shape(self.shape)

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        lead, ones = self._axes(x.ndim)
        total = np.sum(x, axis=lead + ones, keepdims=True)
        return np.asarray(total.reshape(total.shape[len(lead) :]))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call | None:
        (x,) = types
        lead, ones = self._axes(len(x.shape))
        if lead and ones:
            return None
        if not lead and not ones:
            return Copy().call(x)
        if lead == (0,):
            return SumRows().call(x)
        if lead and len(lead) == len(x.shape) - 1:
            return Call(sum_leading, "sum_leading")
        if lead:
            return Call(np.add.reduce, "np.add.reduce", keywords=(("axis", lead),))
        if ones == (len(x.shape) - 1,):
            return Call(sum_last, "sum_last")
        return Call(np.add.reduce, "np.add.reduce", keywords=(("axis", ones), ("keepdims", True)))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        lead, _ = self._axes(len(x.type.shape))
        kept = builder(SumTo((1,) * len(lead) + self.shape), x)
        return builder(Reshape(self.shape), kept)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)

    def _axes(self, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Leading axes that vanish, and those of size 1 that stay."""
        lead = rank - len(self.shape)
        ones = tuple(lead + axis for axis, d in enumerate(self.shape) if d == 1)
        return tuple(range(lead)), ones


@dataclass(frozen=True)
class SumRows(Op):
    """y = sum_n x_n, the sum over axis 0, mostly the batch.

    Types   T[N, *d] -> T[*d].
    VJP     the cotangent repeated for every row.
    Errors  ShapeError for a scalar.
    """

    name: ClassVar[str] = "sum_rows"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if not x.shape:
            raise ShapeError(f"sum_rows: expected rows, got {x}")
        return x.with_shape(x.shape[1:])

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.sum(x, axis=0))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(BroadcastLike(), only(cotangents), x),)

    def call(self, *types: TensorType) -> Call:
        (x,) = types
        if len(x.shape) == 2:  # ones @ x is three times as fast as a reduction over axis 0
            return Call(np.matmul, "np.matmul", (Ones(0), Operand(0)))
        return Call(np.add.reduce, "np.add.reduce", keywords=(("axis", 0),))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types)


def sum_to(builder: Builder, g: Value, x: TensorType) -> Value:
    """The cotangent of an operand that was broadcast: g summed to the operand's own shape."""
    return g if g.type.shape == x.shape else builder(SumTo(x.shape), g)
