"""Normalising over the batch, and the way back: written in sums over the batch and one pass each.

x is T[N, pixels * channels]: a channel's numbers stand `channels` apart. What belongs to a channel
is T[channels], and T[pixels * channels] where it is repeated beside a row.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Multiply, ScaleBy, ShiftBy
from nngraph.ops.elementwise import Reciprocal, Sqrt
from nngraph.ops.rearrange import Reshape
from nngraph.ops.rows_around import ScaledAround, ScaledAroundBack, SquaresAround, SumsAround
from nngraph.ops.shared import count_per, floating, listed_types, only
from nngraph.ops.spread import BroadcastTo, SumRows
from nngraph.records import dataclass


class _ByChannel(Op):
    """What both ways share."""

    pixels: int = 1
    epsilon: float = 1e-5

    def check(self, x: TensorType, scale: TensorType, share: TensorType) -> None:
        """Errors: ShapeError where channels, rows or the share do not fit."""
        types = x, scale, share
        floating(self, *types)
        fits = len(x.shape) == 2 and len(scale.shape) == 1 and share.shape == ()
        if not fits or x.shape[1] != self.pixels * int(scale.shape[0]):
            told = f"expected rows of {self.pixels} pixels, numbers for channels, and a share"
            raise ShapeError(f"{self.name}: {told}, got {listed_types(types)}")

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """By element."""
        return count_per(types[:1], 8)


@dataclass(frozen=True)
class BatchNorm(_ByChannel):
    """y = (x - mean) / sqrt(variance + epsilon) * scale + shift, moments over the batch.

    `share` is 1 / N. It is spelled out before a plan is made: rows depend on each other.

    Types   x: T[N, P C], scale: T[C], shift: T[C], share: T[] -> T[N, P C], P the attribute pixels.
    VJP     `batch_norm_back`; none for the share.
    Errors  ShapeError where the operands do not fit.
    Source  Ioffe and Szegedy, Batch normalization, ICML 2015, algorithm 1.
    """

    pixels: int = 1
    epsilon: float = 1e-5
    name: ClassVar[str] = "batch_norm"
    operands: ClassVar[tuple[str, ...]] = ("x", "scale", "shift", "share")

    def infer(self, *types: TensorType) -> TensorType:
        x, scale, shift, share = types
        self.check(x, scale, share)
        self.check(x, shift, share)
        return x

    def evaluate(self, *arrays: Array) -> Array:
        x, scale, shift, share = arrays
        normal, _ = _normal(x, scale, share, self.epsilon)
        return np.asarray((normal * scale + shift).reshape(x.shape))

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        x, scale, _, share = operands
        back = BatchNormBack(self.pixels, self.epsilon)
        return *builder.apply(back, only(cotangents), x, scale, share), None

    def expand(self, builder: Builder, *operands: Value) -> Value:
        x, scale, shift, share = operands
        wide = Channels(builder, scale.type, self.pixels)
        mean, variance = wide.moments(x, share)
        factor = builder(Multiply(), wide.over_spread(variance, self.epsilon), scale)
        rows = (wide.spread(mean), wide.spread(factor), wide.spread(shift))
        return builder(ScaledAround(), x, *rows)


@dataclass(frozen=True)
class BatchNormBack(_ByChannel):
    """The cotangents of x, scale and shift from g, that of y.

    With r = 1 / sqrt(variance + epsilon), f = scale r and means over the batch:

        dx = f (g - mean(g) - (x - mean) r^2 mean(g (x - mean))),
        dscale = r sum of g (x - mean),  dshift = sum of g

    Types   g, x: T[N, P C], scale: T[C], share: T[] -> dx: T[N, P C], dscale: T[C], dshift: T[C].
    Errors  ShapeError where the operands do not fit.
    Source  Ioffe and Szegedy, Batch normalization, ICML 2015, section 3.
    """

    pixels: int = 1
    epsilon: float = 1e-5
    name: ClassVar[str] = "batch_norm_back"
    operands: ClassVar[tuple[str, ...]] = ("g", "x", "scale", "share")

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        g, x, scale, share = types
        if g != x:
            raise ShapeError(f"{self.name}: g and x differ: {listed_types(types)}")
        self.check(x, scale, share)
        return x, scale, scale

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        g, x, scale, share = arrays
        normal, r = _normal(x, scale, share, self.epsilon)
        h = g.reshape(-1, scale.size)
        per = share * scale.size / x.shape[1]
        dscale, dshift = (h * normal).sum(axis=0), h.sum(axis=0)
        dx = scale * r * (h - dshift * per - normal * (dscale * per))
        return np.asarray(dx.reshape(x.shape)), dscale, dshift

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        g, x, scale, share = operands
        wide = Channels(builder, scale.type, self.pixels)
        mean, variance = wide.moments(x, share)
        r = wide.over_spread(variance, self.epsilon)
        factor = builder(Multiply(), r, scale)
        around = wide.spread(mean)
        sums = builder.apply(SumsAround(), g, x, around)
        dshift, along = (wide.folded(one) for one in sums)
        level = builder(Multiply(), dshift, wide.per_value(share))
        dscale = builder(Multiply(), along, r)
        tilt = builder(Multiply(), builder(Multiply(), dscale, r), factor)
        tilt = builder(Multiply(), tilt, wide.per_value(share))
        rows = (around, wide.spread(level), wide.spread(factor), wide.spread(tilt))
        return builder(ScaledAroundBack(), g, x, *rows), dscale, dshift


def _normal(x: Array, scale: Array, share: Array, epsilon: float) -> tuple[Array, Array]:
    """(x - mean) r by rows of channels, and r = 1 / sqrt(variance + epsilon)."""
    rows = x.reshape(-1, scale.size)
    per = share * scale.size / x.shape[1]
    centred = rows - rows.sum(axis=0) * per
    r = 1.0 / np.sqrt(np.square(centred).sum(axis=0) * per + epsilon)
    return centred * r, r


@dataclass(frozen=True, slots=True)
class Channels:
    """Images as rows of pixels times channels: long rows are summed and shifted much faster."""

    build: Builder
    channel: TensorType
    pixels: int

    def folded(self, summed: Value) -> Value:
        """The sum over pixels, channel by channel."""
        if self.pixels == 1:
            return summed
        pixels = self.build(Reshape((self.pixels, *self.channel.shape)), summed)
        return self.build(SumRows(), pixels)

    def spread(self, v: Value) -> Value:
        """One number for each channel, as one for each element of a row."""
        if self.pixels == 1:
            return v
        channels = int(self.channel.shape[0])
        repeated = self.build(BroadcastTo((self.pixels, channels)), v)
        return self.build(Reshape((self.pixels * channels,)), repeated)

    def per_value(self, share: Value) -> Value:
        """1 / the number of values of a channel, from 1 / the number of samples."""
        return self.build(ScaleBy(1.0 / self.pixels), share)

    def moments(self, x: Value, share: Value) -> tuple[Value, Value]:
        """Mean and variance of each channel."""
        per = self.per_value(share)
        mean = self.build(Multiply(), self.folded(self.build(SumRows(), x)), per)
        squares = self.build(SquaresAround(), x, self.spread(mean))
        return mean, self.build(Multiply(), self.folded(squares), per)

    def over_spread(self, variance: Value, epsilon: float) -> Value:
        """1 / sqrt(variance + epsilon)."""
        return self.build(Reciprocal(), self.build(Sqrt(), self.build(ShiftBy(epsilon), variance)))
