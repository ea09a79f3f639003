"""Optimisers as programs over flat vectors: parameters, gradients and moments, T[P] each.

Scalars that change with the step are computed in float64 and cast once, so that a float32 network
takes the same steps as a float64 one but for the rounding of its vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from nngraph.ir import (
    FLAT,
    Builder,
    DType,
    Input,
    Param,
    Program,
    State,
    TensorType,
    Value,
    verify,
)
from nngraph.ops import (
    Add,
    Cast,
    Divide,
    Exp,
    Multiply,
    Reciprocal,
    ScaleBy,
    ShiftBy,
    Sqrt,
    Square,
    Subtract,
)
from nngraph.spec.training import Adam, Optimizer, Sgd


def optimizer_program(spec: Optimizer, dtype: DType) -> Program:
    """One step of an optimiser.

    Leaves: Param "parameters" and Input "gradients", T[P]; Input "learning_rate", float64[];
    Input "step", int64[], which counts from 1; State vectors T[P], zero at the start. The
    parameters and the states are updated; there are no outputs.
    """
    return OPTIMIZER_ROWS[spec.kind](spec, dtype)


class _Step:
    """The leaves that all optimisers have."""

    def __init__(self, dtype: DType) -> None:
        self.builder = Builder()
        self.dtype = dtype
        self.vector = TensorType((FLAT,), dtype)
        self.w = self.builder.leaf(Param(self.vector, "parameters"))
        self.g = self.builder.leaf(Input(self.vector, "gradients"))
        self.rate = self.builder.leaf(Input(TensorType((), "float64"), "learning_rate"))
        self.count = self.builder.leaf(Input(TensorType((), "int64"), "step"))

    def state(self, id: str) -> State:
        """A vector that the step reads and writes."""
        return self.builder.leaf(State(self.vector, id))

    def scalar(self, value: Value) -> Value:
        """A float64 scalar in the dtype of the vectors."""
        return self.builder(Cast(self.dtype), value)

    def done(self, step: Value, *states: tuple[State, Value]) -> Program:
        """w - step, and new states."""
        w = self.builder(Subtract(), self.w, step)
        return verify(self.builder.done((), ((self.w, w), *states)), "building an optimiser")


def sgd(spec: Sgd, dtype: DType) -> Program:
    """w <- w - eta d; d = g, with momentum mu: v <- mu v + g, d = v, or g + mu v (nesterov).

    The convention of PyTorch: eta scales the whole step, the velocity holds gradients.
    Source: Sutskever et al., On the importance of initialization and momentum, ICML 2013.
    """
    at = _Step(dtype)
    build, rate = at.builder, at.scalar(at.rate)
    if spec.momentum == 0.0:
        return at.done(build(Multiply(), at.g, rate))
    velocity = at.state("velocity")
    v = build(Add(), build(ScaleBy(spec.momentum), velocity), at.g)
    d = build(Add(), build(ScaleBy(spec.momentum), v), at.g) if spec.nesterov else v
    return at.done(build(Multiply(), d, rate), (velocity, v))


def adam(spec: Adam, dtype: DType) -> Program:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; with both corrected for their start,
    w <- w - eta m / (sqrt(v) + epsilon), the convention of the paper and of PyTorch.

    The moments are kept rescaled, M = m / (1 - b1) and V = v / (1 - b2), and the corrections lie
    in two scalars, so that ten passes over the vectors are enough:

        s = sqrt((1 - b2) / (1 - b2^t)),  alpha = eta (1 - b1) / ((1 - b1^t) s)
        w <- w - alpha M / (sqrt(V) + epsilon / s)

    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """
    at = _Step(dtype)
    build = at.builder
    first, second = at.state("first_moment"), at.state("second_moment")
    t = build(Cast("float64"), at.count)
    into_s = build(ScaleBy(1.0 - spec.beta2), _over_correction(build, spec.beta2, t))
    s_inverse = build(Reciprocal(), build(Sqrt(), into_s))
    alpha = build(ScaleBy(1.0 - spec.beta1), _over_correction(build, spec.beta1, t))
    alpha = build(Multiply(), build(Multiply(), alpha, s_inverse), at.rate)
    epsilon = build(ScaleBy(spec.epsilon), s_inverse)
    M = build(Add(), build(ScaleBy(spec.beta1), first), at.g)
    V = build(Add(), build(ScaleBy(spec.beta2), second), build(Square(), at.g))
    divisor = build(Add(), build(Sqrt(), V), at.scalar(epsilon))
    step = build(Multiply(), build(Divide(), M, divisor), at.scalar(alpha))
    return at.done(step, (first, M), (second, V))


def _over_correction(build: Builder, beta: float, t: Value) -> Value:
    """1 / (1 - beta^t), float64."""
    power = (
        build(ScaleBy(0.0), t) if beta == 0.0 else build(Exp(), build(ScaleBy(math.log(beta)), t))
    )
    return build(Reciprocal(), build(ShiftBy(1.0), build(ScaleBy(-1.0), power)))


OPTIMIZER_ROWS: Mapping[str, Callable[[Any, DType], Program]] = {"sgd": sgd, "adam": adam}
