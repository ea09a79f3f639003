"""Activations that couple the elements of the last axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, TensorType, Value
from nngraph.ops.arithmetic import Divide, Multiply, Subtract
from nngraph.ops.elementwise import Exp, Log
from nngraph.ops.reduce import MaxLast, SumLast
from nngraph.ops.shared import floating, only, sized_axis


class _OverLastAxis(Op):
    """A function of the last axis, which must have a fixed size."""

    operands: ClassVar[tuple[str, ...]] = ("a",)
    reduces_last_axis: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        a = floating(self, *types)
        sized_axis(self, a, -1)
        return a


@dataclass(frozen=True, slots=True)
class Softmax(_OverLastAxis):
    """p_k = e^a_k / sum_j e^a_j over the last axis, the maximum subtracted first.

    Types   T[*d, K] -> T[*d, K].
    VJP     p (g - sum_k g_k p_k), its Jacobian applied.
    Errors  ShapeError for a scalar or a last axis without a fixed size.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.62 and 4.106.
    """

    name: ClassVar[str] = "softmax"

    def evaluate(self, *arrays: Array) -> Array:
        (a,) = arrays
        e = np.exp(a - a.max(axis=-1, keepdims=True))
        return np.asarray(e / e.sum(axis=-1, keepdims=True))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (p,) = only(cotangents), outs
        mean = builder(SumLast(), builder(Multiply(), g, p))
        return (builder(Multiply(), p, builder(Subtract(), g, mean)),)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (a,) = operands
        _, e, q = exponentials(builder, a)
        return builder(Divide(), e, q)


@dataclass(frozen=True, slots=True)
class LogSoftmax(_OverLastAxis):
    """ln softmax(a) = s - ln sum_j e^s_j with s = a - max a, over the last axis.

    Types   T[*d, K] -> T[*d, K], in nats.
    VJP     g - e^y sum_k g_k.
    Errors  ShapeError for a scalar or a last axis without a fixed size.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4.
    """

    name: ClassVar[str] = "log_softmax"

    def evaluate(self, *arrays: Array) -> Array:
        (a,) = arrays
        s = a - a.max(axis=-1, keepdims=True)
        return np.asarray(s - np.log(np.exp(s).sum(axis=-1, keepdims=True)))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (y,) = only(cotangents), outs
        total = builder(SumLast(), g)
        return (builder(Subtract(), g, builder(Multiply(), builder(Exp(), y), total)),)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (a,) = operands
        s, _, q = exponentials(builder, a)
        return builder(Subtract(), s, builder(Log(), q))


def exponentials(builder: Builder, a: Value) -> tuple[Value, Value, Value]:
    """s = a - max a, e = e^s and their sum q >= 1, over the last axis."""
    s = builder(Subtract(), a, builder(MaxLast(), a))
    e = builder(Exp(), s)
    return s, e, builder(SumLast(), e)
