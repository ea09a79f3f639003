"""Activations made of straight pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Fill,
    Op,
    Operand,
    ShapeError,
    TensorType,
    Value,
    broadcast_shapes,
)
from nngraph.ops.affine import ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.arithmetic import Add, Maximum, Minimum, Multiply
from nngraph.ops.compare import Between, Greater
from nngraph.ops.elementwise import ClampAbove, ClampBelow, Step
from nngraph.ops.shared import Unary, floating, listed, only
from nngraph.ops.spread import sum_to


@dataclass(frozen=True, slots=True)
class Relu(Unary):
    """max(x, 0).

    Types   T[*d] -> T[*d].
    VJP     g where y > 0, so 0 at 0; x itself is not needed.
    Errors  ShapeError unless x is float.
    Source  Glorot, Bordes & Bengio, AISTATS 15 (2011) 315-323.
    """

    name: ClassVar[str] = "relu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.maximum(x, 0.0))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Greater(0.0), y))

    def call(self, *types: TensorType) -> Call:
        return Call(np.maximum, "np.maximum", (Operand(0), Fill(0.0)), overwrites=(0,))


@dataclass(frozen=True, slots=True)
class LeakyRelu(Unary):
    """x where x > 0, alpha x elsewhere.

    Types   T[*d] -> T[*d].
    VJP     g where x > 0, alpha g elsewhere.
    Errors  ShapeError unless x is float.
    Source  Maas, Hannun & Ng, ICML Workshop on Deep Learning for Audio, Speech and Language
            Processing (2013).
    """

    alpha: float = 0.01
    name: ClassVar[str] = "leaky_relu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.where(x > 0, x, self.alpha * x))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        rise = builder(ScaleBy(1.0 - self.alpha), builder(Step(), x))
        return builder(Multiply(), g, builder(ShiftBy(self.alpha), rise))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        # the upper one of the lines x and alpha x is right where alpha <= 1, else the lower one
        choose = Maximum() if self.alpha <= 1.0 else Minimum()
        return builder(choose, x, builder(ScaleBy(self.alpha), x))


@dataclass(frozen=True, slots=True)
class PRelu(Op):
    """x where x > 0, alpha x elsewhere, with a learned alpha: one for each unit, or one for all.

    Types   x: T[*d, J], alpha: T[J] or T[1] -> T[*d, J].
    VJP     into x: g where x > 0, alpha g elsewhere; into alpha: g min(x, 0), summed.
    Errors  ShapeError where alpha fits neither the last axis nor is one number.
    Source  He, Zhang, Ren & Sun, ICCV (2015) 1026-1034.
    """

    name: ClassVar[str] = "prelu"
    operands: ClassVar[tuple[str, ...]] = ("x", "alpha")
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, alpha = types
        floating(self, x, alpha)
        if len(alpha.shape) != 1 or broadcast_shapes(x.shape, alpha.shape) != x.shape:
            raise ShapeError(f"prelu: the slope does not fit the units: {listed(types)}")
        return x

    def evaluate(self, *arrays: Array) -> Array:
        x, alpha = arrays
        return np.asarray(np.where(x > 0, x, alpha * x))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, alpha) = only(cotangents), operands
        rise = builder(Multiply(), builder(Step(), x), builder(SubtractFrom(1.0), alpha))
        into_x = builder(Multiply(), g, builder(Add(), rise, alpha))
        into_alpha = builder(Multiply(), g, builder(ClampAbove(0.0), x))
        return into_x, sum_to(builder, into_alpha, alpha.type)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        x, alpha = operands
        below = builder(Multiply(), builder(ClampAbove(0.0), x), alpha)
        return builder(Add(), builder(ClampBelow(0.0), x), below)


class _Clip(Unary):
    """x between two numbers; the derivative is 0 from each of them on."""

    bounds: ClassVar[tuple[float, float]]

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.minimum(np.maximum(x, self.bounds[0]), self.bounds[1]))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Between(*self.bounds), y))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        return builder(ClampAbove(self.bounds[1]), builder(ClampBelow(self.bounds[0]), x))


@dataclass(frozen=True, slots=True)
class HardTanh(_Clip):
    """min(max(x, -1), 1).

    Types   T[*d] -> T[*d].
    VJP     g where -1 < x < 1.
    Errors  ShapeError unless x is float.
    Source  Collobert, Large Scale Machine Learning (thesis, Paris VI, 2004).
    """

    name: ClassVar[str] = "hard_tanh"
    bounds: ClassVar[tuple[float, float]] = (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Relu6(_Clip):
    """min(max(x, 0), 6).

    Types   T[*d] -> T[*d].
    VJP     g where 0 < x < 6.
    Errors  ShapeError unless x is float.
    Source  Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10 (2010), section 3.
    """

    name: ClassVar[str] = "relu6"
    bounds: ClassVar[tuple[float, float]] = (0.0, 6.0)


@dataclass(frozen=True, slots=True)
class HardSigmoid(Unary):
    """min(max(x + 3, 0), 6) / 6, three straight pieces near the sigmoid.

    Types   T[*d] -> T[*d].
    VJP     g / 6 where -3 < x < 3.
    Errors  ShapeError unless x is float.
    Source  Howard et al., Searching for MobileNetV3, ICCV (2019), section 5.2.
    """

    name: ClassVar[str] = "hard_sigmoid"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.minimum(np.maximum(x + 3.0, 0.0), 6.0) / 6.0)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        sixth = builder(ScaleBy(1.0 / 6.0), g)
        return builder(Multiply(), sixth, builder(Between(0.0, 1.0), y))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        clipped = Relu6().expand(builder, builder(ShiftBy(3.0), x))
        return builder(ScaleBy(1.0 / 6.0), clipped)


@dataclass(frozen=True, slots=True)
class HardSwish(Unary):
    """x hard_sigmoid(x).

    Types   T[*d] -> T[*d].
    VJP     g (hard_sigmoid(x) + x / 6 where -3 < x < 3).
    Errors  ShapeError unless x is float.
    Source  Howard et al., Searching for MobileNetV3, ICCV (2019), section 5.2.
    """

    name: ClassVar[str] = "hard_swish"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x * HardSigmoid().evaluate(x))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        sixth = builder(ScaleBy(1.0 / 6.0), x)
        inside = builder(Multiply(), sixth, builder(Between(-3.0, 3.0), x))
        slope = builder(Add(), builder(HardSigmoid(), x), inside)
        return builder(Multiply(), g, slope)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        return builder(Multiply(), x, HardSigmoid().expand(builder, x))
