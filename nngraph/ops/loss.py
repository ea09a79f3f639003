"""Losses, one number for each sample: how far outputs are from targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.affine import Negative, ScaleBy, SubtractFrom
from nngraph.ops.arithmetic import Add, Divide, Multiply, Subtract
from nngraph.ops.elementwise import ClampAbove, ClampBelow, Log, Log1p
from nngraph.ops.sample import column, dot_sample, sample_size, sum_sample
from nngraph.ops.shared import largest_below_one, listed_types, only, same_type, smallest


class PerSample(Op):
    """Two operands of one type, combined and summed within each sample, or averaged (`mean`)."""

    mean: bool

    def share(self, x: TensorType) -> float:
        """By what the sum within a sample is multiplied."""
        return 1.0 / sample_size(x) if self.mean else 1.0

    def weights(self, builder: Builder, g: Value, x: Value, factor: float = 1.0) -> Value:
        """factor times the cotangent of each sample's sum, shaped to broadcast over x."""
        factor *= self.share(x.type)
        return column(builder, g if factor == 1.0 else builder(ScaleBy(factor), g), x)

    def total(self, builder: Builder, summed: Value, x: Value, sign: float = 1.0) -> Value:
        """The result from the sum within each sample."""
        factor = sign * self.share(x.type)
        if factor == -1.0:
            return builder(Negative(), summed)
        return summed if factor == 1.0 else builder(ScaleBy(factor), summed)


class SampleLoss(PerSample):
    """An op whose only result is the loss of each sample."""

    operands: ClassVar[tuple[str, ...]] = ("y", "t")

    def infer(self, *types: TensorType) -> TensorType:
        return per_sample(self, *types)


def per_sample(op: Op, *types: TensorType) -> TensorType:
    """T[N] for operands of one type T[N, *d]. Errors: ShapeError."""
    x = same_type(op, *types)
    if not x.shape:
        raise ShapeError(f"{op.name}: expected one row for each sample, got {listed_types(types)}")
    return x.with_shape(x.shape[:1])


def summed_sample(values: Array) -> Array:
    """The sum over all axes but the first."""
    return np.asarray(values.sum(axis=tuple(range(1, values.ndim))))


def share(mean: bool, values: Array) -> float:
    """By what the sum within a sample is multiplied, from the array."""
    return len(values) / values.size if mean and values.size else 1.0


@dataclass(frozen=True, slots=True)
class SquaredError(SampleLoss):
    """sum_k (y_k - t_k)^2 of each sample, or their mean.

    Types   y: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into y: 2 (y - t) g; into t: the same with the other sign.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.11 (without the half).
    """

    mean: bool = True
    name: ClassVar[str] = "squared_error"

    def evaluate(self, *arrays: Array) -> Array:
        y, t = arrays
        return summed_sample((y - t) ** 2) * share(self.mean, y)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        y, t = operands
        w = self.weights(builder, only(cotangents), y, 2.0)
        into_y = builder(Multiply(), builder(Subtract(), y, t), w)
        return into_y, builder(Negative(), into_y)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        y, t = operands
        error = builder(Subtract(), y, t)
        return self.total(builder, dot_sample(builder, error, error), y)


@dataclass(frozen=True, slots=True)
class SampleCrossEntropy(SampleLoss):
    """-sum_k t_k ln p_k of each sample, in nats, or their mean.

    p counts as at least the smallest normal number of its dtype (2.2e-308, float32 1.2e-38), in
    value and derivative, so that both are finite at p = 0 and exact for every normal p.
    `normalised` says that the targets of a sample sum to 1; softmax fuses better with it.

    Types   p: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into p: -t / p g; into t: -ln p g.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108.
    """

    mean: bool = False
    normalised: bool = False
    name: ClassVar[str] = "cross_entropy"
    operands: ClassVar[tuple[str, ...]] = ("p", "t")

    def evaluate(self, *arrays: Array) -> Array:
        p, t = arrays
        return -summed_sample(t * np.log(np.maximum(p, smallest(p.dtype)))) * share(self.mean, p)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        p, t = operands
        above = builder(ClampBelow(smallest(p.type.dtype)), p)
        w = self.weights(builder, only(cotangents), p, -1.0)
        into_p = builder(Multiply(), builder(Divide(), t, above), w)
        return into_p, builder(Multiply(), builder(Log(), above), w)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        p, t = operands
        log = builder(Log(), builder(ClampBelow(smallest(p.type.dtype)), p))
        return self.total(builder, dot_sample(builder, log, t), p, -1.0)


@dataclass(frozen=True, slots=True)
class SampleNegativeLogLikelihood(SampleLoss):
    """-sum_k t_k l_k of each sample for log-probabilities l, in nats, or their mean.

    Types   l: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into l: -t g; into t: -l g.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108.
    """

    mean: bool = False
    name: ClassVar[str] = "negative_log_likelihood"
    operands: ClassVar[tuple[str, ...]] = ("l", "t")

    def evaluate(self, *arrays: Array) -> Array:
        log, t = arrays
        return -summed_sample(t * log) * share(self.mean, log)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        log, t = operands
        w = self.weights(builder, only(cotangents), log, -1.0)
        return builder(Multiply(), t, w), builder(Multiply(), log, w)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        log, t = operands
        return self.total(builder, dot_sample(builder, log, t), log, -1.0)


@dataclass(frozen=True, slots=True)
class SampleBinaryCrossEntropy(SampleLoss):
    """-sum_k (t_k ln p_k + (1 - t_k) ln(1 - p_k)) of each sample, in nats, or their mean.

    p counts as at least the smallest normal number of its dtype and at most the largest below 1,
    in value and derivative, so that both are finite at p = 0 and p = 1.

    Types   p: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into p: (p - t) / (p (1 - p)) g; into t: (ln(1 - p) - ln p) g.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.21.
    """

    mean: bool = False
    name: ClassVar[str] = "binary_cross_entropy"
    operands: ClassVar[tuple[str, ...]] = ("p", "t")

    def evaluate(self, *arrays: Array) -> Array:
        p, t = arrays
        p = np.minimum(np.maximum(p, smallest(p.dtype)), largest_below_one(p.dtype))
        entropy = t * np.log(p) + (1.0 - t) * np.log1p(-p)
        return -summed_sample(entropy) * share(self.mean, p)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        p, t = operands
        inside = self._inside(builder, p)
        variance = builder(Multiply(), inside, builder(SubtractFrom(1.0), inside))
        slope = builder(Divide(), builder(Subtract(), inside, t), variance)
        w = self.weights(builder, only(cotangents), p)
        yes, no = self._logs(builder, inside)
        into_t = builder(Multiply(), builder(Subtract(), no, yes), w)
        return builder(Multiply(), slope, w), into_t

    def expand(self, builder: Builder, *operands: Value) -> Value:
        p, t = operands
        yes, no = self._logs(builder, self._inside(builder, p))
        chosen = builder(Multiply(), t, builder(Subtract(), yes, no))
        return self.total(builder, sum_sample(builder, builder(Add(), chosen, no)), p, -1.0)

    def _inside(self, builder: Builder, p: Value) -> Value:
        above = builder(ClampBelow(smallest(p.type.dtype)), p)
        return builder(ClampAbove(largest_below_one(p.type.dtype)), above)

    def _logs(self, builder: Builder, p: Value) -> tuple[Value, Value]:
        """ln p and ln(1 - p)."""
        return builder(Log(), p), builder(Log1p(), builder(Negative(), p))
