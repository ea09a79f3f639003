"""Losses with corners: Huber's, and the hinges of classifiers with a margin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, ShapeError, TensorType, Value
from nngraph.ops.affine import Negative, ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.arithmetic import Multiply, Subtract
from nngraph.ops.compare import Greater
from nngraph.ops.convert import Cast
from nngraph.ops.elementwise import ClampAbove, ClampBelow, Square
from nngraph.ops.loss import SampleLoss, share, summed_sample
from nngraph.ops.reduce import MaxLast, SumLast
from nngraph.ops.sample import dot_sample, sample_size, sum_sample
from nngraph.ops.shared import listed_types, only, sized_axis


@dataclass(frozen=True, slots=True)
class SampleHuber(SampleLoss):
    """e^2 / 2 where |e| = |y_k - t_k| <= delta, delta (|e| - delta / 2) beyond, summed over k.

    Types   y: T[N, *d], t: T[N, *d] -> T[N]; delta > 0.
    VJP     into y: e cut to between -delta and delta, times g; into t: with the other sign.
    Errors  ShapeError where the types differ.
    Source  Huber, Annals of Mathematical Statistics 35 (1964) 73-101, eq. 2.1.
    """

    mean: bool = True
    delta: float = 1.0
    name: ClassVar[str] = "huber"

    def evaluate(self, *arrays: Array) -> Array:
        y, t = arrays
        e = np.abs(y - t)
        near, far = 0.5 * e * e, self.delta * (e - 0.5 * self.delta)
        return summed_sample(np.where(e <= self.delta, near, far)) * share(self.mean, y)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        y, t = operands
        cut = self._cut(builder, builder(Subtract(), y, t))
        into_y = builder(Multiply(), cut, self.weights(builder, only(cotangents), y))
        return into_y, builder(Negative(), into_y)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        y, t = operands
        e = builder(Subtract(), y, t)
        cut = self._cut(builder, e)  # c (e - c / 2) is both branches at once
        other = builder(Subtract(), e, builder(ScaleBy(0.5), cut))
        return self.total(builder, dot_sample(builder, cut, other), y)

    def _cut(self, builder: Builder, e: Value) -> Value:
        return builder(ClampAbove(self.delta), builder(ClampBelow(-self.delta), e))


class _Hinge(SampleLoss):
    """A function of the margin m_k = max(0, 1 - s_k y_k), s_k = 1 where t_k > 0, else -1."""

    squared: ClassVar[bool]

    def evaluate(self, *arrays: Array) -> Array:
        y, t = arrays
        m = np.maximum(1.0 - np.where(t > 0, y, -y), 0.0)
        return summed_sample(m * m if self.squared else m) * share(self.mean, y)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        y, t = operands
        s = _sign(builder, t)
        inside = self._inside(builder, y, s)
        slope = builder(Multiply(), s, builder(Greater(0.0), inside))
        if self.squared:
            slope = builder(Multiply(), s, builder(ClampBelow(0.0), inside))
        w = self.weights(builder, only(cotangents), y, -2.0 if self.squared else -1.0)
        return builder(Multiply(), slope, w), None

    def expand(self, builder: Builder, *operands: Value) -> Value:
        y, t = operands
        m = builder(ClampBelow(0.0), self._inside(builder, y, _sign(builder, t)))
        m = builder(Square(), m) if self.squared else m
        return self.total(builder, sum_sample(builder, m), y)

    def _inside(self, builder: Builder, y: Value, s: Value) -> Value:
        return builder(SubtractFrom(1.0), builder(Multiply(), s, y))


def _sign(builder: Builder, t: Value) -> Value:
    """1 where t > 0, else -1."""
    yes = builder(Cast(t.type.dtype), builder(Greater(0.0), t))
    return builder(ShiftBy(-1.0), builder(ScaleBy(2.0), yes))


@dataclass(frozen=True, slots=True)
class Hinge(_Hinge):
    """sum_k max(0, 1 - s_k y_k) of each sample, s_k = 1 where t_k > 0, else -1, or their mean.

    So targets of 0 and 1 and of -1 and 1 mean the same.

    Types   y: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into y: -s g where s y < 1; into t: none.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 7.44.
    """

    mean: bool = False
    name: ClassVar[str] = "hinge"
    squared: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class SquaredHinge(_Hinge):
    """sum_k max(0, 1 - s_k y_k)^2 of each sample, s_k = 1 where t_k > 0, else -1, or their mean.

    Types   y: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into y: -2 s max(0, 1 - s y) g; into t: none.
    Errors  ShapeError where the types differ.
    Source  Chang, Hsieh & Lin, Journal of Machine Learning Research 9 (2008) 1369-1398.
    """

    mean: bool = False
    name: ClassVar[str] = "squared_hinge"
    squared: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class CategoricalHinge(SampleLoss):
    """max(0, 1 + max_k (1 - t_k) y_k - sum_k t_k y_k) over the last axis, summed over the others.

    For one-hot rows t. As in Keras the highest rival counts as at least 0, since the right class
    stands among the rivals with (1 - t_k) y_k = 0. The mean is over the other axes.

    Types   y: T[N, *d, K], t: T[N, *d, K] -> T[N].
    VJP     where the loss is positive into y: g for the highest rival and -g t; into t: none.
    Errors  ShapeError where the types differ or the last axis has no fixed size.
    Source  Crammer & Singer, Journal of Machine Learning Research 2 (2001) 265-292, section 2.
    """

    mean: bool = False
    name: ClassVar[str] = "categorical_hinge"
    reduces_last_axis: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        out = SampleLoss.infer(self, *types)
        if len(types[0].shape) < 2:
            raise ShapeError(
                f"categorical_hinge: expected rows of classes, got {listed_types(types)}"
            )
        sized_axis(self, types[0], -1)
        return out

    def share(self, x: TensorType) -> float:
        """One value for each row of classes."""
        return sized_axis(self, x, -1) / sample_size(x) if self.mean else 1.0

    def evaluate(self, *arrays: Array) -> Array:
        y, t = arrays
        rival = np.max((1.0 - t) * y, axis=-1) if y.size else np.zeros(y.shape[:-1], y.dtype)
        values = np.maximum(1.0 + rival - np.sum(t * y, axis=-1), 0.0)
        values = values.reshape(len(y), math.prod(values.shape[1:]))
        return np.asarray(values.sum(axis=1) / (values.shape[1] if self.mean else 1))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        y, t = operands
        others = builder(SubtractFrom(1.0), t)
        rivals = builder(Multiply(), others, y)
        highest = builder(MaxLast(), rivals)
        active = builder(Greater(0.0), self._inside(builder, highest, y, t))
        g = builder(Multiply(), active, self.weights(builder, only(cotangents), y))
        (into_rivals,) = MaxLast().vjp(builder, (g,), (highest,), rivals)
        assert into_rivals is not None
        into_y = builder(Multiply(), into_rivals, others)
        return builder(Subtract(), into_y, builder(Multiply(), t, g)), None

    def expand(self, builder: Builder, *operands: Value) -> Value:
        y, t = operands
        rivals = builder(Multiply(), builder(SubtractFrom(1.0), t), y)
        inside = self._inside(builder, builder(MaxLast(), rivals), y, t)
        return self.total(builder, sum_sample(builder, builder(ClampBelow(0.0), inside)), y)

    def _inside(self, builder: Builder, highest: Value, y: Value, t: Value) -> Value:
        right = builder(SumLast(), builder(Multiply(), t, y))
        return builder(ShiftBy(1.0), builder(Subtract(), highest, right))
