"""Elementwise functions of one operand that are one call each."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Fill,
    Operand,
    ScalarArgument,
    TensorType,
    Value,
)
from nngraph.kernels.error_function import erfc
from nngraph.ops.arithmetic import Divide, Multiply, Negative, ScaleBy, ShiftBy, SubtractFrom
from nngraph.ops.compare import Greater, Less
from nngraph.ops.shared import Unary, UnaryUfunc, smallest
from nngraph.records import dataclass


@dataclass(frozen=True)
class Square(UnaryUfunc):
    """x^2.   Types T[*d] -> T[*d].   VJP 2 x g.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "square"
    ufunc: ClassVar[np.ufunc] = np.square

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), builder(ScaleBy(2.0), g), x)  # g may be one number for many x


@dataclass(frozen=True)
class Sqrt(UnaryUfunc):
    """sqrt(x).

    Types   T[*d] -> T[*d].
    VJP     g / (2 y); at 0, y counts as the root of the smallest normal number, so that the
            slope is large but finite and sqrt(u^2) has slope 0 at u = 0.
    Errors  ShapeError unless x is float.
    """

    name: ClassVar[str] = "sqrt"
    ufunc: ClassVar[np.ufunc] = np.sqrt

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        floor = smallest(x.type.dtype) ** 0.5
        return builder(Divide(), builder(ScaleBy(0.5), g), builder(ClampBelow(floor), y))


@dataclass(frozen=True)
class Exp(UnaryUfunc):
    """e^x.   Types T[*d] -> T[*d].   VJP y g.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "exp"
    ufunc: ClassVar[np.ufunc] = np.exp

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, y)


@dataclass(frozen=True)
class Expm1(UnaryUfunc):
    """e^x - 1, exact near 0.   Types T[*d] -> T[*d].   VJP (y + 1) g.   Errors ShapeError."""

    name: ClassVar[str] = "expm1"
    ufunc: ClassVar[np.ufunc] = np.expm1

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(ShiftBy(1.0), y))


@dataclass(frozen=True)
class Log(UnaryUfunc):
    """ln x, in nats.   Types T[*d] -> T[*d].   VJP g / x.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "log"
    ufunc: ClassVar[np.ufunc] = np.log

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Divide(), g, x)


@dataclass(frozen=True)
class Log1p(UnaryUfunc):
    """ln(1 + x), exact near 0.   Types T[*d] -> T[*d].   VJP g / (1 + x).   Errors ShapeError."""

    name: ClassVar[str] = "log1p"
    ufunc: ClassVar[np.ufunc] = np.log1p

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Divide(), g, builder(ShiftBy(1.0), x))


@dataclass(frozen=True)
class Abs(UnaryUfunc):
    """|x|.   Types T[*d] -> T[*d].   VJP g sign(x), 0 at 0.   Errors ShapeError unless float."""

    name: ClassVar[str] = "abs"
    ufunc: ClassVar[np.ufunc] = np.absolute

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Sign(), x))


@dataclass(frozen=True)
class Sign(UnaryUfunc):
    """-1, 0 or 1.   Types T[*d] -> T[*d].   VJP none, zero everywhere.   Errors ShapeError."""

    name: ClassVar[str] = "sign"
    ufunc: ClassVar[np.ufunc] = np.sign

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> None:
        return None


@dataclass(frozen=True)
class Heaviside(Unary):
    """1 where x > 0, 0 where x < 0, `at_zero` where x = 0: the perceptron's threshold.

    Types   T[*d] -> T[*d].
    VJP     none, zero everywhere.
    Errors  ShapeError unless x is float.
    Source  Rosenblatt, Psychological Review 65 (1958) 386-408.
    """

    at_zero: float = 0.0
    name: ClassVar[str] = "step"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.heaviside(x, x.dtype.type(self.at_zero)))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> None:
        return None

    def call(self, *types: TensorType) -> Call:
        if self.at_zero == 0.0:  # a comparison is vectorised, heaviside is not
            return Call(np.greater, "np.greater", (Operand(0), Fill(0.0)))
        if self.at_zero == 1.0:
            return Call(np.greater_equal, "np.greater_equal", (Operand(0), Fill(0.0)))
        arguments = (Operand(0), ScalarArgument(self.at_zero))
        return Call(np.heaviside, "np.heaviside", arguments, overwrites=(0,))


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
        from nngraph.ops.word import word  # whose primitives erfc is one of

        slope = builder(ScaleBy(-2.0 / math.sqrt(math.pi)), builder(word("gaussian"), x))
        return builder(Multiply(), g, slope)

    def call(self, *types: TensorType) -> Call:
        return Call(erfc, "erfc", overwrites=(0,))


@dataclass(frozen=True)
class Sin(UnaryUfunc):
    """sin x, x in radians.   Types T[*d] -> T[*d].   VJP g cos x.   Errors ShapeError."""

    name: ClassVar[str] = "sin"
    ufunc: ClassVar[np.ufunc] = np.sin

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Cos(), x))


@dataclass(frozen=True)
class Cos(UnaryUfunc):
    """cos x, x in radians.   Types T[*d] -> T[*d].   VJP -g sin x.   Errors ShapeError."""

    name: ClassVar[str] = "cos"
    ufunc: ClassVar[np.ufunc] = np.cos

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Negative(), builder(Multiply(), g, builder(Sin(), x)))


@dataclass(frozen=True)
class Reciprocal(UnaryUfunc):
    """1 / x.   Types T[*d] -> T[*d].   VJP -g y^2.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "reciprocal"
    ufunc: ClassVar[np.ufunc] = np.reciprocal

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Negative(), builder(Multiply(), g, builder(Square(), y)))


@dataclass(frozen=True)
class Power(Unary):
    """x^exponent.   Types T[*d] -> T[*d].   VJP exponent x^(exponent - 1) g.   Errors ShapeError.

    A negative x wants a whole exponent.
    """

    exponent: float = 1.0
    name: ClassVar[str] = "power"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x**self.exponent)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value | None:
        if self.exponent == 0.0:
            return None
        slope = builder(ScaleBy(self.exponent), builder(Power(self.exponent - 1.0), x))
        return builder(Multiply(), g, slope)

    def call(self, *types: TensorType) -> Call:
        if self.exponent == 2.0:
            return Call(np.square, "np.square", overwrites=(0,))
        return Call(
            np.power, "np.power", (Operand(0), ScalarArgument(self.exponent)), overwrites=(0,)
        )


@dataclass(frozen=True)
class ClampBelow(Unary):
    """max(x, floor).   Types T[*d] -> T[*d].   VJP g where x > floor.   Errors ShapeError."""

    floor: float = 0.0
    name: ClassVar[str] = "clamp_below"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.maximum(x, self.floor))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Greater(self.floor), y))

    def call(self, *types: TensorType) -> Call:
        return Call(np.maximum, "np.maximum", (Operand(0), Fill(self.floor)), overwrites=(0,))


@dataclass(frozen=True)
class ClampAbove(Unary):
    """min(x, cap).   Types T[*d] -> T[*d].   VJP g where x < cap.   Errors ShapeError."""

    cap: float = 0.0
    name: ClassVar[str] = "clamp_above"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(np.minimum(x, self.cap))

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Multiply(), g, builder(Less(self.cap), y))

    def call(self, *types: TensorType) -> Call:
        return Call(np.minimum, "np.minimum", (Operand(0), Fill(self.cap)), overwrites=(0,))
