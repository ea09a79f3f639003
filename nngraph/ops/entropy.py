"""Softmax and sigmoid fused with their entropies: exact however sure the network is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, TensorType, Value
from nngraph.ops.affine import Negative
from nngraph.ops.arithmetic import Add, Divide, Multiply, Subtract
from nngraph.ops.elementwise import Abs, ClampBelow, Exp, Log, Log1p
from nngraph.ops.loss import (
    PerSample,
    SampleBinaryCrossEntropy,
    SampleCrossEntropy,
    per_sample,
    share,
    summed_sample,
)
from nngraph.ops.reduce import MaxLast, SumLast
from nngraph.ops.sample import dot_sample, sum_sample
from nngraph.ops.shared import sized_axis
from nngraph.ops.word import ROWS, Word

SIGMOID, SOFTMAX, LOG_SOFTMAX = (Word(ROWS[k]) for k in ("sigmoid", "softmax", "log_softmax"))


@dataclass(frozen=True, slots=True)
class SoftmaxCrossEntropy(PerSample):
    """loss = -sum_k t_k ln p_k of each sample in nats, or their mean, and p = softmax(a).

    `normalised` says that the targets sum to 1 over the last axis, as one-hot rows do.

    Types   a: T[N, *d, K], t: T[N, *d, K] -> loss: T[N], p: T[N, *d, K].
    VJP     into a: (p sum_k t_k - t) g, where normalised (p - t) g, and from the cotangent h of p
            p (h - sum_k h_k p_k); into t: -ln p g.
    Errors  ShapeError where the types differ or the last axis has no fixed size.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108 and 4.109.
    """

    mean: bool = False
    normalised: bool = False
    name: ClassVar[str] = "softmax_cross_entropy"
    operands: ClassVar[tuple[str, ...]] = ("a", "t")
    reduces_last_axis: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> tuple[TensorType, TensorType]:
        loss = per_sample(self, *types)
        sized_axis(self, types[0], -1)
        return loss, types[0]

    def evaluate(self, *arrays: Array) -> tuple[Array, Array]:
        a, t = arrays
        loss = -summed_sample(t * LOG_SOFTMAX.evaluate(a)) * share(self.mean, a)
        return loss, SOFTMAX.evaluate(a)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (g, h), (_, p), (a, t) = cotangents, outs, operands
        through_p = None if h is None else SOFTMAX.vjp(builder, (h,), (p,), a)[0]
        if g is None:
            return through_p, None
        expected = p
        if not self.normalised:
            expected = builder(Multiply(), p, builder(SumLast(), t))
        error = builder(Subtract(), expected, t)
        into_a = builder(Multiply(), error, self.weights(builder, g, a))
        into_t = builder(Multiply(), builder(LOG_SOFTMAX, a), self.weights(builder, g, a, -1.0))
        return added(builder, into_a, through_p), into_t

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, Value]:
        a, t = operands
        s, e, q = exponentials(builder, a)
        surprise = builder(Subtract(), builder(Log(), q), s)
        loss = self.total(builder, dot_sample(builder, surprise, t), a)
        return loss, builder(Divide(), e, q)


@dataclass(frozen=True, slots=True)
class SigmoidBinaryCrossEntropy(PerSample):
    """loss = -sum_k (t_k ln p_k + (1 - t_k) ln(1 - p_k)) and p = sigmoid(a), both exact.

    The loss, in nats, of each sample or averaged over its values, is the sum of
    max(a, 0) - a t + ln(1 + e^-|a|).

    Types   a: T[N, *d], t: T[N, *d] -> loss: T[N], p: T[N, *d].
    VJP     into a: (p - t) g, and from the cotangent h of p h p (1 - p); into t: -a g.
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.90 and 4.91.
    """

    mean: bool = False
    name: ClassVar[str] = "sigmoid_binary_cross_entropy"
    operands: ClassVar[tuple[str, ...]] = ("a", "t")

    def infer(self, *types: TensorType) -> tuple[TensorType, TensorType]:
        return per_sample(self, *types), types[0]

    def evaluate(self, *arrays: Array) -> tuple[Array, Array]:
        a, t = arrays
        values = (np.maximum(a, 0.0) - a * t) + np.log1p(np.exp(-np.abs(a)))
        return summed_sample(values) * share(self.mean, a), SIGMOID.evaluate(a)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (g, h), (_, p), (a, t) = cotangents, outs, operands
        through_p = None if h is None else SIGMOID.vjp(builder, (h,), (p,), a)[0]
        if g is None:
            return through_p, None
        error = builder(Subtract(), p, t)
        into_a = builder(Multiply(), error, self.weights(builder, g, a))
        into_t = builder(Multiply(), a, self.weights(builder, g, a, -1.0))
        return added(builder, into_a, through_p), into_t

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, Value]:
        a, t = operands
        power = builder(Exp(), builder(Negative(), builder(Abs(), a)))
        linear = builder(Subtract(), builder(ClampBelow(0.0), a), builder(Multiply(), a, t))
        values = builder(Add(), linear, builder(Log1p(), power))
        loss = self.total(builder, sum_sample(builder, values), a)
        return loss, SIGMOID.expand(builder, a)


@dataclass(frozen=True, slots=True)
class ExactForm:
    """A loss, the activation with which it is exact however sure the network is, and the op that
    is both: it gives the loss and the activation's result."""

    loss: type[Op]
    activation: str
    both: Callable[..., Op]


EXACT_FORMS: tuple[ExactForm, ...] = (
    ExactForm(
        SampleCrossEntropy,
        "softmax",
        lambda loss: SoftmaxCrossEntropy(mean=loss.mean, normalised=loss.normalised),
    ),
    ExactForm(
        SampleBinaryCrossEntropy, "sigmoid", lambda loss: SigmoidBinaryCrossEntropy(mean=loss.mean)
    ),
)
"""Every such pair."""


def added(builder: Builder, x: Value, y: Value | None) -> Value:
    """The sum of two cotangents of which the second may be missing."""
    return x if y is None else builder(Add(), x, y)


def exponentials(builder: Builder, a: Value) -> tuple[Value, Value, Value]:
    """s = a - max a, e = e^s and their sum q >= 1, over the last axis."""
    s = builder(Subtract(), a, builder(MaxLast(), a))
    e = builder(Exp(), s)
    return s, e, builder(SumLast(), e)
