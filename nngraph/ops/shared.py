"""What the families of ops share: shape rules, the unary bases, small pieces of derivatives."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    DType,
    Op,
    ShapeError,
    TensorType,
    Value,
    broadcast_shapes,
)

FLOATS: tuple[DType, ...] = ("float32", "float64")


def floating(op: Op, *types: TensorType) -> TensorType:
    """The first of some operand types that must all have one float dtype. Errors: ShapeError."""
    if types[0].dtype not in FLOATS or any(t.dtype != types[0].dtype for t in types):
        raise ShapeError(
            f"{op.name}: expected {_of_one_float_dtype(types)}, got {listed_types(types)}"
        )
    return types[0]


def _of_one_float_dtype(types: tuple[TensorType, ...]) -> str:
    return "float numbers" if len(types) == 1 else "operands of one float dtype"


def same_type(op: Op, *types: TensorType) -> TensorType:
    """The one type of all operands. Errors: ShapeError."""
    if any(t != types[0] for t in types):
        raise ShapeError(f"{op.name}: expected operands of one type, got {listed_types(types)}")
    return floating(op, *types)


def broadcast(op: Op, *types: TensorType) -> tuple[Any, ...]:
    """The shape to which all operands broadcast by NumPy's rule. Errors: ShapeError."""
    shape = broadcast_shapes(*(t.shape for t in types))
    if shape is None:
        raise ShapeError(f"{op.name}: shapes do not broadcast: {listed_types(types)}")
    return shape


def listed_types(types: tuple[TensorType, ...]) -> str:
    """`float32[N, 3] and float32[2]`."""
    return " and ".join(map(str, types))


def ranked(op: Op, x: TensorType, rank: int) -> TensorType:
    """A type with exactly `rank` axes. Errors: ShapeError."""
    if len(x.shape) != rank:
        raise ShapeError(f"{op.name}: expected {rank} axes, got {x}")
    return x


def sized_axis(op: Op, x: TensorType, axis: int) -> int:
    """The size of an axis that must exist and be a number, not the batch. Errors: ShapeError."""
    if not -len(x.shape) <= axis < len(x.shape):
        raise ShapeError(f"{op.name}: there is no axis {axis} in {x}")
    size = x.shape[axis]
    if isinstance(size, str):
        raise ShapeError(f"{op.name}: axis {axis} of {x} has no fixed size")
    return size


def count_per(types: tuple[TensorType, ...], factor: int = 1) -> tuple[int, int]:
    """`flops` of an op that spends `factor` on each element of these types."""
    total = [0, 0]
    for t in types:
        total[0 if t.batched else 1] += factor * t.count({"N": 1, "P": 1})
    return total[0], total[1]


def only(cotangents: Cotangents) -> Value:
    """The cotangent of an op's only result."""
    (g,) = cotangents
    assert g is not None, "the reverse sweep asks only ops whose result has a cotangent"
    return g


def exp_limit(dtype: Any) -> float:
    """The largest whole number whose exp, and 1 / exp, are normal numbers of this dtype."""
    return 87.0 if np.finfo(dtype).bits == 32 else 708.0


def smallest(dtype: Any) -> float:
    """The smallest normal number of a float dtype."""
    return float(np.finfo(dtype).tiny)


def largest_below_one(dtype: Any) -> float:
    """The largest number below 1 of a float dtype."""
    return 1.0 - float(np.finfo(dtype).epsneg)


class Unary(Op):
    """An elementwise function of one float operand; its derivative is `pull`."""

    operands: ClassVar[tuple[str, ...]] = ("x",)
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        """The operand's own type. Errors: ShapeError unless it is float."""
        return floating(self, *types)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        """The one cotangent, by `pull`."""
        return (self.pull(builder, only(cotangents), outs[0], *operands),)

    def pull(self, builder: Builder, g: Value, y: Value, x: Value) -> Value | None:
        """Cotangent of x from g, that of y = f(x)."""
        raise NotImplementedError


class UnaryUfunc(Unary):
    """A unary op that is one NumPy function."""

    ufunc: ClassVar[np.ufunc]

    def evaluate(self, *arrays: Array) -> Array:
        """NumPy's function itself."""
        return np.asarray(self.ufunc(*arrays))

    def call(self, *types: TensorType) -> Call:
        """NumPy's function itself, in place if wished."""
        return Call(self.ufunc, f"np.{self.ufunc.__name__}", overwrites=(0,))
