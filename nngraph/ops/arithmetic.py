"""Arithmetic: k x + c with fixed numbers; functions of two operands, by NumPy's broadcasting."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Op,
    Operand,
    ScalarArgument,
    TensorType,
    Value,
)
from nngraph.ops.compare import GreaterEqual, GreaterThan
from nngraph.ops.shared import Unary, UnaryUfunc, broadcast, floating, only
from nngraph.ops.spread import sum_to
from nngraph.records import dataclass


@dataclass(frozen=True)
class Negative(UnaryUfunc):
    """-x.   Types T[*d] -> T[*d].   VJP -g.   Errors ShapeError unless x is float."""

    name: ClassVar[str] = "negative"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.negative

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(self, g)


@dataclass(frozen=True)
class ScaleBy(Unary):
    """factor * x.   Types T[*d] -> T[*d].   VJP factor * g.   Errors ShapeError unless float."""

    factor: float = 1.0
    name: ClassVar[str] = "scale_by"
    additive: ClassVar[bool] = True

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x * self.factor)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(self, g)

    def call(self, *types: TensorType) -> Call:
        return Call(
            np.multiply, "np.multiply", (Operand(0), ScalarArgument(self.factor)), overwrites=(0,)
        )


@dataclass(frozen=True)
class ShiftBy(Unary):
    """x + term.   Types T[*d] -> T[*d].   VJP g.   Errors ShapeError unless x is float."""

    term: float = 0.0
    name: ClassVar[str] = "shift_by"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(x + self.term)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return g

    def call(self, *types: TensorType) -> Call:
        return Call(np.add, "np.add", (Operand(0), ScalarArgument(self.term)), overwrites=(0,))


@dataclass(frozen=True)
class SubtractFrom(Unary):
    """term - x.   Types T[*d] -> T[*d].   VJP -g.   Errors ShapeError unless x is float."""

    term: float = 1.0
    name: ClassVar[str] = "subtract_from"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.term - x)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value:
        return builder(Negative(), g)

    def call(self, *types: TensorType) -> Call:
        return Call(
            np.subtract, "np.subtract", (ScalarArgument(self.term), Operand(0)), overwrites=(0,)
        )


class _Binary(Op):
    """One NumPy function of two operands; `pull` gives cotangents of the broadcast shape."""

    operands: ClassVar[tuple[str, ...]] = ("x", "y")
    elementwise: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        return floating(self, *types).with_shape(broadcast(self, *types))

    def evaluate(self, *arrays: Array) -> Array:
        return np.asarray(self.ufunc(*arrays))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, y = operands
        return tuple(
            None if pulled is None else sum_to(builder, pulled, operand.type)
            for pulled, operand in zip(
                self.pull(builder, only(cotangents), outs[0], x, y), operands, strict=True
            )
        )

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        """Cotangents of x and y before they are summed to the operands' shapes."""
        raise NotImplementedError

    def call(self, *types: TensorType) -> Call:
        out = self.infer(*types)
        own = tuple(i for i, t in enumerate(types) if t == out)
        return Call(self.ufunc, f"np.{self.ufunc.__name__}", overwrites=own)


@dataclass(frozen=True)
class Add(_Binary):
    """x + y.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape].
    VJP     g for both, summed to the operand's shape.
    Errors  ShapeError where dtypes differ or shapes do not broadcast.
    """

    name: ClassVar[str] = "add"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.add

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        return g, g


@dataclass(frozen=True)
class Subtract(_Binary):
    """x - y.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape].
    VJP     g and -g, summed to the operand's shape.
    Errors  ShapeError where dtypes differ or shapes do not broadcast.
    """

    name: ClassVar[str] = "subtract"
    additive: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.subtract

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (x, y) = only(cotangents), operands
        into_y = builder(Negative(), sum_to(builder, g, y.type))  # the sum is the smaller one
        return sum_to(builder, g, x.type), into_y


@dataclass(frozen=True)
class Multiply(_Binary):
    """x y. A bool operand is a mask of 0 and 1.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape]; one of them may be bool.
    VJP     g y and g x, summed to the operand's shape; none for a mask.
    Errors  ShapeError where dtypes do not fit or shapes do not broadcast.
    """

    name: ClassVar[str] = "multiply"
    multilinear: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc] = np.multiply

    def infer(self, *types: TensorType) -> TensorType:
        numbers = tuple(t for t in types if t.dtype != "bool") or types
        return floating(self, *numbers).with_shape(broadcast(self, *types))

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        into_x = None if x.type.dtype == "bool" else builder(self, g, y)
        into_y = None if y.type.dtype == "bool" else builder(self, g, x)
        return into_x, into_y


@dataclass(frozen=True)
class Divide(_Binary):
    """x / y.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape].
    VJP     g / y and -(g / y) (x / y), summed to the operand's shape.
    Errors  ShapeError where dtypes differ or shapes do not broadcast.
    """

    name: ClassVar[str] = "divide"
    ufunc: ClassVar[np.ufunc] = np.divide

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        into_x = builder(self, g, y)
        return into_x, builder(Negative(), builder(Multiply(), into_x, out))


class _Choice(_Binary):
    """Maximum or minimum: where both are equal, each takes half of the cotangent."""

    def _shared(self, builder: Builder, g: Value, more: Value, less: Value) -> tuple[Value, Value]:
        """Cotangents of the operands, given in the order in which the greater one is chosen."""
        alone = builder(Multiply(), g, builder(GreaterThan(), more, less))
        or_equal = builder(Multiply(), g, builder(GreaterEqual(), more, less))
        into_more = builder(ScaleBy(0.5), builder(Add(), alone, or_equal))
        return into_more, builder(Subtract(), g, into_more)


@dataclass(frozen=True)
class Maximum(_Choice):
    """The greater of x and y.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape].
    VJP     g for the greater one, half of it for each where both are equal.
    Errors  ShapeError where dtypes differ or shapes do not broadcast.
    """

    name: ClassVar[str] = "maximum"
    ufunc: ClassVar[np.ufunc] = np.maximum

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        return self._shared(builder, g, x, y)


@dataclass(frozen=True)
class Minimum(_Choice):
    """The smaller of x and y.

    Types   x: T[*c], y: T[*d] -> T[the broadcast shape].
    VJP     g for the smaller one, half of it for each where both are equal.
    Errors  ShapeError where dtypes differ or shapes do not broadcast.
    """

    name: ClassVar[str] = "minimum"
    ufunc: ClassVar[np.ufunc] = np.minimum

    def pull(self, builder: Builder, g: Value, out: Value, x: Value, y: Value) -> Cotangents:
        return self._shared(builder, g, y, x)
