"""Ops that draw random numbers, each a pure function of key, step and row."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.kernels.dropout import dropout_mask
from nngraph.kernels.noise import gaussian_noise
from nngraph.ops.shared import floating, listed_types
from nngraph.records import dataclass

KEY = TensorType((2,), "uint64")
COUNT = TensorType((), "int64")


@dataclass(frozen=True)
class DropoutMask(Op):
    """0 with probability `rate`, rounded to 1 / 65536, else 1 / (1 - rate), for each element of x.

    Of x nothing but the type is read. The bits of a row depend on key, step and the absolute
    number of the row alone.

    Types   key: uint64[2], x: T[N, *d], step: int64[], first_row: int64[] -> T[N, *d];
            0 <= rate < 1.
    VJP     none: the mask does not depend on x.
    Errors  ShapeError where an operand has another type.
    Source  Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15 (2014) 1929-1958;
            Salmon, Moraes, Dror & Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC (2011).
    """

    rate: float = 0.5
    name: ClassVar[str] = "dropout_mask"
    operands: ClassVar[tuple[str, ...]] = ("key", "x", "step", "first_row")

    def infer(self, *types: TensorType) -> TensorType:
        key, x, step, first_row = types
        if key != KEY or step != COUNT or first_row != COUNT or not x.shape:
            raise ShapeError(f"dropout_mask: operands do not fit: {listed_types(types)}")
        return floating(self, x)

    def evaluate(self, *arrays: Array) -> Array:
        key, x, step, first_row = arrays
        return dropout_mask(key, x, step, first_row, rate=self.rate, out=np.empty_like(x))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        return None, None, None, None

    def call(self, *types: TensorType) -> Call:
        return Call(dropout_mask, "dropout_mask", keywords=(("rate", self.rate),))


@dataclass(frozen=True)
class GaussianNoise(Op):
    """Draws of a normal distribution around 0, one for each element of x.

    Of x nothing but the type is read. The draws of a row depend on key, step and the absolute
    number of the row alone.

    Types   key: uint64[2], x: T[N, *d], step: int64[], first_row: int64[] -> T[N, *d];
            stddev >= 0.
    VJP     none: the noise does not depend on x.
    Errors  ShapeError where an operand has another type.
    Source  Bishop, Training with noise is equivalent to Tikhonov regularization, Neural
            Computation 7 (1995) 108-116; Salmon et al., SC (2011).
    """

    stddev: float = 1.0
    name: ClassVar[str] = "gaussian_noise"
    operands: ClassVar[tuple[str, ...]] = ("key", "x", "step", "first_row")

    def infer(self, *types: TensorType) -> TensorType:
        key, x, step, first_row = types
        if key != KEY or step != COUNT or first_row != COUNT or not x.shape:
            raise ShapeError(f"gaussian_noise: operands do not fit: {listed_types(types)}")
        return floating(self, x)

    def evaluate(self, *arrays: Array) -> Array:
        key, x, step, first_row = arrays
        return gaussian_noise(key, x, step, first_row, stddev=self.stddev, out=np.empty_like(x))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        return None, None, None, None

    def call(self, *types: TensorType) -> Call:
        return Call(gaussian_noise, "gaussian_noise", keywords=(("stddev", self.stddev),))
