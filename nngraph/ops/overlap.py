"""Losses of masks: how little two areas overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, TensorType, Value
from nngraph.ops.affine import ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.arithmetic import Add, Divide, Multiply, Subtract
from nngraph.ops.loss import per_sample, summed_sample
from nngraph.ops.sample import column, dot_sample, sum_sample
from nngraph.ops.shared import only


class _Overlap(Op):
    """1 - (top I + smooth) / (S - inner I + smooth), I = sum p t, S = sum p + sum t of a sample."""

    smooth: float
    operands: ClassVar[tuple[str, ...]] = ("p", "t")
    top: ClassVar[float]
    inner: ClassVar[float]

    def infer(self, *types: TensorType) -> TensorType:
        return per_sample(self, *types)

    def evaluate(self, *arrays: Array) -> Array:
        p, t = arrays
        common, areas = summed_sample(p * t), summed_sample(p) + summed_sample(t)
        top = self.top * common + self.smooth
        return np.asarray(1.0 - top / (areas - self.inner * common + self.smooth))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        p, t = operands
        top, below = self._parts(builder, p, t)
        scaled = builder(Divide(), only(cotangents), below)
        ratio = builder(Multiply(), scaled, builder(Divide(), top, below))
        # d loss / d I and d loss / d S
        into_common = builder(ScaleBy(-self.top), scaled)
        if self.inner:
            into_common = builder(Subtract(), into_common, builder(ScaleBy(self.inner), ratio))
        common, areas = (column(builder, v, p) for v in (into_common, ratio))
        into_p = builder(Add(), builder(Multiply(), t, common), areas)
        return into_p, builder(Add(), builder(Multiply(), p, common), areas)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        top, below = self._parts(builder, *operands)
        return builder(SubtractFrom(1.0), builder(Divide(), top, below))

    def _parts(self, builder: Builder, p: Value, t: Value) -> tuple[Value, Value]:
        common = dot_sample(builder, p, t)
        areas = builder(Add(), sum_sample(builder, p), sum_sample(builder, t))
        if self.inner:
            areas = builder(Subtract(), areas, builder(ScaleBy(self.inner), common))
        top = builder(ShiftBy(self.smooth), builder(ScaleBy(self.top), common))
        return top, builder(ShiftBy(self.smooth), areas)


@dataclass(frozen=True, slots=True)
class Dice(_Overlap):
    """1 - (2 sum p t + smooth) / (sum p + sum t + smooth) of each sample, over all its values.

    Types   p: T[N, *d], t: T[N, *d] -> T[N]; between 0 and 1, smooth > 0.
    VJP     with D the divisor and R the quotient: into p: (R - 2 t) / D g; into t likewise.
    Errors  ShapeError where the types differ.
    Source  Milletari, Navab & Ahmadi, V-Net, 3DV (2016) 565-571, with plain sums below.
    """

    smooth: float = 1.0
    name: ClassVar[str] = "dice"
    top: ClassVar[float] = 2.0
    inner: ClassVar[float] = 0.0


@dataclass(frozen=True, slots=True)
class Jaccard(_Overlap):
    """1 - (sum p t + smooth) / (sum p + sum t - sum p t + smooth) of each sample.

    Types   p: T[N, *d], t: T[N, *d] -> T[N]; between 0 and 1, smooth > 0.
    VJP     with D the divisor and R the quotient: into p: (R (1 - t) - t) / D g; into t likewise.
    Errors  ShapeError where the types differ.
    Source  Rahman & Wang, Optimizing intersection-over-union in deep neural networks, ISVC (2016).
    """

    smooth: float = 1.0
    name: ClassVar[str] = "jaccard"
    top: ClassVar[float] = 1.0
    inner: ClassVar[float] = 1.0
