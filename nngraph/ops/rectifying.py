"""Smooth activations that are near x for large x, and near a number for small x."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Value
from nngraph.ops.affine import ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.arithmetic import Add, Divide, Multiply
from nngraph.ops.elementwise import (
    ClampAbove,
    ClampBelow,
    Exp,
    Expm1,
    Step,
)
from nngraph.ops.shared import Unary
from nngraph.ops.smooth import Erfc, Gaussian, Sigmoid


@dataclass(frozen=True, slots=True)
class Elu(Unary):
    """x where x > 0, alpha (e^x - 1) elsewhere.

    Types   T[*d] -> T[*d].
    VJP     g where x > 0, alpha e^x g elsewhere.
    Errors  ShapeError unless x is float.
    Source  Clevert, Unterthiner & Hochreiter, ICLR (2016), eq. 15.
    """

    alpha: float = 1.0
    name: ClassVar[str] = "elu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0.0))))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        slope = builder(Exp(), builder(ClampAbove(0.0), x))
        if self.alpha != 1.0:  # alpha e^min(x, 0) is alpha where x > 0, but 1 is wanted there
            rest = builder(ScaleBy(1.0 - self.alpha), builder(Step(), x))
            slope = builder(Add(), builder(ScaleBy(self.alpha), slope), rest)
        return builder(Multiply(), g, slope)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        below = builder(Expm1(), builder(ClampAbove(0.0), x))
        if self.alpha != 1.0:
            below = builder(ScaleBy(self.alpha), below)
        return builder(Add(), builder(ClampBelow(0.0), x), below)


SELU_ALPHA = 1.6732632423543772848
SELU_SCALE = 1.0507009873554804934


@dataclass(frozen=True, slots=True)
class Selu(Unary):
    """1.0507... elu(x) with alpha 1.6732...: keeps mean 0 and variance 1 from layer to layer.

    Types   T[*d] -> T[*d].
    VJP     1.0507... times that of elu.
    Errors  ShapeError unless x is float.
    Source  Klambauer, Unterthiner, Mayr & Hochreiter, NeurIPS 30 (2017), eq. 2 and 14.
    """

    name: ClassVar[str] = "selu"

    def evaluate(self, *arrays: Array) -> Array:
        return np.asarray(SELU_SCALE * Elu(SELU_ALPHA).evaluate(*arrays))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return Elu(SELU_ALPHA).pull(builder, builder(ScaleBy(SELU_SCALE), g), y, x)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        return builder(ScaleBy(SELU_SCALE), Elu(SELU_ALPHA).expand(builder, *operands))


@dataclass(frozen=True, slots=True)
class Celu(Unary):
    """x where x > 0, alpha (e^(x / alpha) - 1) elsewhere: an elu whose slope has no jump.

    Types   T[*d] -> T[*d]; alpha > 0.
    VJP     g where x > 0, e^(x / alpha) g elsewhere.
    Errors  ShapeError unless x is float.
    Source  Barron, Continuously Differentiable Exponential Linear Units, arXiv:1704.07483 (2017).
    """

    alpha: float = 1.0
    name: ClassVar[str] = "celu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        below = self.alpha * np.expm1(np.minimum(x, 0.0) / self.alpha)
        return np.asarray(np.where(x > 0, x, below))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        below = builder(ScaleBy(1.0 / self.alpha), builder(ClampAbove(0.0), x))
        return builder(Multiply(), g, builder(Exp(), below))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        below = builder(ScaleBy(1.0 / self.alpha), builder(ClampAbove(0.0), x))
        scaled = builder(ScaleBy(self.alpha), builder(Expm1(), below))
        return builder(Add(), builder(ClampBelow(0.0), x), scaled)


@dataclass(frozen=True, slots=True)
class Gelu(Unary):
    """x Phi(x) with the normal distribution function Phi(x) = erfc(-x / sqrt(2)) / 2.

    Types   T[*d] -> T[*d].
    VJP     g (Phi(x) + x e^(-x^2 / 2) / sqrt(2 pi)).
    Errors  ShapeError unless x is float.
    Source  Hendrycks & Gimpel, Gaussian Error Linear Units, arXiv:1606.08415 (2016), eq. 1.
    """

    name: ClassVar[str] = "gelu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(0.5 * x * Erfc().evaluate(np.asarray(x * -math.sqrt(0.5))))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        scaled = builder(ScaleBy(-math.sqrt(0.5)), x)
        Phi = builder(ScaleBy(0.5), builder(Erfc(), scaled))
        bell = builder(ScaleBy(1.0 / math.sqrt(2.0 * math.pi)), builder(Gaussian(), scaled))
        return builder(Multiply(), g, builder(Add(), Phi, builder(Multiply(), x, bell)))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        tail = builder(Erfc(), builder(ScaleBy(-math.sqrt(0.5)), x))
        return builder(Multiply(), builder(ScaleBy(0.5), x), tail)


@dataclass(frozen=True, slots=True)
class Silu(Unary):
    """x sigmoid(x), also called swish.

    Types   T[*d] -> T[*d].
    VJP     g s (1 + x (1 - s)), s = sigmoid(x).
    Errors  ShapeError unless x is float.
    Source  Elfwing, Uchibe & Doya, Neural Networks 107 (2018) 3-11, eq. 8.
    """

    name: ClassVar[str] = "silu"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x * Sigmoid().evaluate(x))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        s = builder(Sigmoid(), x)
        rest = builder(Multiply(), x, builder(SubtractFrom(1.0), s))
        return builder(Multiply(), g, builder(Multiply(), s, builder(ShiftBy(1.0), rest)))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        return builder(Multiply(), x, Sigmoid().expand(builder, x))


MISH_LIMIT = 40.0  # from here on tanh(softplus(x)) is 1 to the last bit, and e^2x is no overflow


@dataclass(frozen=True, slots=True)
class Mish(Unary):
    """x tanh(softplus(x)) = x n / (n + 2) with n = e (e + 2), e = e^x.

    Types   T[*d] -> T[*d].
    VJP     g (t + x 4 e (e + 1) / (n + 2)^2), t = n / (n + 2).
    Errors  ShapeError unless x is float.
    Source  Misra, Mish: A Self Regularized Non-Monotonic Activation Function, BMVC (2020), eq. 1;
            tanh(ln u) = (u^2 - 1) / (u^2 + 1) with u = 1 + e.
    """

    name: ClassVar[str] = "mish"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        e = np.exp(np.minimum(x, MISH_LIMIT))
        n = e * (e + 2.0)
        return np.asarray(x * (n / (n + 2.0)))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        below = builder(ClampAbove(MISH_LIMIT), x)
        e, n, n_plus_2 = self._powers(builder, below)
        rise = builder(Multiply(), e, builder(ShiftBy(1.0), e))
        for _ in range(2):  # one after the other, for (n + 2)^2 may overflow
            rise = builder(Divide(), rise, n_plus_2)
        change = builder(Multiply(), below, builder(ScaleBy(4.0), rise))
        slope = builder(Add(), builder(Divide(), n, n_plus_2), change)
        return builder(Multiply(), g, slope)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        _, n, n_plus_2 = self._powers(builder, builder(ClampAbove(MISH_LIMIT), x))
        return builder(Multiply(), x, builder(Divide(), n, n_plus_2))

    def _powers(self, builder: Builder, below: Value) -> tuple[Value, Value, Value]:
        e = builder(Exp(), below)
        n = builder(Multiply(), e, builder(ShiftBy(2.0), e))
        return e, n, builder(ShiftBy(2.0), n)
