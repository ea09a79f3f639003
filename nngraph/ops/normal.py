"""Normalising over the last axis, and the way back: one op each, so that a kernel can take a row
at a time while it lies in cache."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Add, Multiply, ScaleBy, ShiftBy, Subtract
from nngraph.ops.elementwise import Reciprocal, Sqrt, Square
from nngraph.ops.reduce import SumLast
from nngraph.ops.shared import count_per, floating, listed_types, only, sized_axis
from nngraph.ops.spread import sum_to
from nngraph.records import dataclass


@dataclass(frozen=True)
class LayerNorm(Op):
    """y = (x - mean) / sqrt(variance + epsilon) * scale + shift, moments over the last axis.

    Types   x: T[*d, C], scale: T[C], shift: T[C] -> T[*d, C].
    VJP     `layer_norm_back`.
    Errors  ShapeError where scale or shift do not fit the last axis.
    Source  Ba, Kiros and Hinton, Layer normalization, 2016, eq. 3 and 4.
    """

    epsilon: float = 1e-5
    name: ClassVar[str] = "layer_norm"
    operands: ClassVar[tuple[str, ...]] = ("x", "scale", "shift")

    def infer(self, *types: TensorType) -> TensorType:
        return _fitting(self, types[0], *types)

    def evaluate(self, *arrays: Array) -> Array:
        x, scale, shift = arrays
        normal, _ = _normal(x, self.epsilon)
        return np.asarray(normal * scale + shift)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, scale, _ = operands
        return builder.apply(LayerNormBack(self.epsilon), only(cotangents), x, scale)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        x, scale, shift = operands
        normal, _ = _written(builder, x, self.epsilon)
        return builder(Add(), builder(Multiply(), normal, scale), shift)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1], 7)


@dataclass(frozen=True)
class LayerNormBack(Op):
    """The cotangents of x, scale and shift from g, that of y.

    With n = (x - mean) r, r = 1 / sqrt(variance + epsilon) and h = g scale:

        dx = r (h - mean(h) - n mean(h n)),  dscale = sum of g n,  dshift = sum of g

    Types   g: T[*d, C], x: T[*d, C], scale: T[C] -> dx: T[*d, C], dscale: T[C], dshift: T[C].
    Errors  ShapeError where the types of g and x differ, or scale does not fit.
    Source  Ba, Kiros and Hinton, Layer normalization, 2016, eq. 3 and 4, differentiated.
    """

    epsilon: float = 1e-5
    name: ClassVar[str] = "layer_norm_back"
    operands: ClassVar[tuple[str, ...]] = ("g", "x", "scale")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        g, x, scale = types
        if g != x:
            raise ShapeError(f"{self.name}: g and x differ: {listed_types(types)}")
        return _fitting(self, x, *types), scale, scale

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        g, x, scale = arrays
        normal, r = _normal(x, self.epsilon)
        h = g * scale
        means = [part.mean(axis=-1, keepdims=True) for part in (h, h * normal)]
        dx = r * (h - means[0] - normal * means[1])
        leading = tuple(range(x.ndim - 1))
        return np.asarray(dx), np.sum(g * normal, axis=leading), np.sum(g, axis=leading)

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        g, x, scale = operands
        normal, r = _written(builder, x, self.epsilon)
        averaged = ScaleBy(1.0 / sized_axis(self, x.type, -1))
        along = builder(Multiply(), g, normal)
        h = builder(Multiply(), g, scale)
        mean = builder(averaged, builder(SumLast(), h))
        tilt = builder(averaged, builder(SumLast(), builder(Multiply(), along, scale)))
        level = builder(Subtract(), h, mean)
        dx = builder(Subtract(), level, builder(Multiply(), normal, tilt))
        dx = builder(Multiply(), dx, r)
        return dx, sum_to(builder, along, scale.type), sum_to(builder, g, scale.type)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per(types[:1], 16)


def _fitting(op: Op, x: TensorType, *types: TensorType) -> TensorType:
    """x, whose last axis the vectors among the types must fit. Errors: ShapeError."""
    floating(op, *types)
    units = sized_axis(op, x, -1)
    if any(t.shape != (units,) for t in types if t != x):
        raise ShapeError(f"{op.name}: expected vectors of {units}, got {listed_types(types)}")
    return x


def _normal(x: Array, epsilon: float) -> tuple[Array, Array]:
    """(x - mean) r and r = 1 / sqrt(variance + epsilon)."""
    centred = x - x.mean(axis=-1, keepdims=True)
    r = 1.0 / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + epsilon)
    return centred * r, r


def _written(builder: Builder, x: Value, epsilon: float) -> tuple[Value, Value]:
    """The same as instructions, which the way there and the way back share."""
    averaged = ScaleBy(1.0 / int(x.type.shape[-1]))
    centred = builder(Subtract(), x, builder(averaged, builder(SumLast(), x)))
    variance = builder(averaged, builder(SumLast(), builder(Square(), centred)))
    r = builder(Reciprocal(), builder(Sqrt(), builder(ShiftBy(epsilon), variance)))
    return builder(Multiply(), centred, r), r
