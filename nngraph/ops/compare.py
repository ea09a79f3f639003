"""Comparisons: masks of 0 and 1, without a derivative."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Call,
    Fill,
    Op,
    Operand,
    ShapeError,
    TensorType,
    Value,
)
from nngraph.ops.shared import broadcast, floating, listed_types
from nngraph.records import dataclass


class _Threshold(Op):
    """x compared with one number; NumPy is fast where the number is an array, too."""

    threshold: float
    operands: ClassVar[tuple[str, ...]] = ("x",)
    elementwise: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        return floating(self, *types).with_dtype("bool")

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray(self.ufunc(x, self.threshold))

    def call(self, *types: TensorType) -> Call:
        return Call(self.ufunc, f"np.{self.ufunc.__name__}", (Operand(0), Fill(self.threshold)))


@dataclass(frozen=True)
class Greater(_Threshold):
    """x > threshold.   Types T[*d] -> bool[*d].   Errors ShapeError unless x is float."""

    threshold: float = 0.0
    name: ClassVar[str] = "greater"
    ufunc: ClassVar[np.ufunc] = np.greater


@dataclass(frozen=True)
class Less(_Threshold):
    """x < threshold.   Types T[*d] -> bool[*d].   Errors ShapeError unless x is float."""

    threshold: float = 0.0
    name: ClassVar[str] = "less"
    ufunc: ClassVar[np.ufunc] = np.less


@dataclass(frozen=True)
class Between(Op):
    """low < x < high.   Types T[*d] -> bool[*d].   Errors ShapeError unless x is float."""

    low: float = 0.0
    high: float = 1.0
    name: ClassVar[str] = "between"
    operands: ClassVar[tuple[str, ...]] = ("x",)
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        return floating(self, *types).with_dtype("bool")

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return np.asarray((self.low < x) & (x < self.high))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        (x,) = operands
        return builder(And(), builder(Greater(self.low), x), builder(Less(self.high), x))


class _Comparison(Op):
    """x compared with y, element by element."""

    operands: ClassVar[tuple[str, ...]] = ("x", "y")
    elementwise: ClassVar[bool] = True
    ufunc: ClassVar[np.ufunc]

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        return x.with_shape(broadcast(self, *types)).with_dtype("bool")

    def evaluate(self, *arrays: Array) -> Array:
        return np.asarray(self.ufunc(*arrays))

    def call(self, *types: TensorType) -> Call:
        return Call(self.ufunc, f"np.{self.ufunc.__name__}")


@dataclass(frozen=True)
class GreaterThan(_Comparison):
    """x > y.   Types T[*c], T[*d] -> bool[broadcast].   Errors ShapeError where they do not fit."""

    name: ClassVar[str] = "greater_than"
    ufunc: ClassVar[np.ufunc] = np.greater


@dataclass(frozen=True)
class GreaterEqual(_Comparison):
    """x >= y.   Types T[*c], T[*d] -> bool[broadcast].   Errors ShapeError where they misfit."""

    name: ClassVar[str] = "greater_equal"
    ufunc: ClassVar[np.ufunc] = np.greater_equal


@dataclass(frozen=True)
class Equal(_Comparison):
    """x = y.   Types T[*c], T[*d] -> bool[broadcast].   Errors ShapeError where they do not fit."""

    name: ClassVar[str] = "equal"
    ufunc: ClassVar[np.ufunc] = np.equal


@dataclass(frozen=True)
class And(Op):
    """Both masks.   Types bool[*c], bool[*d] -> bool[broadcast].   Errors ShapeError for others."""

    name: ClassVar[str] = "and"
    operands: ClassVar[tuple[str, ...]] = ("x", "y")
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        if any(t.dtype != "bool" for t in types):
            raise ShapeError(f"and: expected two masks, got {listed_types(types)}")
        return types[0].with_shape(broadcast(self, *types))

    def evaluate(self, *arrays: Array) -> Array:
        return np.asarray(np.logical_and(*arrays))

    def call(self, *types: TensorType) -> Call:
        out = self.infer(*types)
        own = tuple(i for i, t in enumerate(types) if t == out)
        return Call(np.logical_and, "np.logical_and", overwrites=own)
