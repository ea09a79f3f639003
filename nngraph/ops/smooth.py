"""Smooth bends: activations that level off, and the functions that they are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, TensorType, Value
from nngraph.kernels.error_function import erfc
from nngraph.ops.affine import Negative, ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.arithmetic import Add, Divide, Multiply
from nngraph.ops.elementwise import (
    Abs,
    ClampAbove,
    ClampBelow,
    Exp,
    Log1p,
    Reciprocal,
    Square,
)
from nngraph.ops.shared import Unary, UnaryUfunc, exp_limit


@dataclass(frozen=True, slots=True)
class Sigmoid(Unary):
    """1 / (1 + e^-x), to full relative accuracy for negative x; x counts as at least -708.

    (-87 for float32: there e^-x is the greatest power that is a number, and the result is the
    smallest.)

    Types   T[*d] -> T[*d].
    VJP     g y (1 - y).
    Errors  ShapeError unless x is float.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.59.
    """

    name: ClassVar[str] = "sigmoid"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(x, -exp_limit(x.dtype)))))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        slope = builder(Multiply(), y, builder(SubtractFrom(1.0), y))
        return builder(Multiply(), g, slope)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        above = builder(ClampBelow(-exp_limit(x.type.dtype)), x)
        power = builder(Exp(), builder(Negative(), above))
        return builder(Reciprocal(), builder(ShiftBy(1.0), power))


@dataclass(frozen=True, slots=True)
class Tanh(UnaryUfunc):
    """tanh x.

    Types   T[*d] -> T[*d].
    VJP     g (1 - y^2).
    Errors  ShapeError unless x is float.
    Source  LeCun, Bottou, Orr & Muller, Efficient BackProp (1998), section 4.4.
    """

    name: ClassVar[str] = "tanh"
    ufunc: ClassVar[np.ufunc] = np.tanh

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        slope = builder(SubtractFrom(1.0), builder(Square(), y))
        return builder(Multiply(), g, slope)


@dataclass(frozen=True, slots=True)
class Softplus(Unary):
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|).

    Types   T[*d] -> T[*d].
    VJP     g sigmoid(x).
    Errors  ShapeError unless x is float.
    Source  Dugas, Bengio, Belisle, Nadeau & Garcia, NIPS 13 (2000), section 3.
    """

    name: ClassVar[str] = "softplus"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x))))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Sigmoid(), x))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        power = builder(Exp(), builder(Negative(), builder(Abs(), x)))
        return builder(Add(), builder(ClampBelow(0.0), x), builder(Log1p(), power))


@dataclass(frozen=True, slots=True)
class Softsign(Unary):
    """x / (1 + |x|).

    Types   T[*d] -> T[*d].
    VJP     g / (1 + |x|)^2.
    Errors  ShapeError unless x is float.
    Source  Bergstra, Desjardins, Lamblin & Bengio, Quadratic Polynomials Learn Better Image
            Features (technical report 1337, Universite de Montreal, 2009).
    """

    name: ClassVar[str] = "softsign"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x / (1.0 + np.abs(x)))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        share = builder(Reciprocal(), builder(ShiftBy(1.0), builder(Abs(), x)))
        return builder(Multiply(), g, builder(Square(), share))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        return builder(Divide(), x, builder(ShiftBy(1.0), builder(Abs(), x)))


GAUSSIAN_LIMIT = 40.0  # e^-1600 is 0 in every dtype, and no square overflows


@dataclass(frozen=True, slots=True)
class Gaussian(Unary):
    """e^(-x^2).

    Types   T[*d] -> T[*d].
    VJP     -2 x y g.
    Errors  ShapeError unless x is float.
    Source  Broomhead & Lowe, Complex Systems 2 (1988) 321-355.
    """

    name: ClassVar[str] = "gaussian"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        near = np.minimum(np.maximum(x, -GAUSSIAN_LIMIT), GAUSSIAN_LIMIT)
        return np.asarray(np.exp(-(near * near)))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        slope = builder(Multiply(), builder(ScaleBy(-2.0), x), y)
        return builder(Multiply(), g, slope)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        near = builder(ClampBelow(-GAUSSIAN_LIMIT), builder(ClampAbove(GAUSSIAN_LIMIT), x))
        return builder(Exp(), builder(Negative(), builder(Square(), near)))


@dataclass(frozen=True, slots=True)
class Erfc(Unary):
    """erfc x = 2/sqrt(pi) times the integral of e^-t^2 from x on.

    Types   T[*d] -> T[*d].
    VJP     -2/sqrt(pi) e^-x^2 g.
    Errors  ShapeError unless x is float.
    Source  see `nngraph.kernels.error_function`.
    """

    name: ClassVar[str] = "erfc"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return erfc(x, out=np.empty_like(x))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        slope = builder(ScaleBy(-2.0 / math.sqrt(math.pi)), builder(Gaussian(), x))
        return builder(Multiply(), g, slope)

    def call(self, *types: TensorType) -> Call:
        return Call(erfc, "erfc", overwrites=(0,))
